"""Every dialog, drawer and menu of the window, opened on a folder of ten classes and a run of it, for the sheets."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.computer import PartOffer
from cnnstudio.networks import ModelRef
from cnnstudio.ui.data.camera_dialog import CameraDialog
from cnnstudio.ui.data.preview import Preview
from cnnstudio.ui.data.split_dialog import SplitDialog
from cnnstudio.ui.lab.operation.folder_pictures import FolderPictures
from cnnstudio.ui.lab.operation.network_filters import FiltersDialog
from cnnstudio.ui.network.weights_dialog import WeightsDialog
from cnnstudio.ui.predict.film_dialog import FilmDialog
from cnnstudio.ui.predict.many.sort_dialog import SortDialog
from cnnstudio.ui.widgets import Question
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.ui.widgets.part_dialog import CameraPartDialog
from tests.ui.test_camera_dialog import DrawnCamera
from tests.ui.test_film import PlayedFilm

MODEL = ModelRef(source="/runs/x")
_LONG = "Acer pseudoplatanus – the sycamore, leaves of the second year, seen from below"


def _action(name):
    def opens(scene):
        scene.window.findChild(QAction, f"action_{name}").trigger()
        return _newest()

    return opens


def _newest():
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()][-1]


def _split(scene):
    dataset = replace(scene.studio.dataset, group_column="number of the patient at the second clinic")
    return SplitDialog(dataset, scene.studio, scene.window)


def _preview(scene):
    dataset = scene.studio.dataset
    return Preview(dataset.samples, 0, dataset, 0.875, scene.window)


def _mistake(scene):
    page = scene.window.results_page
    scene.window.show_page("results")
    page.tabs.open("mistakes")
    _hear(scene)
    grid = page.tabs.tab("mistakes").mistakes.grid
    grid.opened.emit(0)
    return _newest()


def _camera(scene):
    drawn = DrawnCamera(("Integrated Webcam Full HD (1bcf:2b98)", "USB"))
    dialog = CameraDialog(scene.studio, drawn, (*scene.studio.dataset.classes,), lambda name: Path("/x") / name)
    dialog.setParent(scene.window, dialog.windowFlags())
    drawn.show()
    return dialog


def _film(scene):
    film = PlayedFilm()
    dialog = FilmDialog(scene.studio, lambda: MODEL, film, scene.window)
    dialog.show_film(Path("/films") / f"{_LONG}.mp4")
    film.opened.emit(4.0)
    film.show()
    return dialog


def _question(scene):
    text, details = "Stop the training and close?", "The best so far is kept, and the run can be resumed later."
    return Question(scene.window, "Training is still running", text, details, ("Stop and close", "Keep training"))


def _part(scene):
    scene.runner.answers[specs.OfferPart] = PartOffer(why_not="", megabytes=170)
    return CameraPartDialog(scene.studio, lambda: None, scene.window)


def _hear(scene):
    from tests.ui.sheets import settle

    settle(scene.studio)


def _advanced(scene):
    scene.window.show_page("train")
    _hear(scene)
    page = scene.window.train_page
    if page.folded.isVisible():
        page.folded.change.click()
    page.form.toggle.click()
    return page.drawer


def _serve(scene):
    scene.window.show_page("predict")
    _hear(scene)
    serve = scene.window.predict_page.ways.serve
    serve.open_it()
    return serve


DIALOGS: dict[str, Callable[..., QWidget]] = {
    "start": _action("gettingstarted"),
    "keys": _action("keyboardshortcuts"),
    "report": _action("reportaproblem"),
    "licences": _action("licences"),
    "settings": _action("settings"),
    "split": _split,
    "preview": _preview,
    "mistake": _mistake,
    "camera": _camera,
    "film": _film,
    "part": _part,
    "question": _question,
    "weights": lambda scene: WeightsDialog(scene.studio, scene.window),
    "sort": lambda scene: SortDialog(scene.studio, Path("/pictures/a walk in the woods"), MODEL, scene.window),
    "filters": lambda scene: FiltersDialog(scene.studio, scene.window),
    "folder": lambda scene: FolderPictures(scene.studio.dataset, scene.window),
    "advanced": _advanced,
    "serve": _serve,
    "chooser": lambda scene: ClassChooser(scene.studio.dataset.classes, (), scene.window),
}
"""What opens over a page: a dialog, a list of classes, or a drawer."""


def opened(scene, name: str) -> QWidget:
    """One of them, shown."""
    dialog = DIALOGS[name](scene)
    dialog.show()
    _hear(scene)
    return dialog
