// The keys of a work screen, listed: what is shown is what stands on the page now, so the list
// cannot say anything else than the page does.
(() => {
  "use strict";
  const typing = (el) => el && el.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  // The keys of this page: "?" where nothing is being typed, Alt + "?" always, or the button.
  document.addEventListener("keydown", (event) => {
    if (!/^[?？]$/.test(event.key) || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (!event.altKey && typing(event.target)) return;
    event.preventDefault();
    showKeys();
  });
  function showKeys() {
    const open = document.querySelector("dialog.keys");
    if (open) { open.close(); return; }
    const box = document.createElement("dialog");
    box.className = "keys";
    const head = document.createElement("h2");
    head.id = "keys-head";
    head.textContent = document.body.dataset.wordsKeys;
    box.setAttribute("aria-labelledby", "keys-head");
    const list = document.createElement("dl");
    const seen = new Set();
    document.querySelectorAll("[data-key]").forEach((el) => {
      const key = el.dataset.key.toUpperCase();
      if (!key || seen.has(key) || el.disabled) return;
      if (el.offsetParent === null && !el.closest("details:not([open])")) return;
      seen.add(key);
      const row = document.createElement("div");
      const words = document.createElement("dd");
      const sign = document.createElement("dt");
      sign.append(Object.assign(document.createElement("kbd"), { textContent: key }));
      words.textContent = wordsOf(el);
      row.append(sign, words);
      list.append(row);
    });
    const foot = Object.assign(document.createElement("p"), { className: "soft", textContent: document.body.dataset.wordsKeysFoot });
    const done = Object.assign(document.createElement("button"), { type: "button", className: "button secondary", textContent: document.body.dataset.wordsKeysClose });
    done.addEventListener("click", () => box.close());
    box.addEventListener("close", () => box.remove());
    box.append(head, list, foot, done);
    document.body.append(box);
    box.showModal();
  }
  function wordsOf(el) {
    const group = el.type === "radio" && el.closest("fieldset");
    const from = group ? group.querySelector("legend") : el.matches("input, select, textarea") && el.labels.length ? el.labels[0] : el;
    const copy = from.cloneNode(true);
    copy.querySelectorAll("kbd, small, svg").forEach((part) => part.remove());
    return (el.getAttribute("aria-label") || copy.textContent).trim();
  }
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-keys]").forEach((button) => { button.hidden = false; button.addEventListener("click", showKeys); });
  });
})();
