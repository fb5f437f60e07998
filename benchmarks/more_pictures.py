"""Whether forecasts of what more pictures bring come true: forecasts from a half of a folder, looks at all of it.

    python benchmarks/more_pictures.py FOLDER NETWORK SEEDS [PICTURES [WEIGHTS]]

Each seed draws PICTURES of the folder's (default all), and a half of them to forecast from. Nothing on disk is changed.
"""

import sys
from pathlib import Path

import numpy as np

from cnnstudio.core import ALONE, Control, Watch
from cnnstudio.data.project import open_dataset
from cnnstudio.training.recipe import Recipe
from cnnstudio.understanding.growth import forecast
from cnnstudio.understanding.out_of_fold import answer_out_of_fold
from cnnstudio.understanding.seen import Seen, see


def result_of(events):
    """What a generator returns."""
    while True:
        try:
            next(events)
        except StopIteration as end:
            return end.value


def drawn(seen: Seen, count: int, random: np.random.Generator) -> Seen:
    """So many pictures of every class in proportion; groups stay together."""
    groups = np.array(seen.groups)
    units = np.where(groups == ALONE, np.arange(len(groups)) + groups.max() + 1, groups)
    _, unit = np.unique(units, return_inverse=True)
    place = random.permutation(unit.max() + 1)[unit]
    own = [np.flatnonzero(seen.labels == label) for label in range(len(seen.classes))]
    chosen = [each[np.argsort(place[each])][: round(len(each) * count / len(groups))] for each in own]
    return seen.only(np.sort(np.concatenate(chosen)))


def main() -> None:
    """Print how often the truth lay inside."""
    folder, network, seeds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    recipe = Recipe(dataset=str(folder), network=network, weights=sys.argv[5] if len(sys.argv) > 5 else "auto")
    seen = see(open_dataset(folder), recipe, Watch(), ("train", "validation"))
    count = int(sys.argv[4]) if len(sys.argv) > 4 else len(seen.samples)
    inside, widths, of_classes, unsaid, ratios = [], [], [], 0, []
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        whole = drawn(seen, count, random) if count < len(seen.samples) else seen
        half = drawn(whole, len(whole.samples) // 2, random)
        told = result_of(forecast(half, Control()))
        found = result_of(answer_out_of_fold(whole, Control()))
        right = found.answers == whole.labels
        if told.overall.forecast is not None:
            low, high = told.overall.forecast
            inside.append(low <= right.mean() <= high)
            widths.append(high - low)
            ratios.append((right.mean() - told.overall.now) / max(1e-9, told.overall.gain))
        for label, curve in enumerate(told.classes):
            if curve.forecast is None:
                unsaid += 1
                continue
            truth = right[whole.labels == label].mean()
            of_classes.append(curve.forecast[0] <= truth <= curve.forecast[1])
        print(
            f"{len(half.samples)} -> {len(whole.samples)}: {told.overall.now:.3f}, forecast {told.overall.forecast}, "
            f"truth {right.mean():.3f}; inside {np.mean(inside):.0%} of {len(inside)}, median width "
            f"{100 * np.median(widths):.1f} points, classes {np.mean(of_classes):.1%} of {len(of_classes)}, "
            f"{unsaid} without a forecast; gains {np.min(ratios):.2f} to {np.max(ratios):.2f} times",
            flush=True,
        )


if __name__ == "__main__":
    main()
