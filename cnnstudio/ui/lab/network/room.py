"""The room *Build a network*: blocks to choose from, the list of blocks, their settings, and the drawing of it all."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.networks.blocks.network_file import SUFFIX
from cnnstudio.networks.blocks.standing import LARGEST_INPUT, SMALLEST_INPUT
from cnnstudio.ui.lab.network.block_list import BlockList
from cnnstudio.ui.lab.network.drawn import drawn
from cnnstudio.ui.lab.network.editing import Editor
from cnnstudio.ui.lab.network.findings_panel import FindingsPanel
from cnnstudio.ui.lab.network.keeping import Keeping
from cnnstudio.ui.lab.network.palette import Palette
from cnnstudio.ui.lab.network.settings_panel import SettingsPanel
from cnnstudio.ui.lab.network.words import millions
from cnnstudio.ui.lab.room import Room
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, DropFilter, NoticeBar, button, combo, label, number
from cnnstudio.ui.widgets.diagram import Diagram

_WIDE, _HIGH = 1060, 600
"""From which there is room for a third column, and for the drawing."""


class NetworkRoom(Room):
    """What is built is kept in the editor; everything else shows it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("network_room")
        self._studio = studio
        self._was_high: bool | None = None
        self._draw_soon = QtCore.QTimer(self)
        self._draw_soon.setSingleShot(True)
        self._draw_soon.timeout.connect(self._draw)
        self.editor = Editor(studio)
        self.keeping = Keeping(studio, self.editor, self)
        self.notice = NoticeBar("network_notice")
        self.palette_panel, self.blocks = Palette(), BlockList(self.editor)
        self.settings, self.findings = SettingsPanel(self.editor), FindingsPanel(self.editor)
        self.diagram = Diagram()
        self.diagram.setObjectName("lab_diagram")
        self.diagram.setMinimumHeight(theme.scaled(140))
        self.totals = label("", "caption", kind="muted", wrap=True, name="lab_totals")
        self._make_head()
        self._lay_out()
        self._connect()
        self._show()

    @override
    def open_network(self, name: str) -> None:
        """A classic by its name, or one that a person built by its key."""
        self.keeping.open_named(name)

    @override
    def open_network_file(self, file: Path) -> None:
        self.keeping.open_file(file)

    # Layout ---------------------------------------------------------------------------------------------------

    def _make_head(self) -> None:
        self.name = QtWidgets.QLineEdit()
        self.name.setObjectName("lab_network_name")
        self.name.setAccessibleName("Name of the network")
        self.name.setToolTip("Under which it is kept, and listed on the page Network.")
        self.name.setMaxLength(60)
        self.name.setMinimumWidth(theme.scaled(120))
        self.name.setMaximumWidth(theme.scaled(280))
        self.state = label("", "caption", kind="muted", name="lab_network_state")
        self.open_button = button("Open", "lab_network_open")
        self.open_menu = QtWidgets.QMenu(self.open_button)
        self.open_menu.setObjectName("lab_open_menu")
        self.open_button.setMenu(self.open_menu)
        self.open_menu.aboutToShow.connect(lambda: self.keeping.fill_menu(self.open_menu))
        self.save_button = button("Save", "lab_network_save", self.keeping.save)
        self.more = button("", "lab_network_more", icon_name="more")
        self.more.setAccessibleName("More about this network")
        menu = QtWidgets.QMenu(self.more)
        self.export_action = menu.addAction("Save as a file…")
        self.delete_action = menu.addAction("Delete this network")
        self.more.setMenu(menu)
        self.side = number("lab_network_side", "Side of the picture in pixels", SMALLEST_INPUT, LARGEST_INPUT, 32,
                           suffix=" px")  # fmt: skip
        self.side.setKeyboardTracking(False)
        self.side.setFixedWidth(theme.scaled(100))
        self.side.setToolTip("Side of the pictures that it is made for. A training may take another size.")
        self.colour = combo("lab_network_colour", "Colour of the pictures", [("Colour", 3), ("Grey", 1)])
        self.train_button = button("Train this network", "lab_network_train", self.keeping.train, kind="primary",
                                   icon_name="train")  # fmt: skip

    def _lay_out(self) -> None:
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        for part in (self.name, self.open_button, self.save_button, self.more, self.state, None, self.side, self.colour,
                     self.train_button):  # fmt: skip
            if part is None:
                head.addStretch(1)
            else:
                head.addWidget(part)
        self.add = Card("Blocks")
        self.add.body.addWidget(self.palette_panel, 1)
        self.chosen = Card()
        self.chosen.body.addWidget(self.settings, 1)
        self.left = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        self.left.addWidget(self.add)
        self.left.addWidget(self.chosen)
        self.left.setSizes([2, 3])
        middle = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        self.show_diagram = button("Drawing", "lab_show_diagram", kind="tab")
        self.show_diagram.setCheckable(True)
        self.show_diagram.setToolTip("Show or hide the drawing of the network below the list.")
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(self.totals, 1)
        foot.addWidget(self.show_diagram)
        column.addWidget(self.blocks, 1)
        column.addLayout(foot)
        column.addWidget(self.findings)
        self.middle = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        self.drawing = Card()
        self.drawing.body.setContentsMargins(theme.XS, theme.XS, theme.XS, theme.XS)
        self.drawing.body.addWidget(self.diagram)
        self.middle.addWidget(middle)
        self.middle.addWidget(self.drawing)
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([420, 280])
        self.middle.setChildrenCollapsible(False)
        self.columns = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        self.columns.addWidget(self.left)
        self.columns.addWidget(self.middle)
        self.columns.setStretchFactor(1, 1)
        for splitter in (self.left, self.columns):
            splitter.setChildrenCollapsible(False)
        for splitter in (self.left, self.columns, self.middle):
            splitter.setHandleWidth(theme.S)
        self.columns.setSizes([232, 900])
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.S)
        outer.addLayout(head)
        outer.addWidget(self.notice)
        outer.addWidget(self.columns, 1)

    def _connect(self) -> None:
        editor = self.editor
        editor.changed.connect(self._show)
        self.keeping.changed.connect(self._show)
        self.keeping.problem.connect(self.notice.show_problem)
        self.palette_panel.wanted.connect(editor.add)
        self.blocks.chosen.connect(self.settings.show_block)
        self.blocks.chosen.connect(lambda _: self._draw_soon.start())
        self.blocks.adding.connect(self.palette_panel.search.setFocus)
        self.blocks.setting.connect(self.settings.focus_first)
        self.findings.looked_at.connect(lambda place: self.blocks.select([place]))
        self.diagram.layer_chosen.connect(lambda name: self.blocks.select([int(name) - 1]))
        self.name.editingFinished.connect(lambda: editor.rename(self.name.text().strip() or editor.plan.name))
        self.side.valueChanged.connect(self._resize)
        self.colour.currentIndexChanged.connect(self._resize)
        self.export_action.triggered.connect(self.keeping.export)
        self.delete_action.triggered.connect(self.keeping.delete)
        self.show_diagram.toggled.connect(self.drawing.setVisible)
        self.show_diagram.toggled.connect(lambda _: self._draw_soon.start())
        DropFilter(self, self._take_files, hot=(self.add,))

    # What happens ---------------------------------------------------------------------------------------------

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """Settings are a column of their own where there is room; a drawing is shown where there is."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self.state.setVisible(wide)  # else it is in the tooltip of the button
        if wide and self.columns.count() == 2:
            self.columns.addWidget(self.chosen)
            self.columns.setStretchFactor(2, 0)
            self.columns.setSizes([240, self.width() - 240 - 270, 270])
        elif not wide and self.columns.count() == 3:
            self.left.addWidget(self.chosen)
            self.left.setSizes([2, 3])
        high = self.height() >= _HIGH
        if high != self._was_high:
            self._was_high = high
            self.show_diagram.setChecked(high)
            self.drawing.setVisible(high)
            self._draw_soon.start()

    def _take_files(self, paths: Sequence[Path]) -> None:
        """A network file is opened; whatever else is dropped is the window's."""
        if paths and paths[0].suffix.lower() == SUFFIX:
            self.keeping.open_file(paths[0])
        else:
            self._studio.paths_wanted.emit(list(paths))

    def _resize(self) -> None:
        self.editor.resize(self.side.value(), int(self.colour.currentData()))

    def _show(self) -> None:
        editor, plan, stand = self.editor, self.editor.plan, self.editor.standing
        with QtCore.QSignalBlocker(self.side), QtCore.QSignalBlocker(self.colour):
            self.side.setValue(plan.input_size)
            self.colour.setCurrentIndex(max(0, self.colour.findData(plan.channels)))
        if self.name.text() != plan.name:
            self.name.setText(plan.name)
        stops = any(found.stops for found in editor.findings)
        self.train_button.setEnabled(not stops)
        self.train_button.setToolTip("Mend what is marked first." if stops else "Keeps it, and goes to Train.")
        kept = bool(self.keeping.kept_name)
        self.save_button.setEnabled(not (kept and editor.is_saved))
        self.delete_action.setEnabled(kept)
        state = "" if kept and editor.is_saved else "Changed" if kept else "Not saved yet"
        self.state.setText(state)
        self.save_button.setToolTip(f"{state}: keeps it under its name." if state else "It is kept as it is.")
        classes = counted(editor.shown_classes, "class", "classes")
        whose = f"the {classes} of the open pictures" if editor.classes else f"{classes}"
        count = counted(len(plan.blocks), "block")
        self.totals.setText(
            f"{count}, {counted(stand.parameters, 'weight')}, {millions(stand.multiplications)} MMACs per picture, for "
            f"{whose}."
        )
        self._draw_soon.start()

    def _draw(self) -> None:
        """Once for everything that one click changes, and only where it is seen."""
        if self.drawing.isVisible():
            anatomy = drawn(self.editor.plan, self.editor.standing, self.editor.shown_classes)
            self.diagram.update_anatomy(anatomy, str(self.blocks.place + 1))
