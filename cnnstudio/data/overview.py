"""What is told of a project without opening its folder of pictures, kept beside its runs: counts, and four pictures."""

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.core import FormatError, ImageError, StorageError, codec, runs_folder, write_atomically
from cnnstudio.core.paths import shown_name
from cnnstudio.data.curation import project_folder
from cnnstudio.data.dataset import Dataset, sample_key
from cnnstudio.data.decoding import LEVELS, Levels
from cnnstudio.data.reading.thumbnails import stored_thumbnail

COVERS, COVER_SIDE = 4, 128
"""Pictures on a cover, and the side of each in pixels."""
_OVERVIEW, _COVER = "overview.json", "cover.jpg"
_QUALITY, _MOST_BYTES = 85, 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The content of ``overview.json`` in a project's folder."""

    root: str
    """The folder of pictures."""
    source: str = ""
    """The archive that a person opened, where ``root`` is what it was unpacked to."""
    opened: str = ""
    """When it was opened last: ISO 8601, UTC."""
    pictures: int = 0
    classes: int = 0
    collecting: bool = False
    """Its pictures are still being collected: classes were named, and no dataset was made of it so far."""
    sorting: bool = False
    """Its pictures are still being sorted into classes; ``pictures`` are those that are sorted."""
    covers: tuple[str, ...] = ()
    """What the pictures on its cover were when it was made; the same again needs no new one."""

    @property
    def name(self) -> str:
        """As people know it: an archive by its own name."""
        return Path(self.source).name if self.source else shown_name(Path(self.root))

    @property
    def place(self) -> str:
        """The folder that it, or its archive, lies in."""
        return str(Path(self.source or self.root).parent)


def note_opened(dataset: Dataset, source: Path, opened: str) -> Overview:
    """Keep what there is to tell of a dataset that a person opened, and a cover of its pictures.

    Args:
        dataset: as scanned.
        source: what the person pointed at: its folder or an archive.
        opened: when; ISO 8601, UTC.

    Raises:
        StorageError: the project's folder cannot be written.
    """
    folder = project_folder(dataset.root)
    before = load_overview(folder)
    known = before.source if before is not None else ""
    paths = _of_every_class(dataset)
    covers = tuple(sample_key(path).hex() for path in paths)
    if before is None or before.covers != covers or not (folder / _COVER).is_file():
        save_cover(folder, paths, dataset.levels)
    overview = Overview(
        root=str(dataset.root),
        source=known if source == dataset.root else str(source),
        opened=opened,
        pictures=len(dataset.samples),
        classes=len(dataset.classes),
        covers=covers,
    )
    if overview != before:
        save_overview(overview, folder)
    return overview


def save_overview(overview: Overview, folder: Path | None = None) -> None:
    """Keep it in the project's folder.

    Raises:
        StorageError: that cannot be written.
    """
    codec.save_json((folder or project_folder(Path(overview.root))) / _OVERVIEW, overview)


def load_overview(folder: Path) -> Overview | None:
    """What is kept in a project's folder; None where there is nothing, or nothing that can be understood."""
    try:
        return codec.load_json(folder / _OVERVIEW, Overview)
    except (OSError, FormatError):
        return None


def known_overviews() -> dict[str, tuple[Path, Overview]]:
    """Of every project, by its folder of pictures, which is not touched: its drive may be away."""
    found = {}
    for file in runs_folder().glob(f"*/{_OVERVIEW}"):
        overview = load_overview(file.parent)
        if overview is not None:
            found[overview.root] = file.parent, overview
    return found


def save_cover(folder: Path, paths: Sequence[Path], levels: Levels = LEVELS) -> None:
    """Keep up to four pictures beside each other; those that cannot be read are passed over."""
    squares = []
    for path in paths[:COVERS]:
        with suppress(ImageError, OSError):
            squares.append(_square(stored_thumbnail(path, 2 * COVER_SIDE, levels)))
    if not squares:
        return
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(squares, axis=1)).save(buffer, "JPEG", quality=_QUALITY)
    with suppress(OSError, StorageError):  # then it has none, which costs nothing else
        write_atomically(folder / _COVER, buffer.getvalue())


def load_cover(folder: Path) -> np.ndarray | None:
    """COVER_SIDE×(n·COVER_SIDE)×3 uint8, n pictures beside each other; None where there is no cover."""
    file = folder / _COVER
    try:
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:  # a pipe would wait for ever
            return None
        with Image.open(file, formats=("JPEG",)) as image:
            if image.height != COVER_SIDE or image.width % COVER_SIDE or image.width > COVERS * COVER_SIDE:
                return None
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError):
        return None


def _of_every_class(dataset: Dataset) -> list[Path]:
    """Pictures for a cover: the first of every class, then the second, until there are enough."""
    own: dict[int, list[Path]] = {label: [] for label in range(min(COVERS, len(dataset.classes)))}
    for sample in dataset.samples:
        if len(paths := own.get(sample.label, [])) < COVERS:
            paths.append(sample.path)
    return [path for each in zip_longest(*own.values()) for path in each if path is not None][:COVERS]


def _square(pixels: np.ndarray) -> np.ndarray:
    """The middle of a picture, COVER_SIDE×COVER_SIDE×3."""
    image = Image.fromarray(pixels)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.resize((COVER_SIDE, COVER_SIDE), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
    return np.asarray(square)
