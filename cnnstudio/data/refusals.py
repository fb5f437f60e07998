"""Why a folder that was scanned cannot be learned from, and what to do about it."""

import os
from collections import Counter
from pathlib import Path

from cnnstudio.core import DatasetError, PicturesUnsorted, counted
from cnnstudio.core.paths import shown_name
from cnnstudio.data.archives.kinds import says_archive
from cnnstudio.data.dataset import Dataset, ProblemKind
from cnnstudio.data.layouts.questions import better_folder
from cnnstudio.data.layouts.reading import BY_HAND
from cnnstudio.data.reading import is_picture
from cnnstudio.data.reading.recognition import recognise_file
from cnnstudio.data.reading.signatures import Known

_BROKEN: dict[ProblemKind, tuple[str, str]] = {
    "empty-file": ("empty file", "empty files"), "truncated": ("incomplete file", "incomplete files"),
    "unreadable": ("damaged file", "damaged files"),
    "too-large": ("file that is too large", "files that are too large"),
    "not-an-image": ("file that is not a picture", "files that are not pictures"),
    "unsupported": ("file of an unsupported kind", "files of an unsupported kind"),
}  # fmt: skip

_LOOKED_AT = 200
"""Files that are asked what they are when none can be read."""


def _in_common(dataset: Dataset) -> tuple[Known, bool] | None:
    """What most of the files are that cannot be read, and whether all are."""
    problems = [problem.path for problem in dataset.problems if problem.kind in _BROKEN][:_LOOKED_AT]
    found = Counter(known for path in problems if (known := recognise_file(path)))
    if not found:
        return None
    known, count = found.most_common(1)[0]
    return (known, count == len(problems)) if 2 * count > len(problems) else None


def _pictures_at(path: Path) -> int:
    """One for a file, and for a folder what is in it."""
    if not path.is_dir():
        return 1
    return sum(is_picture(name) for _, _, names in os.walk(path) for name in names)


def refuse_unusable(dataset: Dataset, fewest_classes: int) -> None:
    """Raise a DatasetError where there is too little to learn from; ``PicturesUnsorted`` where a person could sort."""
    folder, name = dataset.root, shown_name(dataset.root)
    if len(dataset.classes) >= fewest_classes:
        return
    if dataset.classes_from == BY_HAND:
        raise PicturesUnsorted(
            f"The pictures in {name} are not sorted yet.",
            meaning=f"There are pictures in {counted(len(dataset.classes), 'class', 'classes')}, and a network learns "
            "to tell at least two apart.",
            remedy="Sort some into each class.",
        )
    remedy = "Make one subfolder per class, with its pictures inside, and open the folder that holds them."
    tables = [problem.detail for problem in dataset.problems if problem.kind == "table"][:3]
    packed = [problem.path.name for problem in dataset.problems if says_archive(problem.path.name)]
    if packed:
        remedy = f"Unpack {packed[0]} where it belongs, or open it by itself."
        if len(packed) > 1:
            more = counted(len(packed) - 1, "other archive")
            remedy = f"Unpack {packed[0]} and {more} where they belong, or open one by itself."
    outside = sum(_pictures_at(problem.path) for problem in dataset.problems if problem.kind == "outside-classes")
    kind = PicturesUnsorted if outside and not packed else DatasetError
    if dataset.classes:
        learns = "A network learns to tell classes apart, so it needs at least two."
        raise kind(
            f"There is only one class in {name}: {dataset.classes[0]}.",
            meaning=" ".join([learns, *tables]),
            remedy=remedy if packed else f"Put the pictures of each class into a folder of its own, inside {name}.",
        )
    found = Counter(problem.kind for problem in dataset.problems)
    broken = [counted(found[each], *words) for each, words in _BROKEN.items() if found[each]]
    if broken and not outside:
        title = f"None of the files in {name} is a picture that can be read."
        meaning = f"Skipped: {', '.join(broken)}."
        remedy = "Copy the pictures again from where they came, or choose another folder."
        if common := _in_common(dataset):
            known, all_of_them = common
            most = "All of them" if all_of_them else "Most of them"
            meaning, remedy = f"{meaning} {most} are {known.many}.", known.advice.many
    else:
        title = f"There are no class folders with pictures in {name}."
        lost = f"{counted(outside, 'picture is', 'pictures are')} not in a class folder."
        meaning = lost if outside else "There is nothing to learn from."
        remedy = " ".join(filter(None, (remedy, better_folder(folder) if outside else "")))
    details = "\n".join(problem.detail for problem in dataset.problems[:200])
    raise kind(title, meaning=" ".join([meaning, *tables]), remedy=remedy, details=details)
