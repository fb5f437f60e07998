"""Download a practice dataset and lay it out as a folder that the app opens like any other."""

import os
import re
import shutil
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.core import DatasetError, StorageError, Watch, download, size_in_words, storage_error
from cnnstudio.core.paths import data_folder, free_bytes, safe_file_name
from cnnstudio.data.practice.convert import Picture
from cnnstudio.data.practice.sets import PracticeSet, Source

MIRROR_VARIABLE = "CNNSTUDIO_PRACTICE_MIRROR"
"""Address under which a school keeps copies, as ``NAME/FILE``."""
_ROOM = 2.5
"""So many times the download is needed while it is unpacked."""


def practice_folder(wanted: PracticeSet) -> Path:
    """Where the pictures lie, once they are here."""
    return data_folder() / "practice" / wanted.name


def downloaded_bytes(wanted: PracticeSet) -> int:
    """What is here of a download that has not finished."""
    found = 0
    for source in wanted.sources:
        file = _download_path(source)
        for path in (file, file.with_name(file.name + download.PART_SUFFIX)):
            with suppress(OSError):
                found += path.stat().st_size
    return found


def prepare(wanted: PracticeSet, watch: Watch) -> Path:
    """The folder ``practice/NAME/<split>/<class>/*``; at once if it is here already.

    Args:
        wanted: the dataset.
        watch: told of bytes and pictures done, and asked for a stop between them; what was downloaded is kept for the
            next time.

    Raises:
        DownloadError: offline, refused, cut off, or not the right content.
        DatasetError: an archive is not what it should be.
        StorageError: there is no room, or nothing can be written.
        StopRequested: a stop was asked for.
    """
    target = practice_folder(wanted)
    if target.is_dir():
        return target
    _require_room(wanted, target)
    paths = tuple(_fetched(wanted, source, watch) for source in wanted.sources)
    aside = target.with_name(f".{target.name}.tmp-{os.getpid()}")
    try:
        for number, picture in enumerate(wanted.convert(paths)):
            watch.check()
            _write(picture, aside)
            if number % 64 == 0:
                watch.progress(number, wanted.pictures, "Unpacking")
        aside.rename(target)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, KeyError, IndexError, ValueError) as error:
        raise DatasetError(
            f"{wanted.title} was downloaded, but its files are not as expected.",
            meaning="Its makers may have changed it.",
            remedy="Choose another dataset.",
            details=repr(error),
        ) from error
    except OSError as error:
        raise storage_error(target, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    forget_download(wanted)
    return target


def forget_download(wanted: PracticeSet) -> None:
    """Delete what was downloaded, whole or in part; pictures already laid out stay."""
    for source in wanted.sources:
        path = _download_path(source)
        path.unlink(missing_ok=True)
        path.with_name(path.name + download.PART_SUFFIX).unlink(missing_ok=True)


def _fetched(wanted: PracticeSet, source: Source, watch: Watch) -> Path:
    mirror = os.environ.get(MIRROR_VARIABLE)
    return download.download(
        download.Wanted(
            url=f"{mirror.rstrip('/')}/{wanted.name}/{source.file_name}" if mirror else source.url,
            target=_download_path(source),
            checksum=f"md5:{source.md5}",
            megabytes=wanted.megabytes,
            text="Downloading",
            missing=f"{wanted.title} could not be downloaded.",
            remedy="Or choose another dataset, or try the sample pictures, which need no internet.",
        ),
        watch,
    )


def _write(picture: Picture, root: Path) -> None:
    folder = root / picture.split / _folder_name(picture.label)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / safe_file_name(picture.name)
    if isinstance(picture.content, np.ndarray):
        Image.fromarray(np.ascontiguousarray(picture.content)).save(path, compress_level=1)
    else:
        path.write_bytes(picture.content)


def _folder_name(label: str) -> str:
    """The class name as people read it, and never a way out of the folder."""
    return re.sub(r"[^\w '().&+-]", "-", label).strip(". ") or "unnamed"


def _download_path(source: Source) -> Path:
    """Different datasets call their files the same."""
    return data_folder() / "practice" / ".downloads" / f"{source.md5[:8]}-{source.file_name}"


def _require_room(wanted: PracticeSet, target: Path) -> None:
    needed, free = round(_ROOM * wanted.megabytes * 1e6), free_bytes(target)
    if free < needed:
        raise StorageError(
            f"There is not enough space for {wanted.title}: {size_in_words(needed)} are needed, "
            f"{size_in_words(free)} are free.",
            remedy="Free some space, or choose a smaller dataset.",
        )
