"""Where an export will be used: what people ask for, and the formats that answer it."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnstudio.export.formats import FOR_HEIC, FORMATS, Format
from cnnstudio.networks.bundle_file import BUNDLE_SUFFIX

STUDIO, FEATURES = "studio", "features"
_RUNTIME_BYTES, _BASE64 = 5_200_000, 1.34
"""Of a page: the program that computes in it, and how a network grows when it is written as letters."""


@dataclass(frozen=True, slots=True)
class Way:
    """One of the formats for a use."""

    title: str
    """On a tab: a word or three."""
    text: str
    format: Format | None
    """None where no network leaves, but features of pictures do."""
    how: str = ""
    """How it is used there, in a sentence."""
    shrinks: float = 1.0
    """Its weights take this share of the run's."""
    page: bool = False
    """Whether it is a page of the web."""
    here: bool = False
    """Whether CNN Studio itself opens it."""
    runtime: str = ""
    """What it needs beside its script in Python, such as a library of the language."""
    suffix: str = ""
    """Of the file, where it is one and no folder."""

    @property
    def name(self) -> str:
        """Of the format, for scripts and folders."""
        return self.format.name if self.format is not None else FEATURES

    @property
    def needs(self) -> str:
        """Everything that has to be there, in a sentence."""
        if self.here:
            return "CNN Studio, and nothing else."
        if self.page:
            return "A browser, and no internet."
        if self.format is None or not self.format.needs:
            return f"{self.runtime}." if self.runtime else ""
        python = f"Python with {', '.join(self.format.needs)}, and {FOR_HEIC} for HEIC pictures"
        return f"{self.runtime}. The script beside it: {python}." if self.runtime else f"{python}."

    @property
    def install(self) -> str:
        """The command for that; empty where there is none."""
        if self.here or self.format is None or not self.format.needs:
            return ""
        return f"pip install {' '.join(self.format.needs)}"

    def bytes(self, weights: int, *, half: bool) -> int:
        """About how large it will be, from the bytes of the run's weights; 0 where these are not known."""
        size = weights * self.shrinks * (0.5 if half else 1.0)
        return int(_RUNTIME_BYTES + _BASE64 * size) if self.page and weights else int(size)


@dataclass(frozen=True, slots=True)
class Use:
    """One answer to the question where it will be used."""

    name: str
    title: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A way, by the name of its format."""

    format: str
    title: str
    text: str
    how: str = ""
    shrinks: float = 1.0
    runtime: str = ""
    suffix: str = ""


_USES: tuple[tuple[str, str, tuple[_Row, ...]], ...] = (
    (
        STUDIO,
        "Another computer with CNN Studio",
        (
            _Row(
                "bundle", "One file",
                "A file that CNN Studio opens with a double click, or by dropping it on the window: weights, labels, "
                "preprocessing and scores.",
                "There: drop it on the window, or cnnstudio open FILE", suffix=BUNDLE_SUFFIX,
            ),
            _Row(
                "bundle", "Folder", "A folder with weights, labels, preprocessing and scores. Take all of it along.",
                "There: cnnstudio predict FOLDER PICTURE",
            ),
        ),
    ),
    (
        "python",
        "Python",
        (
            _Row(
                "predictor", "Without PyTorch",
                "A script, predict.py, with the network beside it. It takes three packages, about 0.2 GB, where "
                "PyTorch takes 1.5 GB and more.",
                "There: python predict.py PICTURE",
            ),
            _Row(
                "state-dict", "With PyTorch",
                "A script, predict.py, with its weights as a .pth file, for whoever programs with PyTorch.",
                "There: python predict.py PICTURE",
            ),
            _Row(
                "openvino", "OpenVINO",
                "For processors and graphics of Intel, where it is often the fastest. Whole pictures go in.",
                shrinks=0.5,
            ),
        ),
    ),
    (
        "web",
        "A web page or a phone",
        (
            _Row(
                "web", "Page",
                "One file that opens with a double click in any browser, also on a phone, with camera and without the "
                "internet. No picture leaves the computer it is opened on.",
                "Send it as an attachment, or put it on any web space.", 0.5,
            ),
            _Row(
                "coreml", "iPhone and Mac",
                "A Core ML model for an app that somebody writes in Xcode.",
                "Drag the .mlpackage into an Xcode project.", 0.5, runtime="Xcode on a Mac",
            ),
        ),
    ),
    (
        "code",
        "C++, C# or another language",
        (
            _Row(
                "onnx", "ONNX",
                "One file that ONNX Runtime opens in C++, C#, Java, JavaScript and Rust. Whole pictures go in, of any "
                "size, and class probabilities come out: nothing is left to prepare.",
                runtime="ONNX Runtime for that language",
            ),
            _Row(
                "openvino", "OpenVINO", "The same for Intel's OpenVINO, in C++, C and Python.", shrinks=0.5,
                runtime="OpenVINO for that language",
            ),
            _Row(
                "int8", "8 bits",
                "A quarter of the size, for small computers. It is measured on your pictures, and only written where "
                "they lose next to nothing.",
                shrinks=0.25,
            ),
        ),
    ),
    (
        "weights",
        "Just the weights",
        (
            _Row(
                "bundle", "safetensors",
                "weights.safetensors, which PyTorch and most other frameworks read; labels.txt has the order of its "
                "outputs.",
                "Its other files are small, and say how pictures are prepared.",
            ),
            _Row("state-dict", ".pth", "What torch.load reads; labels.txt has the order of its outputs."),
        ),
    ),
)  # fmt: skip


_FEATURES = Way(
    "Features",
    "A row of figures for every picture, just before the network decides: for scikit-learn, for finding pictures that "
    "are alike, and for TensorBoard's projector. Every program that reads tables can use them.",
    None,
)


def uses() -> Iterator[Use]:
    """What there is to choose, the most frequent first; formats that nobody described come by their own words."""
    told: set[str] = set()
    for name, title, rows in _USES:
        ways = tuple(_way(row, here=name == STUDIO) for row in rows if row.format in FORMATS)
        told |= {way.name for way in ways}
        if ways:
            yield Use(name, title, ways)
    for kind, found in FORMATS.items():
        if kind not in told:
            yield Use(kind, found.title, (Way(found.title, found.text, found),))
    yield Use(FEATURES, "Features for other programs", (_FEATURES,))


def _way(row: _Row, *, here: bool) -> Way:
    return Way(
        row.title,
        row.text,
        FORMATS[row.format],
        row.how,
        row.shrinks,
        page=row.format == "web",
        here=here,
        runtime=row.runtime,
        suffix=row.suffix,
    )
