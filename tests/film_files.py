"""Films for tests: Motion JPEG in an AVI file, put together by hand, since nothing here writes films."""

import io
import struct

from PIL import Image


def write_film(path, frames, per_second=10):
    """Write H×W×3 uint8 frames as a film; gives the path."""
    pictures = []
    for frame in frames:
        content = io.BytesIO()
        Image.fromarray(frame).save(content, "JPEG", quality=95, subsampling=0)
        pictures.append(content.getvalue())
    height, width, _ = frames[0].shape
    whole = struct.pack("<14I", 1_000_000 // per_second, 0, 0, 0x10, len(pictures), 0, 1, 0, width, height, *[0] * 4)
    stream = b"vidsMJPG" + struct.pack(
        "<IHHIIIIIIIIhhhh", 0, 0, 0, 0, 1, per_second, 0, len(pictures), max(map(len, pictures)), 2**32 - 1, 0,
        0, 0, width, height,
    )  # fmt: skip
    form = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0)
    movie, index = b"movi", b""
    for picture in pictures:
        index += b"00dc" + struct.pack("<III", 0x10, len(movie), len(picture))
        movie += _chunk(b"00dc", picture)
    head = b"hdrl" + _chunk(b"avih", whole) + _chunk(b"LIST", b"strl" + _chunk(b"strh", stream) + _chunk(b"strf", form))
    content = b"AVI " + _chunk(b"LIST", head) + _chunk(b"LIST", movie) + _chunk(b"idx1", index)
    path.write_bytes(_chunk(b"RIFF", content))
    return path


def _chunk(kind, content):
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
