// The page that is shown where there is no signal: a scanned or typed label opens its kept page if the
// parcel is in hand; another one can be taken over now and checked later.
(() => {
  "use strict";
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const VERSION = 1;
  const WAYBILL = 3;
  const LAST_DIGITS_MIN = 4;
  const TRACKING = /^(?:DS)?(\d{11})$/i;
  const me = document.querySelector('meta[name="courier"]').dataset;
  const show = (name) => { document.querySelector(`[data-case="${name}"]`).hidden = false; };

  async function keptBag() {
    for (const name of await caches.keys()) {
      const found = name.startsWith("courier-pages-") && await (await caches.open(name)).match("/courier/bag");
      if (found) return found.json();
    }
    return null;
  }
  // A label's code, as labels/tokens.py lays it out: four bits of version, four of purpose, and so on.
  function tokenIn(text) {
    const token = text.replace(/\/+$/, "").split("/").pop().toUpperCase().replace(/0/g, "O").replace(/1/g, "I").replace(/8/g, "B");
    if (!/^[A-Z2-7]{32}$/.test(token)) return "";
    const head = LETTERS.indexOf(token[0]) * 32 + LETTERS.indexOf(token[1]);
    return head >> 2 === VERSION * 16 + WAYBILL ? token : "";
  }
  function found(parcels, text, token) {
    if (token) return parcels.filter((parcel) => token.startsWith(parcel.stem));
    const digits = TRACKING.exec(text);
    if (digits) return parcels.filter((parcel) => parcel.tracking.endsWith(digits[1]));
    if (/^\d+$/.test(text) && text.length >= LAST_DIGITS_MIN) return parcels.filter((parcel) => parcel.tracking.endsWith(text));
    return parcels.filter((parcel) => parcel.number === text.toUpperCase());
  }
  async function look() {
    const bag = await keptBag();
    if (!bag) return show("nothing");
    me.id = bag.courier;
    me.name = bag.name;
    if (location.pathname !== me.find) return show("page");
    const text = (new URLSearchParams(location.search).get("q") || "").trim();
    const token = tokenIn(text);
    const parcels = found(bag.parcels, text, token);
    if (parcels.length === 1) return location.replace(parcels[0].pages[0]);
    if (parcels.length) return choose(parcels);
    if (!token && !TRACKING.test(text)) return show("unknown");
    const form = document.getElementById("take");
    form.elements.q.value = text;
    document.querySelector("[data-label]").textContent = token ? "面单上的二维码" : text.toUpperCase();
    show("take");
    return null;
  }
  function choose(parcels) {
    const list = document.querySelector('[data-case="several"] ul');
    parcels.forEach((parcel) => {
      const link = Object.assign(document.createElement("a"), { href: parcel.pages[0], textContent: parcel.tracking });
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
    });
    show("several");
  }
  look().catch(() => show("nothing"));
})();
