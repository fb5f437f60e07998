"""Where pictures come in: always there, large while there are none."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.data.films import FILM_SUFFIXES
from cnnstudio.data.reading import SUFFIXES
from cnnstudio.jobs.specs import KeepPasted
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.predict.live_card import has_camera_support
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import NoticeBar, button, clipboard, label, local_paths, pixels_of
from cnnstudio.ui.widgets.file_dialogs import ask_file, ask_files, ask_folder

_LARGE = 56


class DropZone(QtWidgets.QFrame):
    """A dashed frame with a sentence and the other ways to open pictures."""

    opened = QtCore.Signal(list)
    """Paths of pictures and folders."""
    camera_wanted = QtCore.Signal()
    film_wanted = QtCore.Signal(Path)

    def __init__(self, studio: Studio, notice: NoticeBar) -> None:
        super().__init__()
        self.setObjectName("predict_drop")
        self.setAccessibleName("Pictures and folders can be dropped anywhere on this page")
        self.setProperty("kind", "drop")
        self._studio, self._notice = studio, notice
        self._icon = QtWidgets.QLabel()
        self.text = label("", "heading", wrap=True, name="predict_drop_text")
        self.more = label("The network answers with a class, and how sure it is.", kind="muted", wrap=True)
        self._row = QtWidgets.QBoxLayout(QtWidgets.QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        self._row.setSpacing(theme.S)
        self._entries = self._buttons()
        self._large = True
        self._lay_out()
        theme.notifier().changed.connect(self._tint)

    def set_large(self, *, large: bool) -> None:
        """All of the page while there is nothing else on it, else one line."""
        if large != self._large:
            self._large = large
            self._lay_out()

    def choose_pictures(self) -> None:
        """Ask for pictures."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        files = ask_files(self, "Open pictures", f"Pictures ({patterns});;All files (*)")
        if files:
            self.opened.emit([str(file) for file in files])

    def choose_folder(self) -> None:
        """Ask for a folder of pictures."""
        folder = ask_folder(self, "Open a folder of pictures to predict")
        if folder is not None:
            self.opened.emit([str(folder)])

    def choose_film(self) -> None:
        """Ask for a film."""
        patterns = " ".join(f"*{suffix}" for suffix in FILM_SUFFIXES)
        file = ask_file(self, "Open a film", f"Films ({patterns});;All files (*)", "pictures")
        if file is not None:
            self.film_wanted.emit(file)

    def paste(self) -> None:
        """Take what is on the clipboard: copied files, or a copied picture."""
        mime = clipboard()
        paths = local_paths(mime)
        if paths:
            self.opened.emit(paths)
        elif mime.hasImage():
            job = KeepPasted(pixels=pixels_of(QtGui.QGuiApplication.clipboard().image()))
            self._studio.submit(job, done=lambda path: self.opened.emit([path]), failed=self._notice.show_problem)
        else:
            self._notice.show_text(
                "There is no picture on the clipboard.", "Copy one first, then paste it here.", "info"
            )

    def _buttons(self) -> QtWidgets.QWidget:
        self.open_button = button(
            "Open pictures…", "open_pictures", self.choose_pictures, kind="primary", icon_name="image"
        )
        self.folder_button = button("Open folder…", "open_predict_folder", self.choose_folder, icon_name="open-folder")
        self.paste_button = button("Paste", "paste_picture", self.paste, icon_name="paste")
        self.camera_button = button("Camera", "predict_camera", self.camera_wanted.emit, icon_name="camera")
        self.camera_button.setVisible(has_camera_support())
        self.film_button = button("Film…", "predict_film", self.choose_film, icon_name="play")
        self.film_button.setToolTip("Answer a film every few seconds, as a table")
        entries = QtWidgets.QWidget()
        self._beside = QtWidgets.QHBoxLayout(entries)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(theme.S)
        for entry in (self.camera_button, self.film_button, self.paste_button, self.folder_button, self.open_button):
            self._beside.addWidget(entry)
        return entries

    def _lay_out(self) -> None:
        directions, centre = QtWidgets.QBoxLayout.Direction, QtCore.Qt.AlignmentFlag.AlignHCenter
        while self._row.takeAt(0) is not None:
            pass
        self._row.setDirection(directions.TopToBottom if self._large else directions.LeftToRight)
        for part in (self._icon, self.more):
            part.setVisible(self._large)
        self.text.setText("Drop pictures or folders here" if self._large else "Drop pictures or folders")
        two_lines = self.text.fontMetrics().horizontalAdvance("Drop pictures or")
        self.text.setMinimumWidth(0 if self._large else two_lines)
        side = QtCore.Qt.AlignmentFlag.AlignCenter if self._large else QtCore.Qt.AlignmentFlag.AlignVCenter
        for text in (self.text, self.more):
            text.setAlignment(side)
        if self._large:
            self._row.addStretch(2)
            self._row.addWidget(self._icon, 0, centre)
            self._row.addWidget(self.text)
            self._row.addWidget(self.more)
            self._row.addSpacing(theme.M)
            self._row.addWidget(self._entries, 0, centre)
            self._row.addStretch(3)
        else:
            self._row.addWidget(self.text, 1)
            self._row.addWidget(self._entries)
        vertical = QtWidgets.QSizePolicy.Policy.Expanding if self._large else QtWidgets.QSizePolicy.Policy.Maximum
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, vertical)
        self._tint()

    def _tint(self) -> None:
        self._icon.setPixmap(pixmap("predict", _LARGE, theme.current().muted, self.devicePixelRatioF()))
