"""Damaged files by the thousand: nothing dies, nothing is silent, and everybody says the same of each file."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from tests.conftest import SHARED, draw_folder
from tests.mutations import write_mutated

COUNT = int(os.environ.get("CNNSTUDIO_MUTATIONS", "360"))
MOST_MEMORY = 2 << 30


def studio(*words, timeout=900):
    """The program's answer, what it said beside it, and the most memory that it and its children took, in bytes."""
    command = [sys.executable, "-m", "cnnstudio", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        family, most = psutil.Process(process.pid), 0
        while True:
            try:
                out, said = process.communicate(timeout=0.05)
                break
            except subprocess.TimeoutExpired:
                most, timeout = max(most, _memory(family)), timeout - 0.05
                if timeout < 0:
                    process.kill()
                    raise
    assert process.returncode == 0, said[-2000:]
    return out, said, most


def _memory(family):
    try:
        return sum(process.memory_info().rss for process in (family, *family.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = tmp_path_factory.mktemp("trained")
    draw_folder(home / "pictures", per_class=6)
    words = ("--mode", "scratch", "--model", "lenet5", "--epochs", "1", "--device", "cpu")
    studio("train", home / "pictures", *words, "--out", home / "run")
    return home / "run"


@pytest.mark.slow
def test_damaged_pictures(tmp_path, run):
    photos = sorted((SHARED / "data" / "clothing").rglob("*.jpg"))[::40] if SHARED.is_dir() else []
    folder = tmp_path / "pictures"
    files = {str(path) for path in write_mutated(folder, COUNT, photos=photos)}
    out, said, scanning = studio("scan", folder, "--json")
    found = json.loads(out)
    refused = {str(folder / problem["path"]) for problem in found["problems"]} & files
    assert said == ""
    out, said, predicting = studio("predict", run, folder, "--json")
    answers = json.loads(out)
    assert said == ""
    assert {answer["path"] for answer in answers} == files
    assert {answer["path"] for answer in answers if answer["error"]} == refused
    assert 0.2 * COUNT < len(refused) < 0.9 * COUNT
    assert all("Error" not in problem["detail"] for problem in found["problems"])
    assert max(scanning, predicting) < MOST_MEMORY
    figures = f"{COUNT} files, {len(refused)} refused, {scanning / 1e9:.2f} and {predicting / 1e9:.2f} GB"
    print(figures)  # noqa: T201 - shown with -s, for a campaign
