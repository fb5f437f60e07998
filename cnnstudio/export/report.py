"""What an export gives to whoever asked for it. No torch."""

from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import counted
from cnnstudio.export.certificate import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """An export that was opened again and compared; one that differs is an ExportMismatch."""

    path: Path
    """Its folder."""
    files: tuple[Path, ...]
    images_checked: int
    drawn: bool = False
    """Whether these are examples that the app drew, because no picture of the user's could be read."""
    largest_difference: float | None
    """Of any probability, between the app and the export; None where nothing here can run it."""
    snippet: str
    """Code that uses the export."""
    certificate: Certificate

    @property
    def checked_on(self) -> str:
        """In words, such as ``16 pictures of yours``."""
        if self.drawn:
            return f"{counted(self.images_checked, 'drawn example')}, as none of your pictures could be read"
        return f"{counted(self.images_checked, 'picture')} of yours"
