"""The list of pictures and answers, with what sorts and narrows it."""

from pathlib import Path
from typing import cast

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.inference.results import Prediction
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.answer_list import ANSWER_ROLE, PATH_ROLE, AnswerList, Order, Shown, is_unsure
from cnnstudio.ui.widgets import Thumbnails, button, combo, label
from cnnstudio.ui.widgets.file_dialogs import ask_new_file

SIDE = 56
_ROW = SIDE + 16
_PADDING = 8
_ORDERS: tuple[tuple[str, Order], ...] = (
    ("Newest first", "opened"), ("Least sure first", "doubt"), ("By answer", "answer"),
)  # fmt: skip
_WAIT_MS = 150


class AnswerRows(QtWidgets.QTableView):
    """A row per picture. A table of one column, since a list of a hundred thousand rows is laid out anew each time."""

    def __init__(self, model: AnswerList, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("picture_list")
        self.setAccessibleName("Pictures and answers")
        self.setModel(model)
        self.setItemDelegate(AnswerPainter(thumbnails))
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setStyleSheet(
            "QTableView { selection-background-color: transparent; }"
        )  # the painter shows what is chosen
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(theme.scaled(_ROW))
        self.verticalHeader().setDefaultSectionSize(theme.scaled(_ROW))
        self.verticalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
        thumbnails.ready.connect(lambda _: self.viewport().update())
        theme.notifier().changed.connect(self.viewport().update)
        self._follows = False
        self.verticalScrollBar().actionTriggered.connect(lambda _: self._let_go())
        model.counted.connect(self._follow)

    def choose(self, row: int) -> None:
        """Choose a row, and keep it in sight while answers move it, until a person scrolls or chooses another."""
        self.setCurrentIndex(self.model().index(row, 0))
        self._follows = True
        self._follow()

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        self._let_go()
        super().wheelEvent(event)

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        self._let_go()
        super().mousePressEvent(event)

    def _follow(self) -> None:
        if self._follows and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _let_go(self) -> None:
        self._follows = False


class AnswerPainter(QtWidgets.QStyledItemDelegate):
    """A thumbnail, the answer and how sure it is, and the file's name; what is too long lacks its middle."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails

    @override
    def paint(
        self,
        painter: QtGui.QPainter,
        option: QtWidgets.QStyleOptionViewItem,
        index: QtCore.QModelIndex | QtCore.QPersistentModelIndex,
    ) -> None:
        colours = theme.current()
        path, answer = cast("Path", index.data(PATH_ROLE)), cast("Prediction | None", index.data(ANSWER_ROLE))
        area: QtCore.QRect = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if option.state & QtWidgets.QStyle.StateFlag.State_Selected:
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2))
            painter.setBrush(QtGui.QColor(colours.accent_soft))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
        box = QtCore.QRect(area.left() + _PADDING, area.center().y() - SIDE // 2, SIDE, SIDE)
        picture = self._thumbnails.get(path)
        if picture is None or picture.isNull():
            painter.fillRect(box, QtGui.QColor(colours.surface_alt))
        else:
            place = QtCore.QRect(QtCore.QPoint(0, 0), picture.size().scaled(box.size(), _KEPT))
            place.moveCenter(box.center())
            painter.drawPixmap(place, picture)
        words = QtCore.QRect(box.right() + 1 + _PADDING, area.top(), 0, area.height())
        words.setRight(area.right() - _PADDING)
        _paint_words(painter, words, path, answer)
        painter.restore()


_KEPT = QtCore.Qt.AspectRatioMode.KeepAspectRatio


def _paint_words(painter: QtGui.QPainter, room: QtCore.QRect, path: Path, answer: Prediction | None) -> None:
    colours, flags = theme.current(), QtCore.Qt.AlignmentFlag
    unsure = is_unsure(answer) or (answer is not None and answer.verdict in ("unlike", "between"))
    sure = f"{100 * answer.top[0].probability:.0f} %" if answer is not None and answer.top else ""
    said = "cannot be read" if answer is not None and answer.error else answer.top[0].label if answer else "…"
    strong = theme.font("body")
    strong.setWeight(QtGui.QFont.Weight.DemiBold)
    upper = QtCore.QRect(room.left(), room.top(), room.width(), room.height() // 2)
    lower = QtCore.QRect(room.left(), room.center().y() + 1, room.width(), room.height() // 2)
    painter.setFont(strong)
    right = painter.fontMetrics().horizontalAdvance("100 %") + theme.S
    painter.setPen(QtGui.QColor(colours.warn if unsure else colours.text))
    painter.drawText(upper, int(flags.AlignRight | flags.AlignBottom), sure)
    painter.setPen(QtGui.QColor(colours.bad if answer is not None and answer.error else colours.text))
    _draw_elided(painter, upper.adjusted(0, 0, -right, 0), isolated(said), flags.AlignBottom)
    painter.setFont(theme.font("caption"))
    painter.setPen(QtGui.QColor(colours.warn if unsure else colours.muted))
    verdict = answer.verdict if answer is not None else None
    note = {"unlike": "unlike anything", "between": "between"}.get(verdict or "", "unsure" if unsure else "")
    painter.drawText(lower, int(flags.AlignRight | flags.AlignTop), note)
    painter.setPen(QtGui.QColor(colours.muted))
    beside = painter.fontMetrics().horizontalAdvance(note) + theme.S if note else 0
    _draw_elided(painter, lower.adjusted(0, 0, -beside, 0), isolated(path.name), flags.AlignTop)


def _draw_elided(painter: QtGui.QPainter, room: QtCore.QRect, text: str, side: QtCore.Qt.AlignmentFlag) -> None:
    shown = painter.fontMetrics().elidedText(text, QtCore.Qt.TextElideMode.ElideMiddle, room.width())
    painter.drawText(room, int(QtCore.Qt.AlignmentFlag.AlignLeft | side), shown)


class AnswersPanel(QtWidgets.QWidget):
    """The list, above it order and filter, below it what can be done with all of it."""

    cleared = QtCore.Signal()
    save_wanted = QtCore.Signal(str)
    """File to write all answers to."""

    def __init__(self, model: AnswerList, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._model = model
        self.order = combo("answer_order", "Order", _ORDERS)
        self.shown = combo("answer_filter", "Which pictures are shown", (("All", "all"),))
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("answer_search")
        self.search.setAccessibleName("File name or answer")
        self.search.setPlaceholderText("File name or answer")
        self.search.setClearButtonEnabled(True)
        for box in (self.order, self.shown):
            box.setMinimumContentsLength(9 if theme.scaled(100) > 100 else 6)  # with large letters the page scrolls
            box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(lambda _: self.arrange())
        self._typed = QtCore.QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_WAIT_MS)
        self._typed.timeout.connect(self.arrange)
        self.search.textEdited.connect(lambda _: self._typed.start())
        self.search.textChanged.connect(lambda text: None if text else self.arrange())
        self._counts = QtCore.QTimer(self)
        self._counts.setSingleShot(True)
        self._counts.setInterval(_WAIT_MS)
        self._counts.timeout.connect(self._show_counts)
        model.counted.connect(lambda: None if self._counts.isActive() else self._counts.start())
        self.view = AnswerRows(model, thumbnails)
        self.count = label("", "caption", kind="muted", name="answer_count")
        self.clear = button("Clear", "clear_answers", self.cleared.emit, kind="ghost")
        self.save = button("Save as CSV…", "save_csv", self._ask_file, kind="ghost", icon_name="download")
        above = QtWidgets.QHBoxLayout()
        above.setSpacing(theme.XS)
        above.addWidget(self.order, 1)
        above.addWidget(self.shown, 1)
        below = QtWidgets.QHBoxLayout()
        below.setSpacing(theme.XS)
        below.addWidget(self.clear)
        below.addStretch(1)
        below.addWidget(self.save)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.S, 0)  # and the splitter, towards what is beside it
        column.setSpacing(theme.XS)
        column.addLayout(above)
        column.addWidget(self.search)
        column.addWidget(self.view, 1)
        column.addWidget(self.count)
        column.addLayout(below)
        self._show_counts()

    def show_all(self) -> None:
        """What was just opened is not hidden by a filter of before."""
        if self.shown.currentIndex() > 0 or self.search.text():
            self.shown.setCurrentIndex(0)
            with QtCore.QSignalBlocker(self.search):
                self.search.clear()
            self.arrange()

    def arrange(self) -> None:
        """Sort and narrow as chosen; the picture that is looked at stays chosen where it is still shown."""
        self._typed.stop()
        path = self.view.currentIndex().data(PATH_ROLE)
        self._model.arrange(self.order.currentData(), self.shown.currentData(), self.search.text())
        self.view.choose(max(0, self._model.row_of(path)) if path is not None else 0)
        self._show_counts()

    def _ask_file(self) -> None:
        file = ask_new_file(self, "Save answers", "predictions.csv", "Tables (*.csv)")
        if file is not None:
            self.save_wanted.emit(str(file))

    def _show_counts(self) -> None:
        model = self._model
        kept: Shown = self.shown.currentData()
        entries: list[tuple[str, Shown]] = [(f"All ({len(model):,})", "all"), (f"Unsure ({model.unsure:,})", "unsure")]
        if model.unreadable or kept == "unreadable":
            entries.append((f"Not readable ({model.unreadable:,})", "unreadable"))
        if self.shown.count() != len(entries):
            self.shown.clear()
            for text, value in entries:
                self.shown.addItem(text, value)
            self.shown.setCurrentIndex(max(0, self.shown.findData(kept)))
        for row, (text, _) in enumerate(entries):
            self.shown.setItemText(row, text)
        self.count.setText(f"{model.answered:,} of {len(model):,} predicted")
        self.save.setEnabled(model.answered > 0)
        self.clear.setEnabled(len(model) > 0)
