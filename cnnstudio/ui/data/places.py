"""What the data page shows in its middle: the open folder, or why there is none."""

from collections.abc import Callable

from PySide6 import QtWidgets

from cnnstudio.core import isolated
from cnnstudio.ui.widgets import EmptyState, OneOf


class Places(OneOf):
    """One of them at a time."""

    def __init__(
        self, content: QtWidgets.QWidget, open_folder: Callable[[], object], back: Callable[[], object]
    ) -> None:
        """``back`` shows what is open again."""
        failed = EmptyState("warning", "This folder was not opened", "What was open before is as it was.", "Back", back)
        empty = EmptyState(
            "open-folder",
            "No pictures yet",
            "Open a folder that has one subfolder of pictures per class, or train, validation and test folders, or "
            "a table of labels. An archive of one can be dropped here.",
            "Open folder…",
            open_folder,
        )
        checking = EmptyState(
            "search",
            "Checking every picture",
            "Each one is opened once, so that damaged files, copies and other problems are found "
            "before a training. Next time only new and changed files are checked.",
        )
        asking = EmptyState(
            "search",
            "One question first",
            "The pictures were found. Answer the question above, and they are checked and shown here.",
        )
        super().__init__(empty, content, checking, asking, failed)
        self.setObjectName("data_places")
        self._empty, self._content, self._failed = empty, content, failed
        self._checking, self._asking = checking, asking

    @property
    def is_asking(self) -> bool:
        """Whether a new folder waits for an answer."""
        return self.part is self._asking

    def show_empty(self) -> None:
        """Nothing is open."""
        self.show_part(self._empty)

    def show_content(self) -> None:
        """The open folder."""
        self.show_part(self._content)

    def show_checking(self) -> None:
        """A new folder is being read."""
        self.show_part(self._checking)

    def show_asking(self) -> None:
        """What the classes of a new folder are is asked above."""
        self.show_part(self._asking)

    def show_failed(self, before: str) -> None:
        """A new folder cannot be used; ``before`` is the name of the one that is still open, if any."""
        if not before:
            self.show_empty()
            return
        self._failed.action.setText(f"Back to {isolated(before)}".replace("&", "&&"))
        self._failed.action.setAccessibleName(f"Back to {before}")
        self.show_part(self._failed)
