"""Dropping and pasting files: one place that turns mime data into paths."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.widgets.controls import restyle

_MANY = 40_000
"""Bytes of URIs, which are some hundred files."""


def local_paths(mime: QtCore.QMimeData) -> list[Path]:
    """Files and folders in mime data."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def has_local_paths(mime: QtCore.QMimeData) -> bool:
    """Whether there are files and folders in mime data; asked while a hundred thousand may hover."""
    return mime.hasUrls() and uri_list(mime).contains(b"file:")


def uri_list(mime: QtCore.QMimeData) -> QtCore.QByteArray:
    """The files in mime data as they were handed over, for a job: to make paths of a hundred thousand takes seconds."""
    return mime.data("text/uri-list")


def clipboard() -> QtCore.QMimeData:
    """What is on the clipboard; empty when there is nothing, where Qt gives None on some platforms."""
    return QtGui.QGuiApplication.clipboard().mimeData() or QtCore.QMimeData()


class DropFilter(QtCore.QObject):
    """Lets a widget take dropped files; the property ``hot`` of some widgets is true while they hover over it."""

    def __init__(
        self,
        widget: QtWidgets.QWidget,
        on_paths: Callable[[list[Path]], object],
        hot: Sequence[QtWidgets.QWidget] = (),
        on_many: Callable[[bytes], object] | None = None,
    ) -> None:
        """See the class.

        Args:
            widget: where files can be dropped.
            on_paths: takes them.
            hot: lights up in place of the widget itself.
            on_many: takes more than some hundred files, as a list of URIs.
        """
        super().__init__(widget)
        self._hot = hot or (widget,)
        self._on_paths, self._on_many = on_paths, on_many
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if isinstance(event, QtGui.QDragEnterEvent) and event.type() == QtCore.QEvent.Type.DragEnter:
            if has_local_paths(event.mimeData()):
                event.acceptProposedAction()
                self._set_hot(hot=True)
            return True
        if isinstance(event, QtGui.QDragMoveEvent) and event.type() == QtCore.QEvent.Type.DragMove:
            if has_local_paths(event.mimeData()):  # a list would refuse it
                event.acceptProposedAction()
            return True
        if event.type() == QtCore.QEvent.Type.DragLeave:
            self._set_hot(hot=False)
            return True
        if isinstance(event, QtGui.QDropEvent) and event.type() == QtCore.QEvent.Type.Drop:
            self._set_hot(hot=False)
            event.acceptProposedAction()
            self._take(event.mimeData())
            return True
        return super().eventFilter(watched, event)

    def _take(self, mime: QtCore.QMimeData) -> None:
        uris = uri_list(mime)
        if self._on_many is not None and uris.size() > _MANY:
            self._on_many(bytes(uris.data()))
        else:
            self._on_paths(local_paths(mime))

    def _set_hot(self, *, hot: bool) -> None:
        for widget in self._hot:
            widget.setProperty("hot", hot)
            restyle(widget)
