// What the page shows and hears. Text from outside becomes text nodes only.
const $ = (id) => document.getElementById(id);
const facts = JSON.parse($("facts").textContent), labels = facts.classes, TOP = 5;
const packed = takeParts();
let worker, ready = false, asking = new Map(), number = 0, kept = 0, pictures = [], selected = null, threshold = facts.threshold;

// The worker ---------------------------------------------------------------------------------------------------------

function takeParts() {  // out of the page, so that the memory is free once the worker has them
  const found = {};
  for (const node of document.querySelectorAll("script[data-part]")) {
    found[node.dataset.part] = node.textContent;
    node.remove();
  }
  if (window.modelParts) found.model = window.modelParts;
  return found;
}

async function startWorker() {
  if (!(window.WebAssembly && window.DecompressionStream && window.OffscreenCanvas && window.createImageBitmap)) {
    return broken(window.WebAssembly || !window.DecompressionStream ? OLD : LOCKED);
  }
  const ort = packed.computing instanceof Blob ? packed.computing : await unpack(packed.computing);
  packed.computing = ort;
  const source = URL.createObjectURL(new Blob([ort, "\n", packed.worker], { type: "text/javascript" }));
  worker = new Worker(source);
  worker.onmessage = ({ data }) => heard(data);
  worker.onerror = (event) => { event.preventDefault(); broken(`${BROKEN} ${event.message || ""}`); };
  const { program, model, known } = packed;
  worker.postMessage({ id: 0, start: { packed: { program, model, ...(known ? { known } : {}) }, about: facts.refusal } });
}

async function unpack(text) {  // base64 of gzip, of a few kilobytes
  const raw = atob(text.trim()), bytes = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).blob();
}

function heard(data) {
  if (data.loading) {
    $("loading-text").textContent = data.text;
    $("loading-bar").value = data.loading;
  } else if (data.ready) {
    ready = true;
    Object.assign(packed, data.kept);
    $("loading").hidden = true;
    document.body.dataset.ready = "yes";
    if (data.altered) setTrouble(ALTERED);
    showHint();
    answerNext();
  } else if (data.id === 0 && data.failed) {
    broken(`${BROKEN} ${data.text}`);
  } else if (asking.has(data.id)) {
    const done = asking.get(data.id);
    asking.delete(data.id);
    if (data.failed && !data.code && /memory|bad_alloc|unreachable|RuntimeError|OrtRun|Aborted/i.test(data.text)) {
      data.code = "memory";
      startAgain();
    }
    done(data.failed ? data : { ...data, order: ordered(data.probabilities) });
  }
}

function startAgain() {  // a program that ran out of memory answers nothing any more
  worker.terminate();
  ready = false;
  for (const done of asking.values()) done({ failed: true, code: "memory" });
  asking = new Map();
  startWorker();
}

function broken(text) {
  $("loading").hidden = true;
  setTrouble(text);
}

function asked(question, transfer = []) {
  const id = ++number;
  return new Promise((done) => {
    asking.set(id, done);
    worker.postMessage({ id, ...question }, transfer);
  });
}

const ordered = (shares) => Array.from(shares.keys()).sort((one, other) => shares[other] - shares[one] || one - other);

// Pictures -----------------------------------------------------------------------------------------------------------

function add(files, { stay = false } = {}) {
  const came = Array.from(files, (file) => ({ key: ++number, file, name: file.name || "pasted picture", answer: null }));
  if (!came.length) return;
  if (!stay && camera.stream) { camera.run++; closeStream(); }
  pictures.push(...came);
  for (const picture of came) $("pictures").append(rowOf(picture));
  if (stay) showList(); else select(came[0]);
  answerNext();
}

async function answerFile(file) {
  const { bitmap, deep, code } = await readPicture(file);
  return code ? { failed: true, code } : { ...(await asked({ picture: bitmap }, [bitmap])), deep };
}

let busy = false;
async function answerNext() {  // one after the other; the one that is looked at first
  if (busy || !ready) return showList();
  const waiting = [selected, ...pictures].find((each) => each && !each.answer);
  if (!waiting) return showList();
  busy = true;
  showList();
  const answer = await answerFile(waiting.file);
  busy = false;
  waiting.answer = answer;
  if (pictures.includes(waiting)) showRow(waiting);
  if (waiting === selected && !camera.stream) { showAnswer(answer); say(spoken(answer, waiting.name)); }
  answerNext();
}

