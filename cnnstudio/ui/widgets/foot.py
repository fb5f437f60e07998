"""The last line of a panel: on which pictures it rests, what it cannot tell, and how to keep it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.jobs.specs import SavePicture, SaveTable
from cnnstudio.jobs.specs.kept import Rows
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets.controls import button, label
from cnnstudio.ui.widgets.file_dialogs import ask_new_file
from cnnstudio.ui.widgets.outside import open_outside
from cnnstudio.ui.widgets.sheet import sheet
from cnnstudio.ui.widgets.thumbnails import pixels_of


class Foot(QtWidgets.QWidget):
    """Add it below what it is about; a button is there for each thing that can be kept."""

    def __init__(
        self,
        studio: Studio,
        name: str,
        *,
        shown: QtWidgets.QWidget | Sequence[QtWidgets.QWidget] = (),
        above: QtWidgets.QLabel | None = None,
        table: Callable[[], Rows | Callable[[], Rows]] | None = None,
    ) -> None:
        """Nothing is said at first.

        Args:
            studio: to write files through.
            name: what the files are called; its parts are found by it, such as ``NAME_csv``.
            shown: what a picture is taken of, one thing or some that lie beside each other.
            above: what the picture says above it; below it stands what the foot says.
            table: gives the rows of a table as they are when it is saved, the titles of the columns first; where there
                is one for each picture, a function that makes them in another thread, which no widget may be asked in.
        """
        super().__init__()
        self.setObjectName(f"{name}_foot")
        self._studio, self._name, self._table, self._above = studio, name, table, above
        self._shown = (shown,) if isinstance(shown, QtWidgets.QWidget) else tuple(shown)
        self.words = label("", "caption", kind="muted", wrap=True, name=f"{name}_about")
        self.picture = button("Save as picture…", f"{name}_picture", self._save_picture, kind="ghost")
        self.csv = button("Save as CSV…", f"{name}_csv", self._save_table, kind="ghost")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.words, 1)
        for entry, is_there in ((self.picture, bool(self._shown)), (self.csv, table is not None)):
            row.addWidget(entry, 0, QtCore.Qt.AlignmentFlag.AlignTop)
            if not is_there:
                entry.hide()

    def say(self, pictures: str, limits: str) -> None:
        """Two sentences, such as "On 341 validation pictures." and "It cannot tell why they are wrong."."""
        self.words.setText(f"{pictures} {limits}")

    def _save_picture(self) -> None:
        image = sheet(self._shown, self._above.text() if self._above is not None else "", self.words.text())
        if file := self._ask("Save as picture", ".png", "Pictures (*.png)"):
            self._studio.submit(
                SavePicture(file=file, pixels=pixels_of(image)), done=self._tell, failed=self._studio.problem.emit
            )

    def _save_table(self) -> None:
        assert self._table is not None
        if file := self._ask("Save as CSV", ".csv", "Tables (*.csv)"):
            found = self._table()
            rows = found if callable(found) else tuple(tuple(row) for row in found)
            self._studio.submit(SaveTable(file=file, rows=rows), done=self._tell, failed=self._studio.problem.emit)

    def _ask(self, title: str, ending: str, kinds: str) -> Path | None:
        file = ask_new_file(self, title, self._name.replace("_", " ") + ending, kinds)
        return file if file is None or file.name.endswith(ending) else Path(f"{file}{ending}")

    def _tell(self, file: Path) -> None:
        self._studio.said.emit(f"Saved as {file.name}.", "Show", partial(open_outside, file.parent))
