"""What a person decided about a folder of pictures, kept beside its runs: the folder itself is never changed."""

import hashlib
import logging
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from cnnstudio.core.codec import load_json, save_json
from cnnstudio.core.control import Control
from cnnstudio.core.errors import FormatError, NewerFormat, StorageError
from cnnstudio.core.paths import runs_folder, safe_file_name
from cnnstudio.data.dataset import Dataset, FileProblem
from cnnstudio.data.layouts.unpack import is_archive, unpack, unpacked_folder
from cnnstudio.data.scan import Progress, scan_folder
from cnnstudio.data.spec import SPLITS, Split, SplitSpec

log = logging.getLogger(__name__)
_DECISIONS, _SPLIT, _UNREADABLE = "project.json", "split.json", ".unreadable"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """Decisions about single pictures, by path relative to the folder, with forward slashes."""

    left_out: tuple[str, ...] = ()
    classes: dict[str, str] = field(default_factory=dict)
    """Another class than the folder says."""
    splits: dict[str, Split] = field(default_factory=dict)
    """Another split than the folder says, or than was drawn."""
    names_are_labels: bool = False
    """Whether a person agreed to take the classes from file names."""

    def without(self, paths: tuple[str, ...]) -> "Curation":
        """With these left out as well."""
        return replace(self, left_out=tuple(dict.fromkeys([*self.left_out, *paths])))

    def back(self, paths: tuple[str, ...]) -> "Curation":
        """With these used again."""
        return replace(self, left_out=tuple(path for path in self.left_out if path not in set(paths)))

    def moved(self, paths: tuple[str, ...], split: Split) -> "Curation":
        """With these in another split."""
        return replace(self, splits={**self.splits, **dict.fromkeys(paths, split)})

    def relabelled(self, paths: tuple[str, ...], name: str) -> "Curation":
        """With these in another class."""
        return replace(self, classes={**self.classes, **dict.fromkeys(paths, name)})


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSplit:
    """Where pictures went when the split was drawn; kept, so that added files move nothing."""

    spec: SplitSpec = field(default_factory=SplitSpec)
    """With another one everything is drawn anew."""
    names: dict[Split, tuple[str, ...]] = field(default_factory=dict)

    def by_name(self) -> dict[str, Split]:
        """The split of each picture."""
        return {name: split for split, names in self.names.items() for name in names}


def project_folder(root: Path) -> Path:
    """Where runs on a folder of pictures, and the decisions about it, are kept."""
    real = root.resolve()  # the same by every way that leads there
    digest = hashlib.blake2b(os.fsencode(real), digest_size=4).hexdigest()
    return runs_folder() / f"{safe_file_name(real.name)}-{digest}"


def load_curation(root: Path) -> Curation:
    """What was decided so far. A file that cannot be understood is put aside, not overwritten.

    Raises:
        NewerFormat: it was written by a newer version, which alone can go on with it.
    """
    return _load(project_folder(root) / _DECISIONS, Curation)


def save_curation(root: Path, curation: Curation) -> None:
    """Remember decisions.

    Raises:
        StorageError: the project's folder cannot be written.
    """
    save_json(project_folder(root) / _DECISIONS, curation)


def open_dataset(
    root: Path,
    split: SplitSpec | None = None,
    *,
    redraw: bool = False,
    names_are_labels: bool = False,
    control: Control | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Scan a folder as the project has it: decisions applied, and the split as it was drawn the first time.

    Args:
        root: a folder, or a ZIP archive, which is unpacked once.
        split: shares, seed and groups; None is how the project has it.
        redraw: a person wants ``split`` from now on, so everything is drawn anew.
        names_are_labels: take the classes from file names; remembered.
        control: asked for a stop.
        progress: called with done, in all, and what is being done.

    Raises:
        DatasetError: as ``scan_folder``.
        StopRequested: a stop was asked for.
    """
    if is_archive(root):
        root = unpack(root, control=control or Control(), progress=progress or _silent)
    curation = load_curation(root)
    if names_are_labels and not curation.names_are_labels:
        curation = replace(curation, names_are_labels=True)
        save_curation(root, curation)
    drawn = _load_drawn(root)
    if redraw and split is not None:
        curation, drawn = replace(curation, splits={}), _drawn_anew(drawn, split)
    split = split or drawn.spec
    as_drawn = drawn.spec == split or not drawn.names
    dataset = scan_folder(
        root,
        split,
        left_out=frozenset(curation.left_out),
        classes=curation.classes,
        splits=curation.splits if as_drawn else {},
        drawn=drawn.by_name() if as_drawn else {},
        names_are_labels=curation.names_are_labels,
        control=control,
        progress=progress,
    )
    if redraw:  # only now, so that a stop or an error changes nothing, and with what was decided meanwhile
        (control or Control()).check()
        save_curation(root, replace(load_curation(root), splits={}))
    if as_drawn:
        _keep_split(dataset, replace(drawn, spec=split), anew=redraw)
    return replace(dataset, problems=(*dataset.problems, *_put_aside(root)))


def split_of(root: Path) -> SplitSpec:
    """How the pictures of a folder or an archive are divided, as a person wanted it or by default."""
    try:
        return _load_drawn(unpacked_folder(root) if is_archive(root) else root).spec
    except (OSError, zipfile.BadZipFile):
        return SplitSpec()


def _load_drawn(root: Path) -> DrawnSplit:
    return _load(project_folder(root) / _SPLIT, DrawnSplit)


def _load(file: Path, kind: type[T]) -> T:
    try:
        return load_json(file, kind)
    except NewerFormat:
        raise
    except OSError:
        return kind()
    except FormatError as error:
        log.warning("%s", error)
        with suppress(OSError):
            file.replace(file.with_name(file.name + _UNREADABLE))
        return kind()


def _put_aside(root: Path) -> Iterator[FileProblem]:
    """What was decided earlier and cannot be read."""
    for name in (_DECISIONS, _SPLIT):
        path = project_folder(root) / (name + _UNREADABLE)
        if path.is_file():
            detail = f"What was decided earlier about this folder could not be read; it is kept in {path.name}."
            yield FileProblem(path=path, kind="unreadable", detail=detail)


def _drawn_anew(drawn: DrawnSplit, spec: SplitSpec) -> DrawnSplit:
    """Nothing stays; only another fold of the same division has the same test pictures."""
    same_parts = spec.folds and replace(drawn.spec, fold=0) == replace(spec, fold=0)
    return DrawnSplit(spec=spec, names={"test": drawn.names.get("test", ())} if same_parts else {})


def _keep_split(dataset: Dataset, drawn: DrawnSplit, *, anew: bool) -> None:
    """Write down where new pictures were drawn to; without that they would be drawn the same way again."""
    before = drawn.by_name()
    names = {split: list(drawn.names.get(split, ())) for split in SPLITS}
    samples = dataset.samples if dataset.split_source != "folders" else ()
    added = [(name, sample.split) for sample in samples if (name := dataset.name_of(sample.path)) not in before]
    for name, split in added:
        names[split].append(name)
    if added or anew:
        with suppress(StorageError):
            kept = replace(drawn, names={split: tuple(own) for split, own in names.items()})
            save_json(project_folder(dataset.root) / _SPLIT, kept, indent=None)


def _silent(_done: int, _total: int, _text: str) -> None:
    """Progress nobody wants."""
