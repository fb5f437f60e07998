"""A folder into a table: pictures a second beside decoding alone and the engine alone, and 0.1.0's command; memory.

    git worktree add ../before 89b16a4~1    # 0.1.0, whose predict takes one picture at a time
    python benchmarks/folders.py squeezenet1_0 ../shared/data/clothing --weights ../shared/weights --before ../before
    python benchmarks/folders.py RUN ../shared/data/clothing --memory 10000

The three are timed in turns in one process, by wall clock and by processor time. Where decoding and computing share
the same cores, as without a graphics card, nothing is faster than both one after the other: that bound is shown, too.
Commands are timed as a person waits for them, starts included.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from cnnstudio.core import Control, Watch, keep_large_blocks, wait_shortly  # torch is imported after these were called

ROOT = Path(__file__).resolve().parents[1]


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock and by the processor."""
    wall, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - busy


def in_turns(model: str, weights: Path | None, folder: Path, pictures: int, rounds: int) -> None:
    """The three ways."""
    from cnnstudio.compute.device import choose_device
    from cnnstudio.compute.frozen_pass import frozen_outputs
    from cnnstudio.data.reading import is_picture, read_ahead
    from cnnstudio.inference.folder.listing import Listing, list_files
    from cnnstudio.inference.folder.predicting import answer_folder
    from cnnstudio.inference.folder.results import TableSpec
    from cnnstudio.inference.session import engine_for, open_model, read_pixels
    from cnnstudio.jobs.job import carry
    from cnnstudio.networks import ModelRef

    bundle = Path(model) / "bundle"
    session = open_model(ModelRef(source=str(bundle) if bundle.is_dir() else model, weights=weights))
    found = list_files([folder], Control())
    paths = [path for path in found.paths if is_picture(path)]
    paths = paths[:: max(1, len(paths) // pictures)][:pictures]
    listing = Listing(folders=found.folders, paths=paths, reasons={}, hidden=0)
    crops = np.stack([read_pixels(session, Path(path)) for path in paths[:64]])

    def decode() -> None:
        for _ in read_ahead(paths, lambda path: read_pixels(session, Path(path))):
            pass

    def compute() -> None:
        with engine_for(session, choose_device("auto")) as frozen:
            for _ in frozen_outputs(len(paths), frozen, lambda place: crops[place % len(crops)]):
                pass

    def table() -> None:
        with tempfile.TemporaryDirectory() as out:
            carry(answer_folder(session, listing, TableSpec(file=Path(out) / "a.csv"), Watch()), lambda _: None)

    report({"decoding alone": decode, "engine alone": compute, "the table": table}, len(paths), rounds)


def report(ways: dict[str, Callable[[], None]], pictures: int, rounds: int) -> None:
    """Time them in turns and print."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, work in ways.items():
            seconds = timed(work)
            if number:  # the first round warms up
                taken[name].append(seconds)
    print(f"{pictures} pictures, {rounds} rounds, {os.cpu_count()} cores\n")
    print("| | pictures a second | processor ms a picture |\n| --- | --- | --- |")
    for name, found in taken.items():
        wall, busy = (statistics.median(each) for each in zip(*found, strict=True))
        print(f"| {name} | {pictures / wall:.0f} | {1000 * busy / pictures:.2f} |")
    for clock, text in enumerate(("by the clock", "by processor time")):
        decoding, engine, together = ([pair[clock] for pair in taken[name]] for name in ways)
        slower = [max(a, b) / c for a, b, c in zip(decoding, engine, together, strict=True)]
        bound = [(a + b) / c for a, b, c in zip(decoding, engine, together, strict=True)]
        print(f"\n{text}: {spread(slower)} of the slower one; {spread(bound)} of both one after the other")


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def beside_before(model: list[str], folder: Path, before: Path, pictures: int, rounds: int) -> None:
    """The whole command, ours and the earlier one's, in turns."""
    some = sorted(path for path in folder.rglob("*.jp*g"))
    some = some[:: max(1, len(some) // pictures)][:pictures]
    with tempfile.TemporaryDirectory() as place:
        photos = Path(place) / "photos"
        photos.mkdir()
        for number, path in enumerate(some):
            (photos / f"{number:05}.jpg").symlink_to(path.resolve())
        found: dict[str, list[tuple[float, float]]] = {"before": [], "now": []}
        for number in range(rounds):
            for name, root in (("before", before), ("now", ROOT)):
                out = Path(place) / f"{name}.csv"
                found[name].append(command(root, model, photos, out))
            print(number, {name: each[-1] for name, each in found.items()}, flush=True)
    for clock, text in enumerate(("by the clock", "by processor time")):
        ratios = [one[clock] / other[clock] for one, other in zip(found["before"], found["now"], strict=True)]
        print(f"{len(some)} pictures, whole command, {text}: {spread(ratios)} times as fast")


def command(root: Path, model: list[str], photos: Path, out: Path) -> tuple[float, float]:
    """Seconds by the clock and by the processor of one command."""
    words = [sys.executable, "-m", "cnnstudio", "predict", *model, str(photos), "--csv", str(out)]
    start, busy = time.perf_counter(), os.times()
    surroundings = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run(words, check=True, cwd=root, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system - busy.children_user - busy.children_system
    return time.perf_counter() - start, used


def memory(model: str, folder: Path, pictures: int) -> None:
    """What the command takes while so many pictures are answered."""
    bundle = Path(model) / "bundle"
    some = sorted(path for path in folder.rglob("*.jp*g"))
    with tempfile.TemporaryDirectory() as place:
        photos, out = Path(place) / "photos", Path(place) / "a.csv"
        photos.mkdir()
        for number in range(pictures):
            (photos / f"{number:06}.jpg").symlink_to(some[number % len(some)].resolve())
        words = [
            "-m",
            "cnnstudio",
            "predict",
            str(bundle if bundle.is_dir() else model),
            str(photos),
            "--csv",
            str(out),
        ]
        child = subprocess.Popen([sys.executable, *words, "--wide"], cwd=ROOT, stderr=subprocess.DEVNULL)
        seen: list[tuple[int, float, float]] = []
        start = time.monotonic()
        while child.poll() is None:
            time.sleep(1)
            try:
                taken = psutil.Process(child.pid).memory_info()
            except psutil.Error:
                break
            rows = out.read_bytes().count(b"\n") - 1 if out.exists() else 0
            seen.append((rows, taken.rss / 1e6, (taken.rss - taken.shared) / 1e6))
            if len(seen) % 30 == 0:
                shown = f"{seen[-1][1]:.0f} MB, {seen[-1][2]:.0f} without files that are mapped"
                print(f"{time.monotonic() - start:.0f} s, {rows} pictures, {shown}", flush=True)
        for place, text in ((1, "all"), (2, "without files that are mapped")):
            steady = [each[place] for each in seen if each[0] >= min(1000, pictures // 10)]
            most = max(each[place] for each in seen)
            print(f"{text}: at most {most:.0f} MB; from a tenth on {min(steady):.0f} to {max(steady):.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a run, a bundle, or a network's name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, help="of a network's name")
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", type=Path, help="a checkout of an earlier version")
    parser.add_argument("--memory", type=int, default=0, metavar="PICTURES")
    options = parser.parse_args()
    keep_large_blocks()
    wait_shortly()
    if options.memory:
        memory(options.model, options.folder, options.memory)
    elif options.before:
        weights = ["--weights", str(options.weights)] if options.weights else []
        beside_before(
            [options.model, *weights], options.folder, options.before.resolve(), options.pictures, options.rounds
        )
    else:
        in_turns(options.model, options.weights, options.folder, options.pictures, options.rounds)


if __name__ == "__main__":
    main()
