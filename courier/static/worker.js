// The worker behind the courier's pages. It serves their files from the phone, and the pages of what is in
// hand, and of errands to homes, where there is no signal. VERSION and FILES stand before this text (courier/app_shell.py).
// Kept pages hold addresses: they go when their courier signs out or another signs in, when a parcel is no
// longer in hand or an errand is over, and a day and a half after they were last heard of. A page with a phone number that was
// asked for is the answer to a form, and answers to forms are never kept.
/* global VERSION, FILES, QUEUE, CourierQueue */
(() => {
  "use strict";
  const SHELL = `courier-files-${VERSION}`;
  const PAGES = `courier-pages-${VERSION}`;
  const HOME = "/courier/";
  const BAG = "/courier/bag";
  const ALWAYS = [HOME, "/courier/scan", "/courier/fetches"];
  const OFFLINE = "/courier/offline";
  const DOOR = "/courier/in/";
  const WAIT_MS = 3000;
  const KEPT_MS = 36 * 3600 * 1000;
  const AT_ONCE = 4;
  let keeping = Promise.resolve();

  importScripts(QUEUE);

  const shell = () => caches.open(SHELL);
  const pages = () => caches.open(PAGES);
  const wipe = () => caches.delete(PAGES);
  const late = (ms) => new Promise((_done, failed) => setTimeout(() => failed(new Error("late")), ms));

  self.addEventListener("install", (event) => {
    self.skipWaiting();
    event.waitUntil(shell().then((cache) => cache.addAll(FILES)));
  });
  self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
  async function takeOver() {
    await self.clients.claim();
    const old = (await caches.keys()).filter((name) => name.startsWith("courier-") && name !== SHELL && name !== PAGES);
    if (old.length) await keepInTurn();
    await Promise.all(old.map((name) => caches.delete(name)));
  }

  // The bag as central last told it, and when; null if there is none, or it is too old to go by.
  async function keptBag() {
    const found = await (await pages()).match(BAG);
    if (!found) return null;
    const bag = await found.json();
    if (Date.now() - bag.at <= KEPT_MS) return bag;
    await wipe();
    return null;
  }
  const allIn = (bag) => bag.parcels.concat(bag.beside || []);
  // Until central has heard that an errand's papers were collected, its page stands for theirs, as it does there.
  async function keptPage(path) {
    const cache = await pages();
    const [, number] = /^\/courier\/parcels\/([^/]+)$/.exec(path) || [];
    const found = await cache.match(path);
    if (found || !number) return found;
    const errand = `/courier/fetches/${number}`;
    return await cache.match(errand) ? Response.redirect(errand) : null;
  }
  // Takes a page in, marked with the time, so that it can say how old it is when it is shown.
  async function store(path, response) {
    const headers = new Headers(response.headers);
    ["content-encoding", "content-length", "set-cookie"].forEach((name) => headers.delete(name));
    const text = (await response.text()).replace("<html ", `<html data-kept="${Date.now()}" `);
    await (await pages()).put(path, new Response(text, { headers }));
  }
  const isPage = (response) => response.status === 200 && !response.redirected && response.type === "basic";

  // Fetches the pages of what is in hand, those that changed only, and drops all others.
  async function keep() {
    const answer = await fetch(BAG, { credentials: "same-origin", headers: { Accept: "application/json", "X-Courier-Queue": "1" } });
    if (answer.status === 401) return wipe();
    if (answer.status !== 200) return null;
    const bag = await answer.json();
    const before = await keptBag();
    if (before && before.courier !== bag.courier) await wipe();
    const cache = await pages();
    const known = new Map(before && before.courier === bag.courier ? allIn(before).map((kept) => [kept.number, kept.stamp]) : []);
    const wanted = new Set(ALWAYS.concat(...allIn(bag).map((kept) => kept.pages)));
    for (const request of await cache.keys()) {
      const path = new URL(request.url).pathname;
      if (path !== BAG && !wanted.has(path)) await cache.delete(request);
    }
    const missing = [];
    const same = before && JSON.stringify(allIn(before)) === JSON.stringify(allIn(bag));
    for (const page of ALWAYS) {
      if (!same || !(await cache.match(page))) missing.push(page);
    }
    for (const entry of allIn(bag)) {
      const fresh = known.get(entry.number) === entry.stamp;
      for (const page of entry.pages) {
        if (!fresh || !(await cache.match(page))) missing.push(page);
      }
    }
    await cache.put(BAG, new Response(JSON.stringify({ ...bag, at: Date.now() })));
    return fetchAll(missing);
  }
  async function fetchAll(paths) {
    const left = paths.slice();
    const one = async () => {
      for (let path = left.shift(); path; path = left.shift()) {
        const response = await fetch(path, { credentials: "same-origin", headers: { "X-Courier-Queue": "1" } });
        if (isPage(response)) await store(path, response);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }
  // One after another: a bag that was asked for earlier must not undo what a later one kept.
  const keepInTurn = () => {
    keeping = keeping.then(keep).catch(() => {});
    return keeping;
  };

  // Pages: central's word if it comes in time, else the kept one, else the page that says there is no signal.
  async function heard(request, path) {
    const response = await fetch(request);
    if (path.startsWith(DOOR)) {
      if (isPage(response) && request.method === "GET") await wipe();
      return response;
    }
    if (request.method !== "GET") return response;
    const cache = await pages();
    if (!(await cache.match(path))) return response;
    if (isPage(response)) await store(path, response.clone());
    else if (response.status >= 400 && response.status < 500) await cache.delete(path);
    return response;
  }
  async function open(event) {
    const path = new URL(event.request.url).pathname;
    const network = heard(event.request, path);
    event.waitUntil(network.catch(() => {}));
    if (event.request.method !== "GET") return network.catch(offline);
    const kept = (await keptBag()) && await keptPage(path);
    const hurried = kept || path === "/courier/find";
    try {
      const response = await (hurried ? Promise.race([network, late(WAIT_MS)]) : network);
      return response.status >= 500 && kept ? kept : response;
    } catch {
      return kept || offline();
    }
  }
  const offline = async () => (await shell()).match(OFFLINE);
  const file = async (request) => (await (await shell()).match(request)) || fetch(request);

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin) return;
    if (request.mode === "navigate" && url.pathname.startsWith(HOME)) {
      if (request.method === "POST" && url.pathname === `${DOOR}out`) event.waitUntil(wipe());
      event.respondWith(open(event));
    } else if (request.method === "GET" && FILES.includes(url.pathname + url.search)) {
      event.respondWith(file(request));
    }
  });
  self.addEventListener("message", (event) => {
    if (event.data && event.data.keep) event.waitUntil(keepInTurn());
  });
  self.addEventListener("sync", (event) => {
    if (event.tag !== "reports") return;
    event.waitUntil(CourierQueue.send().then((left) => {
      if (left) throw new Error(left);
    }));
  });
})();
