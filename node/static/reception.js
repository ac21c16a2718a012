// An identity card at the reception's form. A reader that types like a keyboard types its line into
// whatever has the focus: it is taken back from the field it fell into, read by this PC's own
// program, and put where it belongs. Keys that fall outside of a field are held for a moment, until
// it is clear that no reader types them: they would be shortcuts.
(() => {
  "use strict";
  const HELD_MS = 70, PAUSE_MS = 500;
  const NUMBER = /[1-9]\d{16}[\dXx]/;
  const FIELDS = {
    "of-person": ["document", "document_number", "name"],
    "agent": ["agent_document", "agent_number", "agent_name"],
    "of-organization": ["org_document", "credit_code", "contact"],
  };
  const form = document.getElementById("reception");
  if (!form) return;
  const field = (name) => document.getElementById(`f-${name}`);
  const types = (el) => el && el.matches("input:not([type=radio]):not([type=checkbox]):not([type=date]):not([type=file]), textarea");
  const visible = (el) => el && el.offsetParent !== null;
  const fresh = () => ({ text: "", held: [], last: 0, el: null, value: "" });
  let burst = fresh();
  let timer = 0;

  const isCard = () => NUMBER.test(burst.text.normalize("NFKC"));
  const belongs = (el) => !types(el) || el.closest(".reception-who");
  function note(event, text) {
    const el = event.target;
    if (el !== burst.el || event.timeStamp - burst.last > (types(el) ? PAUSE_MS : HELD_MS)) {
      release();
      burst = { ...fresh(), el, value: types(el) ? el.value : "" };
    }
    burst.last = event.timeStamp;
    burst.text += text;
    clearTimeout(timer);
    timer = setTimeout(() => { if (isCard()) take(); else release(); }, types(el) ? PAUSE_MS : HELD_MS);
  }
  function release() {
    const held = burst.held;
    burst = fresh();
    held.forEach((key) => {
      const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
      if (!target || target.disabled) return;
      if (target.matches("input, select, textarea")) target.focus(); else target.click();
    });
  }
  // What falls into a field comes as input, whatever keys or input method it came by.
  document.addEventListener("beforeinput", (event) => {
    if (types(event.target) && belongs(event.target) && event.data) note(event, event.data);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Enter" || event.key === "Tab") {
      if (!burst.text || !isCard()) return;
      clearTimeout(timer);
      if (event.key === "Tab" && isOwnNumber()) { burst = fresh(); return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      take();
      return;
    }
    if (types(event.target) && ["Backspace", "Delete", "ArrowLeft", "ArrowRight"].includes(event.key)) burst = fresh();
    if (event.key.length !== 1 || event.key === " " || types(event.target)) return;
    if (document.querySelector("dialog[open]") || event.repeat) return;
    note(event, event.key);
    if (!/^[a-z0-9/]$/i.test(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.target.matches("select")) burst.held.push(event.key.toLowerCase());
  }, true);
  // A number alone that fell into the field for numbers is where it belongs.
  const isOwnNumber = () => burst.el && /^(document|agent)_number$/.test(burst.el.name || "") && /^\d{17}[\dXx]$/.test(burst.text);
  function take() {
    const { text, el, value } = burst;
    const own = isOwnNumber();
    burst = fresh();
    if (own) { if (document.activeElement === el) next(el.closest("section")); return; }
    if (types(el)) el.value = value;
    ask("/card/line", { line: text }, el);
  }
  async function ask(url, values, el) {
    const body = new FormData();
    Object.entries(values).forEach(([name, value]) => body.append(name, value));
    const token = document.querySelector('meta[name="csrf-token"]').content;
    let card = null;
    try {
      const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
      card = await answer.json();
    } catch { /* said below */ }
    if (card && card.number) fill(card, el);
    else say((card && card.problem) || document.body.dataset.wordsFailed, true);
  }
  function fill(card, el) {
    const block = [el && el.closest("section"), ...form.querySelectorAll(".of-person, .of-organization")]
      .find((one) => visible(one) && Object.keys(FIELDS).some((name) => one.classList.contains(name)));
    if (!block) return;
    const names = FIELDS[Object.keys(FIELDS).find((name) => block.classList.contains(name))];
    const [kind, number, name] = names.map(field);
    if (!block.classList.contains("of-organization")) { put(kind, card.document); put(number, card.number); }
    else if (kind.value !== "credit_code") { put(kind, card.document); put(number, card.number); }
    if (card.name) put(name, card.name);
    say("已从证件填入，请对照本人核对。", false);
    next(block);
  }
  function put(el, value) {
    el.value = value;
    el.dispatchEvent(new Event("input", { bubbles: true }));
    el.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function next(block) {
    const empty = [...block.querySelectorAll("input:not([type=radio])")].find((el) => visible(el) && !el.value);
    if (empty) empty.focus();
  }
  function say(words, wrong) {
    const line = document.getElementById("card-state");
    line.textContent = words;
    line.classList.toggle("error", wrong);
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-card]");
    if (!button) return;
    const el = document.activeElement;
    button.disabled = true;
    say("正在读卡，请把身份证放在读卡器上……", false);
    await ask("/card/read", {}, el);
    button.disabled = false;
  });
  document.querySelectorAll("[data-card]").forEach((button) => { button.hidden = false; });
})();
