"""What a file is, by its first and last bytes; its name only helps where these say nothing."""

import re
from collections.abc import Callable
from contextlib import suppress
from os import SEEK_END, PathLike
from pathlib import Path
from typing import BinaryIO

from cnnstudio.data.heif import is_heif
from cnnstudio.data.reading import signatures as known_as
from cnnstudio.data.reading.signatures import Known

HEAD, TAIL = 4096, 32
"""Bytes that are looked at, from a file's beginning and its end."""
_JPEG_HEAD = 1 << 20
"""In which a JPEG says how many bits it has, behind its notes."""


def recognise(head: bytes, tail: bytes = b"", name: str = "") -> Known | None:
    """What a file is; None where nothing fits, or where it looks like a picture that is read here.

    Args:
        head: its first HEAD bytes.
        tail: its last TAIL bytes.
        name: where its content does not say it, its ending may.
    """
    ending = name.rpartition(".")[2].lower()
    if not head or is_readable(head):  # many cameras' raw pictures are TIFFs of which only a preview could be read
        return known_as.RAWS.get(ending) if head[:2] in (b"II", b"MM") else None
    found = next((known for at, magic, known in known_as.STARTS if head[at : at + len(magic)] == magic), None)
    if (found is not None and ending == "nii") or name.lower().endswith(".nii.gz"):
        return known_as.NIFTI
    return found or next((known for ask in _ASKED if (known := ask(head, tail))), None) or known_as.ENDINGS.get(ending)


def recognise_file(path: str | PathLike[str]) -> Known | None:
    """As ``recognise``, of a file; None also where it cannot be opened."""
    with suppress(OSError), _opened(path) as file:
        head = file.read(HEAD)
        file.seek(-min(TAIL, len(head)), SEEK_END)
        return recognise(head, file.read(TAIL), Path(path).name)
    return None


def _opened(path: str | PathLike[str]) -> BinaryIO:
    """A file; a device or a pipe, which might never answer, raises OSError."""
    if not Path(path).is_file():
        raise OSError(f"{path} is not a file")
    return Path(path).open("rb")


def begins_as_picture(path: str | PathLike[str]) -> bool:
    """Whether a file begins as a picture in a format that is read here."""
    with suppress(OSError), _opened(path) as file:
        return is_readable(file.read(HEAD))
    return False


def is_readable(head: bytes) -> bool:
    """Whether a file's first bytes are those of a picture in a format that is read here."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")):
        return not head.startswith(b"\xff\xd8\xff\xf7")
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return head[8:11] != b"CR\x02"
    if head[:2] == b"BM":
        return len(head) > 17 and head[15:18] == b"\0\0\0" and head[14] in (12, 16, 40, 52, 56, 64, 108, 124)
    if head[4:8] == b"ftyp":
        avif = head[8:12] in (b"avif", b"avis") or (b"avif" in head[16:48] and head[8:12] in (b"mif1", b"msf1"))
        return avif or is_heif(head)
    return (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or bool(re.match(rb"P[1-6]\s+(#.*\s+)*\d+\s", head))


def _container(head: bytes, tail: bytes) -> Known | None:
    if head[4:8] != b"ftyp":
        return None
    return next((known for brands, known in known_as.BRANDS if head[8:12].strip() in brands.split()), known_as.VIDEO)


def _zipped(head: bytes, tail: bytes) -> Known | None:
    if head[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        return None
    if b".npy" in head[:300]:
        return known_as.NUMPY
    if head[30:70].startswith(b"mimetypeapplication/x-krita") or b"image/openraster" in head[:100]:
        return known_as.KRITA
    return known_as.OFFICE if any(part in head for part in known_as.OFFICE_PARTS) else known_as.ZIP


def _dicom(head: bytes, tail: bytes) -> Known | None:
    """Without its usual beginning: a data element of the group 2 or 8."""
    begins = head[:2] in (b"\x02\0", b"\x08\0", b"\0\x08", b"\0\x02")
    return known_as.DICOM if begins and any(part in head[:2048] for part in known_as.DICOM_PARTS) else None


def _icon(head: bytes, tail: bytes) -> Known | None:
    begins = head[:4] in (b"\0\0\x01\0", b"\0\0\x02\0")
    fits = begins and 0 < int.from_bytes(head[4:6], "little") < 256 and len(head) > 21 and head[9] == 0
    return known_as.ICON if fits else None


def _targa(head: bytes, tail: bytes) -> Known | None:
    """By its last words, or where it is older and has none by its first bytes: no palette, sides, bits, their order."""
    old = re.match(rb".\0[\x02\x03\x0a\x0b]\0{5}.{4}(?!\0\0)..(?!\0\0)..[\x08\x10\x18\x20][\0-\x3f]", head, re.DOTALL)
    return known_as.TGA if old or tail[-18:-2] == b"TRUEVISION-XFILE" else None


def _lost(head: bytes, tail: bytes) -> Known | None:
    return known_as.NOTHING_LEFT if not (head + tail).strip(b"\0") or not (head + tail).strip(b"\xff") else None


def _written(head: bytes, tail: bytes) -> Known | None:
    """Texts, in the encodings that people's programs write."""
    text = head
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head.decode("utf-16", "replace").encode("utf-8", "replace")
    if head.startswith(b"bplist00"):
        return known_as.PLACEHOLDER
    strange = len(text.translate(None, bytes(range(32, 127)) + bytes(range(128, 256)) + b"\t\n\r\f\x1b"))
    if strange:
        return None
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, known in known_as.TEXTS:
        look = re.match if pattern.startswith(rb"\s") else re.search
        if look(pattern, text, re.IGNORECASE):
            return known
    try:
        text[:-4].decode("utf-8")
    except UnicodeDecodeError:
        if sum(byte > 127 for byte in text) > 0.3 * len(text):
            return None
    return known_as.TEXT


_ASKED: tuple[Callable[[bytes, bytes], Known | None], ...] = (
    _lost, _container, _zipped, _dicom, _icon, _targa, _written
)  # fmt: skip


def precision_of(path: str | PathLike[str]) -> str:
    """What is unusual about a JPEG: more than 8 bits, or none of its losses; empty for every other file."""
    with suppress(OSError), _opened(path) as file:
        content = file.read(_JPEG_HEAD)
        place = 2
        while content.startswith(b"\xff\xd8") and content[place : place + 1] == b"\xff" and place + 5 <= len(content):
            marker = content[place + 1]
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                if marker in (0xC3, 0xC7, 0xCB, 0xCF):
                    return "a lossless kind"
                return f"{content[place + 4]} bits" if content[place + 4] != 8 else ""
            place += 1 if marker == 0xFF else 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return ""
