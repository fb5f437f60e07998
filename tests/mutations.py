"""Good pictures in every format, and eighteen ways in which disks, cards, cables and people damage files."""

import io

import numpy as np
from PIL import Image


def good_pictures(rng, photos=()):
    """Name and content: each format in several of its kinds, and some bytes of real photographs."""
    for number in range(3):
        pixels = rng.normal(rng.uniform(40, 210, 3), 30, (56, 72, 3))
        pixels[10:30, 20:50] += rng.uniform(-60, 60, 3)
        rgb = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        deep = Image.fromarray(np.asarray(rgb.convert("L")).astype(np.uint16) * 257)
        ways = {
            "baseline.jpg": (rgb, {"quality": 85}), "progressive.jpg": (rgb, {"progressive": True}),
            "grey.jpg": (rgb.convert("L"), {}), "cmyk.jpg": (rgb.convert("CMYK"), {}),
            "rgb.png": (rgb, {}), "alpha.png": (rgb.convert("RGBA"), {}), "palette.png": (rgb.convert("P"), {}),
            "deep.png": (deep, {}), "one-bit.png": (rgb.convert("1"), {}), "still.gif": (rgb.convert("P"), {}),
            "moving.gif": (rgb.convert("P"), {"save_all": True, "append_images": [rgb.convert("P").rotate(90)]}),
            "lossy.webp": (rgb, {}), "lossless.webp": (rgb.convert("RGBA"), {"lossless": True}),
            "raw.tif": (rgb, {}), "lzw.tif": (rgb, {"compression": "tiff_lzw"}), "deep.tif": (deep, {}),
            "deflate.tif": (rgb, {"compression": "tiff_adobe_deflate"}), "fax.tif": (
                rgb.convert("1"), {"compression": "group4"}
            ),
            "jpeg.tif": (rgb, {"compression": "jpeg"}), "plain.bmp": (rgb, {}), "plain.ppm": (rgb, {}),
            "plain.pgm": (rgb.convert("L"), {}), "plain.avif": (rgb, {"quality": 60}),
        }  # fmt: skip
        for name, (image, options) in ways.items():
            content = io.BytesIO()
            image.save(content, _format(name), **options)
            yield f"{number}-{name}", content.getvalue()
    for photo in photos:
        yield photo.name, photo.read_bytes()


def _format(name):
    ending = name.rpartition(".")[2]
    return {"jpg": "JPEG", "tif": "TIFF", "pgm": "PPM"}.get(ending, ending.upper())


def _piece(content, rng, share=0.3):
    start = int(rng.integers(0, len(content)))
    return start, min(len(content), start + 1 + int(rng.integers(0, max(1, int(share * len(content))))))


def _flip(content, rng, bits):
    changed = bytearray(content)
    for _ in range(bits):
        changed[int(rng.integers(0, len(changed)))] ^= 1 << int(rng.integers(0, 8))
    return bytes(changed)


def _fill(content, rng, how):
    start, end = _piece(content, rng)
    new = {"zeros": bytes(end - start), "ones": b"\xff" * (end - start), "noise": rng.bytes(end - start)}[how]
    return content[:start] + new + content[end:]


def _without(content, rng):
    start, end = _piece(content, rng)
    return content[:start] + content[end:]


def _twice(content, rng):
    start, end = _piece(content, rng)
    return content[:end] + content[start:]


def _cut(content, rng):
    return content[: int(rng.integers(1, len(content)))]


def _numbers(content, rng, value):
    changed = bytearray(content)
    start = int(rng.integers(0, min(len(changed), 200) - 4))
    changed[start : start + 4] = value
    return bytes(changed)


def _swapped(content, rng):
    (a, b), (c, d) = sorted((_piece(content, rng, 0.1), _piece(content, rng, 0.1)))
    c, d = max(b, c), max(b, d)
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


DAMAGES = {
    "one bit": lambda c, r: _flip(c, r, 1),
    "ten bits": lambda c, r: _flip(c, r, 10),
    "a bit in a hundred bytes": lambda c, r: _flip(c, r, len(c) // 100 + 1),
    "one bit of the header": lambda c, r: _flip(c[:64], r, 1) + c[64:],
    "ten bits of the header": lambda c, r: _flip(c[:64], r, 10) + c[64:],
    "cut": _cut,
    "cut and closed as a JPEG": lambda c, r: _cut(c, r) + b"\xff\xd9",
    "cut and filled up": lambda c, r: (cut := _cut(c, r)) + bytes(len(c) - len(cut)),
    "zeros": lambda c, r: _fill(c, r, "zeros"),
    "ones": lambda c, r: _fill(c, r, "ones"),
    "noise": lambda c, r: _fill(c, r, "noise"),
    "a piece missing": _without,
    "a piece twice": _twice,
    "two pieces swapped": _swapped,
    "a huge number": lambda c, r: _numbers(c, r, b"\xff\xff\xff\x7f"),
    "a negative number": lambda c, r: _numbers(c, r, b"\xff\xff\xff\xff"),
    "something before": lambda c, r: r.bytes(int(r.integers(1, 64))) + c,
    "something behind": lambda c, r: c + r.bytes(int(r.integers(1, 4096))),
}


def write_mutated(folder, count, seed=0, photos=()):
    """``count`` damaged files in the classes ``a`` and ``b``; returns their paths."""
    rng = np.random.default_rng(seed)
    good = list(good_pictures(rng, photos))
    kinds = list(DAMAGES.items())
    written = []
    for number in range(count):
        name, content = good[int(rng.integers(0, len(good)))]
        _, damage = kinds[number % len(kinds)]
        path = folder / "ab"[number % 2] / f"{number:06}-{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(damage(content, rng))
        written.append(path)
    return written
