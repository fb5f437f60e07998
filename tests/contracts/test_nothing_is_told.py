"""No library tells its makers that it is used: not from the app, and not from the scripts of its exports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio import __main__
from cnnstudio.export.open_vino.companions import IN_OPENVINO

PACKAGE = Path(__main__.__file__).parent


def _imports(tree, name):
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == name for alias in node.names):
                    yield function.name


def test_openvino_is_imported_in_one_place_that_silences_it():
    found = {
        path.relative_to(PACKAGE).as_posix(): set(_imports(ast.parse(text), "openvino"))
        for path in PACKAGE.rglob("*.py")
        if "import openvino" in (text := path.read_text(encoding="utf-8"))
    }
    assert {path: names for path, names in found.items() if names} == {"compute/engines.py": {"quiet_openvino"}}


def test_every_process_of_ours_is_silent_before_it_does_anything():
    code = (
        "import sys; from cnnstudio import __main__; sys.argv = ['cnnstudio', '--version']\n"
        "try: __main__.main()\nexcept SystemExit: pass\n"
        "assert sys.modules['openvino_telemetry'] is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.slow
def test_the_script_of_an_export_is_silent():
    code = "\n".join([*IN_OPENVINO.imports, "openvino.Core()"])
    code += "\nassert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
