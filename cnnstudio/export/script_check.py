"""Run the script of an export, as its receiver will: on pictures of every kind, and compare what it sees and answers.

In a child process that has the export's folder and no part of this package, so that nothing it needs is left behind.
"""

import contextlib
import io
import json
import os
import runpy
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cnnstudio.core import CHECK_SCRIPT, Control, ExportMismatch, ImageError, Watch, child_command
from cnnstudio.core.child import ask_child, end_with_parent
from cnnstudio.data.practice.sample_dataset import draw_example
from cnnstudio.data.reading import read_image
from cnnstudio.export.companions import SCRIPT_FILE
from cnnstudio.export.running import hide_this_package
from cnnstudio.inference.session import Session, predict_probabilities, read_pixels
from cnnstudio.networks.refusal import Refusal

SEEN_WITHIN = 1e-4
"""Of the values that the network gets; a step of an 8-bit picture is a hundred times as much."""
_SECONDS = 600
SAID_WITHIN = 1e-4
"""Of a probability: the script computes on the processor, the app perhaps on a graphics card."""
_SHIFTS = ((0.0, 0.0), (1e-4, 0.0), (-1e-4, 0.0), (0.0, 1e-3), (0.0, -1e-3))
"""Of nearness and clearness, in which another computer may differ."""
_SIZE = (150, 96)
"""Wider than high, so that another crop shows."""
_LONGEST_WORDS = 2000


def check_script(
    folder: Path,
    session: Session,
    images: Sequence[Path],
    watch: Watch,
    *,
    whole: bool = False,
    within: float = SAID_WITHIN,
) -> int:
    """Compare the script of an export with the app, on pictures of the user and one of each kind that is hard to read.

    Args:
        folder: the export.
        session: what it was made of.
        images: of the user; those that cannot be read are passed over.
        watch: asked for a stop.
        whole: the script's ``prepare`` gives whole pictures, not what the network gets.
        within: how far a probability may be from the app's.

    Returns:
        The number of pictures.

    Raises:
        ExportMismatch: it ends with an error, sees other values, or gives other answers.
        StopRequested: a stop was asked for.
    """
    with tempfile.TemporaryDirectory(prefix="cnnstudio-") as place:
        ours = {path: pixels for path in images if (pixels := _readable(session, path)) is not None}
        ours |= {path: read_pixels(session, path) for path in draw_kinds(Path(place))}
        out = Path(place) / "answers.npz"
        if said := run_script(folder, out, list(ours), watch.control):
            raise _mismatch(said)
        with np.load(out, allow_pickle=False) as stored:
            theirs = [(stored[f"seen{number}"], str(stored[f"said{number}"])) for number in range(len(ours))]
        for (path, pixels), (seen, printed) in zip(ours.items(), theirs, strict=True):
            watch.check()
            expected = _whole(session, path) if whole else _input(session, pixels)
            if expected.shape != seen.shape or not np.abs(expected - seen).max() <= SEEN_WITHIN:
                raise _mismatch(f"{path.name}: the script sees another picture")
            if problem := _difference(session, pixels, printed, within):
                raise _mismatch(f"{path.name}: {problem}")
    return len(ours)


def _readable(session: Session, path: Path) -> np.ndarray | None:
    with contextlib.suppress(ImageError):
        return read_pixels(session, path)
    return None


def _input(session: Session, pixels: np.ndarray) -> np.ndarray:
    from cnnstudio.compute.engines import to_input

    return to_input(pixels[None], session.preprocess).numpy()


def _whole(session: Session, path: Path) -> np.ndarray:
    return np.asarray(read_image(path, session.preprocess.levels))[None].astype(np.float32)


def _difference(session: Session, pixels: np.ndarray, printed: str, within: float) -> str:
    """In words; empty where there is none that matters."""
    probabilities = dict(zip(session.classes, predict_probabilities(session, pixels[None])[0].tolist(), strict=True))
    said = printed.splitlines()
    verdict = said.pop() if said and session.refusal is not None else ""
    lines = [line.split("  ", 1) for line in said]
    if len(lines) != min(5, len(probabilities)) or any(len(line) != 2 for line in lines):
        return f"the script prints {printed[:_LONGEST_WORDS]!r}"
    worst = max(abs(float(said) - probabilities.get(label, np.inf)) for said, label in lines)
    first = max(probabilities.values()) - probabilities.get(lines[0][1], -np.inf)
    if max(worst, first) > within:
        return f"an answer differs by {worst:.2g}"
    if session.refusal is not None and verdict not in (expected := _verdicts(session, session.refusal, pixels, within)):
        return f"it says {verdict} in place of {' or '.join(sorted(expected))}"
    return ""


