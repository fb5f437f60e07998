"""Try networks on some of a person's pictures: the real last layer, in five folds, and the time that a picture takes.

No score of how transferable a network is stands in for that: few of them tell more than the accuracy on ImageNet does.
Only training pictures are used, and read as a training reads them, so that the features of the network that is taken
are there already.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.fastest import fastest_frozen
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.compute.network_timing import seconds_per_picture
from cnnstudio.core import Watch, share_interval
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.reading import Skips
from cnnstudio.networks.weights.pretrained import WeightsFile
from cnnstudio.training.base import load_base
from cnnstudio.training.recipe import Recipe
from cnnstudio.understanding.auditions import Audition
from cnnstudio.understanding.out_of_fold import answer_out_of_fold, exhausted
from cnnstudio.understanding.seen import Look, Seen

MOST, OF_A_CLASS = 1500, 150


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network whose weights are on this computer."""

    name: str
    title: str
    file: WeightsFile


def some_of(dataset: Dataset) -> tuple[Sample, ...]:
    """Training pictures, 150 of a class and 1,500 in all at most; always the same ones, whatever their order."""
    by_class = defaultdict[int, list[Sample]](list)
    for sample in dataset.split("train"):
        by_class[sample.label].append(sample)
    most = max(1, min(OF_A_CLASS, MOST // max(1, len(by_class))))

    def place(sample: Sample) -> bytes:
        name = dataset.name_of(sample.path).encode(errors="surrogateescape")
        return hashlib.blake2b(name, digest_size=16).digest()

    return tuple(sample for own in by_class.values() for sample in sorted(own, key=place)[:most])


def audition(candidate: Candidate, samples: Sequence[Sample], dataset: Dataset, watch: Watch) -> Audition:
    """One network on some pictures.

    Raises:
        StopRequested: a stop was asked for; features that were computed are kept.
        DatasetError: too many pictures cannot be read.
        WeightsError: the weights do not fit.
    """
    recipe = Recipe(dataset=str(dataset.root), network=candidate.name, levels=dataset.levels)
    base = load_base(recipe, dataset.classes, candidate.file)
    device = choose_device("auto")
    frozen = fastest_frozen(base.without_head, device, name=candidate.name)
    look = Look(dataset.root, candidate.name, base)
    features = look.at(samples, frozen, Reading(watch.control, Skips(total=len(samples))), watch)
    seen = Seen(
        network=candidate.name,
        root=dataset.root,
        classes=dataset.classes,
        samples=features.samples,
        features=features.values[0].numpy(),
    )
    found = exhausted(answer_out_of_fold(seen, watch.control, repeats=1), watch)
    places = found.answered.nonzero()[0].tolist()
    right = {seen.names[place]: bool(found.answers[place] == seen.labels[place]) for place in places}
    groups = {seen.names[place]: seen.groups[place] for place in places}
    watch.check()
    return Audition(
        network=candidate.name,
        title=candidate.title,
        weights=candidate.file.path.name,
        right=right,
        groups=groups,
        interval=share_interval(list(right.values()), list(groups.values())),
        seconds=seconds_per_picture(candidate.name, device),
    )
