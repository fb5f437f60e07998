"""The welcome: open a folder, try the sample, or go on with a recent one."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.data.archives.kinds import ENDINGS
from cnnstudio.jobs.specs import ExistingFolders
from cnnstudio.ui.home.practice_dialog import PracticeDialog
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, DropFilter, MenuEntry, Page, ProgressStrip, button, label, mnemonic_free

_STEPS = (
    ("data", "Pictures", "One folder per class. See what is there, and what was skipped and why."),
    ("train", "Train", "The first model takes seconds. Then make it better, and watch it learn."),
    ("predict", "Use", "Drop pictures for answers, look inside the network, export the weights."),
)


class HomePage(Page):
    """Shown first."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("home_page", "Welcome to CNN Studio", "Teach a network to tell your own pictures apart.")
        self._studio = studio
        self._pictures: list[tuple[QtWidgets.QLabel, str]] = []
        self.practice: PracticeDialog | None = None
        self.progress = ProgressStrip("home_progress")
        self.column.addWidget(self._drop_panel())
        self.column.addWidget(self.progress)
        self.column.addLayout(self._steps())
        self.recent = Card("Recent folders")
        self.recent.setObjectName("recent_folders")
        self.column.addWidget(self.recent)
        self.column.addStretch(1)
        private = "Everything happens on this computer. No account, no upload, no internet needed."
        self.column.addWidget(label(private, "caption", kind="muted", wrap=True))
        self.recent.hide()
        studio.recent_changed.connect(self._look_for_recent)
        theme.notifier().changed.connect(self._tint)
        self._look_for_recent()
        self._tint()

    def menu_entries(self) -> Sequence[MenuEntry]:
        """Every way to pictures."""
        return (
            MenuEntry("Open folder…", self.choose_folder, "open-folder", QtGui.QKeySequence.StandardKey.Open),
            MenuEntry("Open archive…", self.choose_archive, name="openziparchive"),
            MenuEntry("Try the sample pictures", self._open_sample, "sample"),
            MenuEntry("Practice datasets…", self.show_practice, name="practicepictures"),
        )

    def choose_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = QtWidgets.QFileDialog.getExistingDirectory(self, "Open a folder of pictures")
        if folder:
            self._open(Path(folder))

    def choose_archive(self) -> None:
        """Ask for an archive and open it."""
        archive, _ = QtWidgets.QFileDialog.getOpenFileName(
            self,
            "Open an archive of pictures",
            filter=f"Archives ({' '.join(f'*{ending}' for ending in ENDINGS)});;All files (*)",
        )
        if archive:
            self._open(Path(archive))

    def show_practice(self) -> None:
        """The practice datasets; made at first use, and kept because downloads go on while it is closed."""
        if self.practice is None:
            self.practice = PracticeDialog(self._studio, self.window())
            self.practice.opened.connect(self._open)
        self.practice.show()
        self.practice.raise_()

    def _drop_panel(self) -> QtWidgets.QFrame:
        panel = QtWidgets.QFrame()
        panel.setObjectName("drop_panel")
        panel.setProperty("kind", "drop")
        DropFilter(panel, lambda paths: self._open(paths[0]))
        column = QtWidgets.QVBoxLayout(panel)
        column.setContentsMargins(theme.L, theme.XL, theme.L, theme.XL)
        column.setSpacing(theme.S)
        picture = QtWidgets.QLabel()
        self._pictures.append((picture, "open-folder"))
        for widget in (
            picture,
            label("Drop a folder of pictures anywhere on this window", "title"),
            label("with one subfolder per class, such as cats and dogs", kind="muted"),
        ):
            column.addWidget(widget, 0, QtCore.Qt.AlignmentFlag.AlignHCenter)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addStretch(1)
        self.open_button = button(
            "Open folder…", "open_folder", self.choose_folder, kind="primary", icon_name="open-folder"
        )
        self.sample_button = button("Try the sample pictures", "open_sample", self._open_sample, icon_name="sample")
        row.addWidget(self.open_button)
        self.practice_button = button("Practice datasets…", "open_practice", self.show_practice)
        row.addWidget(self.sample_button)
        row.addWidget(self.practice_button)
        row.addStretch(1)
        column.addSpacing(theme.S)
        column.addLayout(row)
        hint = label(
            "An archive (ZIP, tar) works too, and so does pasting a copied folder with Ctrl+V.", "caption", kind="muted"
        )
        column.addWidget(hint, 0, QtCore.Qt.AlignmentFlag.AlignHCenter)
        return panel

    def _steps(self) -> QtWidgets.QGridLayout:
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(theme.M)
        for index, (icon_name, title, text) in enumerate(_STEPS):
            card = Card()
            picture = QtWidgets.QLabel()
            self._pictures.append((picture, icon_name))
            row = QtWidgets.QHBoxLayout()
            row.setSpacing(theme.M)
            words = QtWidgets.QVBoxLayout()
            words.setSpacing(2)
            words.addWidget(label(f"{index + 1}. {title}", "heading"))
            words.addWidget(label(text, kind="muted", wrap=True))
            words.addStretch(1)
            row.addWidget(picture, 0, QtCore.Qt.AlignmentFlag.AlignTop)
            row.addLayout(words, 1)
            card.body.addLayout(row)
            grid.addWidget(card, 0, index)
            grid.setColumnStretch(index, 1)
        return grid

    def _look_for_recent(self) -> None:
        folders = tuple(Path(folder) for folder in self._studio.preferences.recent)
        self._studio.submit(ExistingFolders(folders=folders), done=self._show_recent)

    def _show_recent(self, folders: tuple[Path, ...]) -> None:
        while self.recent.body.count() > 1:
            taken = self.recent.body.takeAt(1)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.deleteLater()
        for number, folder in enumerate(folders):
            words = mnemonic_free(f"{folder.name}    {folder.parent}")
            row = button(words, f"recent_{number}", kind="row", icon_name="open-folder")
            row.clicked.connect(lambda _, path=folder: self._open(path))
            self.recent.body.addWidget(row)
        self.recent.setVisible(self.recent.body.count() > 1)

    def _open(self, folder: Path) -> None:
        self._studio.navigate.emit("data")
        self._studio.open_folder(folder)

    def _open_sample(self) -> None:
        self.progress.begin("Drawing the sample pictures")
        monitor = self._studio.open_sample()
        monitor.ended.connect(self.progress.hide)
        monitor.finished.connect(lambda _: self._studio.navigate.emit("data"))

    def _tint(self) -> None:
        for picture, icon_name in self._pictures:
            size = 48 if icon_name == "open-folder" else 28
            picture.setPixmap(pixmap(icon_name, size, theme.current().accent, self.devicePixelRatioF()))
