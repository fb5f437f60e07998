"""Names of classes and files: one spelling for what looks the same, a key for what is nearly alike, safe print."""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    "|[\u200c\u200d](?![^\x00-\u024f])|(?<![^\x00-\u024f])[\u200c\u200d]"  # joiners mean something in other scripts
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BETWEEN = re.compile(r"(?<=[^\W\d_])[\s_-]+(?=[^\W_])|(?<=\d)[\s_-]+(?=[^\W\d_])")

_FROM_THE_RIGHT = ("R", "AL", "AN", "RLE", "RLO", "RLI")


def one_spelling(name: str) -> str:
    """A name as it is compared and kept: printable, composed (NFC), each gap one blank, nothing invisible.

    So a name from a Mac equals the same one from Windows, and one with a no-break space that with an ordinary one.
    """
    if name.isascii() and name.isprintable() and name == name.strip() and "  " not in name:
        return name
    seen = " ".join(_INVISIBLE.sub("", name).split())
    return unicodedata.normalize("NFC", printable(seen or name))


def alike_key(name: str) -> str:
    """The same for names that differ only in case, in blanks, hyphens and underscores between words, or in width."""
    plain = unicodedata.normalize("NFKC", one_spelling(name)).casefold().strip("_ ")
    return _BETWEEN.sub("", plain)


def isolated(name: str) -> str:
    """A name to be put into a sentence: one that is written from right to left changes nothing of the order around it.

    Without it, *帽子 → أحذية, 1 time* is shown with the figure before the name (Unicode's bidirectional algorithm).
    """
    if name.isascii() or not any(unicodedata.bidirectional(letter) in _FROM_THE_RIGHT for letter in name):
        return name
    return f"\u2068{name}\u2069"


def printable(text: str) -> str:
    """Text that can be written anywhere as UTF-8: bytes that are none are read as Windows wrote them, then escaped.

    Names on disk are bytes: old archives hold Latin-1, which Python keeps as lone surrogates. Control characters, which
    terminals obey, are escaped, too, but for tabs and line ends.
    """
    return text if text.isprintable() else _UNPRINTABLE.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        byte = bytes([code - 0xDC00])
        try:
            return byte.decode("cp1252")
        except UnicodeDecodeError:  # five bytes are nothing there
            return f"\\x{byte[0]:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
