"""Picture files of every kind that people's devices write, made here: what Pillow cannot write, byte by byte."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image, PngImagePlugin

_SHORT = {258, 259, 262, 277, 284, 317, 338, 339}
"""Tags of a TIFF whose values have two bytes."""


def tiff_of(  # noqa: PLR0913 - a format of many ways
    values, *, order="<", planar=False, tile=0, packed=1, predictor=1, colours=1, extra=None, big=False, rows=5, more=()
):  # fmt: skip
    """A TIFF of any bands, H×W×N of any type.

    Args:
        values: the pixels.
        order: of bytes, < or >.
        planar: each band by itself.
        tile: side of the tiles; 0 are strips of so many rows.
        packed: 1 as it is, 8 Deflate.
        predictor: 1 none, 2 differences, 3 Adobe's for floating point.
        colours: 0 from white to black, 1 from black to white, 2 red, green and blue.
        extra: what the bands behind these are; None says nothing.
        big: a BigTIFF.
        rows: of a strip.
        more: further tags with their values, as whole numbers.
    """
    height, width, bands = values.shape
    kind, size = {"u": 1, "i": 2, "f": 3}[values.dtype.kind], values.dtype.itemsize
    planes = [values[..., band : band + 1] for band in range(bands)] if planar else [values]
    blocks = [block for plane in planes for block in (_tiles(plane, tile) if tile else _strips(plane, rows))]
    pieces = [_packed(block, order, packed, predictor) for block in blocks]
    starts = np.cumsum([16 if big else 8, *map(len, pieces)]).tolist()
    end = starts.pop()
    sizes = [len(piece) for piece in pieces]
    tags = {256: [width], 257: [height], 258: [8 * size] * bands, 259: [packed], 262: [colours], 277: [bands],
            284: [2 if planar else 1], 339: [kind] * bands, **dict(more)}  # fmt: skip
    tags |= {317: [predictor]} if predictor > 1 else {}
    tags |= {338: list(extra)} if extra is not None else {}
    tags |= {322: [tile], 323: [tile], 324: starts, 325: sizes} if tile else {278: [rows], 273: starts, 279: sizes}
    head = (b"II" if order == "<" else b"MM") + (
        struct.pack(f"{order}HHHQ", 43, 8, 0, end) if big else struct.pack(f"{order}HI", 42, end)
    )
    return head + b"".join(pieces) + _directory(tags, order, end, big)


def _strips(plane, rows):
    return [np.ascontiguousarray(plane[top : top + rows]) for top in range(0, len(plane), rows)]


def _tiles(plane, side):
    height, width, bands = plane.shape
    whole = np.zeros((-(-height // side) * side, -(-width // side) * side, bands), plane.dtype)
    whole[:height, :width] = plane
    corners = [(top, left) for top in range(0, height, side) for left in range(0, width, side)]
    return [np.ascontiguousarray(whole[top : top + side, left : left + side]) for top, left in corners]


def _packed(block, order, packed, predictor):
    size = block.dtype.itemsize
    if predictor == 2:
        block = block.view(f"u{size}").copy()
        block[:, 1:] -= block[:, :-1].copy()
    raw = block.astype(block.dtype.newbyteorder(order)).tobytes()
    if predictor == 3:
        height, width, bands = block.shape
        apart = block.astype(f">f{size}").view(np.uint8).reshape(height, width * bands, size).transpose(0, 2, 1)
        apart = apart.reshape(height, -1, bands).copy()
        apart[:, 1:] -= apart[:, :-1].copy()
        raw = apart.tobytes()
    return zlib.compress(raw) if packed == 8 else raw


def _directory(tags, order, start, big):
    word, place_size, wide = ("Q", 8, 16) if big else ("I", 4, 4)
    behind = start + (8 if big else 2) + (20 if big else 12) * len(tags) + place_size
    entries = values = b""
    for tag, numbers in sorted(tags.items()):
        short = tag in _SHORT
        content = struct.pack(f"{order}{len(numbers)}{'H' if short else word}", *numbers)
        if len(content) > place_size:
            values, content = values + content, struct.pack(f"{order}{word}", behind + len(values))
        entries += struct.pack(f"{order}HH{word}", tag, 3 if short else wide, len(numbers))
        entries += content.ljust(place_size, b"\0")
    return struct.pack(f"{order}{'Q' if big else 'H'}", len(tags)) + entries + bytes(place_size) + values


def png_chunk(kind, content):
    """A chunk with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def deep_png(values):
    """A PNG of 16 bits per colour, which Pillow cannot write, from H×W×3."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def photo(size=(96, 72), seed=0):
    """Smooth noise, as a photograph is for a compressor."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def saved(image, kind, **options):
    """What Pillow writes."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def heic(image, *others, **options):
    """What a phone writes; without options nothing is lost. Pillow is not told of the format, since the reader must
    know it by itself."""
    out, file = io.BytesIO(), pillow_heif.from_pillow(image)
    for other in others:
        file.add_from_pillow(other)
    file.save(out, **(options or {"quality": -1, "chroma": 444, "matrix_coefficients": 0}))
    return out.getvalue()


def all_kinds():
    """Every kind of picture that can be read, by a name with its ending."""
    picture, turned, notes = photo(), Image.Exif(), PngImagePlugin.PngInfo()
    turned[0x0112] = 6
    notes.add_text("Comment", "x" * 2_000_000, zip=True)
    alpha = Image.fromarray(np.tile(np.linspace(0, 255, 96).astype(np.uint8), (72, 1)))
    clear = picture.copy()
    clear.putalpha(alpha)
    grey = np.asarray(picture.convert("L")).astype(np.uint16)
    colour = np.asarray(picture).astype(np.uint16)
    bands = np.dstack([colour, grey[..., None]])
    frames = {"save_all": True, "append_images": [picture.rotate(90)]}
    return {
        "phone.heic": heic(picture, quality=80), "clear.heic": heic(clear),
        "deep grey.heic": heic(Image.fromarray(grey * 257)),
        "plain.jpg": saved(picture, "JPEG"), "progressive.jpg": saved(picture, "JPEG", progressive=True),
        "grey.jpg": saved(picture.convert("L"), "JPEG"), "print.jpg": saved(picture.convert("CMYK"), "JPEG"),
        "turned.jpg": saved(picture, "JPEG", exif=turned), "turned.png": saved(picture, "PNG", exif=turned),
        "clear.png": saved(clear, "PNG"), "clear.webp": saved(clear, "WEBP", lossless=True),
        "clear grey.png": saved(Image.merge("LA", [picture.convert("L"), alpha]), "PNG"),
        "palette.png": saved(picture.quantize(16), "PNG", transparency=3), "palette.gif": saved(picture, "GIF"),
        "noted.png": saved(picture, "PNG", pnginfo=notes), "moving.gif": saved(picture, "GIF", **frames),
        "moving.webp": saved(picture, "WEBP", **frames), "pages.tif": saved(picture, "TIFF", **frames),
        "black and white.png": saved(picture.convert("1"), "PNG"), "plain.bmp": saved(picture, "BMP"),
        "fax.tif": saved(picture.convert("1"), "TIFF", compression="group4"), "plain.ppm": saved(picture, "PPM"),
        "packed.tif": saved(picture, "TIFF", compression="tiff_lzw"),
        "print.tif": saved(picture.convert("CMYK"), "TIFF"),
        "sixteen.png": saved(Image.fromarray(grey * 257), "PNG"),
        "sixteen.tif": saved(Image.fromarray(grey * 257), "TIFF"),
        "ten of sixteen.tif": saved(Image.fromarray(grey * 4), "TIFF"), "deep.png": deep_png(colour * 257),
        "ten of deep.png": deep_png(colour * 4), "four bands.tif": tiff_of(bands.astype(np.uint8)),
        "four deep bands.tif": tiff_of(bands * 16, planar=True, packed=8, predictor=2, big=True),
        "negative.tif": tiff_of(65535 - grey[..., None] * 257, colours=0),
        "floating.tif": tiff_of((bands[..., :1] / 255).astype(np.float32), order=">", packed=8, predictor=3, tile=16),
        "double.tif": tiff_of(bands[..., :3] / 255, tile=32),
    }  # fmt: skip
