"""The colours of the light and of the dark look, and the contrast of those that meet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6 import QtGui


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours by what they are for; ``used_pairs`` names which meet, and a test computes the contrast of each."""

    dark: bool
    window: str
    surface: str
    surface_alt: str
    border: str
    """Of what is also told apart by its words or its place: cards, buttons, lines between."""
    outline: str
    """Of what is only seen by it: fields, boxes to tick, places to drop on, scroll handles, axes."""
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    good: str
    warn: str
    bad: str
    selection: str
    selection_text: str
    series: tuple[str, ...]
    """Okabe and Ito's hues, dark or light enough to be seen as lines and marks, with every kind of colour vision."""
    series_text: tuple[str, ...]
    """The same hues for words."""


LIGHT = Theme(
    dark=False, window="#f4f5f7", surface="#ffffff", surface_alt="#eef0f3", border="#d9dde3", outline="#7d8898",
    text="#1b2430", muted="#586475", accent="#1257c9", accent_hover="#0d48aa", accent_text="#ffffff",
    accent_soft="#e3ecfb", good="#0b7a4b", warn="#8a5a00", bad="#b3261e", selection="#cfe0fb", selection_text="#10203a",
    series=("#004f8c", "#b83f00", "#009470", "#b04a92", "#a88400", "#2f8ccc"),
    series_text=("#004f8c", "#a83900", "#006d50", "#9c4081", "#735a00", "#1d6ea6"),
)  # fmt: skip
DARK = Theme(
    dark=True, window="#14181e", surface="#1c2129", surface_alt="#252b35", border="#343c48", outline="#717c8e",
    text="#e8ecf2", muted="#a3aebd", accent="#7db0ff", accent_hover="#9dc3ff", accent_text="#0c1a30",
    accent_soft="#23344f", good="#5fd39b", warn="#f0b94d", bad="#ff8f85", selection="#2d4a77", selection_text="#f2f6fc",
    series=("#56b4e9", "#ff9e4a", "#3fd0a4", "#e79ac6", "#f0c75e", "#9fd4f7"),
    series_text=("#56b4e9", "#ff9e4a", "#3fd0a4", "#e79ac6", "#f0c75e", "#9fd4f7"),
)  # fmt: skip


LIGHT_CONTRAST = replace(
    LIGHT, window="#ffffff", surface_alt="#f2f2f2", border="#000000", outline="#000000", text="#000000",
    muted="#2b2b2b", accent="#003a9b", accent_hover="#002a72", accent_soft="#e2ecff", good="#005a32", warn="#664200",
    bad="#8a0f0a", selection="#00318a", selection_text="#ffffff",
)  # fmt: skip
DARK_CONTRAST = replace(
    DARK, window="#000000", surface="#000000", surface_alt="#1a1a1a", border="#ffffff", outline="#ffffff",
    text="#ffffff", muted="#dcdcdc", accent="#a8ccff", accent_hover="#c8dfff", accent_text="#000000",
    accent_soft="#10264a", good="#7dedb4", warn="#ffd36b", bad="#ffb0a8", selection="#a8ccff", selection_text="#000000",
)  # fmt: skip


TEXT, MARK = 4.5, 3.0
"""The contrast that WCAG 2.2 AA asks for: of words, and of what else carries meaning."""


def used_pairs(theme: Theme) -> Iterator[tuple[str, str, float]]:
    """Every colour on every ground that it is used on, and the contrast that it needs there."""
    surfaces = (theme.window, theme.surface, theme.surface_alt)
    for ground in (*surfaces, theme.accent_soft):
        for colour in (theme.text, theme.muted, theme.accent, theme.good, theme.warn, theme.bad):
            yield colour, ground, TEXT
    for ground in surfaces:
        for colour in theme.series_text:
            yield colour, ground, TEXT
        for colour in (*theme.series, theme.outline):
            yield colour, ground, MARK
    yield theme.selection_text, theme.selection, TEXT
    for ground in (theme.accent, theme.accent_hover):
        yield theme.accent_text, ground, TEXT


def contrast(one: str | QtGui.QColor, other: str | QtGui.QColor) -> float:
    """WCAG's contrast ratio of two opaque colours, from 1 to 21."""
    light, dark = sorted((_luminance(QtGui.QColor(one)), _luminance(QtGui.QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QtGui.QColor) -> float:
    shares = (0.2126, 0.7152, 0.0722)
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(share * part for share, part in zip(shares, linear, strict=True))
