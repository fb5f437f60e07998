"""List a folder of pictures: classes from subfolders, splits, and a reason for everything that was left out."""

import os
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path

from cnnstudio.core.control import Control
from cnnstudio.core.errors import DatasetError
from cnnstudio.data.dataset import Dataset, FileProblem, Sample
from cnnstudio.data.examiner import examine_files
from cnnstudio.data.findings import duplicate_rows, find
from cnnstudio.data.listing import list_pictures
from cnnstudio.data.spec import SPLITS, Split, SplitSpec
from cnnstudio.data.split import split_pictures

Progress = Callable[[int, int, str], None]


def scan_folder(
    folder: Path,
    split: SplitSpec,
    *,
    left_out: Set[str] = frozenset(),
    classes: Mapping[str, str] | None = None,
    splits: Mapping[str, Split] | None = None,
    names_are_labels: bool = False,
    control: Control | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Find classes, pictures and problems; every picture is decoded once, in child processes (see ``examiner``).

    What the folder's layout is, ``listing`` finds out. Without a validation folder, part of the training pictures is
    set aside for it; without any split, each class is split by ``split``.

    Args:
        folder: the folder a person chose.
        split: shares, seed and groups where the folder does not bring its own splits.
        left_out: pictures that a person left out, relative to the folder with forward slashes.
        classes: classes that a person gave to single pictures.
        splits: splits that are fixed already; the rest is drawn around them.
        names_are_labels: take the classes from file names, where they lie in no folder.
        control: asked for a stop between files.
        progress: called with done, total and what is being done.

    Raises:
        LabelsInNames: pictures lie in no class folder, but their names could be labels.
        DatasetError: the folder is missing or empty, or has fewer than two classes with pictures.
        StopRequested: a stop was asked for.
    """
    control, progress = control or Control(), progress or _silent
    _refuse_missing(folder)
    listing = list_pictures(folder, names_are_labels=names_are_labels, control=control)
    files, problems = listing.files, list(listing.problems)
    facts = examine_files(folder, [entry.path for entry in files], control=control, progress=progress)
    _refuse_missing(folder)  # it may have gone while it was read
    problems += [facts.problems[row] for row in sorted(facts.problems)]
    found, given = [], classes or {}
    for entry, good in zip(files, facts.table["good"].tolist(), strict=True):
        if good:
            name = _relative(folder, entry.path)
            found.append(_File(entry.path, name, given.get(name, entry.class_name), entry.split))
    copies = duplicate_rows(facts.table)
    dataset = _assemble(
        folder,
        found,
        _Copies(facts.row_of(), copies),
        split,
        problems,
        left_out,
        splits or {},
        has_splits=listing.has_splits,
    )
    _refuse_unusable(dataset, folder)
    return replace(dataset, findings=find(dataset, facts, copies), spec=split)


@dataclass(frozen=True, slots=True)
class _File:
    """A picture that can be read."""

    path: Path
    name: str
    """Relative to the folder, with forward slashes."""
    class_name: str
    given: Split | None
    """By the folder it lies in."""


@dataclass(frozen=True, slots=True)
class _Copies:
    """Which pictures look the same."""

    row_of: dict[Path, int]
    groups: tuple[list[list[int]], list[list[int]]]
    """Of rows: with the same bytes, and alike."""


def _relative(folder: Path, path: Path) -> str:
    """As ``path.relative_to(folder).as_posix()``, which was felt with 60,000 pictures."""
    start, name = f"{folder}{os.sep}", str(path)
    return name[len(start) :].replace(os.sep, "/") if name.startswith(start) else path.relative_to(folder).as_posix()


def _assemble(
    folder: Path,
    files: list[_File],
    copies: _Copies,
    spec: SplitSpec,
    problems: list[FileProblem],
    left_out: Set[str],
    fixed: Mapping[str, Split],
    *,
    has_splits: bool,
) -> Dataset:
    used = [file for file in files if file.name not in left_out]
    classes = tuple(sorted({file.class_name for file in used}))
    label_of = {name: label for label, name in enumerate(classes)}
    labels = [label_of[file.class_name] for file in used]
    given = {file.given for file in used if file.given}
    if has_splits:  # keep what the folder brings; only a missing validation split is taken from training
        spec = replace(spec, validation=0 if "validation" in given else spec.validation, test=0, folds=0)
    draws = spec.validation > 0 or not has_splits
    wanted = [fixed.get(file.name) or (None if file.given == "train" and draws else file.given) for file in used]
    drawn = split_pictures(
        [file.name for file in used],
        labels,
        spec,
        groups=_groups(used, copies, wanted) if spec.copies_together else (),
        fixed=wanted,
    )
    samples = [Sample(file.path, label, split) for file, label, split in zip(used, labels, drawn, strict=True)]
    samples.sort(key=lambda sample: sample.label)  # stable: within a class, the order on disk
    for label, name in enumerate(classes):
        _warn_small(folder, name, samples, label, problems)
    aside = [file for file in files if file.name in left_out and file.class_name in label_of]
    return Dataset(
        root=folder,
        classes=classes,
        samples=tuple(samples),
        problems=tuple(problems),
        split_source="folders" if has_splits else "stratified",
        left_out=tuple(
            Sample(file.path, label_of[file.class_name], fixed.get(file.name) or file.given or "train")
            for file in aside
        ),
    )


def _groups(files: list[_File], copies: _Copies, wanted: list[Split | None]) -> list[list[int]]:
    """Copies among the pictures whose split is still to be drawn."""
    place = {copies.row_of[files[index].path]: index for index, split in enumerate(wanted) if split is None}
    groups = [[place[row] for row in group if row in place] for kind in copies.groups for group in kind]
    return [group for group in groups if len(group) > 1]


def _warn_small(folder: Path, name: str, samples: list[Sample], label: int, problems: list[FileProblem]) -> None:
    own = [sample.split for sample in samples if sample.label == label]
    if len(own) < len(SPLITS):
        detail = (
            f"The class {name} has only {len(own)} picture{'s' if len(own) > 1 else ''}: "
            "too few to learn it and to check that it was learned."
        )
        problems.append(FileProblem(path=folder / name, kind="small-class", detail=detail))


def _refuse_missing(folder: Path) -> None:
    if not folder.is_dir():
        raise DatasetError(
            f"The folder {folder} is not there.",
            meaning="It was moved, renamed or deleted, or its drive is not connected.",
            remedy="Choose it again.",
        )


def _refuse_unusable(dataset: Dataset, folder: Path) -> None:
    if len(dataset.classes) >= 2:
        return
    remedy = "Make one subfolder per class, with its pictures inside, and open the folder that holds them."
    if dataset.classes:
        raise DatasetError(
            f"There is only one class in {folder.name}: {dataset.classes[0]}.",
            meaning="A network learns to tell classes apart, so it needs at least two.",
            remedy="Add a folder with pictures of something else.",
        )
    outside = sum(problem.kind == "outside-classes" for problem in dataset.problems)
    broken = sum(problem.kind in ("truncated", "unreadable", "not-an-image") for problem in dataset.problems)
    if broken and not outside:
        title = f"None of the files in {folder.name} is a picture that can be read."
    else:
        title = f"There are no folders with pictures in {folder.name}."
    raise DatasetError(
        title,
        meaning=f"{outside} files lie there without a class folder." if outside else "There is nothing to learn from.",
        remedy=remedy,
        details="\n".join(problem.detail for problem in dataset.problems[:200]),
    )


def _silent(_done: int, _total: int, _text: str) -> None:
    """Progress nobody wants."""
