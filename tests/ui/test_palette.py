"""Contrast as WCAG 2.2 AA has it: of every pair of colours that meet, in the style sheet, and as painted."""

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLineEdit, QMessageBox, QScrollBar

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.colours import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, MARK, TEXT, contrast, used_pairs
from cnnstudio.ui.look.style_sheet import style_sheet

UI = Path(theme.__file__).parents[1]
THEMES = {"light": LIGHT, "dark": DARK, "light-contrast": LIGHT_CONTRAST, "dark-contrast": DARK_CONTRAST}
SCHEMES = pytest.mark.parametrize("colours", THEMES.values(), ids=list(THEMES))
WORDS = {
    "text",
    "muted",
    "accent",
    "accent_hover",
    "accent_text",
    "good",
    "warn",
    "bad",
    "selection_text",
    "series_text",
}
GROUNDS = {"window", "surface", "surface_alt", "accent_soft", "selection"}
DECORATION = {"border"}


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@SCHEMES
def test_every_pair_of_the_palette_that_is_used_has_its_contrast(colours):
    faint = {
        (one, other): round(contrast(one, other), 2)
        for one, other, needed in used_pairs(colours)
        if contrast(one, other) < needed
    }
    assert faint == {}


def test_every_colour_is_a_word_a_mark_a_ground_or_decoration():
    """A new one has to say what it is for, and so which contrast it needs."""
    assert set(LIGHT.__dataclass_fields__) - {"dark"} == WORDS | GROUNDS | DECORATION | {"outline", "series"}


@SCHEMES
def test_every_rule_of_the_style_sheet_that_writes_on_a_ground_has_its_contrast(colours):
    """Where a rule names no ground of its own, all that a widget may stand on count."""
    faint = {}
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style_sheet(colours)):
        found = re.search(r"(?<![-\w])color: (#\w+)", body)
        if found is None:
            continue
        own = re.search(r"(?<!selection-)(?<!alternate-)background(?:-color)?: (#\w+)", body)
        for ground in [own[1]] if own else [colours.window, colours.surface, colours.surface_alt]:
            if contrast(found[1], ground) < TEXT:
                faint[selector.strip(), found[1], ground] = round(contrast(found[1], ground), 2)
    assert faint == {}


@SCHEMES
def test_what_is_only_seen_by_its_outline_has_one_that_is_seen(colours):
    sheet = style_sheet(colours)
    for part in (
        "QLineEdit, QSpinBox",
        'QFrame[kind="drop"]',
        "QScrollBar::handle",
        "QCheckBox::indicator",
        "QComboBoxPrivateContainer",
    ):
        body = [
            rule for selector, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet) if selector.strip().startswith(part)
        ]
        seen = {colour for rule in body for colour in re.findall(r"#\w{6}", rule)} & {colours.outline, colours.muted}
        assert seen, part


@SCHEMES
def test_lines_differ_from_each_other_also_where_colours_are_told_apart_by_few(colours):
    for number, one in enumerate(colours.series):
        for other in colours.series[number + 1 :]:
            assert one != other
            apart = [abs(a - b) for a, b in zip(QColor(one).getRgb(), QColor(other).getRgb(), strict=True)]
            assert sum(apart) > 60, (one, other)


def test_nobody_paints_words_in_the_colours_of_lines():
    """Series are for marks; words take series_text."""
    found = []
    painters = r"setForeground|setTextPen|\._text\b|setLabelTextColor"
    files = {path: path.read_text(encoding="utf-8") for path in UI.rglob("*.py")}
    for path, text in files.items():
        for node in ast.walk(ast.parse(text)) if re.search(painters, text) else ():
            if isinstance(node, ast.Call) and re.search(f"({painters})$", ast.unparse(node.func)):
                found += [
                    path.name for part in ast.walk(node) if isinstance(part, ast.Attribute) and part.attr == "series"
                ]
    assert found == []


def painted(widget):
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in (0, 1, image.height() // 2)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", [QLineEdit, QComboBox])
def test_a_field_is_painted_with_its_outline(qtbot, qapp, scheme, kind):
    theme.set_scheme(scheme)
    field = kind()
    qtbot.addWidget(field)
    with qtbot.waitExposed(field):
        field.show()
    assert max(contrast(colour, theme.current().window) for colour in painted(field)) >= MARK


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_scroll_handle_is_seen(qtbot, scheme):
    theme.set_scheme(scheme)
    bar = QScrollBar(Qt.Orientation.Vertical)
    bar.setRange(0, 100)
    qtbot.addWidget(bar)
    bar.resize(12, 300)
    with qtbot.waitExposed(bar):
        bar.show()
    image = bar.grab().toImage()
    assert contrast(image.pixelColor(6, 8).name(), theme.current().window) >= MARK


def test_buttons_of_dialogs_have_no_pictures_of_another_style(qtbot):
    box = QMessageBox()
    box.setStandardButtons(QMessageBox.StandardButton.Ok | QMessageBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    assert [button.icon().isNull() for button in box.findChild(QDialogButtonBox).buttons()] == [True, True]


@pytest.mark.parametrize("colours", [LIGHT_CONTRAST, DARK_CONTRAST], ids=["light", "dark"])
def test_high_contrast_is_that_of_the_stricter_level_also_for_edges(colours):
    """WCAG's AAA for words; cards, buttons and lines have an edge that is seen."""
    faint = {
        (one, other): round(contrast(one, other), 2)
        for one, other, needed in used_pairs(colours)
        if one not in (*colours.series, *colours.series_text) and needed == TEXT and contrast(one, other) < 7
    }
    assert faint == {}
    assert all(contrast(colours.border, ground) >= MARK for ground in (colours.window, colours.surface))


def test_high_contrast_comes_and_goes_with_the_setting(qapp):
    theme.set_scheme("dark")
    theme.set_contrast(high=True)
    try:
        assert theme.current() is DARK_CONTRAST
        theme.set_scheme("light")
        assert theme.current() is LIGHT_CONTRAST
    finally:
        theme.set_contrast(high=False)
    assert theme.current() is LIGHT
