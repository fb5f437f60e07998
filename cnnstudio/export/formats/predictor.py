"""A predictor folder: for a computer that is to answer, and to do no more."""

from pathlib import Path

from typing_extensions import override

from cnnstudio.core import Watch
from cnnstudio.export.formats.format import Source
from cnnstudio.export.formats.onnx_file import Onnx


class Predictor(Onnx):
    """The ONNX file with a script that predicts pictures and folders of them."""

    name = "predictor"
    title = "Predictor folder"
    text = "A script that predicts pictures and whole folders, with its network and three small packages: no PyTorch."
    knows = frozenset({"half"})
    files = ("model.onnx", "model.onnx.data", "refusal.npz", "requirements.txt")

    @override
    def write_companions(self, source: Source, folder: Path, models: list[str], watch: Watch) -> str:
        from cnnstudio.export.predictor.companions import write_companions

        watch.check()
        return write_companions(folder, source.session.card, models, source.session.refusal)
