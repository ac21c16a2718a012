// The worklist by keys: its first row stands ready, Space ticks the row one is at, and what takes
// cases up takes that row where none is ticked. The page works without it.
(() => {
  "use strict";
  const rowOf = (el) => el && el.closest && el.closest("#case-rows tr");
  const tick = (row) => row && row.querySelector("input[name=number]");
  let at = null;
  document.addEventListener("DOMContentLoaded", () => {
    const first = document.querySelector("#case-rows [data-result]");
    if (first && document.activeElement === document.body) first.focus();
  });
  document.addEventListener("focusin", (event) => { at = rowOf(event.target) || at; });
  document.addEventListener("keydown", (event) => {
    const box = event.key === " " && event.target.matches("[data-result]") && tick(rowOf(event.target));
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (!button || button.form.querySelector("input[name=number]:checked")) return;
    const box = tick(at);
    if (box) box.checked = true;
  });
})();
