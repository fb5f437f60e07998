"""The classes as a grid that takes drops, and what one can do with them."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, safe_file_name
from cnnstudio.data.collect import class_folder
from cnnstudio.data.reading import SUFFIXES, is_picture
from cnnstudio.jobs.specs import AddPictures
from cnnstudio.ui.data.camera_dialog import Camera, CameraDialog
from cnnstudio.ui.data.curator import Curator
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import button, has_local_paths, label, local_paths, plain


class ClassView(QtWidgets.QListView):
    """A row per class; its model gives the names."""

    opened = QtCore.Signal(str)
    """A class to see all pictures of."""

    def __init__(self, studio: Studio, curator: Curator) -> None:
        super().__init__()
        self.setObjectName("class_list")
        self.setAccessibleName("Classes; pictures can be dropped onto them")
        self._studio, self._curator = studio, curator
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QtWidgets.QListView.ScrollMode.ScrollPerPixel)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
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
            paths, _ = QtWidgets.QFileDialog.getOpenFileNames(self, title, filter=f"Pictures ({endings})")
            self.add_pictures([Path(path) for path in paths], name)

    def menu(self, name: str) -> QtWidgets.QMenu:
        """What can be done with a class."""
        menu = QtWidgets.QMenu(self)
        menu.addAction("Show its pictures").triggered.connect(lambda: self.opened.emit(name))
        menu.addAction("Rename or merge…").triggered.connect(lambda: self._ask_name(name))
        if self._studio.dataset is not None and name in self._studio.dataset.merged:
            menu.addAction("Separate what was merged").triggered.connect(lambda: self._curator.separate(name))
        return menu

    @override
    def dragEnterEvent(self, event: QtGui.QDragEnterEvent) -> None:
        if has_local_paths(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QtGui.QDragMoveEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self.setCurrentIndex(index)
        if has_local_paths(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QtGui.QDropEvent) -> None:
        """Onto a class, or beside them: pictures for a new one, anything else as if dropped anywhere."""
        index = self.indexAt(event.position().toPoint())
        paths = local_paths(event.mimeData())
        event.acceptProposedAction()
        if index.isValid():
            self.add_pictures(paths, index.data())
        elif all(is_picture(path.name) for path in paths):
            self.add_pictures(paths, self._new_name())
        else:
            self._studio.paths_wanted.emit(paths)

    def _new_name(self) -> str:
        name, agreed = QtWidgets.QInputDialog.getText(self, "A new class", "What is on these pictures?")
        return name if agreed else ""

    def _ask_name(self, name: str) -> None:
        text = f"Another name for “{name}”. The name of another class merges the two; your folders stay as they are."
        new, agreed = QtWidgets.QInputDialog.getText(self, "Rename or merge", plain(text), text=name)
        if agreed:
            self.rename(name, new)

    def _ask(self, place: QtCore.QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            menu = self.menu(index.data())
            menu.exec(self.viewport().mapToGlobal(place))
            menu.deleteLater()


class ClassPanel(QtWidgets.QWidget):
    """The list, and below it two ways to a new class."""

    recorded = QtCore.Signal(Path)
    """Pictures were recorded into this folder."""

    def __init__(self, studio: Studio, view: ClassView) -> None:
        super().__init__()
        self._studio = studio
        self.new = button("New class…", "class_new", view.add_class, icon_name="data")
        self.camera = button("Record with the camera…", "class_record", self.record, icon_name="camera")
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.new)
        row.addWidget(self.camera)
        row.addWidget(label("Pictures can also be dropped onto a class.", "caption", kind="muted", wrap=True), 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(view, 1)
        column.addLayout(row)

    def record(self) -> None:
        """Record into the classes of the open folder; without one, into a new folder."""
        dataset, network = self._studio.dataset, self._studio.network
        try:
            camera = Camera(self)
        except ImportError as error:
            self._studio.problem.emit(
                Problem(
                    kind="camera",
                    title="Camera support is not installed.",
                    meaning="It is a separate download, because it is large.",
                    remedy='Install it with: pip install "cnnstudio[camera]" (on Linux also the package libpulse0).',
                    details=repr(error),
                )
            )
            return
        root = dataset.root if dataset is not None else self._new_root()
        if root is None:
            return

        def folder_of(name: str) -> Path:
            return class_folder(dataset, name) if dataset is not None else root / safe_file_name(name)

        classes = dataset.classes if dataset is not None else ()
        share = network.crop_share if network is not None and dataset is not None else 1.0
        dialog = CameraDialog(self._studio, camera, classes, folder_of, share, self.window())
        dialog.exec()
        camera.deleteLater()
        if dialog.being_kept:
            dialog.kept.connect(lambda: self._recorded(dialog, root))
        else:
            self._recorded(dialog, root)

    def _new_root(self) -> Path | None:
        chosen = QtWidgets.QFileDialog.getExistingDirectory(self, "Choose or make an empty folder for the pictures")
        return Path(chosen) if chosen else None

    def _recorded(self, dialog: CameraDialog, root: Path) -> None:
        dialog.deleteLater()
        if dialog.recorded:
            self.recorded.emit(root)
