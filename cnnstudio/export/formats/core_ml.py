"""A Core ML package, for iPhone, iPad and Mac."""

import sys
from importlib.util import find_spec
from pathlib import Path

from typing_extensions import override

from cnnstudio.core import Watch
from cnnstudio.export.certificate import HALF, Limit
from cnnstudio.export.formats.format import Answerer, ExportOptions, Format, Source

_PACKAGE, _INSIDE = "model.mlpackage", "model.mlpackage/Data/com.apple.CoreML"


class CoreMl(Format):
    """Weights and arithmetic in half precision, as Core ML has it by itself."""

    name = "coreml"
    title = "Core ML"
    text = "A package for apps on iPhone, iPad and Mac. Only a Mac can check that it answers as CNN Studio does."
    extra = "coreml"
    files = (f"{_PACKAGE}/Manifest.json", f"{_INSIDE}/model.mlmodel", f"{_INSIDE}/weights/weight.bin")

    @override
    def missing(self) -> str:
        if find_spec("coremltools") is None:
            return "Writing for Core ML needs a package that is not installed: coremltools."
        return ""

    @override
    def unverified(self) -> str:
        return "" if sys.platform == "darwin" else "Core ML runs on Apple's computers and phones only."

    @override
    def limit(self, options: ExportOptions) -> Limit:
        return HALF

    @override
    def notes(self, options: ExportOptions) -> tuple[str, ...]:
        return (
            "The package gets pictures that are cut already, so reading and resizing are those of whoever uses it.",
        )

    @override
    def write(self, source: Source, folder: Path, watch: Watch) -> str:
        from cnnstudio.export.core_ml.companions import write_companions
        from cnnstudio.export.core_ml.writing import write_core_ml

        watch.progress(0, 0, "Writing the Core ML package")
        write_core_ml(source.session.network, source.session.card, folder, watch)
        return write_companions(folder, source.session.card)

    @override
    def answers(self, folder: Path) -> Answerer:
        """As Core ML answers on a Mac."""
        from cnnstudio.export.core_ml.running import CoreMlAnswers

        return CoreMlAnswers(folder)
