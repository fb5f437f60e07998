"""Pictures that were decoded at a part of their size: where in the pixels that were made the picture lies."""

from dataclasses import dataclass

from PIL import Image

GAP = 2.8
"""A JPEG is decoded at so many times the size that it will have, at least: the decoder's own way of making pictures
smaller takes what lies between pixels for detail, and below this it is not averaged away any more. At twice the size,
up to 2.5 of 100 answers of a network still changed. Pictures of 12 megapixels are just decoded at a fourth."""
_AVERAGED = 2
"""The same where so many pixels are averaged to one, which costs less detail."""
_STANDING, _FROM_THE_RIGHT, _FROM_BELOW = (1, 2, 3, 4), (2, 3, 6, 7), (3, 4, 7, 8)
"""EXIF orientations: those that keep width and height, and those whose right or lower edge comes first."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Reduced:
    """A picture with all the pixels of its file, or with a part of them."""

    image: Image.Image
    """In mode RGB, upright."""
    full: tuple[int, int]
    """Width and height in pixels of the file."""
    part: int = 1
    """So many of those a side became one."""
    first: tuple[float, float] = (0.0, 0.0)
    """How many pixels of ``image`` lie left of the picture and above it: where a side of the file cannot be divided,
    one column or row covers it in part only, and a turned picture has it there."""

    @property
    def box(self) -> Box:
        """The picture within ``image``: left, top, right, bottom in pixels."""
        (left, top), (width, height) = self.first, self.full
        right, bottom = left + width / self.part, top + height / self.part
        return left, top, min(right, self.image.width), min(bottom, self.image.height)

    def enough_for(self, side: int) -> "Reduced":
        """Made smaller by a whole factor, where it has far more pixels than a shorter side of ``side`` is made from."""
        factor = min(self.image.size) // (_AVERAGED * side)
        if factor < 2:
            return self
        left, top = self.first
        return Reduced(self.image.reduce(factor), self.full, self.part * factor, (left / factor, top / factor))


def reduced(upright: Image.Image, size: tuple[int, int], part: int, orientation: int) -> Reduced:
    """A picture that was decoded at a part of its size.

    Args:
        upright: what was made of it.
        size: width and height in pixels of the file, before it was turned.
        part: so many pixels a side became one.
        orientation: how it was turned, as EXIF says it.
    """
    full = size if orientation in _STANDING else size[::-1]
    left = upright.width - full[0] / part if orientation in _FROM_THE_RIGHT else 0.0
    top = upright.height - full[1] / part if orientation in _FROM_BELOW else 0.0
    return Reduced(upright, full, part, (left, top))
