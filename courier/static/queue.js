// The reports that wait on a courier's phone: written down first, sent when there is a signal. Every page
// and the worker share this file. A report is done with only when central has counted it, or when its
// courier has read why it was refused; whatever else happens, it still waits here.
(function (here) {
  "use strict";
  const NAME = "doorstep-courier";
  const REPORTS = "reports";
  const TURNS = "turns";
  const LOCK = "doorstep-courier-send";
  const PASS_MS = 10000;
  const SEND_MS = 40000;
  const TURN_MS = 60000;
  const SKEW_MS = 60000;
  const REMEMBERED_MS = 36 * 3600 * 1000;
  const BY_ITSELF = { Accept: "application/json", "X-Courier-Queue": "1" };
  const listeners = [];
  const channel = here.BroadcastChannel ? new BroadcastChannel(NAME) : null;
  let opening = null;
  let running = null;
  let rerun = false;

  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const ended = (tx) => new Promise((done, failed) => {
    tx.oncomplete = () => done();
    tx.onabort = () => failed(tx.error || new Error("aborted"));
    tx.onerror = () => failed(tx.error);
  });
  const open = () => {
    if (!opening) {
      opening = new Promise((done, failed) => {
        const request = indexedDB.open(NAME, 1);
        request.onupgradeneeded = () => {
          request.result.createObjectStore(REPORTS, { keyPath: "n", autoIncrement: true });
          request.result.createObjectStore(TURNS);
        };
        request.onblocked = () => failed(new Error("blocked"));
        request.onerror = () => failed(request.error);
        request.onsuccess = () => {
          const db = request.result;
          db.onversionchange = () => { db.close(); opening = null; };
          db.onclose = () => { opening = null; };
          done(db);
        };
      });
      opening.catch(() => { opening = null; });
    }
    return opening;
  };
  // "strict": the disk has it before we say so. Browsers that do not know the word do as they always do.
  const writing = async (store) => (await open()).transaction(store, "readwrite", { durability: "strict" });

  const all = async () => asked((await open()).transaction(REPORTS).objectStore(REPORTS).getAll());
  const newOp = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  function tell(news) {
    if (channel) channel.postMessage(news);
    listeners.forEach((listener) => listener(news));
  }
  if (channel) channel.onmessage = (event) => listeners.forEach((listener) => listener(event.data));

  // Writes a report down: {who, name, url, about, slug, words, tail, fields, files}. What ends a parcel's way,
  // or is said of it once, is not written twice while it waits: the one that waits is given back.
  async function put(report) {
    const tx = await writing(REPORTS);
    const store = tx.objectStore(REPORTS);
    const complete = ended(tx);
    complete.catch(() => {});
    const same = (await asked(store.getAll())).find((other) => other.state === "waiting"
      && report.slug !== "failed" && other.about === report.about && other.slug === report.slug);
    if (same) return same;
    const kept = { ...report, op: newOp(), pressed: Date.now(), state: "waiting", why: "" };
    kept.n = await asked(store.add(kept));
    await complete;
    tell({ put: kept.op });
    return kept;
  }
  async function forget(n) {
    const tx = await writing(REPORTS);
    tx.objectStore(REPORTS).delete(n);
    await ended(tx);
    tell({ gone: n });
  }
  // What was sent is remembered without what was in it, as long as an older page of its parcel may be kept.
  // Central's answer tells which parcel a label is on: so what was said by its label is shown at its parcel.
  async function settle({ n, op, who, about, slug, words, tail, pressed }, answer) {
    const [, number] = /\/parcels\/([^/?]+)/.exec(answer.url || "") || [];
    const tx = await writing(REPORTS);
    const store = tx.objectStore(REPORTS);
    const complete = ended(tx);
    complete.catch(() => {});
    store.put({ n, op, who, about, slug, words, tail, pressed, number, state: "sent", sent: Date.now() });
    const others = (await asked(store.getAll())).filter((r) => r.n !== n);
    others.filter((r) => number && r.about === about).forEach((r) => store.put({ ...r, number }));
    others.filter((r) => r.state === "sent" && r.sent < Date.now() - REMEMBERED_MS).forEach((r) => store.delete(r.n));
    await complete;
  }
  async function refuse(report, why) {
    const tx = await writing(REPORTS);
    tx.objectStore(REPORTS).put({ ...report, state: "refused", why });
    await ended(tx);
  }

  async function ask(url, options, ms) {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), ms);
    try {
      const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual", signal: cut.signal, ...options });
      const text = await answer.text();
      let said = null;
      try { said = JSON.parse(text); } catch { /* not ours: a proxy's page, say */ }
      return { status: answer.status, said: said && typeof said === "object" ? said : {} };
    } finally {
      clearTimeout(timer);
    }
  }
  async function askPass() {
    const { status, said } = await ask("/courier/pass", { headers: BY_ITSELF }, PASS_MS);
    if (status === 401) return { stop: "signin" };
    if (said.verdict === "device") return { stop: "device" };
    return said.csrf ? said : { stop: "again" };
  }
  // When it was pressed, by central's clock where the phone's is off.
  function moment(report, pass) {
    const off = Date.parse(pass.now) - pass.heard;
    return new Date(report.pressed + (Math.abs(off) > SKEW_MS ? off : 0)).toISOString().replace(/\.\d+Z$/, "Z");
  }
  async function post(report, pass) {
    const body = report.files.length ? new FormData() : new URLSearchParams();
    report.fields.forEach(([name, value]) => body.append(name, value));
    body.append("op", report.op);
    body.append("when", moment(report, pass));
    report.files.forEach((file) => body.append(file.name, new Blob([file.bytes], { type: file.type }), file.filename));
    const headers = { ...BY_ITSELF, "X-CSRFToken": pass.csrf };
    const { status, said } = await ask(report.url, { method: "POST", body, headers }, SEND_MS);
    if (status === 413) return { verdict: "refused", words: "照片太大，没有收下。请打开这件邮件重新报。" };
    if (status === 401) return { verdict: "signin", words: "" };
    return said.verdict ? said : { verdict: "again", words: "" };
  }

  // One at a time on this phone, whatever the number of pages. What was sent twice counts once all the same.
  async function alone(work) {
    if (here.navigator.locks) return here.navigator.locks.request(LOCK, work);
    const tx = await writing(TURNS);
    const store = tx.objectStore(TURNS);
    const until = await asked(store.get("sender"));
    const free = !until || until < Date.now() || until > Date.now() + TURN_MS;
    if (free) store.put(Date.now() + TURN_MS, "sender");
    await ended(tx);
    if (!free) return "busy";
    try {
      return await work();
    } finally {
      const end = await writing(TURNS);
      end.objectStore(TURNS).delete("sender");
    }
  }

  // Sends what waits, in order. One that gets no final answer holds back the later ones of its parcel, and
  // no others. Gives why something still waits: line, again, signin, device, another, busy; or nothing.
  async function round() {
    const held = new Set();
    let pass = null;
    let left = "";
    let last = 0;
    for (;;) {
      const report = (await all()).find((r) => r.n > last && r.state === "waiting" && !held.has(r.about));
      if (!report) return left;
      last = report.n;
      if (!pass) {
        const asked = await askPass();
        if (asked.stop) return asked.stop;
        pass = { ...asked, heard: Date.now() };
      }
      if (report.who !== pass.courier) {
        left = left || "another";
        continue;
      }
      const answer = await post(report, pass);
      if (answer.verdict === "counted") await settle(report, answer);
      else if (answer.verdict === "refused") await refuse(report, answer.words);
      else if (answer.verdict === "signin" || answer.verdict === "device") return answer.verdict;
      else {
        held.add(report.about);
        left = "again";
      }
      tell({ op: report.op, verdict: answer.verdict, words: answer.words, url: answer.url, field: answer.field });
    }
  }
  async function once() {
    let left = "";
    try {
      left = await alone(round);
    } catch {
      left = "line";
    }
    tell({ left });
    return left;
  }
  // Pressed again while it sends: one more round afterwards sees what came in meanwhile.
  function send() {
    if (running) {
      rerun = true;
      return running;
    }
    running = once().then((left) => {
      running = null;
      if (!rerun) return left;
      rerun = false;
      return send();
    });
    return running;
  }

  here.CourierQueue = { all, put, forget, send, listen: (listener) => listeners.push(listener) };
})(self);
