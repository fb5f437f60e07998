"""``kill -9`` at any moment costs a table its last seconds: what is continued is what it would have been."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.tiny_bundle import tiny_bundle

ROOT = Path(__file__).parents[2]
GROWING = """
import sys, time
from pathlib import Path
from cnnstudio.core import Control
from cnnstudio.inference.folder import table
from cnnstudio.inference.folder.listing import Listing
from cnnstudio.inference.folder.rows import Rows
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.data.dataset import stamp

table.FLUSH_S = 0.0
file, pictures = Path(sys.argv[1]), int(sys.argv[2])
paths = [f"/nowhere/=picture {number}.jpg" for number in range(pictures)]
listing = Listing(folders=(), paths=paths, reasons={}, hidden=0)
growing = table.GrowingTable(file, Rows("long", "ab", top=2, judged=False), listing, network="x", rules="y", batch=2)
growing.resume(Control())
while growing.done < pictures:
    some = paths[growing.done : growing.done + 2]
    top = (ClassScore("a", 1 / (growing.done + 3)), ClassScore("b", 0.1))
    growing.add([Prediction(path=Path(path), top=top) for path in some], list(map(stamp, some)))
growing.finish()
"""


def grow(file, pictures):
    return subprocess.Popen([sys.executable, "-c", GROWING, str(file), str(pictures)], cwd=ROOT)


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_a_table_that_was_killed_while_it_grew(tmp_path):
    chance = random.Random(1)
    assert grow(tmp_path / "whole.csv", 80).wait() == 0
    file, size = tmp_path / "a.csv", (tmp_path / "whole.csv").stat().st_size
    child = grow(file, 80)
    while child.poll() is None and (not file.exists() or file.stat().st_size < 0.4 * size):
        time.sleep(chance.uniform(0, 0.003))
    child.send_signal(signal.SIGKILL)
    child.wait()
    content = file.read_bytes()
    assert 0.4 * size <= len(content) < size
    assert (tmp_path / "whole.csv").read_bytes().startswith(content)
    assert grow(file, 80).wait() == 0
    assert file.read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_ten_thousand_pictures_and_twenty_kills(tmp_path):
    """E8, through the command."""
    chance, pictures = random.Random(8), int(os.environ.get("CNNSTUDIO_TEST_PICTURES", "10000"))
    bundle, photos = tiny_bundle(tmp_path / "model"), tmp_path / "photos"
    photos.mkdir()
    for number in range(40):
        Image.effect_noise((60, 52), 20 + number).convert("RGB").save(photos / f"source{number}.png")
    (photos / "source7.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    for number in range(pictures - 40):
        os.link(photos / f"source{number % 40}.png", photos / f"={number}.png")

    def predict(file):
        words = ["-m", "cnnstudio", "predict", str(bundle), str(photos), "--csv", str(file), "--resume"]
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, stderr=subprocess.DEVNULL)

    assert predict(tmp_path / "whole.csv").wait() == 0
    whole, file = (tmp_path / "whole.csv").read_bytes(), tmp_path / "a.csv"
    killed = 0
    for share in sorted(chance.random() for _ in range(20)):
        child = predict(file)
        while child.poll() is None and (not file.exists() or file.stat().st_size < share * len(whole)):
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 1.5))
        killed += child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert whole.startswith(file.read_bytes())
    assert predict(file).wait() == 0
    assert file.read_bytes() == whole
    assert killed > 10
