"""A film, picture by picture at equal times: a table of what the network says of each, to be looked at and saved."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.inference.results import Prediction, verdict_words
from cnnstudio.jobs.specs import CheckFilm, PredictFrame, SaveTable
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Cell, NoticeBar, ProgressStrip, button, combo, label, pixels_of, table
from cnnstudio.ui.widgets.dialog_frame import give_room
from cnnstudio.ui.widgets.elided_label import ElidedLabel
from cnnstudio.ui.widgets.file_dialogs import ask_new_file
from cnnstudio.ui.widgets.film import Film
from cnnstudio.ui.widgets.part_dialog import CameraPartDialog
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.ui.widgets.prediction_bars import PredictionBars

_TOP = 5
_STEPS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_USUAL = 1.0
_MOST_NAMED = 3
_COLUMNS = ("Time", "Answer", "How sure", "Note")
_IN_FILE = ("time", "seconds", "label", "probability", "second", "second_probability", "verdict")
_READ = "Every picture is answered by itself: the network knows nothing of what was before it."


class FilmDialog(QtWidgets.QDialog):
    """A window of its own, beside which one can work on; a stop keeps the rows that came."""

    def __init__(
        self, studio: Studio, model: Callable[[], ModelRef | None], film: Film, parent: QtWidgets.QWidget | None = None
    ) -> None:
        """``model`` is asked for each picture; ``film`` reads them."""
        super().__init__(parent)
        self.setObjectName("film_dialog")
        self.setWindowTitle("Film")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, 940, 480)
        self._studio, self._model, self._film = studio, model, film
        film.setParent(self)
        self._file = Path()
        self._length = self._step = 0.0
        self._running = False
        self.answers: list[tuple[float, Prediction]] = []
        """Seconds, and what was said of the picture there."""
        self.notice = NoticeBar("film_notice")
        self.file_name = ElidedLabel("heading", "film_name")
        self.every = combo("film_every", "One picture every", [(f"every {step:g} s", step) for step in _STEPS])
        self.every.setCurrentIndex(_STEPS.index(_USUAL))
        self.begin = button("Start", "film_start", self.run, kind="primary", icon_name="play")
        self.save = button("Save table…", "film_save", self._ask_where, icon_name="download")
        self.view = PictureCanvas("film_picture", "The picture of the film")
        self.bars = PredictionBars(low=True)
        self.progress = ProgressStrip("film_progress", self.stop, "Stop")
        self.table = QtWidgets.QTableWidget(0, len(_COLUMNS))
        self._set_up_table()
        self.about = label(_READ, "caption", kind="muted", wrap=True, name="film_about")
        self._lay_out()
        film.opened.connect(self._opened)
        film.picture.connect(self._take)
        film.failed.connect(self._fail)
        self._enable()

    def show_film(self, file: Path) -> None:
        """Open a film; nothing of it is answered before *Start*."""
        self._file = file
        self.file_name.show_text(isolated(file.name), str(file))
        self._studio.submit(CheckFilm(file=file), done=self._film.open, failed=self.notice.show_problem)
        self.show()

    def run(self) -> None:
        """From the beginning to the end, unless somebody stops it."""
        if not self._length or self._running:
            return
        if self._model() is None:
            self.notice.show_text("There is no network yet.", "Train one, or choose one with weights.", "info")
            return
        self.answers.clear()
        self.table.setRowCount(0)
        self._step, self._running = float(self.every.currentData()), True
        self.progress.begin("Predicting")
        self._enable()
        self.progress.stop.setFocus()
        self._film.ask(0.0)

    def stop(self) -> None:
        """Keep what came."""
        if self._running:
            self._running = False
            self.progress.hide()
            self._enable()

    def save_to(self, file: Path) -> None:
        """Write the table."""
        self._studio.submit(
            SaveTable(file=file, rows=tuple(self._rows())),
            done=lambda file: self.notice.show_text(f"Saved: {file.name}", str(file.parent), "good"),
            failed=self.notice.show_problem,
        )

    @override
    def done(self, result: int) -> None:
        """Nobody looks any more."""
        self._running = False
        self._film.close()
        super().done(result)

    @override
    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        self._running = False
        self._film.close()
        super().closeEvent(event)

    # ----------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.file_name, 1)
        for entry in (self.every, self.begin, self.save):
            head.addWidget(entry)
        side = QtWidgets.QVBoxLayout()
        side.addWidget(self.view, 1)
        side.addWidget(self.bars)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addLayout(side, 2)
        row.addWidget(self.table, 3)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(self.notice)
        column.addLayout(head)
        column.addLayout(row, 1)
        column.addWidget(self.progress)
        column.addWidget(self.about)

    def _set_up_table(self) -> None:
        table(self.table, "film_table", "Answers by time", 28)
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        self.table.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QtWidgets.QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)
        self.table.itemSelectionChanged.connect(self._show_row)

    def _opened(self, length: float) -> None:
        self._length = length
        self.file_name.show_text(f"{isolated(self._file.name)}, {_clock(length)}", str(self._file))
        self._enable()
        self.begin.setFocus()
        self._film.ask(0.0)  # to be seen, not yet to be answered

    def _take(self, image: QtGui.QImage, seconds: float) -> None:
        self.view.show_picture(QtGui.QPixmap.fromImage(image))
        model = self._model()
        if not self._running:
            return
        if model is None:
            self.stop()
            return
        job = PredictFrame(model=model, pixels=pixels_of(image)[:, :, :3], top=_TOP)
        monitor = self._studio.submit(job, done=lambda found: self._answer(seconds, found), failed=self._give_up)
        monitor.stopped.connect(self._again)

    def _again(self, _: object) -> None:
        """A newer question, perhaps of the camera, took this one's place."""
        if self._running:
            self._film.ask(len(self.answers) * self._step)

    def _answer(self, seconds: float, found: Prediction) -> None:
        if not self._running:
            return
        self.answers.append((seconds, found))
        self._add_row(seconds, found)
        self.bars.show_prediction(found)
        total = 1 + int((self._length - 1e-3) / self._step)
        self.progress.advance("Predicting", len(self.answers), total)
        if len(self.answers) < total:
            self._film.ask(len(self.answers) * self._step)
        else:
            self.stop()

    def _add_row(self, seconds: float, found: Prediction) -> None:
        row, best = self.table.rowCount(), found.top[0] if found.top else None
        self.table.insertRow(row)
        words = found.error or verdict_words(found)
        cells = (
            Cell(_clock(seconds, self._step), seconds),
            Cell(isolated(best.label) if best else "", best.label if best else ""),
            Cell(f"{100 * best.probability:.1f} %" if best else "", best.probability if best else 0.0),
            Cell(words, words),
        )
        for column, cell in enumerate(cells):
            self.table.setItem(row, column, cell)
        if words:
            cells[-1].setToolTip(words)
        self.table.scrollToBottom()
        self.about.setText(f"{self._counts()} {_READ}")

    def _counts(self) -> str:
        """Such as ``12 pictures: hat 8, shoes 4.``."""
        found = Counter(said.top[0].label for _, said in self.answers if said.top)
        named = [f"{isolated(name)} {count:,}" for name, count in found.most_common(_MOST_NAMED)]
        others = found.total() - sum(count for _, count in found.most_common(_MOST_NAMED))
        named += [f"others {others:,}"] if others else []
        return f"{counted(len(self.answers), 'picture')}: {', '.join(named)}."

    def _show_row(self) -> None:
        row = self.table.currentRow()
        if not self._running and 0 <= row < len(self.answers):
            seconds, found = self.answers[row]
            self.bars.show_prediction(found)
            self._film.ask(seconds)

    def _enable(self) -> None:
        self.begin.setEnabled(bool(self._length) and not self._running)
        self.begin.setText("Start again" if self.answers and not self._running else "Start")
        self.every.setEnabled(not self._running)
        self.save.setEnabled(bool(self.answers) and not self._running)
        modes = QtWidgets.QAbstractItemView.SelectionMode
        self.table.setSelectionMode(modes.NoSelection if self._running else modes.SingleSelection)

    def _ask_where(self) -> None:
        file = ask_new_file(self, "Save the table", f"{self._file.stem}.csv", "Tables (*.csv)")
        if file is not None:
            self.save_to(file if file.suffix else file.with_suffix(".csv"))

    def _rows(self) -> Iterator[tuple[object, ...]]:
        yield _IN_FILE
        for seconds, said in self.answers:
            first, second = (*said.top[:2], None, None)[:2]
            yield (
                _clock(seconds, self._step), f"{seconds:g}",
                first.label if first else "", f"{first.probability:.4f}" if first else "",
                second.label if second else "", f"{second.probability:.4f}" if second else "", said.verdict or "",
            )  # fmt: skip

    def _give_up(self, problem: Problem) -> None:
        self.stop()
        self.notice.show_problem(problem)

    def _fail(self, text: str) -> None:
        self.stop()
        self._length = 0.0
        self._enable()
        read = f" It was read up to {_clock(self.answers[-1][0], self._step)}." if self.answers else ""
        self.notice.show_text(
            "This film cannot be read.",
            f"It may be damaged, or in a format that is not known here.{read} {text}".strip(),
            "error",
        )


def open_film(page: QtWidgets.QWidget, studio: Studio, model: Callable[[], ModelRef | None], file: Path) -> None:
    """Show a film, or the offer to install what reads films."""
    try:
        film = Film()
    except ImportError:
        CameraPartDialog(studio, lambda: open_film(page, studio, model, file), page.window()).show()
        return
    FilmDialog(studio, model, film, page.window()).show_film(file)


def _clock(seconds: float, step: float = 1.0) -> str:
    """Such as ``1:02:07``, ``2:07``, and ``2:07.5`` where steps are shorter than a second."""
    whole, tenths = divmod(round(10 * seconds), 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{tenths}" if step < 1 else text
