"""Numbers in words, the same in the window and in the terminal. A translation replaces these and nothing else counts.

The only place that knows plural forms: callers give whole words, never endings.
"""


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it counts, such as ``1 picture`` or ``1,204 pictures``.

    Args:
        number: how many, at least 0.
        one: the word for one of them.
        many: the word for any other number; ``one`` with an s unless given, as for ``class`` and ``classes``.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def pictures_in_classes(pictures: int, classes: int) -> str:
    """Such as ``1,204 pictures in 2 classes``."""
    return f"{counted(pictures, 'picture')} in {counted(classes, 'class', 'classes')}"


def size_in_words(size: int) -> str:
    """Such as ``3.4 GB``, ``80 MB`` or ``12 kB``, rounded up to a kilobyte where it is less."""
    if size < 1_000_000:
        return f"{-(-size // 1000)} kB"
    number, unit = (size / 1e9, "GB") if size >= 1e9 else (size / 1e6, "MB")
    return f"{f'{number:,.1f}'.removesuffix('.0')} {unit}"


def seconds_in_words(seconds: float) -> str:
    """Such as ``12 s``, ``3 min``, ``1 h 20 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
