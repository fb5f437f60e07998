"""What the bundle does before anything else: other programs get the system's libraries, and ours get the bundle's."""

import os
import runpy
from pathlib import Path

import pytest

ENTRY = Path(__file__).parents[2] / "packaging" / "pyinstaller" / "entry.py"


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"LD_LIBRARY_PATH": "/bundle/_internal", "LD_LIBRARY_PATH_ORIG": "/opt/lib"}, "/opt/lib"),
        ({"LD_LIBRARY_PATH": "/bundle/_internal"}, None),
        ({}, None),
    ],
)
def test_libraries_are_put_right_before_we_begin(given, left, monkeypatch):
    for name in ("LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG", "PYINSTALLER_RESET_ENVIRONMENT"):
        monkeypatch.setenv(name, "")  # so that what is set now is taken back
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.frozen", True, raising=False)
    seen = {}
    monkeypatch.setattr("cnnstudio.__main__.main", lambda: seen.update(os.environ) or 0)
    with pytest.raises(SystemExit):
        runpy.run_path(str(ENTRY))
    assert seen.get("LD_LIBRARY_PATH") == left
    assert seen["PYINSTALLER_RESET_ENVIRONMENT"] == "1", "a child's loader looks for the libraries again"
