"""Which files are films: by their content, since what plays them would follow a list of addresses into the internet."""

from pathlib import Path

from cnnstudio.core import ImageError
from cnnstudio.data.reading.recognition import HEAD, TAIL, recognise
from cnnstudio.data.reading.signatures import VIDEO

FILM_SUFFIXES = (
    ".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".wmv", ".mpg", ".mpeg", ".3gp", ".mts", ".m2ts",
)  # fmt: skip
_PACKET, _SYNC = 188, 0x47
"""Of an MPEG transport stream, as camcorders write it; theirs have four bytes more in front of each packet."""


def is_film_name(name: str) -> bool:
    """Whether a file's name says that it is a film."""
    return name.lower().endswith(FILM_SUFFIXES)


def check_film(path: Path) -> Path:
    """The same path, when its content is that of a film.

    Raises:
        ImageError: it is not, or cannot be opened.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise ImageError(
            f"{path.name} cannot be opened.", meaning=f"The system says: {error.strerror or error}."
        ) from error
    known = recognise(head, head[-TAIL:])
    if known is not VIDEO and not _is_transport_stream(head):
        what = f"It is {known.one}." if known is not None else ""
        raise ImageError(
            f"{path.name} is not a film that can be read.",
            meaning=what,
            remedy="Films end in .mp4, .mov, .avi, .mkv, .webm, .mpg or .wmv; save it as one of these.",
        )
    return path


def _is_transport_stream(head: bytes) -> bool:
    return any(
        len(head) > start + 4 * step and all(head[start + number * step] == _SYNC for number in range(5))
        for start, step in ((0, _PACKET), (4, _PACKET + 4))
    )
