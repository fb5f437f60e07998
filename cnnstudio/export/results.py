"""What an export gives, as a value. No torch."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """An export that was loaded back and compared; one that differs is an ExportMismatch."""

    path: Path
    """Folder of the bundle, or of the state_dict with its companions."""
    files: tuple[Path, ...]
    images_checked: int
    largest_difference: float
    """Of any probability, between the run's network and the exported file loaded back."""
    snippet: str
    """Python that loads the export with torch and torchvision only."""
