"""The export folder: built aside, loaded back, compared on pictures, and only then moved into place."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnstudio.core import (
    ExportMismatch,
    ImageError,
    NetworkError,
    StorageError,
    Watch,
    atomic,
    place_aside,
    replace_folder,
)
from cnnstudio.data.practice.sample_dataset import draw_example
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.export.companions import COMPANION_FILES, snippet, write_companions
from cnnstudio.export.formats import FORMATS, ExportReport
from cnnstudio.inference.session import Session, predict_probabilities, read_pixels
from cnnstudio.networks import bundle

VERIFICATION_FILE = "verification.json"
MAX_DIFFERENCE = 1e-5
_BATCH = 8


def export_model(session: Session, format_name: str, out: Path, images: Sequence[Path], watch: Watch) -> ExportReport:
    """Export a model and check the result.

    Args:
        session: the loaded model.
        format_name: one of ``FORMATS``.
        out: the folder to make; an earlier export there is replaced, anything else is not touched.
        images: real pictures for the check.
        watch: asked for a stop and told of the pictures done.

    Raises:
        ExportMismatch: loaded back, it does not give the same answers; nothing is put in place then.
        StorageError: the folder cannot be written, or holds something else.
        NetworkError: there is no such format.
    """
    if format_name not in FORMATS:
        raise NetworkError(f"There is no export format called {format_name}.", remedy=f"Use: {', '.join(FORMATS)}.")
    kind, out = FORMATS[format_name], out.absolute()
    _refuse_foreign(out)
    aside = place_aside(out)
    try:
        aside.mkdir(parents=True)
        weights = kind.write(session.network, session.card, aside)
        write_companions(aside, session.card, weights)
        again = replace(session, network=kind.open_back(session.card, aside, weights).eval())
        checked, difference = _verify(session, again, images, watch)
        _write_verification(aside, weights, checked, difference)
        replace_folder(aside, out)
    except OSError as error:
        raise atomic.storage_error(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return ExportReport(
        path=out,
        files=tuple(sorted(out.iterdir())),
        images_checked=checked,
        largest_difference=difference,
        snippet=snippet(session.card, weights),
    )


def _verify(session: Session, again: Session, images: Sequence[Path], watch: Watch) -> tuple[int, float]:
    """Compare probabilities with those of the export as it was loaded back; gives pictures and largest difference."""
    pixels = _pixels(session, images)
    largest = 0.0
    for start in range(0, len(pixels), _BATCH):
        batch = np.stack(pixels[start : start + _BATCH])
        ours, theirs = predict_probabilities(session, batch), predict_probabilities(again, batch)
        largest = max(largest, float(np.abs(ours - theirs).max()))
        if largest > MAX_DIFFERENCE or (ours.argmax(1) != theirs.argmax(1)).any():
            raise ExportMismatch(
                "The exported file does not give the same answers as the run.",
                meaning="It was not put in place.",
                remedy="Try again; if it happens again, please report it.",
                details=f"largest difference {largest}",
            )
        watch.check()
        watch.progress(min(start + _BATCH, len(pixels)), len(pixels), "Checking the export")
    return len(pixels), largest


def _pixels(session: Session, images: Sequence[Path]) -> list[np.ndarray]:
    """Real pictures, or drawn ones where there are none that can be read."""
    found = []
    for path in images:
        try:
            found.append(read_pixels(session, path))
        except ImageError:
            continue
    if found:
        return found
    return [resize_and_crop(draw_example(number), session.preprocess) for number in range(4)]


def _write_verification(folder: Path, weights: str, images: int, difference: float) -> None:
    facts = {
        "images": images,
        "largest_difference": difference,
        "limit": MAX_DIFFERENCE,
        "top1_equal": True,
        "sha256": {weights: atomic.sha256_of(folder / weights)},
    }
    atomic.write_text_atomically(folder / VERIFICATION_FILE, json.dumps(facts, indent=2) + "\n")


def _refuse_foreign(out: Path) -> None:
    found = {path.name for path in out.iterdir()} if out.is_dir() else set()
    foreign = sorted(found - _files_of_export(out))
    if foreign:
        raise StorageError(
            f"The folder {out} is not empty: there is {foreign[0]}, which is no part of an earlier export.",
            meaning="Nothing in it was touched.",
            remedy="Choose a new folder.",
        )
    if out.exists() and not out.is_dir():
        raise StorageError(f"{out} is a file.", remedy="Choose a folder to export to.")


def _files_of_export(folder: Path) -> set[str]:
    """Names of what an earlier export put there; empty where there is none."""
    try:
        weights = set(json.loads((folder / VERIFICATION_FILE).read_text())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    checksums = {atomic.checksum_path(folder / name).name for name in weights}
    return {VERIFICATION_FILE, bundle.CARD_FILE, bundle.MANIFEST_FILE, *COMPANION_FILES} | weights | checksums
