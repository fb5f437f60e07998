"""The house rules that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from cnnstudio.jobs import specs

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "cnnstudio"
FILES = sorted(PACKAGE.rglob("*.py"))
ENGINE = [path for path in FILES if "ui" not in path.relative_to(PACKAGE).parts and path.name != "__main__.py"]
WINDOW = sorted((PACKAGE / "ui").rglob("*.py"))
MAX_LINES = 300
LONG_FILES: set[str] = set()


def trees(files, words):
    """Those of the files that have one of the words at all, parsed: most have none."""
    for path in files:
        if re.search(words, text := path.read_text(encoding="utf-8")):
            yield path, ast.parse(text)


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_imports_run_downwards_only(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda verbose: None)  # it disables everybody's loggers
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize(
    ("files", "absent"),
    [(ENGINE, ("PySide6", "pyqtgraph")), (WINDOW, ("torch", "torchvision", "lightning_fabric", "openvino"))],
    ids=["engine", "window"],
)
def test_the_engine_imports_without_qt_and_the_window_without_torch(files, absent):
    names = [module_name(path) for path in files]
    code = (
        "import sys, importlib\n"
        f"sys.modules.update(dict.fromkeys({absent!r}))\n"
        f"[importlib.import_module(name) for name in {names!r}]\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_what_answers_at_once_imports_no_torch():
    code = "import sys, cnnstudio, cnnstudio.cli.main, cnnstudio.jobs.specs, cnnstudio.jobs.runner\n"
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_the_table_of_jobs_is_what_mypy_and_packagers_read():
    """The jobs are imported when they are asked for; what tools see are imports that are never carried out."""
    tree = ast.parse((PACKAGE / "jobs" / "specs" / "__init__.py").read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and "specs" in node.module]
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert {name: getattr(specs, name).__module__ for name in specs.__all__} == seen
    with pytest.raises(AttributeError):
        specs.DoTheDishes  # noqa: B018


def test_files_stay_short():
    long = {str(p.relative_to(ROOT)) for p in FILES if len(p.read_text().splitlines()) > MAX_LINES}
    assert long == LONG_FILES


def test_torch_load_always_refuses_code():
    calls = [
        (path, node)
        for path, tree in trees(FILES, r"torch\.load|load_state_dict_from_url")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("torch.load", "load_state_dict_from_url")
    ]
    assert calls
    unsafe = [
        f"{path.name}:{node.lineno}"
        for path, node in calls
        if not any(k.arg == "weights_only" and ast.unparse(k.value) == "True" for k in node.keywords)
    ]
    assert unsafe == []


def test_no_event_is_yielded_inside_a_grad_mode_or_autocast():
    """Those belong to the thread and would stay on for the consumer while the generator is suspended."""
    found = []
    for path, tree in trees(ENGINE, "no_grad|inference_mode|autocast|enable_grad"):
        for block in ast.walk(tree):
            if not isinstance(block, ast.With):
                continue
            opened = " ".join(ast.unparse(item.context_expr) for item in block.items)
            if any(word in opened for word in ("no_grad", "inference_mode", "autocast", "enable_grad")):
                yields = [node for node in ast.walk(block) if isinstance(node, ast.Yield | ast.YieldFrom)]
                found += [f"{path.name}:{node.lineno}" for node in yields]
    assert found == []


@pytest.mark.parametrize("word", ["processEvents(", "time.sleep(", "sys.exit("])
def test_the_window_never_blocks_or_ends_the_process(word):
    assert [path.name for path in (PACKAGE / "ui").rglob("*.py") if word in path.read_text()] == []


def test_nothing_is_imported_by_a_name_in_a_string():
    """Tools that follow imports, such as those that package the application, see everything."""
    assert [path.name for path in FILES if "import_module(" in path.read_text()] == []
