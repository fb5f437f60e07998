"""Whether promises are kept and foreign pictures refused, on a run's own pictures and on others.

    python benchmarks/trust.py RUN --foreign cifar10.zip --photographs FOLDER

The figures are those that ``understanding/sure`` and ``understanding/refusal`` are built on: 200 re-splits of
validation and test, a head that is far too sure, a class whose overlooking costs more, and for refusal 12 pairs of
classes that a last layer was not told of (near), pictures from a ZIP file or a folder, noise and flat colours (far).
"""

import argparse
import random
import zipfile
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cnnstudio.compute.engines import open_frozen
from cnnstudio.compute.fastest import run_frozen
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Control, Watch
from cnnstudio.data import Sample
from cnnstudio.data.reading import read_image, resize_and_crop
from cnnstudio.jobs.job import carry
from cnnstudio.networks.bundle import load_bundle
from cnnstudio.networks.head import WithFeatures
from cnnstudio.runs import Answers, softmax
from cnnstudio.training.calibration import find_temperature
from cnnstudio.training.head.minimise import minimise
from cnnstudio.training.head.regression import Pictures, solve
from cnnstudio.training.head.regressions import Block, Regressions
from cnnstudio.understanding.answers import computed_answers
from cnnstudio.understanding.refusal import learned_refusal
from cnnstudio.understanding.sure.cost import overlooked
from cnnstudio.understanding.sure.promise import THRESHOLDS, promise
from cnnstudio.understanding.sure.reliability import reliability

RESPLITS, PAIRS, FOREIGN, OTHERS = 2000, 12, 1000, 200


