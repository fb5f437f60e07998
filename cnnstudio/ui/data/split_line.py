"""How the pictures are split, as one line."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data import SPLITS, Dataset, SplitSpec
from cnnstudio.ui.data.split_dialog import SplitDialog
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import button, label, plain

_BAR_WIDTH, _BAR_HEIGHT, _MARK = 120, 10, 10


class SplitLine(QtWidgets.QWidget):
    """A bar, the three numbers in the bar's colours, and the dialog; the sentence about it is the tooltip."""

    redraw = QtCore.Signal(SplitSpec)
    """What a person wants from now on."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("split_line")
        self._studio = studio
        self._dataset: Dataset | None = None
        self.sentence = ""
        self.bar = SplitBar()
        self.change = button("Change…", "change_split", self._ask, kind="ghost")
        self.change.setProperty("density", "small")
        self.change.setAccessibleName("Change the split…")
        self.text = label("", "caption", name="split_text")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(label("Split", "caption", kind="muted"))
        row.addWidget(self.bar)
        row.addWidget(self.text)
        row.addWidget(self.change)

    def show_dataset(self, dataset: Dataset, counts: dict[str, dict[str, int]]) -> None:
        """Show a folder's split; ``counts`` are its own."""
        self._dataset = dataset
        self.change.setVisible(dataset.split_source != "folders")
        totals: dict[str, int] = {split: sum(row[split] for row in counts.values()) for split in SPLITS}
        self.bar.show_counts(totals)
        self.sentence = _split_sentence(dataset, totals)
        folds = f" · fold {dataset.spec.fold + 1} of {dataset.spec.folds}" if dataset.spec.folds else ""
        self.text.setText(folds.removeprefix(" "))
        self.text.setVisible(bool(folds))
        self.setToolTip(plain(self.sentence))
        self.bar.setAccessibleDescription(self.sentence)

    def _ask(self) -> None:
        if self._dataset is None:
            return
        dialog = SplitDialog(self._dataset, self._studio, self)
        if dialog.exec() == SplitDialog.DialogCode.Accepted:
            self.redraw.emit(dialog.spec())
        dialog.deleteLater()


class SplitBar(QtWidgets.QWidget):
    """Train, validation and test as one bar with its legend behind it."""

    spoken_role = Role.Chart

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("split_bar")
        self._counts: dict[str, int] = dict.fromkeys(SPLITS, 0)
        theme.notifier().changed.connect(self.update)

    def show_counts(self, counts: dict[str, int]) -> None:
        """Pictures per split."""
        self._counts = dict(counts)
        self.setAccessibleName(", ".join(f"{count:,} {split}" for split, count in counts.items()))
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QtCore.QSize:
        metrics = QtGui.QFontMetrics(theme.font("caption"))
        legend = sum(metrics.horizontalAdvance(text) + _MARK + theme.XS + theme.M for text in self._legend())
        return QtCore.QSize(_BAR_WIDTH + legend, metrics.height() + 4)

    @override
    def minimumSizeHint(self) -> QtCore.QSize:
        return self.sizeHint() - QtCore.QSize(_BAR_WIDTH - 40, 0)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        metrics, middle = painter.fontMetrics(), self.height() / 2
        x = float(self.width() - (self.sizeHint().width() - _BAR_WIDTH))
        paint_split(painter, QtCore.QRectF(0, middle - _BAR_HEIGHT / 2, x, _BAR_HEIGHT), self._counts)
        for text, colour in zip(self._legend(), split_colours(), strict=True):
            x += theme.M
            painter.fillRect(QtCore.QRectF(x, middle - _MARK / 2, _MARK, _MARK), QtGui.QColor(colour))
            x += _MARK + theme.XS
            painter.setPen(QtGui.QColor(theme.current().text))
            width = metrics.horizontalAdvance(text)
            place = QtCore.QRectF(x, 0, width + 1, self.height())
            painter.drawText(place, int(QtCore.Qt.AlignmentFlag.AlignVCenter), text)
            x += width

    def _legend(self) -> list[str]:
        return [f"{split} {self._counts[split]:,}" for split in SPLITS]


def paint_split(painter: QtGui.QPainter, rect: QtCore.QRectF, counts: dict[str, int]) -> None:
    """A bar in three colours: train, validation, test."""
    total = sum(counts.values()) or 1
    clip = QtGui.QPainterPath()
    clip.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.save()
    painter.setClipPath(clip)
    left = rect.left()
    for split, colour in zip(SPLITS, split_colours(), strict=True):
        width = rect.width() * counts.get(split, 0) / total
        painter.fillRect(QtCore.QRectF(left, rect.top(), width, rect.height()), QtGui.QColor(colour))
        left += width
    painter.restore()


def split_colours() -> tuple[str, str, str]:
    """Of train, validation and test."""
    series = theme.current().series
    return series[0], series[4], series[2]


def _split_sentence(dataset: Dataset, totals: dict[str, int]) -> str:
    if dataset.split_source == "stratified":
        where = "Split at random: the same share of every class, and the same pictures every time."
        if dataset.spec.folds:
            where = (
                f"Cross-validation, fold {dataset.spec.fold + 1} of {dataset.spec.folds}: each fold is used for "
                "validation once."
            )
    elif dataset.split_source == "validation-drawn":
        where = "Validation is taken from your train pictures, the same ones every time; test is as your folders say."
    elif totals["test"]:
        where = "As your train, validation and test folders say."
    else:
        where = "As your folders say. There is no test folder, so there is no final exam on new pictures."
    meaning = "It learns from train. Validation shows which training is best. Test is the final exam."
    return f"{where} {meaning}"
