// The box at the head of a table, or beside a few, ticks all boxes of its name that can be ticked,
// and says with the button how many that are. The page works without it.
(() => {
  "use strict";
  const below = (all) => [...all.form.querySelectorAll(`input[name="${all.dataset.all}"]:not(:disabled):not([data-all])`)];
  const most = (all) => Number(all.dataset.most || Infinity);
  const show = (all) => {
    const boxes = below(all), ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked >= Math.min(boxes.length, most(all));
    all.indeterminate = ticked > 0 && !all.checked;
    const told = all.form.querySelector("[data-ticked]");
    if (told) told.textContent = `勾选了 ${ticked} 个`;
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-all]").forEach((all) => { all.hidden = false; show(all); });
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form, all = form && form.querySelector("[data-all]");
    if (!all) return;
    if (event.target === all) {
      below(all).forEach((box, at) => { box.checked = all.checked && at < most(all); });
    }
    show(all);
  });
})();
