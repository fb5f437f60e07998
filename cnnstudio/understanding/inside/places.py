"""Which part of a picture one value of a layer can see."""

from dataclasses import dataclass
from functools import lru_cache

from cnnstudio.inference.session import Session
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.anatomy.layers import Reach

Pixels = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """The receptive field of a layer's values in a picture of ``side`` pixels."""

    side: int
    reach: Reach | None

    @property
    def is_whole(self) -> bool:
        """Whether every value sees the whole picture, or nobody knows what it sees."""
        reach = self.reach
        return reach is None or reach.whole or min(reach.height, reach.width) >= self.side

    def box(self, row: int, column: int, rows: int, columns: int) -> Pixels:
        """What the value at a place of rows×columns sees: left, top, right, bottom, cut to the picture."""
        if self.is_whole:
            return (0, 0, self.side, self.side)
        assert self.reach is not None
        top, bottom = self._span(row, rows, self.reach.height)
        left, right = self._span(column, columns, self.reach.width)
        return left, top, right, bottom

    def _span(self, place: int, places: int, size: int) -> tuple[int, int]:
        """The values lie evenly around the middle of the picture, since paddings are the same on both sides."""
        assert self.reach is not None
        centre = self.side / 2 + (place - (places - 1) / 2) * self.reach.stride
        start = round(centre - size / 2)
        start = max(0, min(self.side - 1, start)) if start < 0 or start + size > self.side else start
        end = min(self.side, round(centre + size / 2))
        return start, max(start + 1, end)


def window_of(session: Session, layer: str) -> Window:
    """Of a layer of a model."""
    spec = session.preprocess
    reaches = _reaches(session.network_name, len(session.classes), spec.crop, spec.channels)
    return Window(spec.crop, reaches.get(layer))


@lru_cache(maxsize=4)
def _reaches(name: str, classes: int, side: int, channels: int) -> dict[str, Reach | None]:
    anatomy = dissect(name, classes=classes, input_size=side, channels=channels)
    return {layer.name: layer.reach for layer in anatomy.layers}
