// The slip with JavaScript: a pasted address is cut at once, and what is typed outlives a lost line
// and a closed tab, on this phone alone and for half a day. Without it everything works by sending forms.
(() => {
  "use strict";
  const KEPT_MS = 12 * 3600 * 1000;
  const PREFIX = "doorstep-slip:";
  const key = PREFIX + location.pathname.replace(/\/slip(\/.*)?$/, "").toUpperCase();

  const stored = (name) => {
    try {
      const kept = JSON.parse(localStorage.getItem(name));
      return kept && Date.now() - kept.at < KEPT_MS ? kept : null;
    } catch (error) { return null; }
  };
  const read = () => stored(key);
  const drop = (fits) => {
    try {
      Object.keys(localStorage).filter((name) => name.startsWith(PREFIX) && fits(name)).forEach((name) => localStorage.removeItem(name));
    } catch (error) { /* storage is off: the server keeps the draft */ }
  };
  const forget = () => drop(() => true);
  drop((name) => !stored(name));
  if (document.querySelector("[data-slip-done]")) { forget(); return; }

  const fields = () => [...document.querySelectorAll("#f-pasted, #f-name, #f-contact, #f-phone, #f-street, #f-address, #f-note")];
  const keep = (sent) => {
    const kept = read() || { values: {} };
    fields().forEach((el) => { kept.values[el.name] = { text: el.value, sent }; });
    kept.at = Date.now();
    try { localStorage.setItem(key, JSON.stringify(kept)); } catch (error) { /* as above */ }
  };
  const kept = read();
  fields().forEach((el) => {
    const value = kept && kept.values[el.name];
    if (value && value.text && (!value.sent || !el.value)) el.value = value.text;
    el.addEventListener("input", () => keep(false));
  });

  // What is sent without a line would end on the browser's own page, which frightens.
  const noLine = document.querySelector("[data-no-line]");
  const cutOff = () => {
    keep(true);
    noLine.hidden = navigator.onLine !== false;
    if (!noLine.hidden) noLine.scrollIntoView({ block: "center" });
    return !noLine.hidden;
  };
  document.addEventListener("submit", (event) => {
    if (cutOff()) event.preventDefault();
  }, true);
  window.addEventListener("online", () => { noLine.hidden = true; });

  const paste = document.getElementById("f-pasted");
  if (paste) {
    paste.addEventListener("paste", () => setTimeout(() => {
      if (paste.value.trim() && !cutOff()) paste.form.submit();
    }, 0));
  }
})();
