"""One word for one thing: what was replaced does not come back, and nothing glues plural endings or sentences."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "cnnstudio"
FORBIDDEN = {
    r"\bTrouble\b": "Problems found",
    r"[Rr]ight when said": "Correct when predicted (precision)",
    r"\btaken for\b": "predicted as, or →",
    r"\b[Dd]ivided? (the pictures|anew)": "split, split again",
    r"(?<!-)\banew\b": "again",
    r"\b[Ll]eft out by you|\b[Ll]eave out|\b[Ll]eaving out": "skip",
    r"\b[Ll]ast stage\b": "last layers",
    r"\bgoing on\b|\b[Gg]o on\b|\b[Gg]oes on\b": "running, continue, resume",
    r"\bRight on\b|% right\b|pictures right\b": "correct",
    r"learning by heart": "overfitting",
    r"\bGFLOPS\b|thousand million": "GMACs, billion multiply-adds",
    r"[Ll]ook(ing)? (closely|into|at (the )?pictures)": "open, check",
    r"with the frozen network": "Preparing the pictures",
    r"the start was best": "no epoch was better than the start",
    r"\b[Mm]odel page\b|\bThe model\b|\bmodel's\b": "Network page, the network",
    r"always chooses among": "It only knows its classes",
    r"\b[Nn]ot sure\b(?! enough)": "unsure",
    r"\w …$": "no space before an ellipsis that ends a sentence",
}
BY_HAND = r"\{\} (pictures|classes|epochs|files|groups|runs|networks|channels|lines|times)\b(?!/)"
"""A number put in front of a plural by hand, which reads “1 pictures” for one."""
NO_NUMBER = {
    "There are no {} pictures of the network's classes in {}.", "Scoring the {} pictures",
    "{} pictures",  # the name of a split
    "{} {} pictures {} classes {}  {} {}",  # columns of a table
    "{} groups",  # of a convolution, only told where there are several
}  # fmt: skip


def visible(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string that is not a docstring, f-strings whole with ``{}`` for what is put in."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        for entry in getattr(node, "body", ()) if isinstance(getattr(node, "body", ()), list) else ():
            if isinstance(entry, ast.Expr) and isinstance(entry.value, ast.Constant):
                skipped.add(id(entry.value))
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


@pytest.fixture(scope="module")
def strings() -> list[tuple[str, str]]:
    """Where each is, and its text."""
    return [
        (f"{path.relative_to(SOURCE).as_posix()}:{line}", text)
        for path in sorted(SOURCE.rglob("*.py"))
        for line, text in visible(ast.parse(path.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("word", FORBIDDEN)
def test_replaced_words_stay_away(word, strings):
    found = {place: text for place, text in strings if re.search(word, text)}
    assert found == {}, f"say: {FORBIDDEN[word]}"


def test_numbers_are_never_put_before_a_plural_by_hand(strings):
    found = {place: text for place, text in strings if re.search(BY_HAND, text) and text not in NO_NUMBER}
    assert found == {}, "say counted(number, 'picture')"


def test_no_plural_is_made_of_an_ending():
    found = [
        f"{path.relative_to(SOURCE).as_posix()}:{node.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path.name != "words.py" and re.search("""["']e?s["']""", text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.IfExp)
        for part in (node.body, node.orelse)
        if isinstance(part, ast.Constant) and part.value in ("s", "es")
    ]
    assert found == [], "say counted(number, 'picture')"


def test_the_scan_sees_pieces_of_sentences_and_skips_docstrings():
    tree = ast.parse(
        '"""Trouble in a docstring."""\nclass A:\n    """Trouble."""\n    x = f"{n} pictures"\n    y = "Trouble"\n'
    )
    assert sorted(text for _, text in visible(tree)) == ["Trouble", "{} pictures"]
    assert re.search(BY_HAND, "{} pictures")
