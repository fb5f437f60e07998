// Every sentence that the page says by itself; names and numbers are put in as text, never as markup.
const UNREADABLE = {
  heic: "This browser cannot read HEIC pictures; Safari can. Save it as JPEG first. On an iPhone, Settings → Camera → Formats → Most Compatible makes the camera do so.",
  avif: "This browser cannot read AVIF pictures. Save it as JPEG or PNG first.",
  tiff: "This browser cannot read TIFF pictures; Safari can. Save it as PNG first.",
  film: "This is a film, not a picture. Play it in front of the camera, or save a frame of it as a picture.",
  pdf: "This is a PDF, not a picture. Save its page as PNG first.",
  none: "This is no picture that browsers know. JPEG, PNG, WebP, GIF and BMP work everywhere.",
  empty: "This file is empty.",
  damaged: "This picture is damaged: the browser cannot read it.",
  large: "This picture has more than 64 megapixels. Make it smaller first.",
  memory: "This picture needs more memory than the browser gives to a page. Make it smaller first.",
  folder: "Folders cannot be opened here. Open it, select the pictures in it, and drop those.",
};
const CAMERA = {
  NotAllowedError: "The camera was refused. Allow it for this page in the browser's address bar, and in the settings of the system, then try again.",
  NotFoundError: "No camera was found on this computer.",
  NotReadableError: "The camera is used by another program. Close that, then try again.",
  none: "This browser gives no camera to a page that was opened from a file. Chrome, Edge and Firefox do.",
  other: "The camera could not be started.",
};
const OLD = "This browser is too old for this page. It needs one of 2023 or later: Chrome or Edge 110, Firefox 113, Safari 16.4.";
const BROKEN = "The network could not be started in this browser.";
const ALTERED = "This browser alters pictures before pages may read them, as a protection against being recognised. Answers may be wrong here: allow this page to read canvases, or use another browser.";
const LOCKED = "This browser may not run WebAssembly, as in iPhone's lockdown mode. Allow it, or use another browser.";
const DEEP = "This picture has more than 8 bits per colour. The browser made 8 of them in its own way, so the answer may differ from CNN Studio's.";

function verdictWords(answer, labels, threshold) {  // title and meaning, or nothing where the answer may be relied on
  const [first, second] = answer.order, name = (index) => `\u2068${labels[index]}\u2069`;
  if (answer.verdict === "unlike") {
    return ["Unlike anything it was shown", "It lies farther from all that was learned than nearly every picture that the network should know. The answer below is the nearest class, nothing more."];
  }
  if (answer.verdict === "between") {
    return [`Between ${name(first)} and ${second === undefined ? "other classes" : name(second)}`, "Its probabilities are spread as they are for few pictures that it knows. Look at both classes."];
  }
  if (answer.probabilities[first] < threshold) {
    return ["Unsure", `The most likely class has less than ${Math.round(100 * threshold)}\u00a0%. Somebody should look at it.`];
  }
  return null;
}

const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;
const counted = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
const reason = (answer) => UNREADABLE[answer.code] || `It could not be answered: ${answer.text}`;
