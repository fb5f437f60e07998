"""Other programs may ask: a switch that is off until a person turns it on, and a line that says so while it is on."""

from collections.abc import Callable
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.service.contract import DEFAULT_PORT, Served, Serving
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Drawer, NoticeBar, button, label, number

_ABOUT = (
    "A program on this computer sends a picture and gets the classes with their probabilities: a script, a "
    "spreadsheet's macro, a machine's control. Nothing is reachable from other computers, no web page can ask, and "
    "only who knows the token is answered."
)
_LOBE = "Programs that were written for Lobe need another address only; the token stands in it:"


class ServeStrip(QtWidgets.QFrame):
    """Hidden while nobody is served."""

    def __init__(self, show: Callable[[], object], stop: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("serve_strip")
        self.setProperty("kind", "notice")
        self.setProperty("level", "good")
        self.text = label("", wrap=True, name="serve_text")
        self.served = label("", "caption", kind="muted", wrap=True, name="serve_served")
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.served)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        row.addLayout(words, 1)
        row.addWidget(button("Address and token", "serve_show", show, kind="ghost"))
        row.addWidget(button("Turn off", "serve_stop", stop))
        self.hide()


class ServeDrawer(Drawer):
    """The switch, and all that a program needs to know."""

    def __init__(self, studio: Studio, page: QtWidgets.QWidget, over: QtWidgets.QWidget) -> None:
        super().__init__("serve_drawer", "Answer other programs", page, over)
        self._studio = studio
        self._model: ModelRef | None = None
        self._job: JobMonitor[Served] | None = None
        self.strip = ServeStrip(self.open_it, self.stop)
        self.switch = QtWidgets.QCheckBox("Answer other programs on this computer")
        self.switch.setObjectName("serve_switch")
        self.switch.toggled.connect(lambda on: self._start() if on else self.stop())
        self.port = number("serve_port", "Port", 1024, 65535, DEFAULT_PORT)
        self.port.setGroupSeparatorShown(False)
        self.notice = NoticeBar("serve_notice")
        row = QtWidgets.QHBoxLayout()
        row.addWidget(label("Port", kind="muted"))
        row.addWidget(self.port)
        row.addStretch(1)
        self.top.addWidget(self.switch)
        self.top.addWidget(self.notice)
        self.served = label("", name="serve_count")
        self.address = _Line("serve_address", "Address")
        self.token = _Line("serve_token", "Token", hidden=True)
        self.lobe = _Line("serve_lobe", "Address for programs written for Lobe", hidden=True)
        self.curl = _Code("serve_curl", "Line for a terminal")
        self.details = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(self.details)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        for part in (self.served, self.address, self.token, self.curl, label(_LOBE, "caption", kind="muted", wrap=True),
                     self.lobe):  # fmt: skip
            column.addWidget(part)
        self.body.addWidget(label(_ABOUT, kind="muted", wrap=True))
        self.body.addLayout(row)
        self.body.addWidget(self.details)
        self.body.addStretch(1)
        self.details.hide()

    @property
    def is_on(self) -> bool:
        """Whether others are answered, or will be in a moment."""
        return self._job is not None and self._job.active

    def open_it(self) -> None:
        """Show the switch."""
        self.open(self.switch)

    def show_model(self, model: ModelRef | None) -> None:
        """Another network answers; where others are served, they go on being answered by the one of before."""
        self._model = model
        self.switch.setEnabled(model is not None or self.is_on)

    def stop(self) -> None:
        """Nobody is answered any more."""
        if self._job is not None and self._job.active:
            self._job.stop()

    def _start(self) -> None:
        if self._model is None or self.is_on:
            return
        self.notice.hide()
        self.port.setEnabled(False)
        job = specs.ServeModel(model=self._model, port=self.port.value())
        self._job = self._studio.submit(job, part=self._take, failed=self._fail)
        self._job.ended.connect(self._ended)

    def _take(self, part: Serving | Served) -> None:
        if isinstance(part, Serving):
            self.address.show_text(part.predict_url)
            self.token.show_text(part.token)
            self.lobe.show_text(part.lobe_url)
            self.curl.show_text(part.curl)
            self.strip.text.setText(f"Other programs are answered at {part.address}, by {isolated(self._name())}.")
            self._tell(Served())
            self.details.show()
            self.strip.show()
        else:
            self._tell(part)

    def _name(self) -> str:
        """Of what answers, as the list of networks has it."""
        job = self._job.handle.job if self._job is not None else None
        source = job.model.source if isinstance(job, specs.ServeModel) else ""
        found = (run.record.dated_name for run in self._studio.runs if str(run.folder) == source)
        return next(found, Path(source).name or source)

    def _tell(self, served: Served) -> None:
        said = f"{counted(served.answered, 'picture')} answered"
        refused = f", {counted(served.refused, 'request')} refused" if served.refused else ""
        for place in (self.served, self.strip.served):
            place.setText(f"{said}{refused}.")

    def _fail(self, problem: Problem) -> None:
        self.notice.show_problem(problem)

    def _ended(self) -> None:
        with QtCore.QSignalBlocker(self.switch):
            self.switch.setChecked(False)
        self.switch.setEnabled(self._model is not None)
        self.port.setEnabled(True)
        self.details.hide()
        self.strip.hide()


class _Line(QtWidgets.QWidget):
    """A line to copy; a secret one is dots until a person wants to see it."""

    def __init__(self, name: str, title: str, *, hidden: bool = False) -> None:
        super().__init__()
        self.line = QtWidgets.QLineEdit()
        self.line.setObjectName(name)
        self.line.setAccessibleName(title)
        self.line.setReadOnly(True)
        self._hide(on=hidden)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.XS)
        row.addWidget(self.line, 1)
        if hidden:
            self.reveal = button("Show", f"{name}_show", self._toggle, kind="ghost")
            self.reveal.setAccessibleName(f"Show: {title}")
            row.addWidget(self.reveal)
        copy = button("Copy", f"{name}_copy", self._copy, kind="ghost")
        copy.setAccessibleName(f"Copy: {title}")
        row.addWidget(copy)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(title, "caption", kind="muted"))
        column.addLayout(row)

    def show_text(self, text: str) -> None:
        self.line.setText(text)
        self.line.setCursorPosition(0)

    def _hide(self, *, on: bool) -> None:
        modes = QtWidgets.QLineEdit.EchoMode
        self.line.setEchoMode(modes.Password if on else modes.Normal)

    def _toggle(self) -> None:
        seen = self.line.echoMode() == QtWidgets.QLineEdit.EchoMode.Normal
        self._hide(on=seen)
        self.reveal.setText("Show" if seen else "Hide")

    def _copy(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self.line.text())


class _Code(QtWidgets.QWidget):
    """A line for a terminal, with the token as dots; copied, it has the token."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self._text = ""
        self.shown = label("", "caption", wrap=True, name=name)
        self.shown.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        copy = button("Copy", f"{name}_copy", self._copy, kind="ghost")
        copy.setAccessibleName(f"Copy: {title}")
        head = QtWidgets.QHBoxLayout()
        head.addWidget(label(title, "caption", kind="muted"), 1)
        head.addWidget(copy)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.shown)

    def show_text(self, text: str) -> None:
        before, _, rest = text.partition("Bearer ")
        token, mark, after = rest.partition('"')
        self._text = text
        self.shown.setText(f"{before}Bearer {'•' * 8}{mark}{after}" if token else text)

    def _copy(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self._text)
