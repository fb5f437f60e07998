"""List a folder of pictures: classes from subfolders, splits, and a reason for everything that was left out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnstudio.core import DatasetError, Watch, counted, objects_that_stay, one_spelling
from cnnstudio.core.paths import is_the_systems
from cnnstudio.data.archives.kinds import says_archive
from cnnstudio.data.by_hand import sorted_by_hand
from cnnstudio.data.checks.examiner import Examiner
from cnnstudio.data.checks.facts import Facts
from cnnstudio.data.checks.findings import find, find_copies
from cnnstudio.data.checks.levels import levels_of
from cnnstudio.data.curation import Curation
from cnnstudio.data.dataset import SPLITS, Dataset, FileProblem, Sample, Split, SplitSource, SplitSpec
from cnnstudio.data.groups import Together
from cnnstudio.data.layouts.listing import Listing, list_pictures
from cnnstudio.data.layouts.reading import BY_HAND
from cnnstudio.data.refusals import refuse_unusable
from cnnstudio.data.splits import split_pictures


def scan_folder(
    folder: Path,
    split: SplitSpec,
    decided: Curation | None = None,
    drawn: Mapping[str, Split] | None = None,
    watch: Watch | None = None,
    fewest_classes: int = 2,
) -> Dataset:
    """Find classes, pictures and problems; every picture is decoded once, in child processes (see ``examiner``).

    What the folder's layout is, ``listing`` finds out. Without a validation folder, part of the training pictures is
    set aside for it; without any split, each class is split by ``split``.

    Args:
        folder: the folder a person chose.
        split: shares, seed and groups where the folder does not bring its own splits.
        decided: what a person decided about single pictures.
        drawn: where pictures were drawn to before, as far as there is something to draw; the rest is drawn around them.
        watch: asked for a stop between files, and told how many are done.
        fewest_classes: that there must be: two to learn, one to be scored on.

    Raises:
        ClassesUnclear: a person has to say which folders, or whether file names, are the classes.
        DatasetError: the folder is missing or empty, or has too few classes with pictures.
        StopRequested: a stop was asked for.
    """
    decided, watch = decided or Curation(), watch or Watch()
    _refuse_missing(folder)
    try:
        with Examiner(folder) as examiner:
            listing = list_pictures(folder, classes_from=decided.classes_from, control=watch.control)
            if decided.classes_from == BY_HAND:
                listing = sorted_by_hand(folder, listing, decided)
            facts = examiner.examine(listing.names, watch)
    except OSError as error:
        _refuse_missing(folder)
        raise _not_readable(folder, error) from error
    _refuse_missing(folder)  # it may have gone while it was read
    with objects_that_stay():
        dataset = _assemble(folder, listing, facts, split, decided, drawn or {})
    refuse_unusable(dataset, fewest_classes)
    return dataset


def _assemble(
    folder: Path,
    listing: Listing,
    facts: Facts,
    spec: SplitSpec,
    decided: Curation,
    drawn: Mapping[str, Split],
) -> Dataset:
    names, left_out = listing.names, frozenset(decided.left_out)
    spelt = {name: one_spelling(name) for name in {*listing.classes, *decided.classes.values()}}
    final = {name: decided.merged.get(own, own) for name, own in spelt.items()}
    class_of = [final[decided.classes.get(name, own)] for name, own in zip(names, listing.classes, strict=True)]
    good = np.flatnonzero(facts.table["good"]).tolist()
    used = [row for row in good if names[row] not in left_out]
    found = tuple(sorted({class_of[row] for row in used}))
    gone = tuple(sorted({class_of[row] for row in good} - set(found)))
    label_of = {name: label for label, name in enumerate((*found, *gone))}
    used.sort(key=lambda row: label_of[class_of[row]])  # stable: within a class, the order on disk
    labels = [label_of[class_of[row]] for row in used]
    copies = find_copies(facts.table)
    together = Together.among(used, listing, copies, spec)
    source = _source(listing, spec)
    given = _given(used, listing, source, decided.splits, drawn)
    if source == "folders":  # nothing is drawn
        divided: list[Split] = [split or "train" for split in given]
    else:
        divided = _draw(used, labels, listing, together, spec, given)
    samples = [
        Sample(folder / names[row], label, own, group)
        for row, label, own, group in zip(used, labels, divided, together.numbers(), strict=True)
    ]
    aside = [
        Sample(folder / names[row], label_of[class_of[row]], listing.splits[row] or "train")
        for row in (sorted(set(good) - set(used)) if left_out else ())
    ]
    problems = [*map(_told, listing.problems), *(facts.problems[row] for row in sorted(facts.problems))]
    dataset = Dataset(
        root=folder,
        classes=found,
        samples=tuple(samples),
        problems=(*problems, *_small_classes(folder, found, labels, divided)),
        split_source=source,
        left_out=tuple(aside),
        gone_classes=gone,
        spec=spec,
        levels=levels_of(facts.table[[row for row, own in zip(used, divided, strict=True) if own == "train"]]),
        group_column=listing.group_column,
        classes_from=decided.classes_from,
        merged=tuple(name for name in found if name in decided.merged.values()),
    )
    own_names = [names[row] for row in used]
    findings = find(dataset, own_names, used, facts.table, copies, together.by_table)
    return replace(dataset, findings=findings)


def _source(listing: Listing, spec: SplitSpec) -> SplitSource:
    """What a folder brings is kept; only a missing validation split is taken from its training pictures."""
    if not listing.has_splits:
        return "stratified"
    return "folders" if "validation" in listing.splits or not spec.validation else "validation-drawn"


def _given(
    rows: Sequence[int],
    listing: Listing,
    source: SplitSource,
    by_person: Mapping[str, Split],
    drawn: Mapping[str, Split],
) -> list[Split | None]:
    """The split of each row where it is known: a person's, as the folder says, or as drawn before."""
    names = [listing.names[row] for row in rows]
    own = [listing.splits[row] for row in rows]
    if source != "folders":
        if listing.has_splits:  # the folder says what is for testing
            drawn = {name: split for name, split in drawn.items() if split != "test"}
        own = [drawn.get(name) if split in (None, "train") else split for name, split in zip(names, own, strict=True)]
    return [by_person.get(name, split) for name, split in zip(names, own, strict=True)] if by_person else own


