"""Parts that are installed only by who wants them: what each is for, and whether it is there."""

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalPart:
    """An extra of the package, as pip calls it."""

    name: str
    """Of the extra: ``pip install cnnstudio[NAME]``."""
    title: str
    """At the beginning of a sentence, without an article."""
    package: str
    """What pip installs."""
    module: str
    """Can be found when the part is there."""
    megabytes: int
    """Of the download, with all that it brings along on Linux."""

    @property
    def is_there(self) -> bool:
        """Whether it is installed; looks at the disk, and imports nothing but packages around the module."""
        try:
            return find_spec(self.module) is not None
        except (ImportError, ValueError):
            return False


CAMERA = OptionalPart(
    name="camera", title="Camera support", package="PySide6-Addons", module="PySide6.QtMultimedia", megabytes=175
)
EIGHT_BITS = OptionalPart(name="int8", title="Support for 8 bits", package="nncf>=3.4", module="nncf", megabytes=50)
CORE_ML = OptionalPart(
    name="coreml", title="Support for Core ML", package="coremltools>=9", module="coremltools", megabytes=5
)
PARTS = {part.name: part for part in (CAMERA, EIGHT_BITS, CORE_ML)}
