"""OpenVINO's files with a network of 8 bits, only where it keeps its promise on the user's own pictures."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from typing_extensions import override

from cnnstudio.core import ExportMismatch, NetworkError, Watch, counted
from cnnstudio.export.certificate import EIGHT_BITS, Certificate, Limit
from cnnstudio.export.formats.format import ExportOptions, Source
from cnnstudio.export.formats.open_vino import OpenVino


class EightBits(OpenVino):
    """Tried once with everything in 8 bits, once more with the first and the last layer in full precision."""

    name = "int8"
    title = "OpenVINO, 8 bits"
    text = "A quarter of the size, faster on many processors. Not written where it costs your pictures accuracy."
    extra = "int8"
    knows = frozenset()
    files = ("model.xml", "model.bin", "refusal.npz")

    @override
    def missing(self) -> str:
        if why := super().missing():
            return why
        return "Networks of 8 bits need a package that is not installed: nncf." if find_spec("nncf") is None else ""

    @override
    def limit(self, options: ExportOptions) -> Limit:
        return EIGHT_BITS

    @override
    def write(self, source: Source, folder: Path, watch: Watch) -> str:
        from cnnstudio.export.onnx.writing import Asked, bundle_for_child, write_by_child
        from cnnstudio.export.open_vino.companions import write_companions
        from cnnstudio.export.open_vino.quantising import FEWEST_PICTURES, MOST_PICTURES, training_pictures

        session = source.session
        pictures = training_pictures(session, MOST_PICTURES)
        if len(pictures) < FEWEST_PICTURES:
            raise NetworkError(
                f"A network of 8 bits needs {FEWEST_PICTURES} of the pictures that it was trained with.",
                meaning=f"{counted(len(pictures), 'picture')} of the run can be found on this computer.",
                remedy="Export it where the run and its pictures are, or in another format.",
            )
        watch.progress(0, 0, "Finding the range of values for 8 bits")
        with bundle_for_child(session.network, session.card, folder) as bundle:
            careful = source.attempt > 0
            asked = Asked(bundle=str(bundle), out=str(folder), ir=True, small=True, careful=careful, pictures=pictures)
            write_by_child(asked, session.card, watch)
        return write_companions(folder, session.card, session.refusal)

    @override
    def refused(self, error: ExportMismatch) -> ExportMismatch:
        """With both numbers."""
        details = error.problem.details
        if not details.startswith(("it is correct for", "the answer changed for")):
            return error
        return ExportMismatch(
            f"8 bits cost this network too much: {details}.",
            meaning="It was not written, also not with its first and last layer in full precision.",
            remedy="Export for OpenVINO: on processors with bfloat16, its second file is about as fast.",
            details=details,
        )

    @override
    def certified(self, folder: Path, certificate: Certificate) -> Certificate:
        """Says how fast the network alone is, beside its own in full precision and in bfloat16."""
        from cnnstudio.export.open_vino.converting import said_of

        notes = [f"The network alone, for one picture on this computer: {said_of(folder, 'speeds')}."]
        if said_of(folder, "kept"):
            notes.append("Its first and last layer compute in full precision.")
        return replace(certificate, notes=(*certificate.notes, *notes))
