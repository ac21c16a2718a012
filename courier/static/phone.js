// The courier's pages on a phone that may be without a signal: a report is written down here before it is
// sent, what is not sent yet is shown on every page, and a parcel is shown as its courier left it.
// Without this file every form goes straight to central, as forms do.
(() => {
  "use strict";
  const me = document.querySelector('meta[name="courier"]').dataset;
  const queue = window.CourierQueue;
  const main = document.getElementById("main");
  const PARCEL = /^\/courier\/(?:parcels|fetches)\/([^/]+)(?:\/([a-z_]+))?$/;
  const BAG = /^\/courier\/bags\/[^/]+$/;
  const WORDS = { take: "揽收", delivered: "已送达", failed: "没送到", returned: "已退回" };
  const ERRAND = { accept: "已接单", collect: "已取到", failed: "没取到" };
  const TAILS = { out: "手上的", bag: "交接单" };
  const ENDS = ["delivered", "returned", "missing"];
  const WHY = {
    "": "有信号会自动发送", line: "没有信号，会自动发送", again: "区中心暂时收不下，会自动再发",
    busy: "正在发送…", signin: "登录后会自动发送", device: "这部手机要先绑定，登录后会自动发送", another: "登录的不是记下它的人",
  };
  const WAITS_MS = [3000, 5000, 10000, 20000, 60000, 120000, 300000];
  const SPARE_BYTES = 20e6;
  let reports = [];
  let left = "";
  let sending = false;
  let tries = 0;
  let timer = 0;
  let unfolded = false;
  let painted = "";
  let leave = "";
  let pressed = false;
  let shown = null; // the report whose "written down" is on the screen, and what it stands in place of
  const kept = document.documentElement.dataset.kept;
  const label = window.CourierLabel;
  const madeAt = label.here ? 0 : kept ? Number(kept) : performance.timeOrigin;
  const told = new Map(); // row -> its state as central told it

  const made = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const set = (root, name, text) => { root.querySelector(`[data-${name}]`).textContent = text; };
  const clock = (ms) => new Date(ms).toLocaleString("zh-CN", { hour12: false, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const at = (ms) => new Date(ms).toDateString() === new Date().toDateString() ? clock(ms).split(" ").pop() : clock(ms);
  const parts = (path) => PARCEL.exec(path) || [];
  const here = parts(location.pathname);
  const subject = here[1] || label.keyOf(label.here);
  const waiting = () => reports.filter((report) => report.state === "waiting");

  // What is not sent yet, and what was refused: on every page.
  async function paint() {
    try {
      reports = await queue.all();
    } catch {
      return;
    }
    const state = JSON.stringify([left, sending, reports.map((report) => [report.n, report.state])]);
    if (state === painted) return;
    painted = state;
    document.querySelectorAll("[data-unsent], [data-refused]").forEach((el) => el.remove());
    const wait = waiting();
    if (wait.length) main.before(barOf(wait));
    reports.filter((report) => report.state === "refused").forEach((report) => main.before(refusalOf(report)));
    paintRows();
    if (subject && here[2] !== "done") paintParcel(subject);
    if (!shown) paintBags();
  }
  function barOf(wait) {
    const bar = made("unsent");
    const others = wait.filter((report) => report.who !== me.id && me.id);
    set(bar, "count", `${wait.length} 件未发送`);
    set(bar, "why", sending ? "正在发送…" : others.length ? `要${others[0].name}登录后才会发送` : WHY[left]);
    bar.querySelector("[data-in]").hidden = left !== "signin" && left !== "device";
    const list = bar.querySelector("ul");
    wait.forEach((report) => {
      const item = made("unsent-item");
      set(item, "tail", report.tail);
      set(item, "words", report.words);
      set(item, "time", `${at(report.pressed)} 按下`);
      if (report.page) item.querySelector("[data-open]").href = report.page;
      list.append(item);
    });
    const now = bar.querySelector("[data-now]");
    now.addEventListener("click", () => { tries = 0; go(); });
    const fold = bar.querySelector("details");
    fold.open = unfolded;
    fold.addEventListener("toggle", () => { unfolded = fold.open; });
    return bar;
  }
  function refusalOf(report) {
    const box = made("refused");
    set(box, "title", `没有算数：${report.tail}　${report.words}（${at(report.pressed)} 按下）`);
    set(box, "words", report.why);
    const link = box.querySelector("[data-open]");
    if (report.page) link.href = report.page;
    else link.remove();
    box.querySelector("[data-seen]").addEventListener("click", () => queue.forget(report.n).then(paint));
    return box;
  }

  // A parcel is shown as its courier left it, not as central last said: what waits to be sent, and what was
  // sent since this page was made.
  const since = (number) => reports.filter((report) => [report.about, report.number].includes(number) && report.who === me.id
    && (report.state === "waiting" || (report.state === "sent" && report.sent >= madeAt)));
  const asLeft = (report) => `${report.words}，${report.state === "sent" ? "已发送" : "未发送"}`;
  function paintRows() {
    document.querySelectorAll(".bag a").forEach((row) => {
      const report = since(parts(row.pathname)[1]).pop();
      const light = row.querySelector(".light");
      if (!told.has(row)) told.set(row, light.cloneNode(true));
      const now = report ? made("left-light") : told.get(row).cloneNode(true);
      if (report) now.querySelector("span").textContent = asLeft(report);
      light.replaceWith(now);
    });
  }
  function paintParcel(number) {
    const mine = since(number);
    document.querySelectorAll("[data-left]").forEach((el) => el.remove());
    document.querySelectorAll(".said").forEach((el) => el.classList.remove("said"));
    const has = (slug) => mine.some((report) => report.slug === slug);
    document.querySelectorAll("[data-from], [data-till]").forEach((el) => {
      const { from, till } = el.dataset;
      el.classList.toggle("said", Boolean((from && !has(from)) || (till && has(till))));
    });
    if (!mine.length || shown) return;
    const last = mine[mine.length - 1];
    if (last.state === "sent" && !kept && last.sent >= performance.timeOrigin) leave = label.here ? location.href : location.pathname.replace(/\/done$/, "");
    const over = ENDS.some(has);
    const done = (what) => over || (what !== "failed" && has(what));
    const next = over ? "不用再报。" : has("collect") ? "交到受理点以后，在这里报。" : "";
    const note = made("left-note");
    set(note, "title", asLeft(last));
    set(note, "time", `${at(last.pressed)} 按下，${last.state === "sent" ? "区中心已经记下" : "已经记在这部手机里"}。${next}`);
    (main.querySelector(".parcel-head, h1") || main.firstElementChild).before(note);
    const light = main.querySelector(".parcel-head .light");
    if (light) light.classList.add("said");
    const form = document.getElementById("report");
    if (form && !form.dataset.till && done(parts(new URL(form.action).pathname)[2])) {
      document.querySelectorAll("#report, .actions-bar > *").forEach((el) => el.classList.add("said"));
    }
    document.querySelectorAll(".actions-bar a:not([data-till]), .actions-bar form:not([data-till])").forEach((act) => {
      const [, of, what] = parts(act.href ? act.pathname : new URL(act.action).pathname);
      if (of !== number || !what || !done(what)) return;
      act.classList.add("said");
      const words = act.nextElementSibling;
      if (words && words.matches(".once")) words.classList.add("said");
    });
    const bar = document.querySelector(".actions-bar");
    if (bar && [...bar.children].every((el) => el.matches(".said"))) bar.append(made("scan-next"));
  }
  // What one press says of several parcels is not offered again while it waits.
  function paintBags() {
    document.querySelectorAll("form").forEach((form) => {
      const path = new URL(form.action).pathname;
      const waits = waiting().some((report) => report.about === path);
      if (path === me.out) form.classList.toggle("said", waits);
      if (!BAG.test(path)) return;
      [form, ...document.querySelectorAll(".actions-bar > *")].forEach((el) => el.classList.toggle("said", waits));
    });
  }

  // Sends what waits, again and again with longer pauses, and at once when something changes.
  async function go() {
    clearTimeout(timer);
    sending = true;
    paint();
    left = await queue.send();
    sending = false;
    await paint();
    depart();
    const wait = waiting().length;
    if (!wait) tries = 0;
    else if (left !== "signin" && left !== "device") timer = setTimeout(go, WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)]);
  }
  async function wake() {
    if (document.hidden) return;
    tries = 0;
    await go();
  }
  queue.listen((news) => {
    const mine = shown && news.op === shown.op;
    if (news.verdict === "counted") counted(news);
    if (news.verdict === "refused") keepPages();
    if (news.verdict === "refused" && mine && !news.field) answered(`没有算数：${news.words}`);
    if (news.verdict === "refused" && mine && news.field) refusedHere(news).then(paint);
    else if (news.op || news.put || news.gone) paint().then(depart);
  });
  function answered(words) {
    const line = main.querySelector("[data-answer]");
    line.textContent = words;
    line.dataset.ok = "no";
  }
  function counted(news) {
    keepPages();
    if (shown && news.op === shown.op) leave = news.url;
  }
  // Not while this page is sending: what is on its way would be cut off and sent once more. And not when
  // its courier has just pressed a link.
  function depart() {
    if (leave && !sending && !pressed) location.replace(leave);
  }

  // A form that reports: held here, asked once more where it cannot be taken back, written down, sent.
  const reporting = (form) => {
    const path = new URL(form.action).pathname;
    const [, number, slug] = parts(path);
    if (form.method !== "post" || slug === "phone") return null;
    if (number) return { path, number, slug };
    if (path.startsWith(me.labels)) return { path, number: "", slug: path.slice(me.labels.length) };
    const of = { [me.take]: "take", [me.out]: "out" }[path] || (BAG.test(path) ? "bag" : "");
    return of ? { path, number: "", slug: of } : null;
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.action.endsWith("/courier/in/out")) return signingOut(event);
    const target = reporting(form);
    if (!target || !me.id || !window.indexedDB) return;
    event.preventDefault();
    if (form.dataset.held) return;
    const missing = firstMissing(form);
    if (missing) return point(missing);
    if (target.slug === "collect" && !form.elements.sure && !window.confirm(listOf(form))) return;
    hold(form, target);
  }, true);

  async function hold(form, target) {
    form.dataset.held = "yes";
    let report = null;
    try {
      report = await queue.put(await reportOf(form, target));
    } catch {
      delete form.dataset.held;
      notKept(form);
      return;
    }
    waitsToBeSent();
    showKept(report, form);
    await paint();
    tries = 0;
    go();
  }
  async function reportOf(form, target) {
    const skip = ["csrf_token", "op", "when"];
    const pairs = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !skip.includes(name));
    const pictures = [...form.querySelectorAll("input[type=file][name]")].filter((input) => !input.parentElement.closest("[hidden]"));
    const files = await Promise.all(pictures.map((input) => window.CourierHand.taken(input)));
    if (target.slug === "collect") pairs.push(["sure", "yes"]);
    const number = target.number || "";
    const q = form.elements.q ? form.elements.q.value : "";
    return {
      who: me.id, name: me.name, url: target.slug === "take" && q ? me.take : target.path, slug: target.slug,
      about: number || (q ? label.keyOf(q) : target.path),
      page: number ? target.path.replace(/\/[a-z_]+$/, "") : q ? `${me.find}?q=${encodeURIComponent(q)}` : BAG.test(target.path) ? target.path : "",
      words: wordsOf(form, target), tail: TAILS[number ? "" : target.slug] || tailOf(q),
      fields: pairs, files: files.filter(Boolean),
    };
  }
  const chosen = (form) => {
    const box = form.querySelector(".choice input[type=radio]:checked");
    return box ? box.closest(".choice").querySelector("b").textContent : "";
  };
  // What central asks once more before it counts, and a phone without a signal asks by itself.
  const ticked = (form) => [...form.elements].filter((box) => box.name === "collected" && (box.checked || box.type === "hidden"));
  function listOf(form) {
    const lacking = [...form.querySelectorAll("input[type=checkbox]:not(:checked)")].map((box) => box.closest(".choice").textContent.trim());
    const rest = lacking.length ? `，还差 ${lacking.length} 样没有取到：${lacking.join("、")}` : "";
    return `取到 ${ticked(form).length} 样${rest}。报了以后不能撤销。确定取到？`;
  }
  const wordsOf = (form, { path, slug }) => {
    const button = document.querySelector(`button[form="${form.id}"]`) || form.querySelector("button");
    const what = (path.startsWith(me.fetches) ? ERRAND : WORDS)[slug] || (button ? button.textContent.trim() : "报告");
    if (slug === "collect") return `${what} ${ticked(form).length} 样`;
    return chosen(form) ? `${what}：${chosen(form)}` : what;
  };
  const tailOf = (q) => {
    const tail = document.querySelector("main .tracking b");
    return tail ? tail.textContent : /^(DS)?\d{11}$/i.test(q) ? q.slice(-4) : "扫到的面单";
  };

  // What central would ask for anyway is asked for here, while the courier is still at the door.
  function firstMissing(form) {
    form.querySelectorAll("[data-asked]").forEach((el) => el.remove());
    const sets = [...form.querySelectorAll("fieldset.choices")].filter((set) => set.offsetParent
      && set.querySelector("input[type=radio]") && !set.querySelector(".optional") && !set.querySelector(":checked"));
    if (sets.length) return { field: sets[0], words: `请选：${sets[0].querySelector("legend").textContent.trim()}` };
    if (form.elements.collected && !ticked(form).length) return { field: form.querySelector("fieldset"), words: "一样也没有取到？请按“没取到”" };
    const empty = [...form.querySelectorAll("input, textarea")].find((el) => el.offsetParent && !el.validity.valid);
    if (empty) return { field: empty.closest(".field") || empty, words: empty.validationMessage };
    const note = form.elements.note;
    const other = form.querySelector('input[name="why"][value="other"]:checked');
    if (note && other && !note.value.trim()) return { field: note.closest(".field"), words: "选了“其他原因”，请写一句是什么原因" };
    return window.CourierHand.missing(form);
  }
  function point({ field, words }) {
    const error = made("asked");
    set(error, "words", words);
    const after = field.querySelector("legend, .label");
    if (after) after.after(error);
    else field.before(error);
    field.scrollIntoView({ block: "center" });
    const input = field.matches("input") ? field : field.querySelector("input, textarea");
    if (input) input.focus({ preventScroll: true });
  }

  // In place of the page: what was written down. `shown.back` puts the page back as it was.
  function showKept(report, form) {
    const bar = document.querySelector(".actions-bar");
    const old = [main, bar].map((el) => {
      const nodes = document.createDocumentFragment();
      nodes.append(...el.childNodes);
      return nodes;
    });
    const address = location.href;
    const back = () => [main, bar].forEach((el, i) => { el.textContent = ""; el.append(old[i]); });
    shown = { op: report.op, n: report.n, form, address, back };
    if (report.page) history.replaceState(history.state, "", report.page);
    const page = made("kept-page");
    set(page, "what", `${report.tail}　${report.words}`);
    set(page, "time", `${at(report.pressed)} 按下`);
    main.append(page);
    bar.append(...document.getElementById("kept-actions").content.cloneNode(true).childNodes);
    const link = bar.querySelector("[data-open]");
    if (report.page) link.href = report.page;
    else link.remove();
    set(page, "answer", navigator.onLine === false ? "没有信号：有信号会自动发送，可以接着送下一件。" : "正在发送… 不用等，可以接着送下一件。");
    window.scrollTo(0, 0);
    page.querySelector("h1").focus({ preventScroll: true });
  }
  // Refused while its courier is still here: the form is back as it was filled in, with what is wrong.
  async function refusedHere(news) {
    const { n, form, address, back } = shown;
    shown = null;
    back();
    history.replaceState(history.state, "", address);
    delete form.dataset.held;
    await queue.forget(n);
    point({ field: fieldOf(form, news.field) || form, words: news.words });
  }
  const fieldOf = (form, name) => {
    const input = name && form.elements[name];
    const one = input && (input.length && !input.matches ? input[0] : input);
    return one && one.type !== "hidden" ? one.closest("fieldset, .field") : null;
  };
  // Nothing is lost unsaid: where this phone cannot write it down, it can still be sent straight away.
  function notKept(form) {
    document.querySelectorAll("[data-not-kept]").forEach((el) => el.remove());
    const box = made("not-kept");
    form.before(box);
    box.querySelector("[data-straight]").addEventListener("click", () => {
      form.submit();
    });
    box.scrollIntoView({ block: "center" });
  }

  function signingOut(event) {
    const wait = waiting().filter((report) => report.who === me.id).length;
    const ask = `还有 ${wait} 件未发送。退出以后，要等您在这部手机上再次登录才会发送。确定退出？`;
    if (!wait || window.confirm(ask)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The worker keeps the pages of what is in hand, and can send when every page is closed.
  const worker = "serviceWorker" in navigator ? navigator.serviceWorker : null;
  const keepPages = () => {
    if (worker && me.id) worker.ready.then((r) => r.active && r.active.postMessage({ keep: me.id })).catch(() => {});
  };
  const waitsToBeSent = () => {
    if (worker) worker.ready.then((r) => r.sync && r.sync.register("reports")).catch(() => {});
  };
  async function settle() {
    if (worker) {
      worker.register(me.worker).catch(() => {});
      worker.addEventListener("controllerchange", keepPages);
    }
    if (!me.id) return;
    if (location.pathname === me.home || here[2] === "done") keepPages();
    if (!navigator.storage || !navigator.storage.persist) return;
    if (!(await navigator.storage.persisted())) await navigator.storage.persist();
    const { quota, usage } = await navigator.storage.estimate();
    if (quota && quota - usage < SPARE_BYTES) main.before(made("nearly-full"));
  }

  if (kept) {
    const note = made("stale");
    set(note, "time", at(Number(kept)));
    main.before(note);
  }
  // A kept page is opened anew once there is a signal and all is sent, if nobody is busy with it.
  const busy = () => shown || main.querySelector("#report:not([data-from]), #report :checked, [data-scanner]") || document.activeElement.matches("input");
  window.addEventListener("online", () => wake().then(() => {
    if (kept && left !== "line" && !busy()) location.reload();
  }));
  document.addEventListener("courier-known", () => { painted = ""; paint(); });
  window.addEventListener("offline", () => { left = "line"; paint(); });
  document.addEventListener("click", (event) => { pressed = pressed || Boolean(event.target.closest("a[href]")); });
  window.addEventListener("pageshow", (event) => { pressed = false; if (event.persisted) wake(); });
  document.addEventListener("visibilitychange", wake);
  if (window.indexedDB) paint().then(go);
  settle().catch(() => {});
})();
