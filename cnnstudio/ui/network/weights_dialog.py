"""Where weights come from: folders, a mirror, and what is on the disk."""

from pathlib import Path
from urllib.parse import urlsplit

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, size_in_words
from cnnstudio.core.download import PART_SUFFIX
from cnnstudio.jobs.specs import ChangeSources, LookAtWeights
from cnnstudio.jobs.specs.networks import WeightsOnDisk
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import NoticeBar, button, label
from cnnstudio.ui.widgets.dialog_frame import body_and_foot, give_room
from cnnstudio.ui.widgets.file_dialogs import ask_folder

_PATH = 256  # Qt.ItemDataRole.UserRole


class WeightsDialog(QtWidgets.QDialog):
    """Changes are saved as they are made; kept when it is closed, since some may be under way."""

    changed = QtCore.Signal()
    delete_requested = QtCore.Signal(str)
    """Name of a downloaded file."""

    def __init__(self, studio: Studio, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._mirror = studio, ""
        self.setObjectName("weights_dialog")
        self.setWindowTitle("Weights on this computer")
        self.notice = NoticeBar("weights_notice")
        self.folders = _Paths("weights_folders", "Folders with weights files", "No folder of yours is looked in.")
        self.files = _Paths("downloaded_files", "Downloaded weights files", "Nothing was downloaded yet.")
        self.room = label("", "caption", kind="muted", name="disk_room")
        self.mirror = QtWidgets.QLineEdit()
        self.mirror.setObjectName("mirror")
        self.mirror.setAccessibleName("Mirror address")
        self.mirror.setPlaceholderText("Empty: torchvision's own server")
        self.mirror.editingFinished.connect(self._save_mirror)
        self.remove = button("Remove from the list", "remove_folder", self._remove_folder)
        self.delete = button("Delete", "delete_file", self._delete_file, icon_name="delete")
        self.folders.itemSelectionChanged.connect(self._enable)
        self.files.itemSelectionChanged.connect(self._enable)
        add = button("Add a folder or USB stick…", "add_folder", self._choose_folder, icon_name="open-folder")
        column, foot = body_and_foot(self)
        column.setSpacing(theme.S)
        column.addWidget(self.notice)
        column.addWidget(label("Folders to look in", "heading"))
        column.addWidget(
            label(
                "For computers without internet: copy torchvision's files there, such as "
                "resnet18-f37072fd.pth. They are recognised by their names and checked before every use. "
                "Files of your own are used if they are named after their network, such as "
                "resnet18-mine.pth.",
                "caption",
                kind="muted",
                wrap=True,
            )
        )
        column.addWidget(self.folders, 1)
        column.addLayout(_row(add, self.remove))
        column.addSpacing(theme.S)
        column.addWidget(label("Downloaded", "heading"))
        column.addWidget(self.files, 2)
        column.addLayout(_row(self.delete, self.room))
        column.addSpacing(theme.S)
        column.addWidget(label("Mirror", "heading"))
        column.addWidget(
            label(
                "An address from which the files are fetched instead, such as a server of your school. Their checksums "
                "must be torchvision's all the same.",
                "caption",
                kind="muted",
                wrap=True,
            )
        )
        column.addWidget(self.mirror)
        foot.addStretch(1)
        foot.addWidget(button("Close", "close_weights", self.accept, kind="primary"))
        give_room(self, 620, 560)
        self._enable()

    def refresh(self) -> None:
        """Look at the disk again."""
        self._studio.submit(LookAtWeights(), done=self._show, failed=self.notice.show_problem)

    def _show(self, disk: WeightsOnDisk) -> None:
        self._mirror = disk.sources.mirror
        if not self.mirror.isModified():
            self.mirror.setText(self._mirror)
        self.folders.clear()
        for folder in disk.sources.folders:
            self._add(self.folders, folder if folder in disk.connected else f"{folder}  (not connected)", folder)
        self.files.clear()
        for file_name, size in disk.files:
            note = ", unfinished" if file_name.endswith(PART_SUFFIX) else ""
            name = file_name.removesuffix(PART_SUFFIX)
            self._add(self.files, f"{name}  ({size_in_words(size)}{note})", name)
        total = sum(size for _, size in disk.files)
        self.room.setText(
            f"{size_in_words(total)} in {counted(self.files.count(), 'file')}; {size_in_words(disk.free)} of "
            "the disk are free."
        )
        self._enable()

    def add_folder(self, folder: Path) -> None:
        """Look there too."""
        self._change(ChangeSources(add=folder))

    def _add(self, target: QtWidgets.QListWidget, text: str, value: str) -> None:
        item = QtWidgets.QListWidgetItem(text)
        item.setData(_PATH, value)
        target.addItem(item)

    def _enable(self) -> None:
        self.remove.setEnabled(bool(self.folders.selectedItems()))
        self.delete.setEnabled(bool(self.files.selectedItems()))

    def _choose_folder(self) -> None:
        folder = ask_folder(self, "Folder of weights files", "files")
        if folder is not None:
            self.add_folder(folder)

    def _remove_folder(self) -> None:
        self._change(ChangeSources(remove=tuple(item.data(_PATH) for item in self.folders.selectedItems())))

    def _delete_file(self) -> None:
        for item in self.files.selectedItems():
            self.delete_requested.emit(item.data(_PATH))

    def _save_mirror(self) -> None:
        address = self.mirror.text().strip()
        self.mirror.setModified(False)
        if address == self._mirror:
            return
        if address and (urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc):
            self.notice.show_text(
                f"“{address}” is not a web address.",
                "A web address begins with https:// or http://. The old one is kept.",
                "warn",
            )
            return
        self.notice.hide()
        self._change(ChangeSources(mirror=address))

    def _change(self, job: ChangeSources) -> None:
        self._studio.submit(job, done=lambda _: self._changed(), failed=self.notice.show_problem)

    def _changed(self) -> None:
        self.refresh()
        self.changed.emit()


class _Paths(QtWidgets.QListWidget):
    """A list that says in words that it is empty, also to those who do not see it."""

    def __init__(self, name: str, accessible: str, empty: str) -> None:
        super().__init__()
        self._empty = empty
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setAccessibleDescription(empty)
        self.setProperty("spaced", "true")
        for changed in (self.model().rowsInserted, self.model().rowsRemoved, self.model().modelReset):
            changed.connect(self._describe)

    def _describe(self) -> None:
        self.setAccessibleDescription("" if self.count() else self._empty)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count():
            painter = QtGui.QPainter(self.viewport())
            painter.setPen(QtGui.QColor(theme.current().muted))
            painter.drawText(self.viewport().rect(), int(QtCore.Qt.AlignmentFlag.AlignCenter), self._empty)


def _row(first: QtWidgets.QWidget | None, second: QtWidgets.QWidget) -> QtWidgets.QHBoxLayout:
    row = QtWidgets.QHBoxLayout()
    row.setSpacing(theme.S)
    if first is not None:
        row.addWidget(first)
        row.addWidget(second)
    row.addStretch(1)
    if first is None:
        row.addWidget(second)
    return row
