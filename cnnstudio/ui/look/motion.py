"""Whether anything may move by itself: not where the system asks for none, nor where a person has told us so."""

from PySide6 import QtCore, QtWidgets

_EFFECTS = (
    QtCore.Qt.UIEffect.UI_General, QtCore.Qt.UIEffect.UI_AnimateMenu, QtCore.Qt.UIEffect.UI_FadeMenu,
    QtCore.Qt.UIEffect.UI_AnimateCombo, QtCore.Qt.UIEffect.UI_AnimateTooltip, QtCore.Qt.UIEffect.UI_FadeTooltip,
)  # fmt: skip
_asked = {"system": False, "person": False}


def may_move() -> bool:
    """Asked before every movement that nobody started as such; films, cameras and *Play* are none."""
    return not any(_asked.values())


def keep_still(*, wanted: bool, by: str = "person") -> None:
    """Move nothing from now on, or what the other one allows; ``by`` is ``person`` or ``system``."""
    _asked[by] = wanted
    if not may_move():
        for effect in _EFFECTS:
            QtWidgets.QApplication.setEffectEnabled(effect, enable=False)
