"""Predict what is on pictures, with the network in model.onnx. It needs onnxruntime, numpy and pillow.

python predict.py PICTURE PICTURE          the five most likely classes of each
python predict.py FOLDER --csv ANSWERS.csv  every picture in a folder and the folders in it, a row each
"""

import argparse
import csv
import io
import json
import os
import re
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np

from cnnstudio.data.decoding import Levels, as_rgb, open_picture

HERE = Path(__file__).parent
THREADS = os.cpu_count() or 1
SUFFIXES = frozenset(
    {
        ".avif", ".bmp", ".dib", ".gif", ".heic", ".heics", ".heif", ".heifs", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg",
        ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
    }
)  # fmt: skip
COLUMNS = ("path", "label", "probability", "second", "margin", "verdict", "error")
UNSURE = "unsure"
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=['\"]*[=+\-@＝＋－＠\t\r\n])")
"""Where a cell begins that a spreadsheet would take for a formula."""


class Answer(NamedTuple):
    """What the network says of one picture."""

    probabilities: np.ndarray
    """One for each of ``labels()``, which sum up to 1."""
    features: np.ndarray
    """What the last layer of the network gets: pictures that are alike have similar ones."""


@lru_cache(maxsize=1)
def labels() -> list[str]:
    """The classes, in the order of the network's outputs."""
    return (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()


@lru_cache(maxsize=1)
def levels() -> Levels:
    """What is black and white in pictures of more than 8 bits."""
    said = json.loads((HERE / "preprocessing.json").read_text(encoding="utf-8"))["levels"]
    return Levels(whole=tuple(said["whole"]), real=tuple(said["real"]))


@lru_cache(maxsize=1)
def ready() -> Any:
    """The network, opened once."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # which it has on Windows
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(HERE / "model.onnx", options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def judge() -> Any:
    """What tells pictures that should not be answered; None where nobody knows."""
    if not (HERE / "judging.py").is_file():
        return None
    from judging import verdict  # type: ignore[import-not-found]

    return verdict


def prepare(path: str | Path) -> np.ndarray:
    """The whole picture, 1 × height × width × 3 bytes: upright, transparency on white. The rest is in the network."""
    with open_picture(path) as picture:
        return np.asarray(as_rgb(picture, levels()))[None]


def answer(path: str | Path) -> Answer:
    """The answer to a picture's file; an exception of any kind where it cannot be read."""
    return answered(prepare(path))


def answered(picture: np.ndarray) -> Answer:
    """The answer to a picture that was prepared."""
    probabilities, features = ready().run(["probabilities", "features"], {"pictures": picture})
    return Answer(probabilities[0], features[0])


def verdict_of(found: Answer, threshold: float = 0.0) -> str:
    """Whether it should be relied on: answer, unlike all it was shown, between two classes, or unsure."""
    if found.probabilities.max() < threshold:
        return UNSURE
    verdict = judge()
    return verdict(found.features, found.probabilities) if verdict is not None else ""


def best(found: Answer, count: int) -> list[int]:
    """The numbers of the most likely classes, the most likely first."""
    return np.argsort(-found.probabilities, kind="stable")[:count].tolist()


def main(path: str | Path, top: int = 5, threshold: float = 0.0) -> None:
    """Print the most likely classes of a picture, and whether to rely on them."""
    found = answer(path)
    for index in best(found, top):
        print(f"{found.probabilities[index]:.6f}  {labels()[index]}")  # noqa: T201
    if verdict := verdict_of(found, threshold):
        print(f"verdict: {verdict}")  # noqa: T201


def pictures_in(places: Sequence[str]) -> Iterator[Path]:
    """The pictures that are named, and those in folders that are named, in the order of their names."""
    for place in map(Path, places):
        if not place.is_dir():
            yield place
            continue
        for folder, folders, files in os.walk(place):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                    yield Path(folder, name)


def in_order(pictures: Iterator[Path]) -> Iterator[tuple[Path, np.ndarray | Exception]]:
    """Pictures, prepared by threads ahead of the network, or why they cannot be read."""

    def read(path: Path) -> np.ndarray | Exception:
        try:
            return prepare(path)
        except Exception as error:  # noqa: BLE001 - of damaged files, of any kind
            return error

    waiting: deque[tuple[Path, Future[np.ndarray | Exception]]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for path in pictures:
            waiting.append((path, pool.submit(read, path)))
            if len(waiting) > 2 * THREADS:
                first, reading = waiting.popleft()
                yield first, reading.result()
        while waiting:
            first, reading = waiting.popleft()
            yield first, reading.result()


def row_of(path: Path, picture: np.ndarray | Exception, threshold: float) -> tuple[str, ...]:
    """Of a table with ``COLUMNS``: a picture that cannot be read has the reason in place of an answer."""
    if isinstance(picture, Exception):
        return str(path), "", "", "", "", "", reason_of(picture)
    found = answered(picture)
    first, *others = best(found, 2)
    second = found.probabilities[others[0]] if others else 0.0
    return (
        str(path),
        labels()[first],
        f"{found.probabilities[first]:.6f}",
        labels()[others[0]] if others else "",
        f"{found.probabilities[first] - second:.6f}",
        verdict_of(found, threshold),
        "",
    )


def reason_of(error: Exception) -> str:
    """Why a picture could not be read, without numbers that only programmers know."""
    reason = error.strerror if isinstance(error, OSError) else ""
    return reason or str(error) or type(error).__name__


def write_table(file: TextIO, places: Sequence[str], threshold: float = 0.0) -> int:
    """Write a row for every picture, as soon as it is answered; returns how many there are."""
    count = 0
    file.write(",".join(COLUMNS) + "\n")
    for path, picture in in_order(pictures_in(places)):
        line = io.StringIO()
        cells = [_FORMULA.sub(r"\1'", cell) for cell in row_of(path, picture, threshold)]
        csv.writer(line, lineterminator="\n").writerow(cells)
        file.write(line.getvalue())
        file.flush()
        count += 1
        print(f"\r{count:,} done", end="", file=sys.stderr)  # noqa: T201
    print(file=sys.stderr)  # noqa: T201
    return count


def command(words: Sequence[str] | None = None) -> int:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(description="Predict what is on pictures.")
    parser.add_argument("pictures", nargs="+", metavar="PICTURE|FOLDER")
    parser.add_argument("--csv", type=Path, metavar="FILE.csv", help="write a table, a row for each picture")
    parser.add_argument("--top", type=int, default=5, metavar="N", help="print so many classes (default 5)")
    parser.add_argument(
        "--threshold", type=float, default=0.0, metavar="P",
        help=f'answers whose probability is below it, from 0 to 1, are "{UNSURE}"',
    )  # fmt: skip
    options = parser.parse_args(words)
    if options.csv is not None:
        if options.csv.suffix.lower() != ".csv":
            parser.error(f"the table's name has to end with .csv: {options.csv}")
        with options.csv.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            write_table(file, options.pictures, options.threshold)
        return 0
    worst, several = 0, len(options.pictures) > 1 or Path(options.pictures[0]).is_dir()
    for path in pictures_in(options.pictures):
        if several:
            print(path)  # noqa: T201
        try:
            main(path, options.top, options.threshold)
        except Exception as error:  # noqa: BLE001 - of damaged files, of any kind
            print(f"{path} could not be read: {reason_of(error)}", file=sys.stderr)  # noqa: T201
            worst = 1
    return worst


if __name__ == "__main__":
    try:
        failed = command()
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    if failed:
        sys.exit(failed)
