"""What stands at each block of a plan: shape, parameters, multiplications, receptive field. No torch."""

from dataclasses import dataclass, replace
from functools import lru_cache

from cnnstudio.core import counted
from cnnstudio.networks.blocks.arithmetic import NothingLeft, Stand, through
from cnnstudio.networks.blocks.makers import Fault
from cnnstudio.networks.blocks.parts import Part
from cnnstudio.networks.blocks.table import KINDS
from cnnstudio.networks.blocks.values import Plan, Shape

MOST_BLOCKS = 200
SMALLEST_INPUT, LARGEST_INPUT = 16, 1024
MOST_PARAMETERS, MOST_VALUES, MOST_MULTIPLICATIONS = 250_000_000, 500_000_000, 1_000_000_000_000
"""Of a network that is built: 1 GB of weights in float32, 2 GB of values for one picture while training, and 1,000
GMACs; what lies beyond would take the computer's memory or a day for an epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A plan, followed from the picture to the last block, or to the one that cannot stand where it stands."""

    stands: tuple[Stand, ...]
    """One for each block before the broken one."""
    parts: tuple[Part, ...]
    """What those blocks are made of."""
    fault: Fault | None = None
    """Of the block that follows; None where there is none."""
    window: NothingLeft | None = None
    """Where that block's window does not fit, by how much."""

    @property
    def broken(self) -> int | None:
        """Number of the block that cannot be built, from 0."""
        return len(self.stands) if self.fault is not None else None

    @property
    def parameters(self) -> int:
        """Of all blocks."""
        return sum(stand.parameters for stand in self.stands)

    @property
    def multiplications(self) -> int:
        """Multiply-adds for one picture."""
        return sum(stand.multiplications for stand in self.stands)

    @property
    def values(self) -> int:
        """That one picture takes in training, in numbers of 4 bytes."""
        return sum(stand.values for stand in self.stands)

    @property
    def first_of_head(self) -> int:
        """Number of the first block that gives a vector; those before it give maps and are the ``features``."""
        return next((i for i, stand in enumerate(self.stands) if len(stand.shape) == 1), len(self.stands))


@lru_cache(maxsize=256)
def standing(plan: Plan, classes: int = 10) -> Standing:
    """Follow a plan for so many classes. Takes a few milliseconds, and no memory worth mentioning."""
    before = Stand(shape=(plan.channels, plan.input_size, plan.input_size))
    stands: list[Stand] = []
    parts: list[Part] = []
    for block in plan.blocks:
        kind = KINDS[block.kind]
        fault = _misplaced(kind.takes, before.shape) or next(kind.faults(block, before.shape), None)
        if fault is not None:
            return Standing(stands=tuple(stands), parts=tuple(parts), fault=fault)
        part = kind.parts(block, before.shape, classes)
        try:
            before = through(part, replace(before, parameters=0, multiplications=0, values=0))
        except NothingLeft as nothing:
            return Standing(stands=tuple(stands), parts=tuple(parts), fault=_too_small(nothing), window=nothing)
        stands.append(before)
        parts.append(part)
    return Standing(stands=tuple(stands), parts=tuple(parts))


def module_name(plan: Plan, place: int) -> str:
    """Dotted name of a block's module in the network that is built, such as ``features.3``."""
    cut = standing(plan).first_of_head
    return f"features.{place}" if place < cut else f"classifier.{place - cut}"


def is_sized(plan: Plan) -> bool:
    """Whether its weights fit one input size only, since maps are laid out for a linear layer."""
    before: Shape = (0, plan.input_size, plan.input_size)
    for block, stand in zip(plan.blocks, standing(plan).stands, strict=False):
        if block.kind == "flatten" and len(before) == 3:
            return True
        before = stand.shape
    return False


@lru_cache(maxsize=64)
def smallest_input(plan: Plan) -> int:
    """Smallest side of the input, in pixels, that leaves something at every block; its own where even that does not."""
    low, high = 1, plan.input_size
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if standing(replace(plan, input_size=middle)).fault is None else (middle + 1, high)
    return low


def _misplaced(takes: str, shape: Shape) -> Fault | None:
    if takes == "maps" and len(shape) == 1:
        return Fault("It works on maps, and there are none left: everything was made one vector before.")
    if takes == "vector" and len(shape) == 3:
        return Fault("It works on a vector, and gets maps.")
    return None


def _too_small(nothing: NothingLeft) -> Fault:
    side = counted(nothing.side, "value")
    return Fault(f"Nothing is left here: the maps are {side} wide, and the window needs {nothing.window}.")
