// The window's own helper: the search box is ready to type in, one key ticks every paper that must
// be there, and a panel that comes anew keeps what was ticked meanwhile. The page works without it.
(() => {
  "use strict";
  const ready = () => document.querySelectorAll("[data-tick-all]").forEach((button) => { button.hidden = false; });
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-search] input[type=search]");
    if (box) box.focus();
    ready();
  });
  document.addEventListener("htmx:load", ready);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tick-all]");
    if (!button) return;
    const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${button.dataset.tickAll}"]`)]
      .filter((box) => box.offsetParent !== null && !box.closest("label").querySelector("[data-waived]"));
    boxes.forEach((box) => { box.checked = true; });
    if (boxes.length) boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, requestConfig } = detail;
    if (!target.classList.contains("guide-now") || !detail.shouldSwap) return;
    const sent = requestConfig.formData, ticks = "input[type=checkbox], input[type=radio]";
    const since = [...target.querySelectorAll(ticks)]
      .filter((box) => box.checked !== sent.getAll(box.name).includes(box.value));
    const same = (box) => (one) => one.name === box.name && one.value === box.value;
    target.addEventListener("htmx:afterSwap", () => since.forEach((box) => {
      const now = [...target.querySelectorAll(ticks)].find(same(box));
      if (now) now.checked = box.checked;
    }), { once: true });
  });
})();
