"""What a person decided about a folder of pictures, kept beside its runs: the folder itself is never changed."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from cnnstudio.core.codec import load_json, save_json
from cnnstudio.core.control import Control
from cnnstudio.core.errors import FormatError, StorageError
from cnnstudio.core.paths import runs_folder, safe_file_name
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.scan import Progress, scan_folder
from cnnstudio.data.spec import Split, SplitSpec
from cnnstudio.data.unpack import is_archive, unpack

_FILE = "project.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """Decisions about single pictures, by path relative to the folder, with forward slashes."""

    left_out: tuple[str, ...] = ()
    classes: dict[str, str] = field(default_factory=dict)
    """Another class than the folder says."""
    splits: dict[str, Split] = field(default_factory=dict)
    """Where pictures are; drawn once, so that added files move nothing, or set by a person."""
    names_are_labels: bool = False
    """Whether a person agreed to take the classes from file names."""
    drawn: SplitSpec | None = None
    """How the splits were drawn; with another one they are drawn anew."""

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


def project_folder(root: Path) -> Path:
    """Where runs on a folder of pictures, and the decisions about it, are kept."""
    digest = hashlib.blake2b(str(root.absolute()).encode(errors="surrogateescape"), digest_size=4).hexdigest()
    return runs_folder() / f"{safe_file_name(root.absolute().name)}-{digest}"


def load_curation(root: Path) -> Curation:
    """What was decided so far; nothing when there is nothing usable."""
    try:
        return load_json(project_folder(root) / _FILE, Curation)
    except (OSError, FormatError):
        return Curation()


def save_curation(root: Path, curation: Curation) -> None:
    """Remember decisions.

    Raises:
        StorageError: the project's folder cannot be written.
    """
    save_json(project_folder(root) / _FILE, curation)


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
    if redraw and split is not None:
        curation = replace(curation, splits={}, drawn=split)
        save_curation(root, curation)
    split = split or curation.drawn or SplitSpec()
    fixed = curation if curation.drawn in (None, split) else replace(curation, splits={})
    dataset = scan_folder(
        root,
        split,
        left_out=frozenset(curation.left_out),
        classes=curation.classes,
        splits=fixed.splits,
        names_are_labels=curation.names_are_labels,
        control=control,
        progress=progress,
    )
    if dataset.split_source == "stratified" and curation.drawn in (None, split):
        _keep_split(dataset, curation, split)
    return dataset


def relative(dataset: Dataset, path: Path) -> str:
    """A picture's name in a curation."""
    return path.relative_to(dataset.root).as_posix()


def _keep_split(dataset: Dataset, curation: Curation, split: SplitSpec) -> None:
    """Write down where new pictures went; a folder that cannot be written is drawn the same way again."""
    splits = {relative(dataset, sample.path): sample.split for sample in (*dataset.samples, *dataset.left_out)}
    if splits.items() <= curation.splits.items():
        return
    try:
        save_curation(dataset.root, replace(curation, splits={**curation.splits, **splits}, drawn=split))
    except (StorageError, UnicodeError):
        return


def _silent(_done: int, _total: int, _text: str) -> None:
    """Progress nobody wants."""
