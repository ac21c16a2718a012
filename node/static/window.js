// The window's own helper: the search box is ready to type in, and one key
// ticks every paper that must be there. The page works without it.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-search] input[type=search]");
    if (box) box.focus();
    document.querySelectorAll("[data-tick-all]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${button.dataset.tickAll}"]`)]
          .filter((box) => box.offsetParent !== null);
        boxes.forEach((box) => { box.checked = true; });
        if (boxes.length) boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
  });
})();
