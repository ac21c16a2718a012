// Reads a waybill's QR code or barcode with the phone's camera, or from a photo of it. The phone's
// own reader is used where it has one for both kinds, else a WebAssembly one that we serve ourselves.
// What is read is only ever sent to our own address: a strange code leads nowhere.
(() => {
  "use strict";
  const root = document.querySelector("[data-scanner]");
  if (!root) return;
  const part = (name) => document.querySelector(`[data-${name}]`);
  const [view, video, words, torch, photo, file] = ["view", "video", "words", "torch", "photo", "file"].map(part);
  const [canvas, spare] = [document.createElement("canvas"), document.createElement("canvas")];
  const SIDE_MAX = 1280;
  const PHOTO_SIDE_MAX = 2400;
  const PAUSE_MS = 60;
  const TURNS = [0, 22.5, -22.5, 45];
  const FORMATS = ["qr_code", "code_128"];
  const OURS = /\/[wt]\/[a-z2-7]{32}\/?$|^ds\d{11}$|^p[a-z]{2}\d{3}-/i;
  let stream = null;
  let reading = null;
  let starting = false;
  let leaving = false;
  let looks = 0;

  const say = (text, tone = "") => {
    if (words.textContent !== text) words.textContent = text;
    words.dataset.tone = tone;
  };

  // A reader takes a canvas and gives the texts of the codes on it.
  const reader = () => (reading = reading || makeReader());
  async function makeReader() {
    try {
      const known = await BarcodeDetector.getSupportedFormats();
      if (FORMATS.every((format) => known.includes(format))) {
        const detector = new BarcodeDetector({ formats: FORMATS });
        return async (source) => (await detector.detect(source)).map((code) => code.rawValue);
      }
    } catch { /* this browser has none: ours it is */ }
    await load(root.dataset.reader);
    const locateFile = () => root.dataset.wasm;
    ZXingWASM.prepareZXingModule({ overrides: { locateFile } });
    const options = { formats: ["QRCode", "Code128"], tryHarder: true, maxNumberOfSymbols: 4 };
    return async (source) => {
      const image = source.getContext("2d").getImageData(0, 0, source.width, source.height);
      return (await ZXingWASM.readBarcodes(image, options)).filter((c) => c.isValid).map((c) => c.text);
    };
  }
  const load = (src) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = done;
    script.onerror = () => failed(new Error("reader"));
    document.head.append(script);
  });

  function draw(source, width, height, side) {
    const scale = Math.min(1, side / Math.max(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  // Bars have nothing to mend themselves with, and readers look along rows and columns: softened, the
  // grain and a printer's dead dots fade; turned, the bars of a label held askew stand upright.
  function softened(source, degrees) {
    const turn = degrees * Math.PI / 180;
    const [along, across] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
    spare.width = Math.ceil(source.width * along + source.height * across);
    spare.height = Math.ceil(source.width * across + source.height * along);
    const pen = spare.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, spare.width, spare.height);
    pen.translate(spare.width / 2, spare.height / 2);
    pen.rotate(turn);
    pen.drawImage(source, -source.width / 2, -source.height / 2);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    // Half a dot aside, every dot becomes the mean of four.
    for (const aside of [0.5, -0.5, 0.5, -0.5]) pen.drawImage(spare, aside, aside);
    return spare;
  }

  // What a picture says as it is; else, one after the other, softened and turned.
  async function texts(source, turns) {
    const read = await reader();
    let found = await read(source);
    for (const turn of turns) found = found.length ? found : await read(softened(source, turn));
    return found;
  }

  // True if one of the texts is ours, and the page is on its way to that parcel.
  function take(found) {
    const ours = found.find((text) => OURS.test(text.trim()));
    if (!ours) return false;
    leaving = true;
    view.dataset.found = "";
    say("扫到了，正在打开…");
    if (navigator.vibrate) navigator.vibrate(80);
    stop();
    location.assign(`${root.dataset.open}?q=${encodeURIComponent(ours.trim())}`);
    return true;
  }

  async function look(film) {
    if (stream !== film || leaving) return;
    if (video.readyState >= 2 && !document.hidden) {
      const turn = TURNS[looks++ % TURNS.length];
      const found = await texts(draw(video, video.videoWidth, video.videoHeight, SIDE_MAX), [turn]);
      if (stream !== film || take(found)) return;
      if (found.length) say("这不是本平台的面单，请对准邮件上的面单。", "bad");
    }
    setTimeout(() => look(film).catch(broken), PAUSE_MS);
  }

  function stop() {
    if (!stream) return;
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  async function start() {
    if (stream || starting || leaving) return;
    starting = true;
    try {
      await film();
    } finally {
      starting = false;
    }
    if (document.hidden) stop();
    else if (stream) await look(stream);
  }
  async function film() {
    say("正在打开相机…");
    const wish = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
    stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    video.srcObject = stream;
    view.hidden = false;
    await video.play();
    offerTorch(stream.getVideoTracks()[0]);
    say("正在准备扫码…");
    await reader();
    say("对准面单上的二维码或条形码");
  }

  function offerTorch(track) {
    const able = track.getCapabilities && track.getCapabilities().torch;
    torch.hidden = !able;
    if (!able) return;
    torch.onclick = async () => {
      const on = torch.getAttribute("aria-pressed") !== "true";
      await track.applyConstraints({ advanced: [{ torch: on }] });
      torch.setAttribute("aria-pressed", String(on));
    };
  }

  // Why the camera cannot be used, and what to do instead: never a dead end.
  function broken(error) {
    stop();
    view.hidden = true;
    const why = {
      NotAllowedError: "没有得到使用相机的许可。请在浏览器设置里允许，或者拍照、输入邮件号。",
      NotFoundError: "没有找到相机。请拍照，或输入邮件号。",
      NotReadableError: "相机正被别的程序占用。请关掉它再试，或者拍照、输入邮件号。",
    };
    say(why[error && error.name] || "扫码用不了。请拍照，或输入邮件号。", "bad");
  }

  file.addEventListener("change", async () => {
    const picked = file.files[0];
    if (!picked) return;
    say("正在看照片…");
    try {
      const image = await picture(picked);
      const found = await texts(draw(image, image.width, image.height, PHOTO_SIDE_MAX), TURNS);
      if (!take(found)) {
        say(found.length ? "照片里的不是本平台的面单。" : "照片里没看清码。请靠近些、对准光再拍，或输入邮件号。", "bad");
      }
    } catch {
      say("这张照片打不开。请再拍一张，或输入邮件号。", "bad");
    }
    file.value = "";
  });
  const picture = (blob) => new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => { URL.revokeObjectURL(image.src); done(image); };
    image.onerror = failed;
    image.src = URL.createObjectURL(blob);
  });

  // A phone lends its camera to one page at a time: give it back whenever this one is put away.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop();
    else if (canFilm) start().catch(broken);
  });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    delete view.dataset.found;
    if (canFilm) start().catch(broken);
  });

  photo.hidden = false;
  const canFilm = Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
  if (canFilm) start().catch(broken);
  else say("这个网址不能直接用相机。请拍一张面单的照片，或输入邮件号。", "bad");
})();
