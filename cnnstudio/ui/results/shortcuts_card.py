"""Whether a class is recognised by a place, such as a label in a corner, with pictures as proof."""

from collections.abc import Iterator
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.jobs import specs
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, Foot, ProgressStrip, Thumbnails, button, label
from cnnstudio.understanding.stress.alarms import ALARM, Look, Shortcuts

_SIDE = 96
_MOST = 5
"""Alarms that are shown; the table has all."""
_LIMITS = "It cannot tell what the place means: the pictures may. Of a mark that lies here and there it knows nothing."
_WHAT = (
    "A network may recognise a class by something that is always at the same place, such as a label in a corner, and "
    "fail on pictures without it."
)
_NO_CLASS = "No class seems to be recognised by a place alone."
_NONE_YET = "None of the classes that were looked at so far seems to be recognised by a place alone."


class ShortcutsCard(Card):
    """Says what it may be, never what it is."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Shortcuts")
        self._studio = studio
        self._run: Run | None = None
        self._found: Shortcuts | None = None
        self._looking: JobMonitor[Shortcuts] | None = None
        self._whole = False
        """Whether all classes were looked at."""
        self._problem = ""
        self._known = False
        """Whether it was asked what was kept with the run."""
        self._wanted = False
        self.thumbnails = Thumbnails(2 * _SIDE, self)
        self.sentence = label(_WHAT, wrap=True, name="shortcuts_sentence")
        self.start = button("Look for shortcuts", "shortcuts_start", self.look)
        self.head.addWidget(self.start)
        self.progress = ProgressStrip("shortcuts_progress", stop_text="Stop")
        self.alarms = QtWidgets.QWidget()
        self._rows = QtWidgets.QVBoxLayout(self.alarms)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.S)
        self.foot = Foot(studio, "shortcuts", shown=self, table=self._table)
        for widget in (self.sentence, self.progress, self.alarms, self.foot):
            self.body.addWidget(widget)
        self._show()

    def show_run(self, run: Run | None) -> None:
        """Forget what was known, and stop what is looked for."""
        if self._looking is not None:
            self._looking.stop()
        self._run, self._found, self._looking = run, None, None
        self._problem = ""
        self._known = self._wanted = False
        self._show()

    def show_found(self, found: Shortcuts | None) -> None:
        """What was kept with the run."""
        if self._found is None:
            self._found, self._whole = found, True
        self._known = True
        self._show()
        if self._wanted:
            self.look_once()

    def look_once(self) -> None:
        """Look, unless it is known."""
        if self._found is None and self._known:
            self.look()
        self._wanted = not self._known

    def look(self) -> None:
        """Look at held-out pictures of every class."""
        if (run := self._run) is None or self._busy:
            return
        self._found, self._problem = None, ""
        monitor = self._studio.submit(
            specs.LookForShortcuts(run=run.folder),
            part=lambda found: self._take(run, found),
            done=lambda found: self._take(run, found, whole=True),
            failed=self._tell,
        )
        self._looking = monitor
        monitor.ended.connect(self._show)  # first, so that the button gets the keyboard that the strip loses
        self.progress.follow(monitor)
        self._show_button()

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()

    def _take(self, run: Run, found: Shortcuts, *, whole: bool = False) -> None:
        if run is self._run:
            self._found, self._whole = found, whole
            self._show()

    def _tell(self, problem: Problem) -> None:
        self._problem = problem.sentence()
        self._show()

    @property
    def _busy(self) -> bool:
        return self._looking is not None and self._looking.active

    def _show_button(self) -> None:
        had_keyboard = self.progress.stop.hasFocus()
        self.start.setVisible(not self._busy)
        if had_keyboard and not self._busy:
            self.start.setFocus()
        self.start.setText("Look for shortcuts" if self._found is None else "Look again")

    def _show(self) -> None:
        self._show_button()
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        found = self._found
        for entry in (self.foot.picture, self.foot.csv):
            entry.setEnabled(found is not None)
        if found is None:
            self.sentence.setText(self._problem or _WHAT)
            self.foot.say("Nothing was looked at yet.", _LIMITS)
            return
        missing = len(found.classes) - len(found.looks)
        alarms = found.alarms
        if self._problem:
            self.sentence.setText(self._problem)
        elif alarms:
            self.sentence.setText(f"{counted(len(alarms), 'class', 'classes')} may be recognised by a place.")
        elif found.looks:
            self.sentence.setText(_NO_CLASS if self._whole else _NONE_YET)
        for look in alarms[:_MOST]:
            self._rows.addWidget(_Alarm(look, found.seen, self.thumbnails))
        classes = counted(missing, "class", "classes")
        rest = f" {classes} had too few." if self._whole else f" {classes} were not looked at yet, or have too few."
        self.foot.say(f"On {counted(found.pictures, f'{found.split} picture')}.{rest if missing else ''}", _LIMITS)

    def _table(self) -> Iterator[tuple[object, ...]]:
        yield ("class", "times the even share", "place", "alarm", "pictures", "recognised", "recognised when covered")
        for look in self._found.looks if self._found is not None else ():
            alarm = "yes" if look.is_alarm else "no"
            covered = (look.of, look.before, look.after) if look.is_alarm else ("", "", "")
            yield (look.name, f"{look.times:.2f}", look.place, alarm, *covered)


class _Alarm(QtWidgets.QWidget):
    """A sentence and the pictures in which the place says most, each with the place framed."""

    def __init__(self, look: Look, seen: float, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("shortcut_alarm")
        words = label(look.sentence, wrap=True)
        words.setToolTip(
            f"The place says {look.times:.1f} × as much as any other would; from {ALARM:g} × on it is shown."
        )
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        for path in look.proof:
            row.addWidget(_Framed(Path(path), look, seen, thumbnails))
        row.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(words)
        column.addLayout(row)


class _Framed(QtWidgets.QWidget):
    """The middle square of a picture, which the network sees, with a frame around a place."""

    spoken_role = Role.Graphic

    def __init__(self, path: Path, look: Look, seen: float, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._path, self._box, self._seen, self._thumbnails = path, look.box, seen, thumbnails
        self.setFixedSize(_SIDE, _SIDE)
        self.setAccessibleName(f"{isolated(path.name)}, {look.place} framed")
        self.setToolTip(isolated(path.name))
        thumbnails.ready.connect(self._arrived)

    def _arrived(self, key: str) -> None:
        if key == str(self._path):
            self.update()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter, colours = QtGui.QPainter(self), theme.current()
        picture = self._thumbnails.get(self._path)
        if picture is None or picture.isNull():
            painter.fillRect(self.rect(), QtGui.QColor(colours.surface_alt))
            return
        side = round(self._seen * min(picture.width(), picture.height()))
        square = QtCore.QRect((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(self.rect(), picture, square)
        left, top, right, bottom = (share * _SIDE for share in self._box)
        frame = QtCore.QRectF(left + 1, top + 1, right - left - 2, bottom - top - 2)
        for colour, width in (("#ffffff", 4.0), ("#b83f00", 2.0)):
            painter.setPen(QtGui.QPen(QtGui.QColor(colour), width))
            painter.drawRect(frame)
