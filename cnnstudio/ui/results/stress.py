"""What it still recognises when pictures get worse, and whether it looks at a place instead of the object."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import ImageError, Problem, counted, isolated
from cnnstudio.data import AugmentSpec
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.stress import Changed, Tests
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.shortcuts_card import ShortcutsCard
from cnnstudio.ui.results.stress_plot import StressPlot
from cnnstudio.ui.results.stress_sliders import StressSliders
from cnnstudio.ui.results.tab import ResultsTab
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, Foot, ProgressStrip, button, image_of, label, plain, set_kind
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.understanding.stress.changes import BY_NAME, CHANGES, Change
from cnnstudio.understanding.stress.results import Stress

_WAIT_MS = 60
"""After the last move of a slider."""
_HEIGHT = 300
"""Of sliders, picture and curve, so that all of it is seen in the smallest window."""
_PROGRESS = 330
_MOMENT, _NONE = "One moment…", "There is no picture that the network did not learn from."
_WHAT = "What does it still recognise when pictures get worse? Move a slider and look."
_LIMITS = "It cannot tell what other cameras, seasons or places change, and each change is tested alone."


class StressTab(ResultsTab):
    """A slider changes one picture at once; the curve behind it comes from held-out pictures, once it was tested."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._run: Run | None = None
        self._pictures: tuple[Path, ...] = ()
        self._at = 0
        self._found: Stress | None = None
        self._problem = ""
        self._testing: JobMonitor[Stress] | None = None
        self._asked: JobMonitor[Changed] | None = None
        self._later = QtCore.QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_WAIT_MS)
        self._later.timeout.connect(self._ask)
        self.sentence = label("", "heading", wrap=True, name="stress_sentence")
        self.sliders = StressSliders()
        self.sliders.moved.connect(lambda change, share: self._moved(change, share))
        self.canvas = PictureCanvas("stress_picture", "The changed picture, as the network sees it")
        self.answer = label("", wrap=True, name="stress_answer")
        self.another = button("Another picture", "stress_another", lambda: self._step(), icon_name="image")
        self.plot = StressPlot()
        self.weakest = label("", wrap=True, name="stress_weakest")
        self.train = button("Train with this change", "stress_train", self._train_with)
        self.start = button("Test all seven changes", "stress_start", self.test, kind="primary")
        self.progress = ProgressStrip("stress_progress", stop_text="Stop")
        self.foot = Foot(studio, "stress_test", shown=self.plot, above=self.sentence, table=self._rows)
        self.shortcuts = ShortcutsCard(studio)
        rows = QtWidgets.QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.M)
        rows.addWidget(self._changes())
        rows.addWidget(self.shortcuts)
        rows.addStretch(1)
        self._show_curve()

    @override
    def show_run(self, run: Run | None) -> None:
        if self._testing is not None:
            self._testing.stop()
        self._run, self._found, self._pictures, self._testing = run, None, (), None
        self._problem = ""
        self.canvas.show_picture(None, "")
        self.answer.setText("")
        self.shortcuts.show_run(run)
        self._show_curve()
        if run is None:
            return
        self._studio.submit(
            specs.ReadTests(run=run.folder), done=lambda tests: self._read(run, tests), failed=self._tell
        )

    @override
    def show_about(self, names: Sequence[str]) -> None:
        """One of the changes; or the shortcuts, which are looked for where nobody has yet."""
        what = next(iter(names), "")
        if what == "shortcuts":
            self.shortcuts.look_once()
            QtCore.QTimer.singleShot(0, self, self._reveal_shortcuts)
        elif what in BY_NAME:
            slider = self.sliders.sliders[what]
            slider.setValue(slider.maximum() // 2)

    def _reveal_shortcuts(self) -> None:
        around = self.parentWidget()
        while around is not None and not isinstance(around, QtWidgets.QScrollArea):
            around = around.parentWidget()
        if around is not None:
            around.ensureWidgetVisible(self.shortcuts)

    def test(self) -> None:
        """Test all changes on held-out pictures; what is known is drawn while it grows."""
        if (run := self._run) is None or (self._testing is not None and self._testing.active):
            return
        monitor = self._studio.submit(
            specs.TestStress(run=run.folder),
            part=lambda found: self._take(run, found),
            done=lambda found: self._take(run, found),
            failed=self._tell,
        )
        self._testing, self._problem = monitor, ""
        self.start.hide()
        self.progress.follow(monitor)
        monitor.ended.connect(self._show_curve)

    # Layout ---------------------------------------------------------------------------------------------------

    def _changes(self) -> Card:
        card = Card()
        picture = QtWidgets.QVBoxLayout()
        picture.setSpacing(theme.XS)
        picture.addWidget(self.canvas, 1)
        picture.addWidget(self.answer)
        picture.addWidget(self.another, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        curve = QtWidgets.QVBoxLayout()
        curve.setSpacing(theme.XS)
        curve.addWidget(self.plot, 1)
        curve.addWidget(self.weakest)
        curve.addWidget(self.train, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        both = QtWidgets.QWidget()
        both.setFixedHeight(theme.scaled(_HEIGHT))
        beside = QtWidgets.QHBoxLayout(both)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.M)
        beside.addWidget(self.sliders)
        beside.addLayout(picture, 3)
        beside.addLayout(curve, 4)
        head = QtWidgets.QHBoxLayout()
        head.addWidget(self.sentence, 1)
        head.addWidget(self.start, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        self.progress.setFixedWidth(theme.scaled(_PROGRESS))  # where the button was: no slider moves
        head.addWidget(self.progress)
        card.body.addLayout(head)
        card.body.addWidget(both)
        card.body.addWidget(self.foot)
        return card

    # One picture ----------------------------------------------------------------------------------------------

    def _take_pictures(self, pictures: tuple[Path, ...]) -> None:
        self._pictures, self._at = pictures, len(pictures) // 2
        self.canvas.show_picture(None, _MOMENT if pictures else _NONE)
        self.another.setEnabled(len(pictures) > 1)
        self._ask()

    def _step(self) -> None:
        self._at += max(1, len(self._pictures) // 7)
        self._ask()

    def _moved(self, change: Change, share: float) -> None:
        self.plot.show_place(share, change.name)
        self._show_curve()
        self._later.start()

    def _ask(self) -> None:
        run = self._run
        if run is None or not self._pictures:
            return
        picture, sliders = self._pictures[self._at % len(self._pictures)], self.sliders
        change, strength = sliders.change, sliders.strength
        monitor: JobMonitor[Changed] = self._studio.submit(
            specs.ChangePicture(run=run.folder, picture=picture, change=change.name, strength=strength),
            done=lambda changed: self._show(monitor, picture, changed),
            failed=lambda problem: self._refuse(monitor, picture, problem),
        )
        self._asked = monitor

    def _show(self, monitor: JobMonitor[Changed], picture: Path, changed: Changed) -> None:
        if monitor is not self._asked or self._run is None:
            return
        self.canvas.show_picture(QtGui.QPixmap.fromImage(image_of(np.ascontiguousarray(changed.pixels))))
        told = [f"{isolated(score.label)} {100 * score.probability:.0f} %" for score in changed.top]
        how = sliders.change.told(sliders.strength) if (sliders := self.sliders).share else "As it is"
        self.answer.setText(f"{how[0].upper()}{how[1:]}: {', '.join(told)}")
        self.canvas.setToolTip(plain(picture.name))

    def _refuse(self, monitor: JobMonitor[Changed], picture: Path, problem: Problem) -> None:
        """One that is gone since the training is passed over, as long as there are others."""
        if monitor is not self._asked:
            return
        others = tuple(each for each in self._pictures if each != picture)
        if problem.kind == ImageError.kind and others:
            self._pictures = others
            self.another.setEnabled(len(others) > 1)
            self._ask()
            return
        self.canvas.show_picture(None, problem.title)
        self.answer.setText("")

    # Many pictures --------------------------------------------------------------------------------------------

    def _read(self, run: Run, tests: Tests) -> None:
        if run is self._run:
            self._found = self._found or tests.stress
            self._take_pictures(tests.pictures)
            self.shortcuts.show_found(tests.shortcuts)
            self._show_curve()

    def _take(self, run: Run, found: Stress) -> None:
        if run is self._run:
            self._found = found
            self._show_curve()

    def _tell(self, problem: Problem) -> None:
        self._problem = problem.sentence()
        self._show_curve()

    def _show_curve(self) -> None:
        change, number, found = self.sliders.change, self.sliders.number, self._found
        self.plot.show_curve(change, found)
        self.plot.show_place(self.sliders.share, change.name)
        busy = self._testing is not None and self._testing.active
        self.start.setVisible(not busy)
        self.start.setText("Test all seven changes" if found is None else "Test again")
        set_kind(self.start, "primary" if found is None else "secondary")
        self.train.setEnabled(self.sliders.share > 0)
        self.foot.csv.setEnabled(found is not None)
        self.foot.picture.setEnabled(found is not None)
        curve = found.curve(change.name) if found is not None and found.pictures else None
        if found is None or curve is None:
            self.sentence.setText(self._problem or _WHAT)
            self.weakest.setText("")
            self.foot.say("Nothing was tested yet.", _LIMITS)
            return
        number = number or len(curve.steps) // 2
        step, plain = curve.steps[number], curve.steps[0]
        self.sentence.setText(
            f"With {change.told(step.strength)}, {100 * found.share(step):.0f} % are correct; as they are, "
            f"{100 * found.share(plain):.0f} %."
        )
        weakest = found.weakest(change.name, number)
        self.weakest.setText(
            f"It costs {isolated(weakest.name)} most: {weakest.after:,} of {weakest.pictures:,} recognised, "
            f"{weakest.before:,} as they are."
            if weakest
            else "No class loses pictures by it."
        )
        self.foot.say(f"On {counted(found.pictures, f'{found.split} picture')}, with 95 % ranges.", _LIMITS)

    def _rows(self) -> Iterator[tuple[object, ...]]:
        yield ("change", "strength", "pictures", "correct", "accuracy", "from", "to")
        found = self._found
        for change in CHANGES:
            curve = found.curve(change.name) if found is not None else None
            for step in curve.steps if found is not None and curve is not None else ():
                low, high = found.interval(step) if found is not None else (0.0, 0.0)
                share = found.share(step) if found is not None else 0.0
                correct = sum(step.correct)
                pictures = found.pictures if found is not None else 0
                yield (change.name, step.strength, pictures, correct, f"{share:.4f}", f"{low:.4f}", f"{high:.4f}")

    def _train_with(self) -> None:
        run, change = self._run, self.sliders.change
        if run is not None:
            self._studio.again_wanted.emit(run)
            self._studio.variation_wanted.emit(change.train(run_augment(run), self.sliders.strength))
            self._studio.navigate.emit("train")
            self._studio.said.emit(
                f"The next training learns with {change.told(self.sliders.strength)}, too.", "", None
            )

    @override
    def release(self) -> None:
        self.shortcuts.release()


def run_augment(run: Run) -> AugmentSpec:
    """How the run's training varied pictures, as far as its record says."""
    known = run.record.recipe.get("augment")
    names = AugmentSpec.__dataclass_fields__
    return AugmentSpec(**{key: value for key, value in (known or {}).items() if key in names})