function remove(picture) {
  const place = pictures.indexOf(picture), row = rowFor(picture);
  if (place < 0) return;
  pictures.splice(place, 1);
  row.remove();
  const next = pictures[Math.min(place, pictures.length - 1)] || null;
  if (picture === selected) select(next, { focus: true });
  if (!pictures.length) { say("No pictures are left."); $("files").focus(); }
  showList();
}

function clear() {
  pictures = [];
  $("pictures").replaceChildren();
  select(null);
  say("All pictures were removed.");
  $("files").focus();
}

// What is seen -------------------------------------------------------------------------------------------------------

function show(what) {  // empty, shown or live
  for (const id of ["empty", "shown", "live"]) $(id).hidden = id !== what;
  $("view").dataset.what = what;
  $("camera-tools").hidden = what !== "live";
  $("tools").hidden = what === "live";
  if (what === "live") { $("caption").textContent = ""; release(); markRows(false); }
}

let address = "";
function release() {
  if (address) URL.revokeObjectURL(address);
  address = "";
  $("large").removeAttribute("src");
}

function markRows(focus) {  // which row is looked at; none while the camera is on, but the list stays within reach of Tab
  Array.from($("pictures").children).forEach((row, place) => {
    const on = selected !== null && row.dataset.key === String(selected.key);
    row.setAttribute("aria-selected", String(on && !camera.stream));
    row.tabIndex = on || (selected === null && place === 0) ? 0 : -1;
    if (on && !camera.stream) reveal(row);
    if (on && focus) row.focus();
  });
}

function reveal(row) {  // within its list: the page itself stays where it is
  const list = $("pictures"), inside = list.getBoundingClientRect(), own = row.getBoundingClientRect();
  if (own.top < inside.top) list.scrollTop -= inside.top - own.top;
  if (own.bottom > inside.bottom) list.scrollTop += own.bottom - inside.bottom;
}

function select(picture, { focus = false } = {}) {
  selected = picture;
  markRows(focus);
  showList();
  if (camera.stream) return;
  release();
  show(picture ? "shown" : "empty");
  $("caption").textContent = picture ? picture.name : "";
  if (!picture) return showAnswer(null);
  address = URL.createObjectURL(picture.file);
  $("large").hidden = false;
  $("unread").hidden = true;
  $("large").alt = picture.name;
  $("large").src = address;
  showAnswer(picture.answer);
  answerNext();
}

function showHint() {
  const waiting = camera.stream ? "" : selected ? "Looking at it…" : ready ? "Ready. The answer to a picture stands here." : "";
  $("hint").textContent = waiting;
}

function showAnswer(answer) {
  const fine = answer && !answer.failed, words = fine ? verdictWords(answer, labels, threshold) : null;
  $("problem").hidden = !(answer && answer.failed);
  if (answer && answer.failed) $("problem").textContent = reason(answer);
  if (answer) $("hint").textContent = ""; else showHint();
  $("verdict").hidden = !words;
  if (words) {
    $("verdict-title").textContent = words[0];
    $("verdict-text").textContent = words[1];
    $("verdict").classList.toggle("bad", answer.verdict === "unlike");
  }
  $("first").hidden = !fine;
  $("first").classList.toggle("unsure", Boolean(words));
  $("bars").classList.toggle("unsure-bars", Boolean(words));
  if (fine) {
    $("first-label").textContent = labels[answer.order[0]];
    $("first-share").textContent = percent(answer.probabilities[answer.order[0]]);
  }
  showBars(fine ? answer : null);
  $("note").hidden = !(fine && answer.deep);
  if (fine && answer.deep) $("note").textContent = DEEP;
  $("time").textContent = fine ? `${answer.width} × ${answer.height} pixels, answered in ${Math.round(answer.ms).toLocaleString("en")} ms` : "";
  if (answer && answer.failed && !camera.stream) { $("large").hidden = true; $("unread").hidden = false; }
}

