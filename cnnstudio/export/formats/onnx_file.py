"""An ONNX file: what runs in C#, C++, browsers, phones and Python without torch."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from typing_extensions import override

from cnnstudio.core import Watch
from cnnstudio.export.certificate import HALF, Certificate, Limit
from cnnstudio.export.formats.format import Answerer, ExportOptions, Format, Source

_TOOLS = ("onnx", "onnxscript", "onnxruntime")


class Onnx(Format):
    """Whole pictures in, probabilities and features out."""

    name = "onnx"
    title = "ONNX"
    text = "One file that gets whole pictures and carries its own preprocessing. For C#, C++, phones, servers, Python."
    needs = ("onnxruntime", "numpy", "pillow")
    knows = frozenset({"crops", "half"})
    files = ("model.onnx", "model.onnx.data", "model-crops.onnx", "refusal.npz")

    @override
    def missing(self) -> str:
        lacking = [name for name in _TOOLS if find_spec(name) is None]
        return f"Writing ONNX files needs packages that are not installed: {', '.join(lacking)}." if lacking else ""

    @override
    def limit(self, options: ExportOptions) -> Limit:
        return HALF if options.half else Limit()

    @override
    def write(self, source: Source, folder: Path, watch: Watch) -> str:
        from cnnstudio.export.onnx.writing import write_onnx

        session = source.session
        watch.progress(0, 0, "Writing the ONNX file")
        chosen = source.options
        models = write_onnx(session.network, session.card, folder, watch, crops=chosen.crops, half=chosen.half)
        return self.write_companions(source, folder, models, watch)

    def write_companions(self, source: Source, folder: Path, models: list[str], watch: Watch) -> str:
        """Write what lies beside the files ``models``; returns the code to be copied."""
        from cnnstudio.export.onnx.companions import write_companions

        watch.check()
        return write_companions(folder, source.session.card, models, source.session.refusal)

    @override
    def answers(self, folder: Path) -> Answerer:
        """By the script beside it, in onnxruntime."""
        from cnnstudio.export.running import ScriptAnswers

        return ScriptAnswers(folder, "onnxruntime")

    @override
    def examine(self, source: Source, folder: Path, pictures: Sequence[Path], watch: Watch) -> None:
        """The script reads and judges every kind of picture as the app does."""
        from cnnstudio.export.script_check import SAID_WITHIN, check_script

        watch.progress(0, 0, "Running the exported script")
        within = self.limit(source.options).max_dp
        check_script(folder, source.session, pictures, watch, whole=True, within=within or SAID_WITHIN)

    @override
    def certified(self, folder: Path, certificate: Certificate) -> Certificate:
        """The files carry it along, since they may be all that is taken along."""
        from cnnstudio.core import codec
        from cnnstudio.export.onnx.metadata import CERTIFICATE, add_metadata, as_json

        plain = codec.to_plain(replace(certificate, sha256={}))
        for name in ("model.onnx", "model-crops.onnx"):
            if (folder / name).is_file():
                add_metadata(folder / name, {CERTIFICATE: as_json(plain)})
        return certificate
