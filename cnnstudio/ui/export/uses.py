"""Where an export will be used: what people ask for, and the format that answers it."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnstudio.export.formats import FOR_HEIC, FORMATS, Format

NOT_OFFERED = (
    "Not offered: ONNX, Core ML and TensorFlow Lite, so no phone, no web page and no C#. A programmer can convert the "
    "export for Python with PyTorch's own tools."
)


_STUDIO = "studio"


@dataclass(frozen=True, slots=True)
class Use:
    """One answer to the question where it will be used."""

    name: str
    title: str
    text: str
    format: Format
    how: str
    """How it is used there, in a sentence."""

    @property
    def needs(self) -> str:
        """Everything that has to be there, in a sentence."""
        if self.name == _STUDIO:
            return "It needs CNN Studio there, and nothing else."
        return f"It needs Python with {', '.join(self.format.needs)}, and {FOR_HEIC} for HEIC pictures."

    @property
    def install(self) -> str:
        """The command for that; empty where there is none."""
        return "" if self.name == _STUDIO else f"pip install {' '.join(self.format.needs)}"


_USES = (
    (
        _STUDIO,
        "Another computer with CNN Studio",
        "A folder with weights, labels, preprocessing and scores. Take all of it along.",
        "bundle",
        "There: cnnstudio predict FOLDER PICTURE",
    ),
    (
        "python",
        "Python",
        "A script, predict.py, that answers for a picture, with its weights as a .pth file. Nothing of ours is needed.",
        "state-dict",
        "There: python predict.py PICTURE",
    ),
    (
        "weights",
        "Just the weights",
        "weights.safetensors, which PyTorch and most other frameworks read; labels.txt has the order of its outputs.",
        "bundle",
        "Its other files are small, and say how pictures are prepared.",
    ),
)


def uses() -> Iterator[Use]:
    """What there is to choose, the most frequent first; formats that nobody described come by their own words."""
    for name, title, text, kind, how in _USES:
        if kind in FORMATS:
            yield Use(name, title, text, FORMATS[kind], how)
    known = {kind for *_, kind, _ in _USES}
    for kind, found in FORMATS.items():
        if kind not in known:
            yield Use(kind, found.title, found.text, found, "")
