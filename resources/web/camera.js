// The camera: one frame under way at most, mirrored for the eye only, frozen, kept, switched.
const camera = { stream: null, frozen: false, devices: [], device: "", run: 0 };

async function openCamera(device = "") {
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return cameraTrouble("none");
  const size = { width: { ideal: 640 }, height: { ideal: 480 } };
  const wanted = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "environment" } };
  const run = ++camera.run;
  closeStream();
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...wanted }, audio: false });
  } catch (error) {
    if (run === camera.run) cameraTrouble(CAMERA[error.name] ? error.name : "other", error);
    return;
  }
  if (run !== camera.run) return stream.getTracks().forEach((track) => track.stop());  // closed or switched meanwhile
  camera.stream = stream;
  const [track] = stream.getVideoTracks(), settings = track.getSettings();
  track.addEventListener("ended", () => { if (camera.stream === stream) { closeCamera(); cameraTrouble("NotFoundError"); } });
  camera.device = settings.deviceId || device;
  camera.devices = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === "videoinput");
  const video = $("video");
  video.srcObject = stream;
  setMirror(settings.facingMode ? settings.facingMode === "user" : camera.devices.length < 2);
  $("switch").hidden = camera.devices.length < 2;
  setTrouble("");
  setFrozen(false);
  show("live");
  await video.play().catch(() => {});
  $("freeze").focus();
  say("The camera is on. Its answers come as it sees.");
  watch(run);
}

function closeStream() {
  if (camera.stream) camera.stream.getTracks().forEach((track) => track.stop());
  camera.stream = null;
  $("video").srcObject = null;
}

function closeCamera() {
  camera.run++;
  closeStream();
  select(selected);
  $("camera").focus();
}

function cameraTrouble(kind, error) {
  closeStream();
  setTrouble(CAMERA[kind] + (kind === "other" && error ? ` ${error.message}` : ""));
  if (kind === "none") $("shoot").hidden = false;
  select(selected);
}

async function watch(run) {  // the newest frame, as soon as the answer before is there
  while (run === camera.run && camera.stream) {
    if (!camera.frozen && ready && !document.hidden && $("video").videoWidth) await look(run);
    await new Promise((next) => (document.hidden ? setTimeout(next, 200) : requestAnimationFrame(next)));
  }
}

async function look(run) {
  const frame = await createImageBitmap($("video"));
  const answer = await asked({ frame }, [frame]);
  if (run !== camera.run || camera.stopped) return;
  camera.answer = answer;
  showAnswer(answer, "live");
}

function setMirror(on) {
  $("video").classList.toggle("mirrored", on);
  $("mirror").setAttribute("aria-pressed", String(on));
}

async function setFrozen(on) {
  camera.frozen = on;
  const button = $("freeze");
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("span").textContent = on ? "Go on" : "Freeze";
  button.querySelector("use").setAttribute("href", on ? "#i-go" : "#i-freeze");
  $("frozen").hidden = !on;
  if (!camera.stream) return;
  if (!on) return void $("video").play().catch(() => {});
  $("video").pause();
  const run = camera.run;
  if (ready) await look(run);  // of just what is seen
  if (camera.frozen && run === camera.run && camera.answer) say(spoken(camera.answer, "The frozen picture"));
}

async function keepFrame() {
  const video = $("video"), canvas = document.createElement("canvas");
  if (!video.videoWidth) return;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  add([new File([blob], `camera ${++kept}.png`, { type: "image/png" })], { stay: true });
  say(`Kept as picture ${pictures.length}.`);
}

function switchCamera() {
  const place = camera.devices.findIndex((each) => each.deviceId === camera.device);
  const next = camera.devices[(place + 1) % camera.devices.length];
  if (next) openCamera(next.deviceId);
}
