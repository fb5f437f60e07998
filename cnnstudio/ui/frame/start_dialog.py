"""Help → Getting started: the way from pictures to answers, each step with a button that goes there."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button, label
from cnnstudio.ui.widgets.dialog_frame import body_and_foot, give_room

_STEPS = (
    ("home", "Collect pictures", "Thirty of each class are a good start: one folder with a subfolder for each class. "
     "No pictures yet? Try an example, or make a new project and drop or record some."),
    ("data", "Look at them", "Problems are found for you: copies, damaged files, the same picture in two classes. "
     "What you skip stays on your disk."),
    ("train", "Train", "Start with the last layer; it takes seconds to minutes. A network and settings that fit are "
     "already chosen."),
    ("results", "See what it gets wrong", "Which classes are mixed up, and the pictures behind it. A wrong class is "
     "corrected there, too."),
    ("predict", "Use it", "Drop new pictures for answers, or export the network for other programs."),
)  # fmt: skip


class StartDialog(QtWidgets.QDialog):
    """Not modal: it stays beside the window while one follows it."""

    def __init__(
        self, show_page: Callable[[str], object], hints: Callable[[], object], parent: QtWidgets.QWidget
    ) -> None:
        """``hints`` shows those of the first minute once more."""
        super().__init__(parent)
        self.setObjectName("start_dialog")
        self.setWindowTitle("Getting started")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        column, foot = body_and_foot(self)
        column.addWidget(label("From your pictures to a network that knows them", "title", wrap=True))
        grid = QtWidgets.QGridLayout()
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(theme.M)
        grid.setColumnStretch(1, 1)
        for row, (page, title, text) in enumerate(_STEPS):
            words = QtWidgets.QVBoxLayout()
            words.setSpacing(2)
            words.addWidget(label(title, "heading"))
            words.addWidget(label(text, kind="muted", wrap=True))
            grid.addWidget(label(str(row + 1), "title", kind="accent"), row, 0, QtCore.Qt.AlignmentFlag.AlignTop)
            grid.addLayout(words, row, 1)
            go = button("Go there", f"start_{page}", partial(show_page, page))
            go.setAccessibleName(f"Go to: {title}")
            grid.addWidget(go, row, 2, QtCore.Qt.AlignmentFlag.AlignTop)
        column.addLayout(grid)
        column.addStretch(1)
        foot.addWidget(button("Show the hints again", "start_hints", hints, kind="ghost"))
        foot.addStretch(1)
        foot.addWidget(button("Close", "start_close", self.close, kind="primary"))
        give_room(self, 640, 440)