def promises(answers: Answers) -> None:
    """Kept on the half that did not choose, beside the lowest threshold that looked good."""
    places = answers.of_split("validation", "test")
    probabilities, labels, groups = answers.probabilities[places], answers.labels[places], answers.groups[places]
    sure, right = probabilities.max(1), probabilities.argmax(1) == labels
    rng = np.random.default_rng(0)
    for target in (0.9, 0.95, 0.98):
        kept, naive, answered = [], [], []
        for _ in range(RESPLITS):
            order = rng.permutation(len(places))
            first, second = order[: len(order) // 2], order[len(order) // 2 :]
            found = promise(probabilities[first], labels[first], groups[first], target)
            looked = [each for each in THRESHOLDS if right[first][sure[first] >= each].mean() >= target]
            for threshold, into in ((found.threshold, kept), (min(looked, default=None), naive)):
                chosen = sure[second] >= (2 if threshold is None else threshold)
                into.append(not chosen.any() or right[second][chosen].mean() >= target)
                if into is kept and threshold is not None:
                    answered.append(chosen.mean())
        share = f"{100 * np.mean(answered):.0f} %" if answered else "nothing"
        print(
            f"at least {100 * target:.0f} %: kept in {100 * np.mean(kept):.1f} % of {RESPLITS} re-splits (naive "
            f"{100 * np.mean(naive):.1f} %), answering {share} in {len(answered)} of them"
        )


def temperatures(answers: Answers) -> None:
    """Of the run as it is, and of a last layer that is hardly regularised."""
    validation, test = answers.of_split("validation"), answers.of_split("test")
    train = answers.of_split("train")
    told("this run", answers.logits * answers.temperature, answers, validation, test)
    assert answers.features is not None
    features = torch.from_numpy(answers.features.astype(np.float32))
    block = Block(features[train], torch.from_numpy(answers.labels[train]), torch.ones(len(train), 1))
    problem = Regressions([block], len(answers.classes), Control())
    carry(problem.standardise(), print)
    head = carry(minimise(problem, problem.start(), 1e-5 * len(train), 1e-6), lambda _: None)
    logits = problem.logits(head, features, torch.zeros(len(features), dtype=torch.int64)).numpy()
    told("hardly regularised", logits, answers, validation, test)


def told(name: str, logits: np.ndarray, answers: Answers, validation: np.ndarray, test: np.ndarray) -> None:
    """Loss, calibration error and a costly class, before and after."""
    found = find_temperature(logits[validation], answers.labels[validation], answers.groups[validation])
    assert found is not None
    low, high = found.interval
    print(f"{name}: temperature {found.value:.2f} ({low:.2f} to {high:.2f}), applied {found.applied:.2f}")
    rarest = int(np.bincount(answers.labels[answers.of_split("train")]).argmin())
    for at in (1.0, found.applied):
        probabilities, labels = softmax(logits[test] / at), answers.labels[test]
        loss = -np.log(probabilities[np.arange(len(test)), labels]).mean()
        shown = reliability(probabilities, labels)
        cost = overlooked(probabilities, labels, rarest, 10)
        print(
            f"  at {at:.2f}: loss {loss:.3f}, calibration error {shown.error:.3f} (honest {shown.honest_error:.3f}, up "
            f"to {shown.honest_limit:.3f}); {answers.classes[rarest]} × 10: cost {cost.cost_before:.0f} → "
            f"{cost.cost:.0f}, recognised {len(cost.found)} of {cost.pictures}"
        )


def refusals(answers: Answers, far: dict[str, np.ndarray], head: tuple[np.ndarray, np.ndarray]) -> None:
    """Of the whole run, and with two classes left out at a time."""
    refusal = learned_refusal(answers)
    assert refusal is not None
    assert answers.features is not None
    test = answers.of_split("test")
    kept = np.mean([each == "answer" for each in refusal.judge(answers.features[test], answers.logits[test]).verdicts])
    print(f"kept {100 * kept:.1f} % of {len(test)} test pictures")
    weight, bias = head
    for name, features in far.items():
        verdicts = refusal.judge(features, features @ weight.T + bias).verdicts
        print(f"refused {100 * np.mean([each != 'answer' for each in verdicts]):.1f} % of {len(verdicts)} {name}")
    pairs = random.Random(0).sample(list(combinations(range(len(answers.classes)), 2)), PAIRS)
    rows = [without(answers, pair, far) for pair in pairs]
    for name, values in zip(
        ("near AUROC", "near refused", "kept", *(f"{each} refused" for each in far)),
        zip(*rows, strict=True),
        strict=True,
    ):
        print(f"  two classes left out, {name}: mean {np.mean(values):.3f}, {min(values):.3f} to {max(values):.3f}")


def without(answers: Answers, pair: tuple[int, int], far: dict[str, np.ndarray]) -> tuple[float, ...]:
    """AUROC and share refused of the pair's pictures, share kept of the others, share refused of far ones."""
    assert answers.features is not None
    own = np.flatnonzero(~np.isin(answers.labels, pair))
    classes = [each for each in range(len(answers.classes)) if each not in pair]
    labels = np.searchsorted(classes, answers.labels)
    features = torch.from_numpy(answers.features.astype(np.float32))
    train = own[answers.splits[own] == "train"]
    samples = tuple(
        Sample(Path(answers.names[row]), int(labels[row]), "train", int(answers.groups[row])) for row in train
    )
    pictures = Pictures(
        train=Features(features[None, train], samples), validation=None, names=[answers.names[row] for row in train],
        groups=answers.groups[train].tolist(),
    )  # fmt: skip
    solved = carry(solve(pictures, classes=len(classes), balanced=False, control=Control()), lambda _: None)
    weight, bias = (each.numpy() for each in solved.head.on_plain_features())

    def logits(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32) @ weight.T + bias

    eight = Answers(
        classes=tuple(answers.classes[each] for each in classes), names=tuple(answers.names[row] for row in own),
        keys=answers.keys[own], labels=labels[own], splits=answers.splits[own], groups=answers.groups[own],
        held_out=answers.held_out[own], logits=logits(answers.features[own]), features=answers.features[own],
    )  # fmt: skip
    refusal = learned_refusal(eight)
    assert refusal is not None
    new = np.flatnonzero(np.isin(answers.labels, pair) & (answers.splits != "train"))
    test = own[answers.splits[own] == "test"]
    judged = [refusal.judge(answers.features[rows], logits(answers.features[rows])) for rows in (new, test)]
    scores = [each.ranks.min(1) for each in judged]
    auroc = (scores[0][:, None] < scores[1][None]).mean() + (scores[0][:, None] == scores[1][None]).mean() / 2
    refused = [np.mean([verdict != "answer" for verdict in each.verdicts]) for each in judged]
    foreign = [np.mean([v != "answer" for v in refusal.judge(each, logits(each)).verdicts]) for each in far.values()]
    return float(auroc), float(refused[0]), 1 - float(refused[1]), *map(float, foreign)


def far_features(
    run: Path, foreign: Path | None, photographs: Path | None
) -> tuple[dict[str, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Of pictures of other things, and the last layer's weight and bias."""
    network, card = load_bundle(run / "bundle")
    whole, spec = WithFeatures(network), card.preprocess
    frozen = open_frozen(whole, spec, torch.device("cpu"), "fp32")
    rng, side = np.random.default_rng(0), spec.crop
    flat = rng.integers(0, 256, (OTHERS, 1, 1, 3)).astype(np.uint8)
    pixels = {
        "noise": rng.integers(0, 256, (OTHERS, side, side, 3)).astype(np.uint8),
        "flat colours": np.broadcast_to(flat, (OTHERS, side, side, 3)).copy(),
    }
    if foreign is not None:
        with zipfile.ZipFile(foreign) as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith((".jpg", ".png")))
            some = random.Random(0).sample(names, min(FOREIGN, len(names)))
            read = [Image.open(BytesIO(archive.read(name))).convert("RGB") for name in some]
        pixels[f"pictures of {foreign.name}"] = np.stack([resize_and_crop(picture, spec) for picture in read])
    if photographs is not None:
        files = [path for path in sorted(photographs.rglob("*")) if path.is_file()]
        pixels["photographs of other things"] = np.stack([resize_and_crop(read_image(path), spec) for path in files])
    found = {name: run_frozen(frozen, each).numpy()[:, : whole.size] for name, each in pixels.items()}
    layer = whole.layer
    assert layer.bias is not None
    return found, (layer.weight.detach().flatten(1).numpy(), layer.bias.detach().numpy())


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--foreign", type=Path, help="ZIP file of pictures of other things")
    parser.add_argument("--photographs", type=Path, help="folder of them")
    parser.add_argument("--refusal", action="store_true", help="nothing but who is refused")
    options = parser.parse_args()
    answers = carry(computed_answers(options.run, Watch()), lambda _: None)
    if not options.refusal:
        promises(answers)
        temperatures(answers)
    refusals(answers, *far_features(options.run, options.foreign, options.photographs))


if __name__ == "__main__":
    main()
