"""The export folder: built aside, loaded back, compared on pictures, and only then moved into place."""

import json
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from cnnstudio.core.atomic import (
    TEMP_PREFIX,
    checksum_path,
    replace_folder,
    sha256_of,
    storage_error,
    write_text_atomically,
    write_with_checksum,
)
from cnnstudio.core.errors import ExportMismatch, ImageError, StorageError
from cnnstudio.data.practice.sample_dataset import draw_example
from cnnstudio.data.reading.preprocess import resize_and_crop
from cnnstudio.export.companions import COMPANION_FILES, snippet, write_companions
from cnnstudio.export.results import ExportReport
from cnnstudio.inference.predict import predict_probabilities, read_pixels
from cnnstudio.inference.session import Session
from cnnstudio.networks.bundle import CARD_FILE, MANIFEST_FILE, WEIGHTS_FILE, build_for, load_bundle, save_bundle
from cnnstudio.networks.weights.state_file import read_state

VERIFICATION_FILE = "verification.json"
MAX_DIFFERENCE = 1e-5
_BATCH = 8


def export_model(
    session: Session,
    kind: Literal["bundle", "state-dict"],
    out: Path,
    images: Sequence[Path],
    progress: Callable[[int, int, str], None],
) -> ExportReport:
    """Export a model and check the result.

    Args:
        session: the loaded model.
        kind: ``bundle`` (safetensors + JSON) or ``state-dict`` (.pth).
        out: the folder to make; an earlier export there is replaced, anything else is not touched.
        images: real pictures for the check.
        progress: called with pictures done, in all, and what is being done.

    Raises:
        ExportMismatch: loaded back, it does not give the same answers; nothing is put in place then.
        StorageError: the folder cannot be written, or holds something else.
    """
    out = out.absolute()
    _refuse_foreign(out)
    aside = out.with_name(f"{TEMP_PREFIX}{out.name[:60]}-{secrets.token_hex(4)}")
    try:
        aside.mkdir(parents=True)
        weights = _write_weights(session, kind, aside)
        write_companions(aside, session.card, weights)
        checked, difference = _verify(session, kind, aside, weights, images, progress)
        _write_verification(aside, weights, checked, difference)
        replace_folder(aside, out)
    except OSError as error:
        raise storage_error(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return ExportReport(
        path=out,
        files=tuple(sorted(out.iterdir())),
        images_checked=checked,
        largest_difference=difference,
        snippet=snippet(session.card, weights),
    )


def _write_weights(session: Session, kind: str, folder: Path) -> str:
    if kind == "bundle":
        save_bundle(folder, session.network, session.card)
        return WEIGHTS_FILE
    name = f"{session.network_name}.pth"
    state = session.network.state_dict()  # an OrderedDict that carries the layers' versions, which torchvision wants
    for key, value in state.items():
        state[key] = value.detach().cpu().contiguous().clone()
    write_with_checksum(folder / name, lambda file: torch.save(state, file))
    return name


def _verify(
    session: Session,
    kind: str,
    folder: Path,
    weights: str,
    images: Sequence[Path],
    progress: Callable[[int, int, str], None],
) -> tuple[int, float]:
    """Load the export back as a receiver would and compare probabilities; returns pictures and largest difference."""
    again = _load_back(session, kind, folder, weights)
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
        progress(min(start + _BATCH, len(pixels)), len(pixels), "Checking the export")
    return len(pixels), largest


def _load_back(session: Session, kind: str, folder: Path, weights: str) -> Session:
    if kind == "bundle":
        network, card = load_bundle(folder)
        classes = card.classes
    else:
        network = build_for(session.card)
        network.load_state_dict(read_state(folder / weights), assign=True)
        classes = session.classes
    return Session(
        network=network.eval(),
        network_name=session.network_name,
        title=session.title,
        classes=classes,
        preprocess=session.preprocess,
        card=session.card,
        lock=session.lock,
    )


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
        "sha256": {weights: sha256_of(folder / weights)},
    }
    write_text_atomically(folder / VERIFICATION_FILE, json.dumps(facts, indent=2) + "\n")


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
    checksums = {checksum_path(folder / name).name for name in weights}
    return {VERIFICATION_FILE, CARD_FILE, MANIFEST_FILE, *COMPANION_FILES} | weights | checksums
