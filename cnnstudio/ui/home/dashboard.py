"""What Home shows first: on the left the ways to begin, on the right one's projects, or how it works."""

from collections.abc import Sequence

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.data.practice.sets import SETS
from cnnstudio.ui.home.project_list import ProjectList
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.widgets import Card, button, label

_LEFT = 272
_STEPS = (
    ("data", "Pictures", "One folder per class. See what is there, and what was skipped and why."),
    ("train", "Train", "The first training takes seconds. Then make it better, and watch it learn."),
    ("predict", "Use", "Drop pictures for answers, see inside the network, export the weights."),
)
_PRIVATE = "Everything happens on this computer. No account, no upload, no internet needed."
_LIST, _FIRST = range(2)


class Dashboard(QtWidgets.QWidget):
    """Two columns; the right one scrolls."""

    title = "Welcome to CNN Studio"
    subtitle = "Teach a network to tell your own pictures apart."
    tools: Sequence[QtWidgets.QWidget] = ()

    def __init__(self, questions: QtWidgets.QWidget) -> None:
        super().__init__()
        self.setObjectName("home_dashboard")
        self.questions = questions
        self._pictures: list[tuple[QtWidgets.QLabel, str, int]] = []
        self.new_button = button("New project…", "new_project", kind="primary", icon_name="add")
        self.open_button = button("Open folder…", "open_folder", icon_name="open-folder")
        self.examples_button = button("Try an example…", "open_examples", icon_name="sample")
        self.projects = ProjectList()
        self.count = label("", kind="muted", name="projects_count")
        self.right = QtWidgets.QStackedWidget()
        self.right.addWidget(self._project_column())
        self.right.addWidget(self._first_column())
        self.right.setCurrentIndex(_FIRST)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        row.addWidget(self._begin_column())
        row.addWidget(self.right, 1)
        theme.notifier().changed.connect(self._tint)
        self._tint()

    def show_count(self, projects: int) -> None:
        """So many projects are in the list; where there are none, how it works is shown."""
        self.count.setText(f"{projects:,}")
        self.right.setCurrentIndex(_LIST if projects else _FIRST)

    @property
    def drop_parts(self) -> Sequence[QtWidgets.QWidget]:
        """What lights up while files hover over the page."""
        return (self.drop_panel, self.hint)

    def _begin_column(self) -> QtWidgets.QWidget:
        card = Card()
        card.setFixedWidth(theme.scaled(_LEFT))
        examples = f"Drawn sample pictures work offline; {counted(len(SETS), 'well-known dataset')} can be downloaded."
        for entry, text in (
            (self.new_button, "Name your classes and drop or record pictures. You need no folder yet."),
            (self.open_button, "One subfolder per class, an archive (ZIP, tar), or pictures that are not sorted yet."),
            (self.examples_button, examples),
        ):
            card.body.addWidget(entry)
            card.body.addWidget(label(text, "caption", kind="muted", wrap=True))
            card.body.addSpacing(theme.S)
        column = QtWidgets.QWidget()
        rows = QtWidgets.QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.M)
        rows.addWidget(card)
        self.questions.setFixedWidth(theme.scaled(_LEFT))
        rows.addWidget(self.questions)
        rows.addStretch(1)
        rows.addWidget(label(_PRIVATE, "caption", kind="muted", wrap=True))
        return column

    def _project_column(self) -> QtWidgets.QWidget:
        column = QtWidgets.QWidget()
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(label("Your projects", "heading"))
        head.addWidget(self.count)
        head.addStretch(1)
        self.hint = label("Drop a folder or an archive anywhere to open it.", "caption", kind="muted")
        head.addWidget(self.hint)
        rows = QtWidgets.QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        rows.addLayout(head)
        rows.addWidget(self.projects, 1)
        return column

    def _first_column(self) -> QtWidgets.QWidget:
        column = QtWidgets.QWidget()
        rows = QtWidgets.QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.M)
        self.drop_panel = QtWidgets.QFrame()
        self.drop_panel.setObjectName("drop_panel")
        self.drop_panel.setProperty("kind", "drop")
        panel = QtWidgets.QVBoxLayout(self.drop_panel)
        panel.setContentsMargins(theme.M, theme.L, theme.M, theme.L)
        panel.setSpacing(theme.S)
        picture = QtWidgets.QLabel()
        self._pictures.append((picture, "open-folder", 48))
        panel.addStretch(1)
        for widget in (
            picture,
            label("Drop a folder of pictures here", "title"),
            label("with one subfolder per class, such as cats and dogs", kind="muted"),
            label("An archive works too, and so does pasting a copied folder with Ctrl+V.", "caption", kind="muted"),
        ):
            panel.addWidget(widget, 0, QtCore.Qt.AlignmentFlag.AlignHCenter)
        panel.addStretch(1)
        rows.addWidget(self.drop_panel, 1)
        for number, (icon_name, title, text) in enumerate(_STEPS, 1):
            rows.addWidget(self._step(icon_name, f"{number}. {title}", text))
        return column

    def _step(self, icon_name: str, title: str, text: str) -> QtWidgets.QWidget:
        card, picture = Card(), QtWidgets.QLabel()
        self._pictures.append((picture, icon_name, 28))
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "heading"))
        words.addWidget(label(text, kind="muted", wrap=True))
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(picture)
        row.addLayout(words, 1)
        card.body.addLayout(row)
        return card

    def _tint(self) -> None:
        for picture, icon_name, size in self._pictures:
            picture.setPixmap(pixmap(icon_name, size, theme.current().accent, self.devicePixelRatioF()))
