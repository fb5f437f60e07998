// From a file to a picture that the worker takes: upright, in its own colours. Files are read here and not there, since
// WebKit reads none in the worker of a page that is a file.
const MOST_PIXELS = 64e6;

async function readPicture(file) {  // { bitmap, deep }, or { code } of the sentence that says why not
  if (file.folder) return { code: "folder" };
  let kind = {};
  try {
    kind = kindOf(new Uint8Array(await file.slice(0, 64).arrayBuffer()), file);
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image", colorSpaceConversion: "none" });
    if (bitmap.width * bitmap.height <= MOST_PIXELS) return { bitmap, deep: kind.deep };
    bitmap.close();
    return { code: "large" };
  } catch {
    return { code: kind.code || (file.size ? "damaged" : "empty") };
  }
}

function kindOf(head, file) {  // what a file is, its first bytes say
  const text = String.fromCharCode(...head), brand = text.slice(8, 12), heif = /^(he[iv][cmsx]|mif1|msf1)$/.test(brand);
  if (text.startsWith("\x89PNG")) return { deep: head[24] > 8 };
  if (text.slice(4, 8) === "ftyp" && heif) return { code: "heic" };
  if (text.slice(4, 8) === "ftyp" && brand.startsWith("avif")) return { code: "avif" };
  if (text.slice(4, 8) === "ftyp" || text.startsWith("\x1aE\xdf\xa3")) return { code: "film" };
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) return { code: "tiff" };
  if (text.startsWith("%PDF")) return { code: "pdf" };
  if (/^(\xff\xd8|GIF8|BM|RIFF....WEBP)/s.test(text)) return {};
  return { code: file.size ? "none" : "empty" };
}
