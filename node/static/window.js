// The window's own helper: the search box is ready to type in, and one key
// ticks every paper that must be there. The page works without it.
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
})();
