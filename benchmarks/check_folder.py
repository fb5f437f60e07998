"""How long a folder takes to be listed and completely looked at, beside what two cores need only to decode it.

    python benchmarks/check_folder.py FOLDER [ROUNDS]

In turns: our scan (list, decode, hash, compare) with an empty cache and with a full one; the same files decoded by one
plain process per core, with Pillow alone and with the loader that everything in the product reads with; torchvision's
ImageFolder and a loop that opens every file with its loader.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_DECODE = """
import sys
from pathlib import Path
from PIL import Image
paths = [line.rstrip("\\n") for line in sys.stdin]
for path in paths:
    Image.open(path).convert("RGB").load()
"""
_LOAD = """
import sys
from pathlib import Path
from cnnstudio.data.reading.image_reader import read_image
paths = [line.rstrip("\\n") for line in sys.stdin]
for path in paths:
    read_image(Path(path))
"""
_LIST = """
import sys, time
from pathlib import Path
from cnnstudio.core.watch import Control
from cnnstudio.data.layouts.listing import list_pictures
start = time.perf_counter()
listing = list_pictures(Path(sys.argv[1]), control=Control())
print(time.perf_counter() - start, len(listing.names))
"""
_SCAN = """
import resource, sys, time
from pathlib import Path
from cnnstudio.data.project import open_dataset
start = time.perf_counter()
dataset = open_dataset(Path(sys.argv[1]))
print(time.perf_counter() - start, len(dataset.samples), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
_FOLDER = """
import sys, time
from torchvision.datasets import ImageFolder
start = time.perf_counter()
for path, _ in ImageFolder(sys.argv[1]).samples:
    ImageFolder.__init__.__globals__["default_loader"](path)
print(time.perf_counter() - start)
"""


_PLAIN = "decoding alone, one process per core"
_OURS = "the same with our loader"


def main() -> None:
    """Measure in turns and print medians."""
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    paths = sorted(str(path) for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    for path in paths:  # else the first round alone would wait for the disk
        Path(path).read_bytes()
    times: dict[str, list[float]] = {}

    def note(name: str, measure: Callable[[], float]) -> None:
        times.setdefault(name, []).append(measure())

    memory = 0.0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            note("listing", lambda: float(_ours(_LIST, folder, home)[0]))
            fresh = _ours(_SCAN, folder, home)
            memory = max(memory, float(fresh[2]))
            note("scan, first time", lambda fresh=fresh: float(fresh[0]))
            note("scan, again", lambda: float(_ours(_SCAN, folder, home)[0]))
        note(_PLAIN, lambda: _decode(paths, _DECODE))
        note(_OURS, lambda: _decode(paths, _LOAD))
    note("ImageFolder and a loop", lambda: float(_run(_FOLDER, str(folder), {})[0]))
    print(f"{len(paths):,} pictures, {os.cpu_count()} cores, {rounds} rounds; our process took at most {memory:.0f} MB")
    for name, seconds in times.items():
        print(f"{name:40} {statistics.median(seconds):7.2f} s   ({min(seconds):.2f} to {max(seconds):.2f})")
    for name in (_PLAIN, _OURS):
        ratios = [scan / alone for scan, alone in zip(times["scan, first time"], times[name], strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"first scan / {name}, by round: {statistics.median(ratios):.2f} ({spread})")


def _ours(code: str, folder: Path, home: str) -> list[str]:
    return _run(code, str(folder), {"CNNSTUDIO_HOME": home})


def _run(code: str, argument: str, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, argument], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return done.stdout.split()


def _decode(paths: list[str], code: str) -> float:
    cores = os.cpu_count() or 1
    start = time.perf_counter()
    children = []
    for number in range(cores):
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, text=True)
        assert child.stdin is not None
        child.stdin.write("\n".join(paths[number::cores]))
        child.stdin.close()
        children.append(child)
    for child in children:
        child.wait()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
