// The page that is shown where there is no signal: a scanned or typed label opens its kept page if the
// parcel is in hand; another one can be taken over now, delivered or not, and checked later.
(() => {
  "use strict";
  const LAST_DIGITS_MIN = 4;
  const label = window.CourierLabel;
  const me = document.querySelector('meta[name="courier"]').dataset;
  const show = (name) => { document.querySelector(`[data-case="${name}"]`).hidden = false; };

  async function keptBag() {
    for (const name of await caches.keys()) {
      const found = name.startsWith("courier-pages-") && await (await caches.open(name)).match("/courier/bag");
      if (found) return found.json();
    }
    return null;
  }
  function found(parcels, text, token) {
    if (token) return parcels.filter((parcel) => token.startsWith(parcel.stem));
    const digits = label.digitsIn(text);
    if (digits) return parcels.filter((parcel) => parcel.tracking.endsWith(digits));
    if (/^\d+$/.test(text) && text.length >= LAST_DIGITS_MIN) return parcels.filter((parcel) => parcel.tracking.endsWith(text));
    return parcels.filter((parcel) => parcel.number === text.toUpperCase());
  }
  async function look() {
    const bag = await keptBag();
    if (!bag) return show("nothing");
    me.id = bag.courier;
    me.name = bag.name;
    document.dispatchEvent(new Event("courier-known"));
    if (location.pathname !== me.find) return show("page");
    const text = label.here;
    const token = label.tokenIn(text);
    const parcels = found(bag.parcels, text, token);
    if (parcels.length === 1) return location.replace(parcels[0].pages[0]);
    if (parcels.length) return choose(parcels);
    if (!token && !label.digitsIn(text)) return show("unknown");
    document.getElementById("take").elements.q.value = text;
    document.querySelector("[data-label]").textContent = label.nameOf(text);
    document.querySelectorAll("[data-of-label]").forEach((link) => { link.href = label.hrefOf(link.pathname); });
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
