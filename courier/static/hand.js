// What a courier makes at the door: a signature drawn on the glass, and a photo made small enough to send.
// Each stands in for the file field that the page has without this file.
(() => {
  "use strict";
  const SIGNATURE_BYTES = 60000;
  const SCALES = [1, 0.7, 0.5, 0.35];
  const PHOTO_BYTES = 300000;
  const PHOTO_SIDES = [1600, 1200, 900, 640];
  const QUALITIES = [0.8, 0.6, 0.45];
  const PEN_PX = 3;
  const NAMED = ["neighbour", "locker", "property"];
  const makers = new Map(); // a file field -> what makes the blob that goes in its place, or null
  const template = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const blobOf = (canvas, type, quality) => new Promise((done) => canvas.toBlob(done, type, quality));

  function scaled(source, width, height) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width));
    canvas.height = Math.max(1, Math.round(height));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  // A pad: strokes are kept as points, so that one can be taken back and a turned phone draws them anew.
  function pad(input) {
    const box = template("sign-pad");
    const canvas = box.querySelector("canvas");
    const [undo, clear] = ["undo", "clear"].map((name) => box.querySelector(`[data-${name}]`));
    const strokes = [];
    let stroke = null;
    input.hidden = true;
    input.after(box);
    const ratio = window.devicePixelRatio || 1;

    function draw() {
      const { width, height } = canvas;
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, width, height);
      Object.assign(pen, { strokeStyle: "#000", fillStyle: "#000", lineWidth: PEN_PX * ratio, lineCap: "round", lineJoin: "round" });
      strokes.forEach((points) => {
        pen.beginPath();
        pen.moveTo(points[0][0] * width, points[0][1] * height);
        points.concat(points.length === 1 ? points : []).slice(1).forEach(([x, y]) => pen.lineTo(x * width + 0.1, y * height));
        pen.stroke();
      });
      undo.disabled = clear.disabled = !strokes.length;
    }
    function fit() {
      const { width, height } = canvas.getBoundingClientRect();
      if (!width) return;
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      draw();
    }
    const spot = (event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      return [(event.clientX - left) / width, (event.clientY - top) / height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      stroke = [spot(event)];
      strokes.push(stroke);
      draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!stroke) return;
      const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      (all.length ? all : [event]).forEach((each) => stroke.push(spot(each)));
      draw();
    });
    ["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, () => { stroke = null; }));
    undo.addEventListener("click", () => { strokes.pop(); draw(); });
    clear.addEventListener("click", () => { strokes.length = 0; draw(); });
    new ResizeObserver(fit).observe(canvas);

    const filled = () => strokes.length > 0;
    makers.set(input, { filled, make: async () => {
      if (!filled()) return null;
      let blob = null;
      for (const scale of SCALES) {
        blob = await blobOf(scaled(canvas, canvas.width * scale, canvas.height * scale), "image/png");
        if (blob.size <= SIGNATURE_BYTES) break;
      }
      return blob;
    } });
  }

  const picture = (file) => new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error("picture"));
    image.src = URL.createObjectURL(file);
  });
  async function shrunk(image) {
    let blob = null;
    for (const side of PHOTO_SIDES) {
      const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
      const canvas = scaled(image, image.naturalWidth * scale, image.naturalHeight * scale);
      for (const quality of QUALITIES) {
        blob = await blobOf(canvas, "image/jpeg", quality);
        if (blob.size <= PHOTO_BYTES) return blob;
      }
    }
    return blob;
  }
  function camera(input) {
    const box = template("photo-box");
    const [words, shown] = [box.querySelector("[data-words]"), box.querySelector("img")];
    let making = Promise.resolve(null);
    input.after(box);
    input.classList.add("away");
    box.querySelector("label").append(input);
    input.addEventListener("change", () => {
      const file = input.files[0];
      shown.hidden = true;
      words.textContent = file ? "正在看照片…" : "";
      making = file ? picture(file).then(async (image) => {
        const blob = await shrunk(image);
        shown.src = image.src;
        shown.hidden = false;
        words.textContent = "拍好了；不清楚可以重拍。";
        return blob;
      }) : Promise.resolve(null);
      making = making.catch(() => {
        input.value = "";
        words.textContent = "这张照片打不开，请再拍一张。";
        return null;
      });
    });
    makers.set(input, { make: () => making });
  }

  // What stands for a file field: its bytes, since some browsers cannot keep a Blob in their storage.
  async function taken(input) {
    const maker = makers.get(input);
    const blob = maker ? await maker.make() : input.files[0];
    if (!blob) return null;
    const type = blob.type || "application/octet-stream";
    const filename = `${input.name}.${type === "image/png" ? "png" : "jpg"}`;
    return { name: input.name, filename, type, bytes: await blob.arrayBuffer() };
  }

  // Only what the chosen proof asks for is shown, and only the proofs that do for whom it was given to; the
  // likeliest is chosen beforehand.
  const chosen = (form, name) => (form.querySelector(`input[name="${name}"]:checked`) || {}).value || "";
  const objections = (form) => JSON.parse(form.dataset.objections || "{}");
  function settle(form) {
    const against = objections(form)[chosen(form, "to")] || {};
    form.querySelectorAll('input[name="proof"]').forEach((input) => {
      const [field] = against[input.value] || [""];
      if (field === "proof") input.checked = false;
      input.closest(".choice").hidden = field === "proof";
    });
    const likeliest = form.querySelector('.choice:not([hidden]) input[name="proof"]');
    if (chosen(form, "to") && !chosen(form, "proof") && likeliest) likeliest.checked = true;
    form.querySelectorAll("[data-proofs]").forEach((part) => { part.hidden = !likeliest; });
    form.querySelectorAll("[data-proof]").forEach((part) => { part.hidden = part.dataset.proof !== chosen(form, "proof"); });
  }
  // What central would refuse an hour later is said now; whether a code is right only central knows.
  function missing(form) {
    const proof = chosen(form, "proof");
    const to = chosen(form, "to");
    const of = (name) => form.elements[name] && form.elements[name].closest(".field");
    const objection = (objections(form)[to] || {})[proof];
    if (objection) return { field: form.querySelector(`input[name="${objection[0]}"]`).closest("fieldset"), words: objection[1] };
    const empty = (name) => !form.elements[name] || !form.elements[name].value.trim();
    if (NAMED.includes(to) && empty("receiver")) return { field: of("receiver"), words: "请写代收人的姓名或柜号" };
    if (proof === "code" && !/^\d{4}$/.test(form.elements.code.value.trim())) return { field: of("code"), words: "签收码是四位数字，请再问一遍收件人" };
    if (proof === "id" && !/^[\dA-Za-z]{4}$/.test(form.elements.id4.value.trim())) return { field: of("id4"), words: "请填证件号的最后四位" };
    if (proof === "signature" && !makers.get(form.elements.signature).filled()) return { field: of("signature"), words: "请收件人签名" };
    if (proof === "photo" && !form.elements.photo.files.length) return { field: of("photo"), words: "请拍一张照片" };
    return null;
  }
  document.querySelectorAll("form[data-objections]").forEach((form) => {
    form.addEventListener("change", () => settle(form));
    settle(form);
  });

  // A page that was kept yesterday: its days are counted from today.
  const DAY_MS = 24 * 3600 * 1000;
  const dayOf = (ms) => Math.floor((ms + DAY_MS / 3) / DAY_MS); // UTC+8
  const madeAt = Number(document.documentElement.dataset.kept || Date.now());
  const passed = dayOf(Date.now()) - dayOf(madeAt);
  const days = passed > 0 ? [...document.querySelectorAll('input[name="next"]')].map((input) => input.closest(".choice")) : [];
  const words = days.map((choice) => choice.querySelector("b").textContent);
  days.forEach((choice, at) => {
    choice.hidden = at < passed;
    choice.querySelector("b").textContent = words[at - passed];
  });

  document.querySelectorAll('input[type="file"][name="signature"]').forEach(pad);
  document.querySelectorAll('input[type="file"][name="photo"]').forEach(camera);
  window.CourierHand = { taken, missing };
})();
