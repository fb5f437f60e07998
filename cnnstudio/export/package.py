"""The export folder: built aside, loaded back, its script run, compared on pictures, and only then moved into place."""

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
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
    real_place,
    replace_folder,
)
from cnnstudio.data.practice.sample_dataset import draw_example
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.data.used import USED_FILE
from cnnstudio.export.companions import COMPANION_FILES, Judging, snippet, write_companions
from cnnstudio.export.formats import FORMATS, ExportReport
from cnnstudio.export.script_check import check_script
from cnnstudio.inference.judging import open_refusal
from cnnstudio.inference.session import Session, predict_judged, read_pixels
from cnnstudio.networks import bundle
from cnnstudio.networks.card import CARD_FILE
from cnnstudio.networks.head import head_name
from cnnstudio.networks.refusal import REFUSAL_FILE

VERIFICATION_FILE = "verification.json"
MAX_DIFFERENCE = 1e-5
_BATCH = 8
_SCRIPT_IMAGES = 3
_DRAWN = 4
_LARGEST_NOTE = 1 << 20
_WEIGHTS = (".pth", ".safetensors")


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
    kind, out = FORMATS[format_name], real_place(out.absolute())
    aside = place_aside(out)
    _refuse_foreign(out)
    try:
        aside.mkdir(parents=True)
        weights = kind.write(session.network, session.card, aside)
        judging = None
        if session.refusal is not None:
            file = kind.write_refusal(session.refusal, aside)
            judging = Judging(file=file, layer=head_name(session.network))
        write_companions(aside, session.card, weights, judging)
        if session.folder is not None and (session.folder / USED_FILE).is_file():
            shutil.copyfile(session.folder / USED_FILE, aside / USED_FILE)
        network = kind.open_back(session.card, aside, weights).eval()
        refusal = open_refusal(aside, network) if bundle.is_bundle(aside) else session.refusal
        again = replace(session, network=network, refusal=refusal)
        pixels = _pixels(session, images)
        drawn = not pixels
        pixels = pixels or _drawn(session)
        difference = _verify(session, again, pixels, watch)
        watch.progress(len(pixels), len(pixels), "Running the exported script")
        check_script(aside, session, images[:_SCRIPT_IMAGES], watch)
        _write_verification(aside, len(pixels), difference, drawn=drawn)
        _refuse_foreign(out)  # a minute may have passed
        replace_folder(aside, out)
    except OSError as error:
        raise atomic.storage_error(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return ExportReport(
        path=out,
        files=tuple(sorted(out.iterdir())),
        images_checked=len(pixels),
        drawn=drawn,
        largest_difference=difference,
        snippet=snippet(session.card, weights, judging),
    )


def _verify(session: Session, again: Session, pixels: Sequence[np.ndarray], watch: Watch) -> float:
    """Compare probabilities with those of the export as it was loaded back; gives the largest difference."""
    largest = 0.0
    for start in range(0, len(pixels), _BATCH):
        batch = np.stack(pixels[start : start + _BATCH])
        (ours, judged), (theirs, judged_again) = predict_judged(session, batch), predict_judged(again, batch)
        largest = max(largest, float(np.abs(ours - theirs).max()))
        verdicts = [each.verdicts if each is not None else () for each in (judged, judged_again)]
        if largest > MAX_DIFFERENCE or (ours.argmax(1) != theirs.argmax(1)).any() or verdicts[0] != verdicts[1]:
            raise ExportMismatch(
                "The exported file does not give the same answers as the run.",
                meaning="It was not put in place.",
                remedy="Try again; if it happens again, please report it.",
                details=f"largest difference {largest}",
            )
        watch.check()
        watch.progress(min(start + _BATCH, len(pixels)), len(pixels), "Checking the export")
    return largest


def _pixels(session: Session, images: Sequence[Path]) -> list[np.ndarray]:
    """Of the pictures that can be read."""
    found = []
    for path in images:
        with suppress(ImageError):
            found.append(read_pixels(session, path))
    return found


def _drawn(session: Session) -> list[np.ndarray]:
    return [resize_and_crop(draw_example(number), session.preprocess) for number in range(_DRAWN)]


def _write_verification(folder: Path, images: int, difference: float, *, drawn: bool) -> None:
    """What was found, and the digest of every file: only what is still as it was written is ever replaced."""
    facts = {
        "images": images,
        "drawn": drawn,
        "largest_difference": difference,
        "limit": MAX_DIFFERENCE,
        "top1_equal": True,
        "sha256": {file.name: atomic.sha256_of(file) for file in sorted(folder.iterdir())},
    }
    atomic.write_text_atomically(folder / VERIFICATION_FILE, json.dumps(facts, indent=2) + "\n")


def _refuse_foreign(out: Path) -> None:
    """Raise StorageError unless ``out`` is new, empty, or holds an earlier export and nothing else."""
    if out.exists() and not out.is_dir():
        raise StorageError(f"{out} is a file.", remedy="Choose a folder to export to.")
    names = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if not names:
        return
    digests = _digests(out)
    changed = [name for name in names if not _is_ours(out / name, digests)]
    if changed:
        why = "was changed after the earlier export" if changed[0] in digests else "is no part of an earlier export"
        raise StorageError(
            f"The folder {out} is not empty: there is {changed[0]}, which {why}.",
            meaning="Nothing in it was touched.",
            remedy="Choose a new folder.",
        )


def _is_ours(file: Path, digests: dict[str, str]) -> bool:
    """Whether a file is one that exports have, and as it was written. Older exports noted only the weights' digest."""
    known = {VERIFICATION_FILE, USED_FILE, REFUSAL_FILE, CARD_FILE, bundle.MANIFEST_FILE, *COMPANION_FILES}
    sums = {atomic.checksum_path(file.with_name(name)).name for name in digests}
    if file.name not in known | sums and file.suffix not in _WEIGHTS:
        return False
    if file.is_symlink() or not file.is_file():
        return False
    if file.name in digests:
        return atomic.sha256_of(file) == digests[file.name]
    return bool(digests) and file.name in known | sums


def _digests(folder: Path) -> dict[str, str]:
    """By file name, what an earlier export noted there; empty where there is none."""
    note = folder / VERIFICATION_FILE
    try:
        if note.is_symlink() or not note.is_file() or note.stat().st_size > _LARGEST_NOTE:
            return {}
        said = json.loads(note.read_text(encoding="utf-8"))["sha256"]
        return {str(name): str(digest) for name, digest in said.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
