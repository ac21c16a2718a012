// Doorstep's page helper. Every page works without it; it adds keys, toasts that go away by
// themselves, questions before what cannot be undone, printing, and words when the line is down.
(() => {
  "use strict";
  const TOAST_MS = 8000;
  const KEPT = "doorstep-typed";

  // Shortcuts: Alt + the key of [data-key]; the key alone where nothing is being typed.
  const typing = (el) => el && el.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const keyOf = (event) => {
    if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
    if (/^Digit\d$/.test(event.code)) return event.code.slice(5);
    return event.key.toLowerCase();
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    if (moveInList(event)) return;
    if (!event.altKey && typing(event.target)) return;
    if (event.altKey && event.getModifierState && event.getModifierState("AltGraph")) return;
    const key = keyOf(event);
    if (!/^[a-z0-9/]$/.test(key)) return;
    const keyed = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
    const folded = (el) => el.closest("details:not([open])");
    const target = keyed.find((el) => el.offsetParent !== null && !folded(el)) || keyed.find(folded);
    if (!target || target.disabled) return;
    event.preventDefault();
    const fold = !target.matches("summary") && folded(target);
    if (fold) fold.open = true;
    if (target.matches("input, select, textarea")) { target.focus(); if (target.select) target.select(); }
    else target.click();
  });

  // Arrow keys between a search box and its results, and along a worklist; Enter opens. In the
  // rows of a table j and k move too.
  function moveInList(event) {
    const letter = !event.altKey && event.target.closest("tbody [data-result]") ? event.key : "";
    const down = event.key === "ArrowDown" || letter === "j";
    if (!down && event.key !== "ArrowUp" && letter !== "k") return false;
    const box = event.target.closest("[data-list]");
    if (box) {
      const first = document.querySelector(`#${CSS.escape(box.dataset.list)} [data-result]`);
      if (!down || !first) return false;
      first.focus();
    } else {
      const now = event.target.closest("[data-result]");
      if (!now) return false;
      const list = now.closest("ul, tbody");
      const all = [...list.querySelectorAll("[data-result]")];
      const next = all[all.indexOf(now) + (down ? 1 : -1)];
      const back = document.querySelector(`[data-list="${CSS.escape(list.id || (list.parentElement || list).id || "-")}"]`);
      if (!next && (down || !back)) return false;
      (next || back).focus();
    }
    event.preventDefault();
    return true;
  }
  // Enter in a search box with one clear first answer opens it, once the list is that of these words.
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest && event.target.closest("[data-list]");
    if (!box || event.key !== "Enter" || event.isComposing) return;
    const list = document.getElementById(box.dataset.list);
    const first = list && list.querySelector("[data-result]");
    if (first && list.dataset.of === box.value) { event.preventDefault(); first.click(); }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const asked = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (asked && asked.dataset.list && asked.dataset.list === event.detail.target.id) {
      event.detail.target.dataset.of = event.detail.requestConfig.parameters
        ? String(new FormData(asked.form).get(asked.name)) : asked.value;
    }
  });

  document.addEventListener("click", (event) => {
    const el = event.target.closest("[data-confirm], [data-print], [data-keep-typed], [data-dismiss]");
    if (!el) return;
    if (el.dataset.confirm && !window.confirm(el.dataset.confirm)) { event.preventDefault(); event.stopPropagation(); }
    else if (el.hasAttribute("data-print")) window.print();
    else if (el.hasAttribute("data-keep-typed")) keepTyped();
    else if (el.hasAttribute("data-dismiss")) el.closest("[data-toast], .notice").remove();
  }, true);

  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });

  // "Back" to a page that answered a form opens it again, and does not ask to send the form again.
  if (document.body.dataset.address) history.replaceState(history.state, "", document.body.dataset.address);

  // What was typed outlives a change of language or contrast, on this page and in this tab only.
  const fields = () => [...document.querySelectorAll("main input[name]:not([type=password]):not([type=hidden]):not([type=file]), main select[name], main textarea[name]")];
  function keepTyped() {
    const kept = fields().map((el) => [el.name, el.value, Boolean(el.checked)]);
    try { sessionStorage.setItem(KEPT, JSON.stringify([location.pathname, kept])); } catch { /* storage is off */ }
  }
  function putBackTyped() {
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(KEPT)); sessionStorage.removeItem(KEPT); } catch { return; }
    if (!kept || kept[0] !== location.pathname) return;
    fields().forEach((el, index) => {
      const entry = kept[1][index];
      if (!entry || entry[0] !== el.name) return;
      if (el.type === "radio" || el.type === "checkbox") el.checked = entry[2];
      else if (el.tagName !== "SELECT" || [...el.options].some((o) => o.value === entry[1])) el.value = entry[1];
    });
  }

  function watchToasts() {
    document.querySelectorAll("[data-toast]:not([data-watched])").forEach((toast) => {
      toast.dataset.watched = "yes";
      let held = false;
      toast.addEventListener("pointerenter", () => { held = true; });
      toast.addEventListener("pointerleave", () => { held = false; });
      const timer = setInterval(() => {
        if (held || toast.contains(document.activeElement)) return;
        clearInterval(timer);
        toast.remove();
      }, TOAST_MS);
    });
  }
  function toast(words) {
    const box = document.getElementById("toasts");
    if (!box || [...box.children].some((el) => el.textContent.trim() === words)) return;
    const el = document.createElement("div");
    el.className = "toast";
    el.dataset.toast = "";
    el.dataset.tone = "red";
    el.textContent = words;
    box.append(el);
    watchToasts();
  }
  const loud = (event) => !event.detail.elt.closest("[data-quiet]");
  document.addEventListener("htmx:sendError", (event) => loud(event) && toast(document.body.dataset.wordsOffline));
  document.addEventListener("htmx:timeout", (event) => loud(event) && toast(document.body.dataset.wordsOffline));
  document.addEventListener("htmx:responseError", (event) => loud(event) && toast(document.body.dataset.wordsFailed));
  // A form refused for what is in it (400, 409, 422) comes back as a page part with its errors.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([400, 409, 422].includes(event.detail.xhr.status) && event.detail.elt.hasAttribute("data-swap-errors")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:load", watchToasts);

  document.addEventListener("DOMContentLoaded", () => {
    putBackTyped();
    watchToasts();
    const summary = document.querySelector("[data-focus]");
    if (summary) summary.focus();
  });
  // An error summary's link takes the keyboard to the field, not only the eye.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a");
    const field = link && document.querySelector(link.getAttribute("href"));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    field.focus();
  });
})();
