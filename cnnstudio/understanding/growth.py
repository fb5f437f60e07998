"""What more pictures would bring, from how far fewer of them come.

Last layers are fitted on an eighth, a quarter, a half and all of the pictures, the smaller parts drawn eight times, and
every picture is answered by one that did not learn from it. A power law through the last three points says what one
doubling gains; real gains were between half of that and one and a half times it (``benchmarks/README.md``), so that is
the range that is told, with the chance of which pictures there are. Further ahead nothing is said.
"""

import math
from collections.abc import Generator, Sequence

import numpy as np
import torch

from cnnstudio.core import ALONE, Control, Event, Progressed, share_interval
from cnnstudio.understanding.out_of_fold import Folded, chosen_strength
from cnnstudio.understanding.outcomes import FEWEST, Curve, Growth, Unsaid
from cnnstudio.understanding.seen import Seen

PARTS = (1 / 8, 1 / 4, 1 / 2)
SHUFFLES = 8
_LEAST, _MOST = 0.5, 1.5
"""Times what the power law gains."""
_CHANCE, _CHANCE_IN_A_CLASS = 0.5, 0.75
"""How much of the variance of which pictures there are counts: half of twice as many are these. A class also hangs on
what is added to those that it is taken for: with a half, 86 of 100 truths lay inside, like this 94."""
_ROUGH = 1e-3
"""Share of the loss that may be left to gain: of answers alone, little more changes any."""
_NOTHING: tuple[None, Unsaid] = (None, "few")


def forecast(seen: Seen, control: Control) -> Generator[Event, None, Growth]:
    """Fit 3 × 8 + 1 last layers in five folds each, and look one doubling ahead.

    Yields:
        Progressed.

    Raises:
        StopRequested: a stop was asked for.
        TrainingDiverged: the features are no numbers.
    """
    strength = yield from chosen_strength(seen, control)
    folded = Folded.of(seen)
    answered = (folded.folds >= 0).numpy()
    right = np.zeros((len(PARTS) + 1, len(seen.samples)))
    total, done = len(PARTS) * SHUFFLES + 1, 0
    rows: torch.Tensor | None
    for number, part in enumerate((*PARTS, 1.0)):
        shuffles = SHUFFLES if part < 1 else 1
        for shuffle in range(shuffles):
            yield Progressed(done=done, total=total, text="Learning from fewer pictures")
            rows = torch.from_numpy(_part(seen, part, shuffle)) if part < 1 else None
            if answered.any():
                logits = yield from folded.logits(strength, control, rows, _ROUGH)
                right[number] += (logits.argmax(1) == folded.targets).numpy() / shuffles
            done += 1
    groups = np.array(seen.groups)
    overall = curve("", right[:, answered], groups[answered], there=int(np.bincount(seen.labels, minlength=1).max()))
    classes = tuple(
        curve(name, right[:, own], groups[own], there=int((seen.labels == label).sum()))
        for label, name in enumerate(seen.classes)
        for own in [answered & (seen.labels == label)]
    )
    return Growth(root=seen.root, network=seen.network, overall=overall, classes=classes)


def curve(name: str, right: np.ndarray, groups: np.ndarray, there: int) -> Curve:
    """A curve and its forecast.

    Args:
        name: of the class; empty for all of them.
        right: parts×N, how often each picture was correct with so many, in [0, 1].
        groups: N, see ``Sample``.
        there: pictures that there are, with those that nobody could answer.
    """
    count = right.shape[1]
    shares = tuple(right.mean(1).tolist()) if count else (0.0,) * len(right)
    interval = share_interval((right[-1] > 0.5).tolist(), groups.tolist()) if count else (0.0, 1.0)
    chance = _CHANCE_IN_A_CLASS if name else _CHANCE
    told, why = _ahead(shares, interval, chance) if there >= FEWEST and count else _NOTHING
    return Curve(name=name, pictures=count, shares=shares, interval=interval, forecast=told, why=why)


def _ahead(
    shares: Sequence[float], interval: tuple[float, float], chance: float
) -> tuple[tuple[float, float] | None, Unsaid]:
    """The range after one doubling, from the log-log line through the last three points."""
    errors = [1 - share for share in shares[-3:]]
    now = shares[-1]
    if errors[-1] <= 0:
        return None, "perfect"
    if min(errors) <= 0:
        return None, "rises"
    y = [math.log(error) for error in errors]
    slope = (y[2] - y[0]) / 2  # of the least-squares line through three points at equal distances
    if slope >= 0 or errors[2] >= errors[1]:
        return None, "rises"
    gain = errors[-1] * (1 - math.exp(slope))
    below, above = (math.sqrt(chance) * apart for apart in (now - interval[0], interval[1] - now))
    low = now + gain - math.hypot((1 - _LEAST) * gain, below)
    high = now + gain + math.hypot((_MOST - 1) * gain, above)
    return (max(0.0, low), min(1.0, high)), ""


def _part(seen: Seen, part: float, shuffle: int) -> np.ndarray:
    """Places of the first pictures of a shuffled folder, of each class as large a part; groups go together.

    Smaller parts of one shuffle lie in the larger ones.
    """
    random = np.random.default_rng([shuffle, 1])
    groups = np.array(seen.groups)
    lone = groups == ALONE
    units = np.where(lone, np.arange(len(groups)) + groups.max(initial=0) + 1, groups)
    _, unit = np.unique(units, return_inverse=True)
    place = random.permutation(int(unit.max(initial=-1)) + 1)[unit]
    chosen = []
    for label in range(len(seen.classes)):
        own = np.flatnonzero(seen.labels == label)
        chosen.append(own[np.argsort(place[own], kind="stable")][: math.ceil(part * len(own))])
    return np.sort(np.concatenate(chosen))