function showBars(answer) {
  const list = $("bars"), count = answer ? Math.min(TOP, labels.length) : 0;
  while (list.children.length > count) list.lastChild.remove();
  while (list.children.length < count) list.append(made("li", "", made("span", "label"), made("span", "share"), made("div", "track", made("div", "fill"))));
  Array.from(list.children).forEach((row, place) => {
    const index = answer.order[place], share = answer.probabilities[index];
    row.querySelector(".label").textContent = labels[index];
    row.querySelector(".share").textContent = percent(share);
    row.querySelector(".fill").style.width = `${100 * share}%`;
  });
}

function made(tag, kind = "", ...inside) {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (kind === "label" || kind === "name") node.dir = "auto";
  node.append(...inside);
  return node;
}

const rowFor = (picture) => document.querySelector(`#pictures [data-key="${picture.key}"]`);

function rowOf(picture) {
  const row = made("li", "", Object.assign(made("canvas"), { width: 104, height: 104 }), made("span", "label", "…"), made("span", "share"), made("span", "name", picture.name));
  row.dataset.key = picture.key;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  row.tabIndex = -1;
  row.title = picture.name;
  return row;
}

function showRow(picture) {
  const row = rowFor(picture), { answer } = picture, fine = !answer.failed;
  row.classList.toggle("failed", !fine);
  row.classList.toggle("unsure", fine && verdictWords(answer, labels, threshold) !== null);
  row.querySelector(".label").textContent = fine ? labels[answer.order[0]] : "Cannot be read";
  row.querySelector(".share").textContent = fine ? percent(answer.probabilities[answer.order[0]]) : "";
  row.setAttribute("aria-label", spoken(answer, picture.name));
  if (answer.small) {
    row.querySelector("canvas").getContext("2d").drawImage(answer.small, 0, 0);
    answer.small.close();
    answer.small = null;
  }
}

function showList() {
  $("list").hidden = pictures.length < 2 && !(camera.stream && pictures.length);
  $("list-title").textContent = counted(pictures.length, "picture", "pictures");
  const done = pictures.filter((each) => each.answer).length;
  const doubted = pictures.filter(({ answer }) => answer && !answer.failed && verdictWords(answer, labels, threshold)).length;
  const going = done < pictures.length ? `${done} of ${pictures.length} answered` : "";
  $("list-progress").textContent = going || (doubted ? `${doubted} of them unsure` : "");
}

// What is said -------------------------------------------------------------------------------------------------------

function spoken(answer, name) {
  if (answer.failed) return `${name}: ${reason(answer)}`;
  const [first] = answer.order, words = verdictWords(answer, labels, threshold);
  return `${name}: ${labels[first]}, ${percent(answer.probabilities[first])}${words ? `. ${words[0]}` : ""}`;
}

const say = (text) => { $("said").textContent = text; };

function setTrouble(text) {
  $("trouble").hidden = !text;
  $("trouble").textContent = text;
}

