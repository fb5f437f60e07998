// Reads pictures and answers them, in a thread of its own, so that the page stays quick. `ort` stands before this.
"use strict";
const STRIP = 4e6, THUMBNAIL = 104, FRAME = 640;
let session, known, parts;

self.onmessage = async ({ data }) => {
  try {
    if (data.start) await start(data.start);
    else if (data.frame) await answerFrame(data.id, data.frame);
    else if (data.picture) await answerPicture(data.id, data.picture);
  } catch (error) {
    self.postMessage({ id: data.id, failed: true, code: error.code || "", text: String(error && error.message || error) });
  }
};

// Getting ready ------------------------------------------------------------------------------------------------------

async function start({ packed, about }) {
  parts = {};
  const step = (share, text) => self.postMessage({ loading: share, text });
  step(5, "Unpacking what computes…");
  for (const name of Object.keys(packed)) parts[name] = asBytes(packed[name]);
  ort.env.wasm.wasmBinary = await unpacked(parts.program);
  ort.env.wasm.wasmPaths = { mjs: self.location.href };  // its loader is in this script, see `ortLoader`
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  step(35, "Unpacking the network…");
  const model = new Uint8Array(await unpacked(parts.model));
  if (parts.known) known = knownPictures(await unpacked(parts.known), about);
  step(60, "Starting the network…");
  session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"], graphOptimizationLevel: "all", enableMemPattern: false });
  step(90, "Trying it…");
  await answered(new Uint8Array(3 * 64 * 64).fill(128), 64, 64);
  self.postMessage({ ready: true, altered: altersPictures(), kept: parts }, Object.values(parts).map((part) => part.buffer));
}

function asBytes(packed) {  // base64 in one string or several, or what was unpacked before
  if (packed instanceof Uint8Array) return packed;
  const pieces = [];
  for (const text of [].concat(packed)) {
    const clean = text.trim();
    for (let at = 0; at < clean.length; at += 1 << 22) pieces.push(bytesOf(clean.slice(at, at + (1 << 22))));
  }
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  pieces.reduce((at, piece) => { whole.set(piece, at); return at + piece.length; }, 0);
  return whole;
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

async function unpacked(bytes) {  // not by way of a Blob, which WebKit does not read in the worker of a file
  const stream = new DecompressionStream("gzip"), writer = stream.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const [found] = await Promise.all([new Response(stream.readable).arrayBuffer(), written]);
  return found;
}

function altersPictures() {  // some browsers change what pages read of a canvas, against being recognised by it
  const canvas = new OffscreenCanvas(16, 16), context = canvas.getContext("2d", { willReadFrequently: true });
  const drawn = context.createImageData(16, 16);
  for (let at = 0; at < drawn.data.length; at++) drawn.data[at] = at % 4 === 3 ? 255 : (at * 37) % 256;
  context.putImageData(drawn, 0, 0);
  const read = context.getImageData(0, 0, 16, 16).data;
  return read.some((value, at) => value !== drawn.data[at]);
}

// Pictures ---------------------------------------------------------------------------------------------------------

async function answerPicture(id, bitmap) {
  const began = performance.now(), { width, height } = bitmap;
  const rgb = pixels(bitmap, width, height), small = thumbnail(bitmap);
  bitmap.close();
  const answer = await answered(rgb, width, height);
  self.postMessage({ id, ...answer, width, height, small, ms: performance.now() - began }, [small]);
}

async function answerFrame(id, frame) {
  const began = performance.now(), scale = Math.min(1, FRAME / Math.max(frame.width, frame.height));
  const width = Math.max(1, Math.round(frame.width * scale)), height = Math.max(1, Math.round(frame.height * scale));
  try {
    const answer = await answered(pixels(frame, width, height), width, height);
    self.postMessage({ id, ...answer, width, height, ms: performance.now() - began });
  } catch (error) {
    self.postMessage({ id, failed: true, code: "", text: String(error && error.message || error) });
  } finally {
    frame.close();
  }
}

function pixels(bitmap, width, height) {  // upright red, green and blue, white behind what is transparent
  const rgb = new Uint8Array(3 * width * height), rows = Math.max(1, Math.min(height, Math.floor(STRIP / width)));
  const canvas = new OffscreenCanvas(width, rows);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  for (let top = 0, to = 0; top < height; top += rows) {  // large canvases are refused by phones
    const count = Math.min(rows, height - top);
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top, width, height);
    const { data } = context.getImageData(0, 0, width, count);
    for (let from = 0; from < data.length; from += 4) {
      rgb[to++] = data[from];
      rgb[to++] = data[from + 1];
      rgb[to++] = data[from + 2];
    }
  }
  return rgb;
}

function thumbnail(bitmap) {
  const side = Math.min(bitmap.width, bitmap.height), canvas = new OffscreenCanvas(THUMBNAIL, THUMBNAIL);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, THUMBNAIL, THUMBNAIL);
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, THUMBNAIL, THUMBNAIL);
  return canvas.transferToImageBitmap();
}

// Answers ------------------------------------------------------------------------------------------------------------

async function answered(rgb, width, height) {
  const pictures = new ort.Tensor("uint8", rgb, [1, height, width, 3]);
  const wanted = known ? ["probabilities", "features"] : ["probabilities"];
  const found = await session.run({ pictures }, wanted);
  const probabilities = Float32Array.from(found.probabilities.data);
  const verdict = known ? judged(found.features.data, probabilities) : null;
  for (const tensor of Object.values(found)) tensor.dispose();
  return { probabilities, verdict };
}

function knownPictures(buffer, { pictures, size, near, clear, threshold, neighbours, power }) {
  // float16 features, then the sorted nearnesses and clearnesses of good pictures as float32
  const halves = new Uint16Array(buffer, 0, pictures * size), features = Float32Array.from(halves, half);
  const values = buffer.slice(2 * pictures * size);
  return { pictures, size, features, near: new Float32Array(values, 0, near), clear: new Float32Array(values, 4 * near, clear), threshold, neighbours, power };
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = bits >> 10 & 31, fraction = bits & 1023;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -24 * fraction;
}

function judged(features, probabilities) {  // as CNN Studio does: two ranks among pictures that it should answer
  const { pictures, size, threshold, neighbours, power } = known;
  const length = Math.max(Math.hypot(...chunked(features)), 1e-12), alike = new Float32Array(pictures);
  for (let row = 0; row < pictures; row++) {
    let sum = 0;
    for (let at = 0, from = row * size; at < size; at++) sum += known.features[from + at] * features[at];
    alike[row] = sum / length;
  }
  const near = alike.sort()[pictures - Math.min(neighbours, pictures)];
  let clear = 0;
  for (const share of probabilities) clear -= share ** power * (1 - share) ** power;
  const ranks = [rank(known.near, near), rank(known.clear, Math.fround(clear))];
  if (Math.min(...ranks) >= threshold) return "answer";
  return ranks[0] <= ranks[1] ? "unlike" : "between";
}

function* chunked(values) {  // lengths of pieces, since a call takes only so many arguments
  for (let at = 0; at < values.length; at += 1024) yield Math.hypot(...values.subarray(at, at + 1024));
}

function rank(sorted, value) {  // the share that is smaller
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = low + high >> 1;
    if (sorted[middle] < value) low = middle + 1; else high = middle;
  }
  return low / sorted.length;
}
