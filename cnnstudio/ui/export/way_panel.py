"""Where it will be used, more closely: which kind of file, how large, what is proven and what it needs there."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import size_in_words
from cnnstudio.core.optional_parts import PARTS
from cnnstudio.export.formats import ExportOptions
from cnnstudio.jobs.specs.models import ExportFacts
from cnnstudio.ui.export.proof_words import what_is_checked
from cnnstudio.ui.export.uses import Use, Way
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Choices, button, label, tab_after
from cnnstudio.ui.widgets.file_dialogs import ask_folder, ask_new_file
from cnnstudio.ui.widgets.part_dialog import PartDialog

_OPTIONS = {
    "half": ("Half the size: probabilities differ by 0.003 or so", "Weights are kept with half the digits."),
    "crops": ("Also a file for pictures that are cropped already", "For video, and for many pictures at once."),
}


class WayPanel(Card):
    """One use at a time; each remembers which kind was chosen for it."""

    changed = QtCore.Signal()
    """Another kind, or another option."""
    part_installed = QtCore.Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("export_way")
        self._studio = studio
        self._use: Use | None = None
        self._facts: ExportFacts | None = None
        self._chosen: dict[str, int] = {}
        self.title = label("", "heading", wrap=True, name="use_title")
        self.body.addWidget(self.title)
        self._strip = QtWidgets.QHBoxLayout()
        self._strip.setSpacing(theme.XS)
        self.tabs: list[QtWidgets.QPushButton] = []
        self._group = Choices(self)
        self._group.idClicked.connect(self._choose)
        self.body.addLayout(self._strip)
        self.text = label("", wrap=True, name="way_text")
        self.body.addWidget(self.text)
        self.options = {name: self._option(name, *words) for name, words in _OPTIONS.items()}
        self.body.addSpacing(theme.XS)
        self.facts: dict[str, QtWidgets.QLabel] = {}
        self._heads: dict[str, QtWidgets.QLabel] = {}
        self._rows = QtWidgets.QGridLayout()
        self._rows.setHorizontalSpacing(theme.M)
        self._rows.setVerticalSpacing(theme.S)
        self._rows.setColumnStretch(1, 1)
        for row, (name, said) in enumerate((("size", "Size"), ("needs", "Needs"), ("proof", "Proof"))):
            self.facts[name] = label("", wrap=True, name=f"way_{name}")
            self._heads[name] = label(said, kind="muted")
            self._rows.addWidget(self._heads[name], row, 0, QtCore.Qt.AlignmentFlag.AlignTop)
            self._rows.addWidget(self.facts[name], row, 1)
        self.body.addLayout(self._rows)
        self.missing = QtWidgets.QFrame()
        self.missing.setProperty("kind", "notice")
        self.missing.setProperty("level", "info")
        self.why_missing = label("", wrap=True, name="way_missing")
        self.install = button("Install…", "install_way", self._install, icon_name="download")
        beside = QtWidgets.QHBoxLayout(self.missing)
        beside.addWidget(self.why_missing, 1)
        beside.addWidget(self.install)
        self.body.addWidget(self.missing)
        self.body.addStretch(1)
        self.pictures, self.folder = QtWidgets.QLineEdit(), QtWidgets.QLineEdit()
        self._pictures_place = QtWidgets.QWidget()
        inside = QtWidgets.QVBoxLayout(self._pictures_place)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(label("Of the pictures in this folder", "caption", kind="muted"))
        inside.addLayout(self._line(self.pictures, "export_pictures", "Folder of pictures", self._choose_pictures))
        self._place_title = label("", "caption", kind="muted")
        self.body.addWidget(self._pictures_place)
        self.body.addWidget(self._place_title)
        self.body.addLayout(self._line(self.folder, "export_folder", "Folder to export to", self._choose_folder))

    @property
    def way(self) -> Way:
        """The kind that is chosen."""
        assert self._use is not None
        return self._use.ways[self._chosen.get(self._use.name, 0)]

    @property
    def chosen_options(self) -> ExportOptions:
        """What is ticked, of what the format knows."""
        known = self.way.format.knows if self.way.format is not None else frozenset()
        on: Mapping[str, bool] = {name: box.isChecked() for name, box in self.options.items() if name in known}
        return ExportOptions(**on)

    @property
    def can_be_made(self) -> bool:
        """Whether all that it takes is on this computer."""
        return self.missing.isHidden()

    def show_use(self, use: Use) -> None:
        """Another answer to where it will be used."""
        self._use = use
        self.title.setText(use.title)
        for entry in self.tabs:
            self._group.removeButton(entry)
            entry.hide()
            entry.deleteLater()
        while self._strip.takeAt(0) is not None:
            pass
        self.tabs = []
        for number, way in enumerate(use.ways):
            entry = button(way.title, f"way_{use.name}_{way.name}", kind="tab")
            entry.setCheckable(True)
            entry.setChecked(way is self.way)
            self._group.addButton(entry, number)
            self._strip.addWidget(entry)
            entry.setVisible(len(use.ways) > 1)  # not before it has a parent, or it would be a window for a moment
            self.tabs.append(entry)
        self._strip.addStretch(1)
        tab_after(self.title, *self.tabs)
        self._show()

    def show_facts(self, facts: ExportFacts) -> None:
        """How large the run's weights are, and what is on this computer."""
        self._facts = facts
        if self._use is not None:
            self._show()

    def _choose(self, number: int) -> None:
        assert self._use is not None
        self._chosen[self._use.name] = number
        self._show()

    def _show(self) -> None:
        way, facts = self.way, self._facts
        self.text.setText(way.text)
        known = way.format.knows if way.format is not None else frozenset()
        for name, box in self.options.items():
            box.setVisible(name in known)
        size = way.bytes(facts.weights_bytes, half=self.chosen_options.half) if facts is not None else 0
        self._say("size", f"About {size_in_words(size)}" if size and way.format is not None else "")
        self._say("needs", way.needs)
        self._say("proof", what_is_checked(way.format, self.chosen_options) if way.format is not None else "")
        missing = facts.missing.get(way.name, "") if facts is not None else ""
        self.missing.setVisible(bool(missing))
        self.why_missing.setText(missing)
        self.install.setVisible(way.format is not None and way.format.extra in PARTS)
        self._pictures_place.setVisible(way.format is None)
        self._place_title.setText("Into this file" if way.suffix else "Into this folder")
        self.changed.emit()

    def _say(self, name: str, words: str) -> None:
        self.facts[name].setText(words)
        for part in (self.facts[name], self._heads[name]):
            part.setVisible(bool(words))

    def _option(self, name: str, title: str, about: str) -> QtWidgets.QCheckBox:
        box = QtWidgets.QCheckBox(title)
        box.setObjectName(f"export_{name}")
        box.setToolTip(about)
        box.setAccessibleDescription(about)
        box.toggled.connect(lambda _: self._show())
        self.body.addWidget(box)
        return box

    def _line(
        self, line: QtWidgets.QLineEdit, name: str, accessible: str, choose: Callable[[], object]
    ) -> QtWidgets.QLayout:
        line.setObjectName(name)
        line.setAccessibleName(accessible)
        row = QtWidgets.QHBoxLayout()
        row.addWidget(line, 1)
        row.addWidget(button("Choose…", f"choose_{name}", choose, icon_name="open-folder"))
        return row

    def _choose_pictures(self) -> None:
        folder = ask_folder(self, "Folder of pictures", "pictures", self.pictures.text())
        if folder is not None:
            self.pictures.setText(str(folder))

    def _choose_folder(self) -> None:
        """A folder; or, where one file is made, the name of it."""
        here = Path(self.folder.text())
        if suffix := self.way.suffix:
            chosen = ask_new_file(self, "File to export to", here.name, f"Trained networks (*{suffix})")
            chosen = chosen.with_suffix(suffix) if chosen is not None else None
        else:
            chosen = ask_folder(self, "Folder to export to", "files", str(here.parent))
        if chosen is not None:
            self.folder.setText(str(chosen))

    def _install(self) -> None:
        way = self.way
        if way.format is None:
            return
        part = PARTS[way.format.extra]
        PartDialog(self._studio, part, self.part_installed.emit, self.window()).show()
