"""Endings of file names of pictures; what a file really is, its content decides."""

SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm",
        ".pbm", ".pnm", ".avif", ".mpo",
    }
)  # fmt: skip


def suffix_of(name: str) -> str:
    """The ending of a file's name, with its dot, in lower case; empty where there is none."""
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")  # several times as fast as Path.suffix
    return f".{ending.lower()}" if stem and dot else ""


def is_picture(name: str) -> bool:
    """Whether a file's name says that it is a picture."""
    return suffix_of(name) in SUFFIXES
