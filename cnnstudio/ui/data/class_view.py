"""The classes: opened, renamed, merged, and filled by dropping pictures onto them."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog, QListView, QMenu
from typing_extensions import override

from cnnstudio.data.collect import class_folder
from cnnstudio.data.reading import SUFFIXES
from cnnstudio.jobs.specs import AddPictures
from cnnstudio.ui.data.curator import Curator
from cnnstudio.ui.state.studio import Studio
from cnnstudio.ui.widgets.drops import local_paths


class ClassView(QListView):
    """A row per class; its model gives the names."""

    opened = Signal(str)
    """A class to see all pictures of."""

    def __init__(self, studio: Studio, curator: Curator) -> None:
        super().__init__()
        self.setObjectName("class_list")
        self.setAccessibleName("Classes; pictures can be dropped onto them")
        self._studio, self._curator = studio, curator
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        self.activated.connect(lambda index: self.opened.emit(index.data()))

    def rename(self, name: str, new: str) -> None:
        """Call a class something else; the name of another class merges the two. The folders stay as they are."""
        dataset = self._studio.dataset
        new = new.strip()
        if dataset is None or not new or new == name:
            return
        label = dataset.classes.index(name)
        self._curator.relabel([sample.path for sample in dataset.samples if sample.label == label], new)

    def add_pictures(self, paths: list[Path], name: str) -> None:
        """Copy pictures into a class, old or new, and look again."""
        dataset = self._studio.dataset
        if dataset is None or not paths or not name.strip():
            return
        folder, name = class_folder(dataset, name.strip()), name.strip()

        def look_again(added: list[Path]) -> None:
            if folder.name == name:
                self._studio.open_folder(dataset.root)
            else:  # a name that no folder can have, or that is another's
                self._curator.relabel(added, name)

        job = AddPictures(pictures=tuple(paths), folder=folder)
        self._studio.submit(job, done=look_again, failed=self._studio.problem.emit)

    def add_class(self) -> None:
        """Ask for a name and for its first pictures."""
        name = self._new_name()
        if name.strip():
            endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
            title = f"Pictures of “{name.strip()}”"
            paths, _ = QFileDialog.getOpenFileNames(self, title, filter=f"Pictures ({endings})")
            self.add_pictures([Path(path) for path in paths], name)

    def menu(self, name: str) -> QMenu:
        """What can be done with a class."""
        menu = QMenu(self)
        menu.addAction("Show its pictures").triggered.connect(lambda: self.opened.emit(name))
        menu.addAction("Rename or merge…").triggered.connect(lambda: self._ask_name(name))
        return menu

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self.setCurrentIndex(index)
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        """Onto a class, or beside them for a new one."""
        index = self.indexAt(event.position().toPoint())
        paths = local_paths(event.mimeData())
        event.acceptProposedAction()
        name = index.data() if index.isValid() else self._new_name()
        self.add_pictures(paths, name)

    def _new_name(self) -> str:
        name, agreed = QInputDialog.getText(self, "A new class", "What is on these pictures?")
        return name if agreed else ""

    def _ask_name(self, name: str) -> None:
        text = f"Another name for “{name}”. The name of another class merges the two; your folders stay as they are."
        new, agreed = QInputDialog.getText(self, "Rename or merge", text, text=name)
        if agreed:
            self.rename(name, new)

    def _ask(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            menu = self.menu(index.data())
            menu.exec(self.viewport().mapToGlobal(place))
            menu.deleteLater()