function table() {  // as a spreadsheet reads it; what it would take for a formula gets an apostrophe
  const rows = [["picture", ...Array.from({ length: Math.min(3, labels.length) }, (_, place) => [`label ${place + 1}`, `probability ${place + 1}`]).flat(), "doubt", "problem"]];
  for (const { name, answer } of pictures.filter((each) => each.answer)) {
    const best = answer.failed ? ["", "", "", "", "", ""].slice(0, 2 * Math.min(3, labels.length)) : answer.order.slice(0, 3).flatMap((index) => [labels[index], answer.probabilities[index].toFixed(6)]);
    const words = answer.failed ? null : verdictWords(answer, labels, threshold);
    rows.push([name, ...best, words ? words[0].replace(/[\u2068\u2069]/g, "") : "", answer.failed ? reason(answer) : ""]);
  }
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(text) {
  const safe = /^['=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", table()], { type: "text/csv;charset=utf-8" }));
  link.download = "answers.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// What it tells of itself --------------------------------------------------------------------------------------------

const paragraph = (text) => made("p", "", text.replace(/(\d) %/g, "$1\u00a0%"));

function showFacts() {
  $("subtitle").textContent = facts.subtitle;
  $("scores").append(...facts.scores.map(paragraph));
  $("doubt").append(...facts.doubt.map(paragraph));
  $("classes-title").textContent = counted(labels.length, "class", "classes");
  $("search").hidden = labels.length <= 24;
  showClasses("");
  $("certificate").append(...facts.certificate.sentences.map(paragraph));
  if (facts.certificate.rows.length) $("certificate").append(tableOf(facts.certificate.rows));
  for (const [term, text] of facts.origin) $("origin").append(made("dt", "", term), made("dd", "", text));
  $("made").textContent = facts.made;
  $("threshold").value = Math.round(100 * threshold);
  setThreshold();
}

function tableOf(rows) {
  const lines = rows.map(([term, text]) => made("tr", "", Object.assign(made("th", "", term), { scope: "row" }), made("td", "", text)));
  return made("table", "", made("tbody", "", ...lines));
}

function showClasses(part) {
  const wanted = labels.filter((label) => label.toLocaleLowerCase().includes(part.toLocaleLowerCase()));
  $("classes").replaceChildren(...wanted.slice(0, 500).map((label) => Object.assign(made("li", "", label), { dir: "auto" })));
  if (wanted.length > 500) $("classes").append(made("li", "", `and ${wanted.length - 500} more: search for them`));
}

function setThreshold() {
  threshold = Number($("threshold").value) / 100;
  $("threshold-said").textContent = `${$("threshold").value} %`;
  const answer = camera.stream ? camera.answer : selected && selected.answer;
  if (answer) showAnswer(answer);
  for (const picture of pictures) if (picture.answer) showRow(picture);
  showList();
}

// What is heard ------------------------------------------------------------------------------------------------------

function listen() {
  for (const id of ["files", "photo"]) $(id).addEventListener("change", ({ target }) => { add(target.files); target.value = ""; });
  const press = { camera: () => openCamera(), stop: closeCamera, keep: keepFrame, switch: switchCamera, save, clear,
    freeze: () => setFrozen(!camera.frozen), mirror: () => setMirror(!$("video").classList.contains("mirrored")) };
  for (const [id, action] of Object.entries(press)) $(id).addEventListener("click", action);
  $("threshold").addEventListener("input", setThreshold);
  $("search").addEventListener("input", ({ target }) => showClasses(target.value));
  $("large").addEventListener("error", () => { if (selected) { $("large").hidden = true; $("unread").hidden = false; } });
  $("notices-button").addEventListener("click", async () => {
    $("notices").hidden = false;
    $("notices").textContent = await (await unpack(packed.notices)).text();
  });
  addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); add(event.clipboardData.files); } });
  listenForDrops();
  $("pictures").addEventListener("click", ({ target }) => { const row = target.closest("li"); if (row) pick(row); });
  $("pictures").addEventListener("keydown", keyInList);
}

function listenForDrops() {
  let depth = 0;
  const carries = (event) => Array.from(event.dataTransfer.types).includes("Files");
  const done = () => { depth = 0; document.body.classList.remove("dragging"); };
  addEventListener("dragenter", (event) => { if (carries(event)) { depth++; document.body.classList.add("dragging"); } });
  addEventListener("dragleave", () => { if (--depth <= 0) done(); });
  addEventListener("dragover", (event) => { event.preventDefault(); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    done();
    const items = Array.from(event.dataTransfer.items).filter((item) => item.kind === "file");
    add(items.map((item) => {
      const entry = item.webkitGetAsEntry && item.webkitGetAsEntry(), file = item.getAsFile();
      return entry && entry.isDirectory ? Object.assign(file, { folder: true }) : file;
    }).filter(Boolean));
  });
}

function pick(row) {
  if (camera.stream) { camera.run++; closeStream(); }
  select(pictures.find((each) => String(each.key) === row.dataset.key) || null, { focus: true });
}

function keyInList(event) {
  const rows = Array.from($("pictures").children), place = rows.indexOf(document.activeElement);
  const wide = Math.max(1, rows.filter((row) => row.offsetTop === rows[0].offsetTop).length);
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: wide, ArrowUp: -wide, Home: -rows.length, End: rows.length };
  if (event.key in steps) {
    event.preventDefault();
    pick(rows[Math.max(0, Math.min(rows.length - 1, place + steps[event.key]))]);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    if (place >= 0) remove(pictures.find((each) => String(each.key) === rows[place].dataset.key));
  }
}

// For tests, and for CNN Studio's own check of the page: what was answered, in full.
window.answers = () => pictures.map(({ name, answer }) => ({ name, ...(answer && { failed: Boolean(answer.failed), code: answer.code || "", verdict: answer.verdict, probabilities: answer.probabilities && Array.from(answer.probabilities) }) }));

listen();
showFacts();
showAnswer(null);
startWorker();
