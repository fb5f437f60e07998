"""How well shortcuts are found: plants a mark on the pictures of one class after the other, and looks at all classes.

    python benchmarks/shortcuts.py RUN [PER_CLASS]

Takes the network of a run whose last layer was solved for, and fits that layer anew for each planted class: a bright
square of 16 px, or a pale label of 54 × 10 px, in the top left corner of what the network sees, on training and
validation pictures of the class. The run's own network tells how often there is an alarm where nothing was planted.
"""

import copy
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from cnnstudio.compute.engines import open_frozen
from cnnstudio.data import Sample
from cnnstudio.data.reading import read_image
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.inference.session import Session, read_pixels
from cnnstudio.networks import head
from cnnstudio.runs import Run, open_run
from cnnstudio.understanding.judging import held_out, judging_session, spread
from cnnstudio.understanding.stress.alarms import Look
from cnnstudio.understanding.stress.shortcuts import look_at_class

MARKS = {"bright": (16, 16, (255, 235, 40)), "pale": (54, 10, (235, 235, 228))}
"""Width and height as the network sees them, and colour."""
ALL = 10**6
_EDGE, _L2, _STEPS = 8, 1e-2, 60


def marked(sample: Sample, mark: str, session: Session, out: Path) -> Sample:
    """A copy of a picture with a mark."""
    image, spec = read_image(sample.path), session.preprocess
    pixel = min(image.size) / spec.resize
    left, top = ((side - spec.crop * pixel) / 2 + _EDGE * pixel for side in image.size)
    width, height, colour = MARKS[mark]
    image.paste(colour, (round(left), round(top), round(left + width * pixel), round(top + height * pixel)))
    file = out / f"{mark}-{sample.label}-{sample.path.stem}.jpg"
    image.save(file, quality=95)
    return replace(sample, path=file)


def features_of(session: Session, samples: list[Sample]) -> torch.Tensor:
    """N×D float32."""
    device = torch.device("cpu")
    frozen = open_frozen(head.feature_network(session.network), session.preprocess, device, "fp32")
    size, found = frozen.batch_size, []
    for start in range(0, len(samples), size):
        pixels = np.stack([read_pixels(session, sample.path) for sample in samples[start : start + size]])
        found.append(frozen.submit(pixels)())
    return torch.cat(found)


def with_head(session: Session, features: torch.Tensor, labels: torch.Tensor) -> Session:
    """The network with a last layer that learned from these: L2 logistic regression on standardised features."""
    mean, deviation = features.mean(0), features.std(0) + 1e-6
    rows, classes = (features - mean) / deviation, len(session.classes)
    weight = torch.zeros(classes, rows.shape[1], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        value = functional.cross_entropy(rows @ weight.T + bias, labels) + _L2 * weight.square().sum() / 2
        value.backward()
        return value

    solver.step(loss)
    with torch.no_grad():
        plain = weight / deviation
        shift = bias - plain @ mean
    own = judging_network(session)
    head.set_head(own.network, plain, shift)
    return own


def judging_network(session: Session) -> Session:
    """A copy whose last layer may be replaced."""
    return replace(session, network=copy.deepcopy(session.network), lock=threading.Lock(), engines={}, variants={})


def look(session: Session, samples: list[Sample]) -> Look | None:
    """At the pictures of one class."""
    steps = look_at_class(session, samples)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def planted(run: Run, per_class: int, marks: Sequence[str] = tuple(MARKS)) -> tuple[dict[str, list[Look]], list[Look]]:
    """The looks at each planted class by mark, and those at all classes where nothing was planted."""
    session = judging_session(run)
    root = Path(run.record.recipe["dataset"])
    train = load_samples(run.folder / SAMPLES_FILE, root, run.record.classes, "stratified").split("train")
    labels = range(len(run.record.classes))
    train = [each for label in labels for each in spread([own for own in train if own.label == label], per_class)]
    judges = held_out(run)
    targets = torch.tensor([sample.label for sample in train])
    plain = features_of(session, train)
    clean = with_head(session, plain, targets)
    of_class = {label: [each for each in judges if each.label == label] for label in labels}
    without = [found for label in labels if (found := look(clean, of_class[label])) is not None]
    for each in without:
        print(f"clean   {each.name:12} {each.times:5.1f} × {each.place}", flush=True)
    found: dict[str, list[Look]] = {mark: [] for mark in marks}
    with tempfile.TemporaryDirectory() as folder:
        for mark in marks:
            for label in labels:
                own = (targets == label).nonzero()[:, 0].tolist()
                rows = plain.clone()
                rows[own] = features_of(session, [marked(train[each], mark, session, Path(folder)) for each in own])
                network = with_head(session, rows, targets)
                seen = look(network, [marked(each, mark, session, Path(folder)) for each in of_class[label]])
                if seen is not None:
                    found[mark].append(seen)
                    covered = f"recognised {seen.before} → {seen.after} of {seen.of}" if seen.is_alarm else ""
                    print(f"{mark:7} {seen.name:12} {seen.times:5.1f} × {seen.place} {covered}", flush=True)
    return found, without


def main() -> None:
    """Print each look, and what was found."""
    found, without = planted(open_run(Path(sys.argv[1])), int(sys.argv[2]) if len(sys.argv) > 2 else ALL)
    for mark, looks in found.items():
        right = sum(each.is_alarm and each.place == "top left corner" for each in looks)
        print(f"{mark}: found for {right} of {len(looks)} classes, at the right place")
    print(f"false alarms: {sum(each.is_alarm for each in without)} of {len(without)} clean classes")


if __name__ == "__main__":
    main()
