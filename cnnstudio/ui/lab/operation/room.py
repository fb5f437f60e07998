"""The room *Try an operation*: a picture large beside what an operation makes of it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.lab import Shape, Tried
from cnnstudio.ui.lab.operation.batch_pictures import BatchPictures
from cnnstudio.ui.lab.operation.chain_strip import ChainStrip
from cnnstudio.ui.lab.operation.convolution_panel import ConvolutionPanel
from cnnstudio.ui.lab.operation.examples import EXAMPLES, Example
from cnnstudio.ui.lab.operation.kinds import BY_NAME, KINDS
from cnnstudio.ui.lab.operation.links import joined, links_of, together
from cnnstudio.ui.lab.operation.network_filters import FiltersDialog
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.lab.operation.picture_source import PictureSource
from cnnstudio.ui.lab.operation.sizes_view import SizesView
from cnnstudio.ui.lab.operation.stage import Stage
from cnnstudio.ui.lab.operation.steps import Planned, Steps
from cnnstudio.ui.lab.operation.tracing import Traced
from cnnstudio.ui.lab.operation.trying import Trying
from cnnstudio.ui.lab.room import Room
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Choices, DropFilter, NoticeBar, button, combo, label, tab_after
from cnnstudio.ui.widgets.page import scrolling

_SETTINGS = 284


class OperationRoom(Room):
    """Settings on the left, pictures and the sum of one pixel beside them, the chain below."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("operation_room")
        self._studio = studio
        self._planned = Planned((), (), ())
        self._tried: Tried | None = None
        self._given = np.zeros((1, 1, 1, 1), np.float32)
        self._name = ""
        self._mixes = False
        self.sizes: SizesView | None = None
        self.notice = NoticeBar("operation_notice")
        self.source = PictureSource(studio, self.notice)
        self.batch = BatchPictures(studio)
        self.steps = Steps()
        self.trying = Trying(studio, self)
        self.stage = Stage()
        self.chain = ChainStrip()
        self.kinds = {row.name: self._kind(row.name, row.title) for row in KINDS}
        self.grey = combo("lab_colours", "Colours of the picture", (("Colour", False), ("Grey", True)))
        self.total = label("", "caption", kind="muted", wrap=True, name="lab_total")
        self.chain.hide()
        self._panels = QtWidgets.QStackedWidget()
        self._areas: list[QtWidgets.QScrollArea] = []
        self._lay_out()
        self._connect()
        self.steps.add(KINDS[0].name)

    @override
    def wants_pictures(self) -> bool:
        return True

    @override
    def take_pictures(self, paths: Sequence[Path]) -> None:
        self.source.open_picture(paths[0])

    @override
    def paste(self) -> None:
        self.source.paste()

    @override
    def release(self) -> None:
        self.stage.player.pause()

    # Asking and showing ---------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Settings or picture are others."""
        if self.steps.current.panel.mixes is not self._mixes:
            self._mixes = not self._mixes
            self.stage.channels.setChecked(self._mixes)
        pixels, grey = self.source.pixels, bool(self.grey.currentData())
        self._name = self.source.name
        if any(BY_NAME[step.kind].batch for step in self.steps.all):
            pixels, self._name = self.batch.of(pixels, self.source.path, self.source.longest)
        count = len(pixels) if pixels.ndim == 4 else 1
        self._planned = self.steps.plan(Shape(count, 1 if grey else 3, *pixels.shape[-3:-1]))
        if not self.isVisible():
            return
        if self._tried is None:
            self.stage.show_words(self.source.pixels, self._name, "Starting…")
        self.trying.ask(self._planned.operations, pixels, grey=grey, view=self.stage.shades.currentData())

    def _came(self, tried: Tried, planes: np.ndarray) -> None:
        self._tried, self._given = tried, planes
        self._show()

    def _show(self) -> None:
        """The step that is looked at, and the chain."""
        tried, planned = self._tried, self._planned
        if tried is None:
            return
        links = links_of(self.steps.all, planned, tried)
        self.chain.show_links(links, self.steps.place)
        self.chain.setVisible(len(links) > 1)
        self.total.setText(together(planned, tried) if len(links) > 1 else ", ".join(links[0].lines))
        place = self.steps.place
        if place >= len(planned.spans) or planned.spans[place][1] > len(tried.steps):
            words = " ".join(problem.sentence for problem in planned.problems)
            shown = tried.steps[-1].drawn if tried.steps else tried.given
            self.stage.show_words(shown.pictures[0], "Before" if tried.steps else self._name, words)
            return
        first, end = planned.spans[place]
        given = tried.steps[end - 2] if end > 1 else None
        batch = given.planes if given is not None else self._given
        drawn = given.drawn if given is not None else tried.given
        traced = Traced(planned.operations[end - 1], batch, drawn, tried.steps[end - 1])
        self.stage.set_drawing(self.source.draws and end == 1 and len(batch) == 1)
        before = tried.steps[first - 1].drawn if first else tried.given
        stages = list(zip(planned.operations[first:end], tried.steps[first:end], strict=True))
        own = end == 1 or (not first and self.stage.channels.isChecked())
        self.stage.show_traced(traced, self._name if own else "Before", (before, stages))
        self.stage.code.show_code(joined([step.code for step in tried.steps[first:end]]))

    def _selected(self) -> None:
        step = self.steps.current
        self._panels.setCurrentWidget(next(area for area in self._areas if area.widget() is step.panel))
        self.kinds[step.kind].setChecked(True)
        self.add_button.setEnabled(not self.steps.is_full)
        self.remove_button.setVisible(len(self.steps.all) > 1)
        self._show()

    def _made(self, panel: Panel) -> None:
        if isinstance(panel, ConvolutionPanel):
            panel.network_wanted.connect(partial(self._take_filter, panel))
        area = scrolling(panel)
        self._areas.append(area)
        self._panels.addWidget(area)
        tab_after(self._panels, *panel.findChildren(QtWidgets.QWidget))

    def _dropped(self, panel: Panel) -> None:
        area = next(area for area in self._areas if area.widget() is panel)
        self._areas.remove(area)
        self._panels.removeWidget(area)
        area.deleteLater()

    def _take_filter(self, panel: ConvolutionPanel) -> None:
        dialog = FiltersDialog(self._studio, self.window())
        dialog.chosen.connect(panel.take)
        dialog.open()

    # Layout ---------------------------------------------------------------------------------------------------

    def _choose_kind(self, name: str) -> None:
        self.body.setCurrentIndex(0)
        self._show_choices(shown=True)
        self.steps.choose_kind(name)

    def _show_sizes(self) -> None:
        """They need no picture."""
        if self.sizes is None:
            self.sizes = SizesView()
            self.body.addWidget(scrolling(self.sizes))
        self.stage.player.pause()
        self.body.setCurrentIndex(1)
        self._show_choices(shown=False)

    def _show_choices(self, *, shown: bool) -> None:
        for part in (self.grey, self.source):
            part.setVisible(shown)

    def _kind(self, name: str, title: str) -> QtWidgets.QPushButton:
        entry = button(title, f"lab_kind_{name}", partial(self._choose_kind, name), kind="tab")
        entry.setCheckable(True)
        entry.setProperty("density", "tight")
        return entry

    def _connect(self) -> None:
        self.source.changed.connect(self._ask)
        self.batch.changed.connect(self._ask)
        self.grey.currentIndexChanged.connect(lambda _: self._ask())
        self.stage.given.drawn.connect(self.source.board.pen)
        self.stage.wipe.clicked.connect(self.source.board.clear)
        self.stage.shades.currentIndexChanged.connect(lambda _: self._ask())
        self.steps.made.connect(self._made)
        self.steps.dropped.connect(self._dropped)
        self.steps.changed.connect(self._ask)
        self.steps.selected.connect(self._selected)
        self.trying.came.connect(self._came)
        self.trying.failed.connect(self.notice.show_problem)
        self.chain.picked.connect(self.steps.select)
        self.chain.removed.connect(self.steps.remove)
        self.chain.shifted.connect(self.steps.move)
        DropFilter(self, self._studio.paths_wanted.emit, hot=(self.card,))

    def _lay_out(self) -> None:
        top = QtWidgets.QHBoxLayout()
        group = Choices(self)
        for entry in self.kinds.values():
            group.addButton(entry)
            top.addWidget(entry)
        top.setSpacing(2)
        self.sizes_button = button("Sizes", "lab_kind_sizes", self._show_sizes, kind="tab")
        self.sizes_button.setCheckable(True)
        self.sizes_button.setProperty("density", "tight")
        group.addButton(self.sizes_button)
        top.addWidget(self.sizes_button)
        top.addStretch(1)
        top.addWidget(self.grey)
        top.addWidget(self.source)
        side = QtWidgets.QFrame()
        side.setProperty("kind", "card")
        side.setFixedWidth(theme.scaled(_SETTINGS))
        settings = QtWidgets.QVBoxLayout(side)
        settings.setContentsMargins(theme.S + 4, theme.S + 4, theme.XS, theme.S)
        settings.addWidget(self._panels, 1)
        self.card = QtWidgets.QFrame()
        self.card.setProperty("kind", "card")
        around = QtWidgets.QVBoxLayout(self.card)
        around.setContentsMargins(theme.S + 4, theme.S, theme.S + 4, theme.S)
        around.addWidget(self.stage, 1)
        body = QtWidgets.QWidget()
        inside = QtWidgets.QVBoxLayout(body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.S)
        beside = QtWidgets.QHBoxLayout()
        beside.setSpacing(theme.S)
        beside.addWidget(side)
        beside.addWidget(self.card, 1)
        inside.addLayout(beside, 1)
        inside.addLayout(self._chain_row())
        self.body = QtWidgets.QStackedWidget()
        self.body.addWidget(body)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(top)
        column.addWidget(self.notice)
        column.addWidget(self.body, 1)

    def _chain_row(self) -> QtWidgets.QGridLayout:
        self.add_button = button("Add an operation", "lab_add_step", self._add, icon_name="add")
        self.add_button.setToolTip("Apply another operation to the result: up to eight, one after the other")
        self.remove_button = button("Remove", "lab_remove_step", self._remove, icon_name="delete")
        self.remove_button.setToolTip("Take this operation out of the chain (Delete)")
        acts = QtWidgets.QHBoxLayout()
        acts.setSpacing(theme.XS)
        self.examples_button = button("Examples", "lab_examples", self._show_examples, icon_name="sample")
        self.examples_button.setToolTip("Chains that show something, to begin with")
        self.examples = QtWidgets.QMenu(self)
        self.examples.setObjectName("lab_example_list")
        for example in EXAMPLES:
            self.examples.addAction(example.title).triggered.connect(partial(self._begin, example))
        acts.addWidget(self.remove_button)
        acts.addWidget(self.examples_button)
        acts.addWidget(self.add_button)
        row = QtWidgets.QGridLayout()
        row.setHorizontalSpacing(theme.S)
        row.setColumnStretch(0, 1)
        row.addWidget(self.chain, 0, 0, 1, 2)
        row.addWidget(self.total, 1, 0)
        row.addLayout(acts, 1, 1)
        return row

    def _show_examples(self) -> None:
        self.examples.popup(self.examples_button.mapToGlobal(QtCore.QPoint(0, self.examples_button.height())))

    def _begin(self, example: Example) -> None:
        self.steps.begin(example.kinds, example.set_up)

    def _add(self) -> None:
        self.steps.add(self.steps.current.kind)

    def _remove(self) -> None:
        self.steps.remove(self.steps.place)

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    @override
    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        """Nothing moves where nobody looks."""
        super().hideEvent(event)
        self.stage.player.pause()

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(780, 520)
