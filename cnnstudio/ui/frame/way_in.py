"""What is dropped on the window or pasted into it goes to the page that it is for."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.pictures import Dropped
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import NoticeBar, Page, clipboard, local_paths, uri_list


class WayIn:
    """Folders are data, trained networks answer, weights and network files have a page, pictures go where one looks."""

    def __init__(
        self, studio: Studio, pages: QtWidgets.QStackedWidget, show_page: Callable[[str], None], notice: NoticeBar
    ) -> None:
        self._studio, self._pages, self._show_page, self._notice = studio, pages, show_page, notice

    def take(self, paths: Sequence[Path]) -> None:
        """Look what these are, and open them."""
        self._studio.submit(specs.SortPaths(paths=tuple(paths)), done=self._open, failed=self._notice.show_problem)

    def drop(self, mime: QtCore.QMimeData) -> None:
        """The same for what was dropped, whose names are read with the files."""
        job = specs.SortPaths(dropped=bytes(uri_list(mime).data()))
        self._studio.submit(job, done=self._open, failed=self._notice.show_problem)

    def paste(self) -> None:
        """Take files, folders, a path or a picture from the clipboard."""
        mime = clipboard()
        paths = local_paths(mime)
        if paths:
            self.take(paths)
        elif mime.hasText() and (name := mime.text().strip().strip('"')):
            job = specs.SortPaths(paths=(Path(name),))
            self._studio.submit(
                job, done=lambda dropped: self._paste_picture() if dropped.is_empty else self._open(dropped)
            )
        else:
            self._paste_picture()

    def _shown(self) -> Page | None:
        shown = self._pages.currentWidget()
        return shown if isinstance(shown, Page) else None

    def _open(self, dropped: Dropped) -> None:
        self._notice.hide()
        shown, remedy = self._shown(), "Drop a folder of pictures, pictures to predict, weights, or a network file."
        if dropped.trained:
            asked = (*dropped.pictures, *dropped.folders)
            used = (*dropped.trained[:1], *asked)
            self._show_page("predict")
            self._studio.open_model(used[0])
            if asked:
                self._studio.predict_wanted.emit(list(asked))
        elif dropped.weights:
            used = dropped.weights[:1]
            self._show_page("model")
            self._studio.weights_wanted.emit(used[0])
        elif dropped.networks:
            used = dropped.networks[:1]
            self._studio.network_file_wanted.emit(used[0])
        elif dropped.folders and not (shown and shown.takes_folders):
            used = dropped.folders[:1]
            if len(dropped.folders) > 1:
                remedy = "If each of these folders is a class, open the folder that they are in."
            self._show_page("data")
            self._studio.open_folder(used[0])
        elif dropped.pictures and shown and shown.wants_pictures():
            used = dropped.pictures[:1]
            shown.take_pictures(used)
        elif dropped.pictures or dropped.folders:
            used = (*dropped.pictures, *dropped.folders, *dropped.others)
            self._show_page("predict")
            self._studio.predict_wanted.emit(list(used))
        else:
            self._notice.show_text("This cannot be opened here.", remedy, "warn")
            return
        if left := len(dropped.paths) - len(used):
            others = counted(left, "other file or folder", "other files and folders")
            self._notice.show_text(f"Only {used[0].name} is opened here; not used: {others}.", remedy)

    def _paste_picture(self) -> None:
        if not clipboard().hasImage():
            return
        shown = self._shown()
        if not (shown and shown.wants_pictures()):
            self._show_page("predict")
            shown = self._shown()
        if shown:
            shown.paste()
