"""The pages one can see: the first is made before the first paint, the others behind it, in turns."""

import time
from collections.abc import Callable, Iterator, Sequence

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import objects_that_stay
from cnnstudio.jobs import specs
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.turns import soon
from cnnstudio.ui.pages import Row
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets.page import Page

_TURN_S = 0.008
_TYPES = 40
"""Of Qt at once; Python makes them when they are first asked for, and pyqtgraph asks for all."""


class PageStack(QtWidgets.QStackedWidget):
    """Makes every page once. Pages hear of nothing that was told before they were made, so all are made at first."""

    made = QtCore.Signal(str)
    """The name of a page."""
    completed = QtCore.Signal()
    """All are made; comes once."""

    def __init__(self, studio: Studio, rows: Sequence[Row]) -> None:
        super().__init__()
        self._studio = studio
        self._rows = {row.name: row for row in rows}
        self._made: dict[str, Page] = {}
        self._steps: Iterator[None] = iter(())
        for _ in rows:
            self.addWidget(QtWidgets.QWidget())  # where its page will be
        self.page(rows[0].name)

    def __iter__(self) -> Iterator[Page]:
        """Those that are made, in their order."""
        return (self._made[name] for name in self._rows if name in self._made)

    @property
    def is_complete(self) -> bool:
        """Whether all of them are made."""
        return len(self._made) == len(self._rows)

    @property
    def shown(self) -> str:
        """The name of the page that is shown."""
        return list(self._rows)[self.currentIndex()]

    def page(self, name: str) -> Page:
        """A page by its name; made now if need be."""
        if name not in self._made:
            self._make(name)
        return self._made[name]

    def begin(self) -> None:
        """Make those that are missing, and import before what they are made of, in short turns.

        Not in another thread: Qt's types may be made in one thread only (PySide crashes now and then), and most
        modules of pages need some.
        """
        self._steps = self._pieces()
        self._take_turn()

    def complete(self) -> None:
        """Make all that are missing, now."""
        for name in self._rows:
            self.page(name)

    def show_page(self, name: str) -> Page:
        """Show a page. One that is not made yet is seen by its title first: its modules may have to be waited for."""
        index = list(self._rows).index(name)
        if name not in self._made:
            self._put(index, Page("page_to_come", self._rows[name].title, " "))
            self.setCurrentIndex(index)
            self.repaint()
        page = self.page(name)
        self.setCurrentIndex(index)
        return page

    def when_complete(self, then: Callable[[], object]) -> None:
        """Do something once every page will hear of it: now, or when the last one is made."""
        if self.is_complete:
            then()
        else:
            self.completed.connect(then)

    def _pieces(self) -> Iterator[None]:
        """Everything that is left to do, with a break after each piece."""
        for job in specs.__all__:
            getattr(specs, job)
            yield
        for module in (QtCore, QtGui, QtWidgets):
            for number, name in enumerate(dir(module)):
                getattr(module, name)
                if number % _TYPES == 0:
                    yield
        for row in self._rows.values():
            row.load()
            yield
            self.page(row.name)
            yield

    def _take_turn(self) -> None:
        until = time.perf_counter() + _TURN_S
        with objects_that_stay():
            for _ in self._steps:
                if time.perf_counter() > until:
                    soon(self, self._take_turn, seen=False)
                    return

    def _make(self, name: str) -> None:
        self._made[name] = page = self._rows[name].load()(self._studio)
        self._put(list(self._rows).index(name), page)
        self.made.emit(name)
        if self.is_complete:
            self.completed.emit()

    def _put(self, index: int, page: Page) -> None:
        """In the place of what is there."""
        before, is_shown = self.widget(index), self.currentIndex() == index
        assert before is not None
        self.insertWidget(index, page)
        if is_shown:
            self.setCurrentWidget(page)
        self.removeWidget(before)
        before.deleteLater()
        theme.dress(page)
