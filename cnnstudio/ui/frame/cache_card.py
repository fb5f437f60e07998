"""What the cache holds and how large it is, a way to clear each part, and how much it may take."""

from dataclasses import replace
from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, size_in_words
from cnnstudio.jobs.specs import ClearCache, MeasureCache, TrimCache
from cnnstudio.jobs.specs.computer import CachePart
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, combo, label

_WORDS = {
    "features": ("Features of your pictures", "With them, a second training of the last layer starts in seconds."),
    "thumbnails": ("Thumbnails", "With them, large pictures are shown at once."),
    "pictures": ("What was found in each picture", "With it, only new and changed pictures are checked."),
    "pasted": ("Pasted pictures", "Pictures from the clipboard that were predicted."),
    "answers": ("Answers for sorting", "With them, sorting in another way predicts nothing twice."),
    "others": ("Times, lists and checksums", "How fast networks are here, and which weights are known."),
}
_GIGABYTE = 10**9
_LIMITS = (0, 1, 2, 5, 10, 20, 50, 100)


class CacheCard(Card):
    """Asks how large it is when it is shown; nothing is cleared while a training may need it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Cache")
        self._studio = studio
        self._parts: dict[str, int] = {}
        self.total = label("Looking how large it is…", kind="muted", name="cache_total")
        self.head.addWidget(self.total)
        self.body.addWidget(
            label(
                "All of this is computed again where it is missing, so it can be cleared without loss.",
                "caption",
                kind="muted",
                wrap=True,
            )
        )
        grid = QtWidgets.QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(theme.M)
        self.sizes: dict[str, QtWidgets.QLabel] = {}
        self.clear: dict[str, QtWidgets.QPushButton] = {}
        for row, (name, (title, text)) in enumerate(_WORDS.items()):
            words = QtWidgets.QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(label(title))
            words.addWidget(label(text, "caption", kind="muted", wrap=True))
            grid.addLayout(words, row, 0)
            self.sizes[name] = label("", name=f"cache_{name}")
            grid.addWidget(self.sizes[name], row, 1, QtCore.Qt.AlignmentFlag.AlignRight)
            self.clear[name] = button("Clear", f"clear_{name}", partial(self._clear, name))
            self.clear[name].setAccessibleName(f"Clear: {title}")
            grid.addWidget(self.clear[name], row, 2)
        self.body.addLayout(grid)
        self.limit = combo("cache_limit", "Size of the cache", [(_limit_in_words(limit), limit) for limit in _LIMITS])
        self.limit.setCurrentIndex(max(0, self.limit.findData(studio.preferences.cache_gb)))
        self.limit.activated.connect(lambda _: self._set_limit(self.limit.currentData()))
        row_of_limit = QtWidgets.QHBoxLayout()
        row_of_limit.addWidget(label("It may take"))
        row_of_limit.addWidget(self.limit)
        row_of_limit.addStretch(1)
        self.body.addLayout(row_of_limit)
        self.busy = label("", "caption", kind="muted", wrap=True, name="cache_busy")
        self.body.addWidget(self.busy)
        studio.training_started.connect(self._enable)
        studio.training_ended.connect(self._enable)
        self._enable()
        self.look()

    def look(self) -> None:
        """See how large it is now."""
        self._studio.submit(MeasureCache(), done=self._show, failed=self._refuse)

    def _show(self, parts: tuple[CachePart, ...]) -> None:
        self._parts = {part.name: part.bytes for part in parts}
        for name, entry in self.sizes.items():
            entry.setText(_taken(self._parts.get(name, 0)))
        total = sum(self._parts.values())
        self.total.setText(f"{_taken(total)} in all" if total else _taken(total))
        self._enable()

    def _refuse(self, problem: Problem) -> None:
        self.total.setText(problem.title)

    def _enable(self, *_: object) -> None:
        idle = not self._studio.training_active
        for name, entry in self.clear.items():
            entry.setEnabled(idle and self._parts.get(name, 0) > 0)
        self.busy.setText("" if idle else "It can be cleared once the training has ended.")
        self.busy.setVisible(not idle)

    def _clear(self, name: str) -> None:
        for entry in self.clear.values():
            entry.setEnabled(False)
        self._studio.submit(ClearCache(parts=(name,)), done=self._show, failed=self._refuse)

    def _set_limit(self, gigabytes: int) -> None:
        self._studio.remember(replace(self._studio.preferences, cache_gb=gigabytes))
        if gigabytes and not self._studio.training_active:
            self._studio.submit(TrimCache(limit=gigabytes * _GIGABYTE), done=self._show, failed=self._refuse)


def _taken(size: int) -> str:
    return size_in_words(size) if size else "empty"


def _limit_in_words(gigabytes: int) -> str:
    return f"at most {gigabytes} GB, what was used last" if gigabytes else "as much as it needs"
