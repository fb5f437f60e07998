"""The window: a rail of steps on the left, one page per step, and a way in for whatever is dropped or pasted."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio import __version__
from cnnstudio.core.errors import Problem
from cnnstudio.data.reading.suffixes import SUFFIXES
from cnnstudio.jobs import specs
from cnnstudio.ui.data.page import DataPage
from cnnstudio.ui.data.practice_dialog import PracticeDialog
from cnnstudio.ui.export.page import ExportPage
from cnnstudio.ui.home.page import HomePage
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import icon, pixmap
from cnnstudio.ui.menus import add_action, add_help_menu, add_scheme_actions
from cnnstudio.ui.network.page import WEIGHTS_SUFFIXES, ModelPage
from cnnstudio.ui.predict.page import PredictPage
from cnnstudio.ui.results.page import ResultsPage
from cnnstudio.ui.state.preferences import save_preferences
from cnnstudio.ui.state.studio import Studio
from cnnstudio.ui.train.page import TrainPage
from cnnstudio.ui.widgets.buttons import button
from cnnstudio.ui.widgets.drops import clipboard, local_paths
from cnnstudio.ui.widgets.notice_bar import NoticeBar
from cnnstudio.ui.widgets.text import label

_CLOSE_TIMEOUT_S = 10.0
_AFTER_FIRST_PAINT_MS = 150
_NAMES = (
    ("home", "Home"), ("data", "Data"), ("model", "Model"), ("train", "Train"), ("results", "Results"),
    ("predict", "Predict"), ("export", "Export"),
)  # fmt: skip


class MainWindow(QMainWindow):
    """Holds the pages and knows nothing of their insides."""

    def __init__(self, studio: Studio | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("CNN Studio")
        self.setMinimumSize(1000, 660)
        self.setAcceptDrops(True)
        self.studio = studio or Studio()
        self.home_page = HomePage(self.studio)
        self.data_page = DataPage(self.studio)
        self.model_page = ModelPage(self.studio)
        self.train_page = TrainPage(self.studio)
        self.results_page = ResultsPage(self.studio)
        self.predict_page = PredictPage(self.studio)
        self.export_page = ExportPage(self.studio)
        self.pages = QStackedWidget()
        self._closing = False
        self._warm = False
        self.notice = NoticeBar("window_notice")
        self._lay_out()
        self._add_menus()
        self.device_label = label("", "caption", kind="muted", name="device_label")
        self.engine_label = label("", "caption", kind="muted", name="engine_label")
        self.statusBar().addWidget(self.engine_label)
        self.statusBar().addPermanentWidget(self.device_label)
        self.studio.navigate.connect(self.show_page)
        self.studio.problem.connect(self.show_problem)
        self.practice: PracticeDialog | None = None
        self.studio.practice_wanted.connect(self.show_practice)
        self.data_page.changes.chosen.connect(self.train_page.form.show_changes)
        self.data_page.findings.balance_wanted.connect(self.train_page.form.weigh_classes)
        self.studio.devices_changed.connect(self._show_devices)
        self.studio.training_started.connect(lambda _: self.engine_label.setText("Training is going on"))
        self.studio.training_ended.connect(self._training_ended)
        theme.notifier().changed.connect(self._tint)
        self._restore_place()

    def show_page(self, name: str) -> None:
        """Show a page by its name: home, data, model, train, results, predict or export."""
        index = [key for key, _ in _NAMES].index(name)
        self.pages.setCurrentIndex(index)
        self.rail_buttons[index].setChecked(True)

    def show_practice(self) -> None:
        """The practice datasets; made at first use, and kept because downloads go on while it is closed."""
        if self.practice is None:
            self.practice = PracticeDialog(self.studio, self)
            self.practice.opened.connect(lambda folder: self.open_paths([folder]))
        self.practice.show()
        self.practice.raise_()

    def _record(self) -> None:
        self.show_page("data")
        self.data_page.class_panel.record()

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Take what was dropped or pasted: a folder is data, pictures are predicted, weights go to the model page."""
        folders = [path for path in paths if path.is_dir() or path.suffix.lower() == ".zip"]
        pictures = [path for path in paths if path.suffix.lower() in SUFFIXES]
        weights = [path for path in paths if path.suffix.lower() in WEIGHTS_SUFFIXES]
        if weights:
            self.show_page("model")
            self.model_page.import_weights(weights[0])
        elif folders and self.pages.currentWidget() is not self.predict_page:
            self.show_page("data")
            self.data_page.open_folder(folders[0])
        elif pictures or folders:
            self.show_page("predict")
            self.predict_page.open_images(pictures or folders)
        elif paths:
            self.notice.show_text(
                "This cannot be opened here.", "Drop a folder of pictures, pictures to predict, or weights.", "warn"
            )

    def show_problem(self, problem: Problem) -> None:
        """Show a problem above the pages."""
        self.notice.show_problem(problem)

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        rail = QFrame()
        rail.setProperty("kind", "rail")
        rail.setFixedWidth(176)
        column = QVBoxLayout(rail)
        column.setContentsMargins(theme.S + 4, theme.M, theme.S + 4, theme.M)
        column.setSpacing(theme.XS)
        self._logo = QLabel()
        brand = QHBoxLayout()
        brand.addWidget(self._logo)
        brand.addWidget(label("CNN Studio", "heading"), 1)
        column.addLayout(brand)
        column.addSpacing(theme.M)
        group = QButtonGroup(self)
        self.rail_buttons: list[QPushButton] = []
        pages = (
            self.home_page, self.data_page, self.model_page, self.train_page, self.results_page, self.predict_page,
            self.export_page,
        )  # fmt: skip
        for (name, title), page in zip(_NAMES, pages, strict=True):
            entry = button(title, f"nav_{name}", partial(self.show_page, name), kind="nav", icon_name=name)
            entry.setCheckable(True)
            group.addButton(entry)
            column.addWidget(entry)
            self.rail_buttons.append(entry)
            self.pages.addWidget(page)
        column.addStretch(1)
        column.addWidget(label(f"Version {__version__}", "caption", kind="muted"))
        right = QWidget()
        stack = QVBoxLayout(right)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        above = QVBoxLayout()
        above.setContentsMargins(theme.L, 0, theme.L, 0)
        above.addWidget(self.notice)
        stack.addLayout(above)
        stack.addWidget(self.pages, 1)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(rail)
        row.addWidget(right, 1)
        self.setCentralWidget(body)
        self.rail_buttons[0].setChecked(True)
        self._tint()

    def _add_menus(self) -> None:
        file = self.menuBar().addMenu("&File")
        keys = QKeySequence.StandardKey
        add_action(file, "Open folder…", self.home_page.choose_folder, shortcut=keys.Open, icon_name="open-folder")
        add_action(file, "Open ZIP archive…", self.home_page.choose_archive)
        add_action(file, "Try the sample pictures", self.home_page.sample_button.click, icon_name="sample")
        add_action(file, "Practice pictures…", self.show_practice)
        add_action(file, "Record with the camera…", self._record, icon_name="camera")
        add_action(file, "Paste", self.paste, shortcut=keys.Paste, icon_name="paste")
        file.addSeparator()
        add_action(file, "Quit", self.close, shortcut=keys.Quit, icon_name="close")
        view = self.menuBar().addMenu("&View")
        for number, (name, title) in enumerate(_NAMES, 1):
            show = partial(self.show_page, name)
            add_action(view, title, show, shortcut=QKeySequence(f"Ctrl+{number}"), icon_name=name)
        view.addSeparator()
        add_scheme_actions(view, self.studio.preferences.scheme, self._set_scheme)
        add_help_menu(self)

    # Actions --------------------------------------------------------------------------------------------------

    def paste(self) -> None:
        """Take files, folders or a picture from the clipboard."""
        mime = clipboard()
        paths = local_paths(mime)
        if not paths and mime.hasText() and Path(mime.text().strip().strip('"')).exists():
            paths = [Path(mime.text().strip().strip('"'))]
        if paths:
            self.open_paths(paths)
        elif mime.hasImage():
            self.show_page("predict")
            self.predict_page.paste()

    def showEvent(self, event: QShowEvent) -> None:
        """After the first paint: load the engine, visibly, so that the first click does not wait for it."""
        super().showEvent(event)
        if not self._warm:
            self._warm = True
            QTimer.singleShot(_AFTER_FIRST_PAINT_MS, self, self._warm_up)

    def _warm_up(self) -> None:
        if self._closing:
            return
        self.engine_label.setText("Starting the engine …")
        monitor = self.studio.submit(specs.WarmUp(), failed=self.studio.problem.emit)
        monitor.ended.connect(lambda: self.engine_label.setText(""))
        self.studio.refresh_catalogue()
        self.studio.find_devices()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        event.acceptProposedAction()
        self.open_paths(local_paths(event.mimeData()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a training goes on; then stop it, wait for its last save, and close."""
        training = self.studio.training
        if training is not None and training.active and not self._closing:
            event.ignore()
            if self._really_close():
                self._closing = True
                self.engine_label.setText("Stopping the training and saving the best epoch …")
                self.setEnabled(False)
                training.ended.connect(self.close)
                training.stop()
            return
        self._closing = True
        QSettings().setValue("geometry", self.saveGeometry())
        self.data_page.thumbnails.close()
        self.results_page.close_thumbnails()
        self.predict_page.close_thumbnails()
        self.studio.close(_CLOSE_TIMEOUT_S)
        event.accept()

    def _really_close(self) -> bool:
        box = QMessageBox(self)
        box.setObjectName("close_question")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("A training is going on")
        box.setText("Stop the training and close?")
        box.setInformativeText("The best epoch so far is kept, and the run can be resumed later.")
        stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Go on training", QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is stop

    def _set_scheme(self, scheme: theme.Scheme) -> None:
        theme.set_scheme(scheme)
        self.studio.preferences = save_preferences(self.studio.preferences, scheme=scheme)

    def _show_devices(self, devices: tuple[object, ...]) -> None:
        titles = [getattr(device, "title", "") for device in devices if not getattr(device, "note", "")]
        self.device_label.setText(titles[0] if titles else "")

    def _training_ended(self) -> None:
        self.engine_label.setText("")

    def _tint(self) -> None:
        self._logo.setPixmap(pixmap("app", 28, theme.current().accent, self.devicePixelRatioF()))
        self.setWindowIcon(icon("app"))

    def _restore_place(self) -> None:
        geometry = QSettings().value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(QSize(1280, 820))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()  # so that no button looks chosen before the keyboard is used
