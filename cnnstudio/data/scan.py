"""List a folder of pictures: classes from subfolders, splits, and a reason for everything that was left out."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from cnnstudio.core.control import Control
from cnnstudio.core.errors import DatasetError
from cnnstudio.data.dataset import Dataset, FileProblem, Sample
from cnnstudio.data.examiner import examine_files
from cnnstudio.data.facts import Facts
from cnnstudio.data.findings import duplicate_rows, find
from cnnstudio.data.image_suffixes import SUFFIXES
from cnnstudio.data.spec import SPLITS, Split, SplitSpec
from cnnstudio.data.split import split_pictures

Progress = Callable[[int, int, str], None]
SPLIT_FOLDERS: dict[str, Split] = {
    "train": "train", "training": "train", "validation": "validation", "val": "validation", "valid": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db", "$recycle.bin"})


def scan_folder(
    folder: Path,
    split: SplitSpec,
    *,
    left_out: Set[str] = frozenset(),
    classes: Mapping[str, str] | None = None,
    splits: Mapping[str, Split] | None = None,
    control: Control | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Find classes, pictures and problems; every picture is decoded once, in child processes (see ``examiner``).

    Folders named train, validation (val, valid) and test are taken as splits; without a validation folder, part of the
    training pictures is set aside for it. Otherwise every subfolder is a class, and each class is split by ``split``.

    Args:
        folder: the folder a person chose.
        split: shares, seed and groups where the folder does not bring its own splits.
        left_out: pictures that a person left out, relative to the folder with forward slashes.
        classes: classes that a person gave to single pictures.
        splits: splits that are fixed already; the rest is drawn around them.
        control: asked for a stop between files.
        progress: called with done, total and what is being done.

    Raises:
        DatasetError: the folder is missing or empty, or has fewer than two classes with pictures.
        StopRequested: a stop was asked for.
    """
    control, progress = control or Control(), progress or _silent
    if not folder.is_dir():
        raise DatasetError(
            f"The folder {folder} is not there.",
            meaning="It was moved, renamed or deleted, or its drive is not connected.",
            remedy="Choose it again.",
        )
    problems: list[FileProblem] = []
    split_folders = _split_folders(folder)
    files: list[tuple[Path, str, Split | None]] = []
    places: list[tuple[Path, Split | None]] = [*split_folders] or [(folder, None)]
    for place, fixed in places:
        for path, class_name in _walk_classes(place, problems, control):
            files.append((path, class_name, fixed))
    facts = examine_files(folder, [path for path, _, _ in files], control=control, progress=progress)
    problems += [facts.problems[row] for row in sorted(facts.problems)]
    found = [
        _File(path, _relative(folder, path), class_name, fixed)
        for row, (path, class_name, fixed) in enumerate(files)
        if facts.table["good"][row]
    ]
    found = [replace(file, class_name=(classes or {}).get(file.name, file.class_name)) for file in found]
    dataset = _assemble(folder, found, facts, split, problems, left_out, splits or {}, has_splits=bool(split_folders))
    _refuse_unusable(dataset, folder)
    return replace(dataset, findings=find(dataset, facts))


@dataclass(frozen=True, slots=True)
class _File:
    """A picture that can be read."""

    path: Path
    name: str
    """Relative to the folder, with forward slashes."""
    class_name: str
    given: Split | None
    """By the folder it lies in."""


def _relative(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _split_folders(folder: Path) -> list[tuple[Path, Split]]:
    """The split folders, when there is a training folder and each of them holds classes."""
    found = [
        (entry, SPLIT_FOLDERS[entry.name.lower()])
        for entry in sorted(folder.iterdir())
        if entry.is_dir() and entry.name.lower() in SPLIT_FOLDERS
    ]
    has_train = any(split == "train" and any(sub.is_dir() for sub in entry.iterdir()) for entry, split in found)
    return found if has_train else []


def _walk_classes(folder: Path, problems: list[FileProblem], control: Control) -> Iterator[tuple[Path, str]]:
    """Files that may be pictures, with their class; everything else becomes a problem."""
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        control.check()
        if (ignored := _ignored(entry)) is not None:
            problems.append(ignored)
        elif not entry.is_dir():
            detail = f"{entry.name} lies beside the class folders, so its class is not known."
            problems.append(FileProblem(path=entry, kind="outside-classes", detail=detail))
        else:
            found = False
            for path in _walk(entry, {_identity(entry)}, problems, control):
                found = True
                yield path, entry.name
            if not found:
                detail = f"The folder {entry.name} has no pictures, so it is not a class."
                problems.append(FileProblem(path=entry, kind="empty-class", detail=detail))


def _walk(folder: Path, seen: set[tuple[int, int]], problems: list[FileProblem], control: Control) -> Iterator[Path]:
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        control.check()
        if (ignored := _ignored(entry)) is not None:
            problems.append(ignored)
        elif entry.is_dir():
            identity = _identity(entry)
            if identity in seen:
                detail = f"The link {entry.name} leads back to a folder that was already read."
                problems.append(FileProblem(path=entry, kind="loop", detail=detail))
                continue
            seen.add(identity)
            yield from _walk(entry, seen, problems, control)
        elif entry.suffix.lower() in SUFFIXES or entry.suffix.lower() in (".heic", ".heif", ""):
            yield entry
        else:
            detail = f"{entry.name} is not a picture."
            problems.append(FileProblem(path=entry, kind="not-an-image", detail=detail))


def _ignored(entry: Path) -> FileProblem | None:
    if entry.name.startswith("."):
        return FileProblem(path=entry, kind="hidden", detail=f"{entry.name} is hidden.")
    if entry.name.lower() in SYSTEM_NAMES:
        return FileProblem(path=entry, kind="system-file", detail=f"{entry.name} belongs to the operating system.")
    return None


def _assemble(
    folder: Path,
    files: list[_File],
    facts: Facts,
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
        [PurePosixPath(file.name) for file in used],
        labels,
        spec,
        groups=_groups(used, facts, wanted) if spec.copies_together else (),
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


def _groups(files: list[_File], facts: Facts, wanted: list[Split | None]) -> list[list[int]]:
    """Copies among the pictures whose split is still to be drawn."""
    rows = facts.row_of()
    free = [index for index, split in enumerate(wanted) if split is None]
    table = facts.table[[rows[files[index].path] for index in free]]
    exact, near = duplicate_rows(table)
    return [[free[row] for row in group] for group in (*exact, *near)]


def _warn_small(folder: Path, name: str, samples: list[Sample], label: int, problems: list[FileProblem]) -> None:
    own = [sample.split for sample in samples if sample.label == label]
    if len(own) < len(SPLITS):
        detail = (
            f"The class {name} has only {len(own)} picture{'s' if len(own) > 1 else ''}: "
            "too few to learn it and to check that it was learned."
        )
        problems.append(FileProblem(path=folder / name, kind="small-class", detail=detail))


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


def _identity(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino


def _silent(_done: int, _total: int, _text: str) -> None:
    """Progress nobody wants."""
