"""Where a file of the installation is missing or damaged, that is said: it may have gone to a virus scanner."""

import subprocess
import sys

import pytest


def start(hidden, *words):
    """A process of ours for which a module is not there."""
    code = f"import sys; sys.modules[{hidden!r}] = None; sys.argv = ['cnnstudio', *{words!r}]\n"
    code += "from cnnstudio.__main__ import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        ("psutil", ("runs",)),  # what everything begins with
        ("psutil", ()),
        ("numpy", ("runs",)),  # what all commands need
        ("PIL.Image", ("--help",)),
        ("torchvision", ("anatomy", "resnet18")),  # what one command needs
        ("PySide6", ()),  # what the window needs
    ],
)  # fmt: skip
def test_a_part_that_is_missing_is_named_with_what_to_do(hidden, words, isolated_user_dirs):
    done = start(hidden, *words)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    assert said.startswith("cnnstudio: ")
    assert f"A part of CNN Studio is missing or damaged: import of {hidden} halted" in said
    assert "Install CNN Studio again" in said


@pytest.mark.parametrize(("hidden", "words"), [("numpy", ("runs",)), ("torchvision", ("anatomy", "resnet18"))])
def test_the_log_has_what_it_takes_to_find_out_why(hidden, words, isolated_user_dirs):
    done = start(hidden, *words)
    (log,) = isolated_user_dirs.rglob("cnnstudio.log")
    assert f"The details are in {log}." in done.stderr
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_damaged_file_is_no_other_thing_than_a_missing_one(tmp_path):
    (tmp_path / "psutil.py").write_bytes(b"\0\0\0\0")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['cnnstudio', 'runs']\n"
    code += "from cnnstudio.__main__ import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "A part of CNN Studio is missing or damaged" in done.stderr
