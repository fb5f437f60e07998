"""An opened folder split again around its test pictures, for trainings that are repeated."""

from collections import defaultdict
from dataclasses import replace

from cnnstudio.core import ALONE
from cnnstudio.data.dataset import Dataset, SplitSpec
from cnnstudio.data.splits import split_pictures


def fold_of(dataset: Dataset, folds: int, fold: int) -> Dataset:
    """With one of ``folds`` parts of what is not test as validation; ``fold`` counts from 0.

    A folder's own validation pictures are dealt out, too: every picture that is not test is in one part.
    """
    return _drawn(dataset, replace(dataset.spec, folds=folds, fold=fold, repeat=0))


def drawn_anew(dataset: Dataset, repeat: int) -> Dataset:
    """With other validation pictures, where they were drawn; those that a folder itself has stay. 0 changes nothing."""
    if not repeat or not draws_validation(dataset):
        return dataset
    return _drawn(dataset, replace(dataset.spec, folds=0, fold=0, repeat=repeat))


def draws_validation(dataset: Dataset) -> bool:
    """Whether chance says which pictures are for validation."""
    return dataset.split_source != "folders" and bool(dataset.spec.validation)


def _drawn(dataset: Dataset, spec: SplitSpec) -> Dataset:
    """By ``spec``; test stays, and so do pictures that belong together."""
    samples = dataset.samples
    mates = defaultdict[int, list[int]](list)
    for place, sample in enumerate(samples):
        if (group := sample.group) != ALONE:
            mates[group].append(place)
    share = spec.validation / (1 - spec.test) if dataset.split_source == "stratified" else spec.validation
    test = [sample.split if sample.split == "test" else None for sample in samples]
    splits = split_pictures(
        [dataset.name_of(sample.path) for sample in samples],
        [sample.label for sample in samples],
        replace(spec, test=0, validation=share),
        groups=[[place for place in group if test[place] is None] for group in mates.values()],
        fixed=test,
    )
    drawn = tuple(replace(sample, split=split) for sample, split in zip(samples, splits, strict=True))
    return replace(dataset, samples=drawn, spec=spec)
