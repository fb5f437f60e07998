"""Several pictures of one size in rows, and which of them a pixel of the whole belongs to."""

from dataclasses import dataclass

import numpy as np

_GAP = 3


@dataclass(frozen=True, slots=True)
class Tiles:
    """Of ``count`` pictures of ``height`` × ``width``, four in a row where there are more."""

    count: int
    height: int
    width: int

    @property
    def across(self) -> int:
        """Pictures in a row."""
        return 1 if self.count == 1 else 2 if self.count <= 4 else 3 if self.count <= 9 else 4

    def corner(self, number: int) -> tuple[int, int]:
        """Column and row of a picture's first pixel."""
        row, column = divmod(number, self.across)
        return column * (self.width + _GAP), row * (self.height + _GAP)

    def at(self, column: int, row: int) -> tuple[int, int, int]:
        """Which picture, and column and row in it; the nearest where there is none."""
        place = min(column // (self.width + _GAP), self.across - 1)
        number = min(row // (self.height + _GAP) * self.across + place, self.count - 1)
        left, top = self.corner(number)
        return number, min(max(0, column - left), self.width - 1), min(max(0, row - top), self.height - 1)

    def together(self, pictures: np.ndarray, ground: tuple[int, int, int]) -> np.ndarray:
        """One picture h×w×3 of N×H×W×3, uint8."""
        if self.count == 1:
            return np.asarray(pictures[0])
        down = -(-self.count // self.across)
        size = (down * (self.height + _GAP) - _GAP, self.across * (self.width + _GAP) - _GAP)
        sheet = np.full((*size, 3), ground, np.uint8)
        for number, picture in enumerate(pictures):
            left, top = self.corner(number)
            sheet[top : top + self.height, left : left + self.width] = picture
        return sheet