def _verdicts(session: Session, refusal: Refusal, pixels: np.ndarray, within: float) -> set[str]:
    """What it may say: more than one where the figures are as near to another verdict as they may differ."""
    import torch

    from cnnstudio.compute.engines import to_input
    from cnnstudio.inference.judging import answering

    with torch.inference_mode():
        values = answering(session.network, refusal)(to_input(pixels[None], session.preprocess).contiguous()).numpy()
    features, logits = np.split(
        values[:, : refusal.features.shape[1] + len(session.classes)], [refusal.features.shape[1]], 1
    )
    shifts = [(near * within / SAID_WITHIN, clear * within / SAID_WITHIN) for near, clear in _SHIFTS]
    return {f"verdict: {refusal.judge(features, logits, shift).verdicts[0]}" for shift in shifts}


def _mismatch(details: str) -> ExportMismatch:
    return ExportMismatch(
        "The exported script does not give the same answers as the run.",
        meaning="The export was not put in place.",
        remedy="Try again; if it happens again, please report it.",
        details=details,
    )


# The other side ---------------------------------------------------------------------------------------------------


def run_script(folder: Path, out: Path, pictures: Sequence[Path], control: Control) -> str:
    """Run it in a child process, which writes ``out``; returns what went wrong."""
    words = json.dumps([os.fspath(path.absolute()) for path in pictures])
    asked = out.with_suffix(".json")
    asked.write_text(words, encoding="ascii")
    try:
        ended = ask_child(child_command(CHECK_SCRIPT, str(folder), str(out), str(asked)), _SECONDS, control)
    except TimeoutError as error:
        return str(error)
    return f"exit code {ended.code}\n{ended.said}" if ended.code or not out.is_file() else ""


def check_in_child(folder: str, out: str, asked: str) -> None:
    """The child's side: this package is out of reach for the script."""
    end_with_parent()
    pictures = json.loads(Path(asked).read_text(encoding="ascii"))
    hide_this_package()
    write_answers(folder, out, pictures)


def write_answers(folder: str, out: str, pictures: Sequence[str]) -> None:
    """What a script sees and prints of each picture; what Python compiles of it does not stay in the export."""
    sys.path.insert(0, folder)
    compiled, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    script = str(Path(folder) / SCRIPT_FILE)
    answers: dict[str, Any] = {}
    known: dict[str, Any] = {}
    before = sys.argv
    try:
        for number, picture in enumerate(pictures):
            sys.argv = [script, picture]
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                if not known:
                    known = runpy.run_path(script, run_name="__main__")
                else:
                    known["main"](picture)
            answers[f"said{number}"] = printed.getvalue()
            answers[f"seen{number}"] = np.asarray(known["prepare"](picture))
    finally:
        sys.argv, sys.dont_write_bytecode = before, compiled
        sys.path.remove(folder)
    np.savez(out, **answers)


# Pictures of each kind --------------------------------------------------------------------------------------------


def draw_kinds(folder: Path) -> list[Path]:
    """A picture of each kind that a shorter script would read otherwise; those that this computer can write."""
    made = []
    for name, save in _kinds().items():
        path = folder / name
        with contextlib.suppress(OSError, KeyError, ImportError):  # Pillow was built without this format
            save(path)
            made.append(path)
    return made


def _kinds() -> dict[str, Callable[[Path], object]]:
    picture = draw_example(1).resize(_SIZE)
    grey, small = picture.convert("L"), picture.resize((60, 40))
    fade = Image.fromarray(np.tile(np.linspace(0, 255, _SIZE[0]).astype(np.uint8), (_SIZE[1], 1)))
    clear, deep, turned = picture.copy(), np.asarray(grey).astype(np.uint16), Image.Exif()
    clear.putalpha(fade)
    turned[0x0112] = 6
    fine = deep * 256 + np.random.default_rng(0).integers(0, 256, deep.shape).astype(np.uint16)
    frames: dict[str, Any] = {"save_all": True, "append_images": [small.resize(_SIZE).rotate(180)]}

    def heic(path: Path) -> None:
        import pillow_heif

        pillow_heif.from_pillow(picture).save(path, quality=80)

    return {
        "camera.jpg": lambda path: picture.save(path, quality=90),
        "small.png": small.save,
        "turned.jpg": lambda path: picture.save(path, exif=turned),
        "print.jpg": picture.convert("CMYK").save,
        "16 bits.png": Image.fromarray(fine).save,
        "12 of 16 bits.tif": Image.fromarray(fine >> 4).save,
        "floating point.tif": Image.fromarray(fine.astype(np.float32) / 65535).save,
        "transparent.png": clear.save,
        "transparent grey.png": Image.merge("LA", [grey, fade]).save,
        "transparent palette.png": lambda path: picture.quantize(16).save(path, transparency=3),
        "black and white.png": picture.convert("1").save,
        "moving.gif": lambda path: picture.save(path, **frames),
        "moving.webp": lambda path: clear.save(path, **frames),
        "picture.avif": picture.save,
        "phone.heic": heic,
    }
