// What a label says by itself, without asking anybody: that it is one, and that it is the same one again.
// A form for any parcel speaks of the one whose label is in its address.
(() => {
  "use strict";
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const VERSION = 1;
  const WAYBILL = 3;
  const STEM_CHARS = 13;
  const TRACKING = /^(?:DS)?(\d{11})$/i;
  const me = document.querySelector('meta[name="courier"]').dataset;

  // A label's code, as labels/tokens.py lays it out: four bits of version, four of purpose, and so on.
  function tokenIn(text) {
    const token = text.replace(/\/+$/, "").split("/").pop().toUpperCase().replace(/0/g, "O").replace(/1/g, "I").replace(/8/g, "B");
    if (!/^[A-Z2-7]{32}$/.test(token)) return "";
    const head = LETTERS.indexOf(token[0]) * 32 + LETTERS.indexOf(token[1]);
    return head >> 2 === VERSION * 16 + WAYBILL ? token : "";
  }
  const digitsIn = (text) => (TRACKING.exec(text) || [])[1] || "";
  // The same for every print of a label: what its code says after this is when it ends, and the proof.
  const keyOf = (text) => tokenIn(text).slice(0, STEM_CHARS) || (digitsIn(text) ? `DS${digitsIn(text)}` : text.toUpperCase());
  const nameOf = (text) => tokenIn(text) ? "面单上的二维码" : text.toUpperCase();

  const ofForm = location.pathname.startsWith(me.labels);
  const here = ofForm || location.pathname === me.find ? (new URLSearchParams(location.search).get("q") || "").trim() : "";
  const hrefOf = (path) => `${path}?q=${encodeURIComponent(here)}`;
  if (ofForm) {
    if (!here) location.replace(document.querySelector("[data-back]").href);
    document.getElementById("report").elements.q.value = here;
    document.querySelector("[data-label]").textContent = nameOf(here);
    document.querySelector("[data-back]").href = hrefOf(me.find);
  }
  window.CourierLabel = { tokenIn, digitsIn, keyOf, nameOf, here, hrefOf };
})();
