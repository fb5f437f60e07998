"""OpenVINO's own files, for Intel's processors and graphics chips."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from cnnstudio.core import Watch
from cnnstudio.export.certificate import SINGLE_STEPS, Certificate, Limit
from cnnstudio.export.formats.format import Answerer, ExportOptions, Format, Source

_TOOLS = ("openvino", "onnx", "onnxscript")


class OpenVino(Format):
    """Made of the ONNX file. Weights are stored in 16 bits, or in 32 where answers would differ too much."""

    name = "openvino"
    title = "OpenVINO"
    text = "Two files that get whole pictures, for Intel's processors, in C++ or Python. Weights take half the room."
    needs = ("openvino", "numpy", "pillow")
    knows = frozenset({"crops"})
    files: ClassVar[tuple[str, ...]] = ("model.xml", "model.bin", "model-crops.xml", "model-crops.bin", "refusal.npz")
    tries = 2

    @override
    def missing(self) -> str:
        lacking = [name for name in _TOOLS if find_spec(name) is None]
        return f"Writing for OpenVINO needs packages that are not installed: {', '.join(lacking)}." if lacking else ""

    @override
    def limit(self, options: ExportOptions) -> Limit:
        return SINGLE_STEPS

    @override
    def write(self, source: Source, folder: Path, watch: Watch) -> str:
        from cnnstudio.export.onnx.writing import Asked, bundle_for_child, write_by_child
        from cnnstudio.export.open_vino.companions import write_companions

        session = source.session
        watch.progress(0, 0, "Writing the files of OpenVINO")
        with bundle_for_child(session.network, session.card, folder) as bundle:
            crops, half = source.options.crops, source.attempt == 0
            asked = Asked(bundle=str(bundle), out=str(folder), crops=crops, half=half, ir=True)
            write_by_child(asked, session.card, watch)
        return write_companions(folder, session.card, session.refusal)

    @override
    def answers(self, folder: Path) -> Answerer:
        """By the script beside it."""
        from cnnstudio.export.running import ScriptAnswers

        return ScriptAnswers(folder, "openvino")

    @override
    def examine(self, source: Source, folder: Path, pictures: Sequence[Path], watch: Watch) -> None:
        """The script reads and judges every kind of picture as the app does."""
        from cnnstudio.export.script_check import check_script

        watch.progress(0, 0, "Running the exported script")
        within = self.limit(source.options).max_dp or 1.0  # where only first answers count
        check_script(folder, source.session, pictures, watch, whole=True, within=within)

    @override
    def certified(self, folder: Path, certificate: Certificate) -> Certificate:
        """Says where weights had to stay as they are."""
        from cnnstudio.export.open_vino.converting import is_half

        if is_half(folder):
            return certificate
        kept = "Its weights are stored in 32 bits: with 16, answers would have differed by more than is allowed."
        return replace(certificate, notes=(*certificate.notes, kept))
