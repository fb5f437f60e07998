"""Run one job: its handler is found by name, and exactly one terminal event comes out."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.events import Event, JobFailed, JobFinished, JobStopped, TerminalEvent
from cnnstudio.core.memory import give_back, keep_large_blocks
from cnnstudio.jobs import specs
from cnnstudio.jobs.explain import explain

log = logging.getLogger(__name__)
Emit = Callable[[Event], None]

# Strings, so that importing this table imports no torch; packaging/hidden_imports.txt lists the same modules.
HANDLERS: dict[type, str] = {
    specs.WarmUp: "cnnstudio.jobs.handlers.warm_up",
    specs.ScanFolder: "cnnstudio.jobs.handlers.scan",
    specs.AddPictures: "cnnstudio.jobs.handlers.add_pictures",
    specs.DrawChanges: "cnnstudio.jobs.handlers.draw_changes",
    specs.MakeSample: "cnnstudio.jobs.handlers.sample",
    specs.FetchPractice: "cnnstudio.jobs.handlers.practice",
    specs.ForgetPractice: "cnnstudio.jobs.handlers.practice",
    specs.ListNetworks: "cnnstudio.jobs.handlers.list_networks",
    specs.CheckWeights: "cnnstudio.jobs.handlers.check_weights",
    specs.DownloadWeights: "cnnstudio.jobs.handlers.download",
    specs.DeleteWeights: "cnnstudio.jobs.handlers.delete_weights",
    specs.DissectNetwork: "cnnstudio.jobs.handlers.dissect",
    specs.MeasureSpeeds: "cnnstudio.jobs.handlers.measure_speeds",
    specs.RecommendNetwork: "cnnstudio.jobs.handlers.recommend",
    specs.ListDevices: "cnnstudio.jobs.handlers.devices",
    specs.FineTune: "cnnstudio.jobs.handlers.fine_tune",
    specs.ResumeRun: "cnnstudio.jobs.handlers.fine_tune",
    specs.EstimateRun: "cnnstudio.jobs.handlers.estimate",
    specs.FindRate: "cnnstudio.jobs.handlers.find_rate",
    specs.Evaluate: "cnnstudio.jobs.handlers.evaluate",
    specs.DescribeModel: "cnnstudio.jobs.handlers.predict",
    specs.Predict: "cnnstudio.jobs.handlers.predict",
    specs.ShowMaps: "cnnstudio.jobs.handlers.predict",
    specs.ExportModel: "cnnstudio.jobs.handlers.export",
}


class StoppedWith(StopRequested):
    """A stop that kept something: the result goes into JobStopped."""

    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result


def execute(spec: specs.JobSpec, control: Control, emit: Emit) -> None:
    """Run one job. Emits its events and then exactly one of JobFinished, JobStopped, JobFailed.

    A handler module has ``run(spec, control, emit) -> result``.
    """
    ending: TerminalEvent
    try:
        handler = _handler(spec)
        ending = JobFinished(result=handler.run(spec, control, emit))
    except StopRequested as stop:
        ending = JobStopped(result=getattr(stop, "result", None))
    except BaseException as error:
        log.info("%s failed", type(spec).__name__, exc_info=True)
        ending = JobFailed(problem=explain(error))
    give_back()
    emit(ending)


def run_inline(spec: specs.JobSpec, control: Control | None = None, emit: Emit | None = None) -> Any:
    """Run one job in this thread and return its result; for the command line and scripts.

    Raises:
        StudioError and others: as the handler raised them.
        StopRequested: a stop was asked for.
    """
    handler = _handler(spec)
    return handler.run(spec, control or Control(), emit or _ignore)


def _handler(spec: specs.JobSpec) -> Any:
    keep_large_blocks()  # here, because a handler imports torch
    return import_module(HANDLERS[type(spec)])


def _ignore(_: Event) -> None:
    """Events nobody wants."""
