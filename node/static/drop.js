// A file dropped onto a form's area is the file of its field, and the form is sent.
(() => {
  "use strict";
  const over = (event) => event.target.closest && event.target.closest("[data-drop]");
  const carries = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();  // outside of the area too: a file let go beside it must not replace the page
    document.querySelectorAll("[data-drop]").forEach((area) => area.classList.toggle("dropping", area === over(event)));
  });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    document.querySelectorAll("[data-drop]").forEach((area) => area.classList.remove("dropping"));
    const area = over(event);
    const field = area && area.querySelector("input[type=file]");
    if (!field || !event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    field.files = one.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    if (area.matches("form:not([hx-post])")) area.requestSubmit();
  });
})();