def _draw(
    rows: Sequence[int],
    labels: Sequence[int],
    listing: Listing,
    together: Together,
    spec: SplitSpec,
    given: list[Split | None],
) -> list[Split]:
    """The split of each row, drawn around those that are given."""
    names = [listing.names[row] for row in rows]
    draws = {place for place, row in enumerate(rows) if listing.splits[row] in (None, "train")}
    kept = (
        *(together.alike if spec.copies_together else ()),
        *(together.by_table if spec.groups_together else ()),
        *together.by_name,
    )
    # What a folder gives for testing draws no others there.
    groups = [own for group in kept if (own := [place for place in group if place in draws])]
    spec = replace(spec, group_pattern="")
    if listing.has_splits:
        spec = replace(spec, test=0, folds=0)
    return split_pictures(names, labels, spec, groups=groups, fixed=given)


def _told(problem: FileProblem) -> FileProblem:
    """An archive among pictures is said to be one."""
    if problem.kind != "not-an-image" or not says_archive(problem.path.name):
        return problem
    detail = f"{problem.path.name} is an archive: to use its pictures, unpack it there, or open it by itself."
    return replace(problem, detail=detail)


def _small_classes(
    folder: Path, classes: Sequence[str], labels: Sequence[int], splits: Sequence[Split]
) -> Iterator[FileProblem]:
    learned = {label for label, split in zip(labels, splits, strict=True) if split == "train"}
    for label, count in Counter(labels).items():
        if label not in learned:
            detail = (
                f"The class {classes[label]} has no pictures for training, only {counted(count, 'other picture')}: it "
                "cannot be learned."
            )
            yield FileProblem(path=folder / classes[label], kind="small-class", detail=detail)
        elif count < len(SPLITS):
            detail = (
                f"The class {classes[label]} has only {counted(count, 'picture')}: too few to learn it and "
                "to check that it was learned."
            )
            yield FileProblem(path=folder / classes[label], kind="small-class", detail=detail)


def _refuse_missing(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise DatasetError(
            f"{folder.name} is a file, not a folder of pictures.",
            remedy="Choose the folder that holds the class folders, or an archive of one.",
        )
    if not folder.is_dir():
        raise DatasetError(
            f"The folder {folder} is not there.",
            meaning="It was moved, renamed or deleted, or its drive is not connected.",
            remedy="Choose it again.",
        )
    if is_the_systems(folder):
        raise DatasetError(
            f"{folder} holds no pictures: it belongs to the operating system.",
            remedy="Choose the folder that holds the class folders.",
        )


def _not_readable(folder: Path, error: OSError) -> DatasetError:
    return DatasetError(
        f"The folder {folder} cannot be read.",
        meaning=f"The system says: {error.strerror or error}.",
        remedy="Check that you may open it and that its drive is connected, then try again.",
        details=repr(error),
    )
