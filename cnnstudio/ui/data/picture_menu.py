"""What can be done with selected pictures, as a menu that names the keys."""

from typing import TYPE_CHECKING

from PySide6 import QtWidgets

from cnnstudio.data import SPLITS
from cnnstudio.ui.data.picture_grid import SAMPLE_ROLE
from cnnstudio.ui.widgets import mnemonic_free, open_outside

if TYPE_CHECKING:
    from cnnstudio.ui.data.grid_view import GridView


def picture_menu(view: "GridView") -> QtWidgets.QMenu:
    """For the selection of a grid. Of a thousand classes, those with a key are listed; a search finds the others."""
    menu, curator = QtWidgets.QMenu(view), view.curator
    paths, used, out = view.chosen(), view.chosen(left_out=False), view.chosen(left_out=True)
    look = menu.addAction("Open\tSpace")
    look.triggered.connect(lambda: view.looked_at.emit(view.currentIndex().data(SAMPLE_ROLE)))
    show = menu.addAction("Show in the file manager")
    show.triggered.connect(lambda: open_outside(paths[0].parent))
    menu.addSeparator()
    skip = menu.addAction("Skip\tDel")
    skip.triggered.connect(lambda: curator.leave_out(used))
    back = menu.addAction("Use again")
    back.triggered.connect(lambda: curator.use_again(out))
    classes = menu.addMenu("Change class")
    for key, name in enumerate(view.keys(), 1):
        classes.addAction(f"{mnemonic_free(name)}\t{key}").triggered.connect(
            lambda _=False, name=name: curator.relabel(used, name)
        )
    classes.addSeparator()
    classes.addAction("Other class…").triggered.connect(lambda: view.class_wanted.emit(used))
    splits = menu.addMenu("Move to split")
    for split in SPLITS:
        splits.addAction(split).triggered.connect(lambda _=False, split=split: curator.move(used, split))
    for action, pictures in (
        (look, paths), (show, paths), (skip, used), (back, out), (classes.menuAction(), used),
        (splits.menuAction(), used),
    ):  # fmt: skip
        action.setEnabled(bool(pictures))
    return menu
