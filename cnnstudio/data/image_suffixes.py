"""File name endings of pictures; what a file really is, its content decides."""

SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm",
        ".pbm", ".pnm", ".avif", ".mpo",
    }
)  # fmt: skip
