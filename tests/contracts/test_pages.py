"""The window by page: pages know the studio and the widgets, never each other, and the window knows no page."""

import ast
import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "cnnstudio" / "ui"
PAGES = {path.parent.name for path in UI.glob("*/page.py")} - {"widgets"}
SHARED = {"state", "widgets", "look"}
FRAME = "frame"
"""What is around the pages; it knows none of them."""
PAGE_API = {"keys", "menu_entries", "paste", "release", "take_pictures", "takes_folders", "wants_pictures"}


def imported(path):
    """Rooms of ui that a file imports from."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnnstudio.ui."):
            yield node.module.split(".")[2]


def test_there_are_pages():
    assert {"home", "data", "network", "train", "results", "predict", "export"} <= PAGES


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_imports_nothing_of_another_page(page):
    allowed = SHARED | {page}
    found = {(path.name, room) for path in (UI / page).rglob("*.py") for room in imported(path)}
    assert {(name, room) for name, room in found if room not in allowed} == set()


@pytest.mark.parametrize("room", sorted({*SHARED, FRAME}))
def test_what_pages_share_knows_no_page(room):
    found = {(path.name, other) for path in (UI / room).rglob("*.py") for other in imported(path)}
    assert {(name, other) for name, other in found if other not in SHARED | {room}} == set()


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_that_obeys_keys_tells_them_in_the_help(page):
    obeys = [path.name for path in (UI / page).rglob("*.py") if re.search("keyPressEvent|QShortcut", path.read_text())]
    if obeys:
        assert re.search(r"^    keys(: ClassVar)? = \(", (UI / page / "page.py").read_text(), re.MULTILINE), obeys


def test_only_the_table_imports_pages():
    for path in UI.glob("*.py"):
        if path.name != "pages.py":
            assert not PAGES & set(imported(path)), path.name


def test_the_window_touches_a_page_only_where_every_page_can_be_touched():
    trees = [ast.parse((UI / name).read_text()) for name in ("main_window.py", "frame/way_in.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert not {node.attr for node in nodes if node.attr.endswith("_page") and node.attr.lstrip("_") != "show_page"}
    pages = ("page", "shown")
    of_pages = {node.attr for node in nodes if ast.unparse(node.value) in pages}
    assert of_pages == PAGE_API, "and all of it is used"


def test_a_signal_without_a_type_says_why():
    lines = [line for path in UI.rglob("*.py") for line in path.read_text().splitlines() if "Signal(object)" in line]
    assert lines
    assert [line for line in lines if "#" not in line] == []
