"""ExportModel: write a model, load it back, check it."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event, Progressed
from cnnstudio.export.package import export_model
from cnnstudio.export.results import ExportReport
from cnnstudio.jobs.handlers.models import open_ref
from cnnstudio.jobs.specs import ExportModel


def run(spec: ExportModel, control: Control, emit: Callable[[Event], None]) -> ExportReport:
    """The checked export."""

    def progress(done: int, total: int, text: str) -> None:
        control.check()
        emit(Progressed(done=done, total=total, text=text))

    return export_model(open_ref(spec.model), spec.format, spec.out, spec.check_images, progress)
