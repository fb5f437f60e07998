"""Jobs that train, or prepare a training to find out something for it."""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from cnnstudio.compute.depthwise import float32_depthwise
from cnnstudio.core.control import StopRequested
from cnnstudio.core.events import RUN_EVENTS, Event
from cnnstudio.core.processes import process_rank
from cnnstudio.core.watch import Watch
from cnnstudio.jobs.execute import StoppedWith, carry
from cnnstudio.jobs.explain import explain
from cnnstudio.jobs.specs.training import EstimateRun, FindRate, FineTune, ResumeRun
from cnnstudio.runs.lock import hold_project
from cnnstudio.runs.store import Run, open_run
from cnnstudio.training.loop.checkpoint_folder import Checkpoints
from cnnstudio.training.loop.distributed import leave
from cnnstudio.training.lr_finder import find_rate
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.training.machine.run_timing import estimate_run
from cnnstudio.training.opening import Training, open_context, open_training, reopen_training
from cnnstudio.training.rate_curve import RateCurve
from cnnstudio.training.run_training import prepare, train


def fine_tune(job: FineTune, watch: Watch) -> Run:
    """Train, and leave a run folder whose record says how it ended.

    Raises:
        StoppedWith: stopped on request; carries the run.
        StudioError: before the run folder exists nothing is left behind, after that the run is marked as failed.
    """
    with ExitStack() as held:
        if job.runs_root is not None and process_rank() == 0:
            hold_project(job.runs_root, held)
        context = open_context(job.recipe, job.dataset, watch)
        return _to_its_end(open_training(context, out=job.out, root=job.runs_root, held=held))


def resume(job: ResumeRun, watch: Watch) -> Run:
    """As ``fine_tune``, in a run folder that is there already."""
    with ExitStack() as held:
        return _to_its_end(reopen_training(job.run, job.epochs, watch, held))


def estimate(job: EstimateRun, watch: Watch) -> Estimate:
    """A few seconds the first time, at once when network, mode and picture size were measured before."""
    return estimate_run(open_context(job.recipe, job.dataset, Watch(watch.control), to_train=False))


def try_rates(job: FindRate, watch: Watch) -> RateCurve:
    """Prepares a training as if it were to run; nothing is left behind but cached features."""
    context = open_context(job.recipe, job.dataset, watch)
    with tempfile.TemporaryDirectory() as folder:
        context = replace(context, checkpoints=Checkpoints(Path(folder)))
        plan, _ = carry(prepare(context), watch.emit)
        with float32_depthwise(plan.model, on=plan.depthwise_fp32):
            return carry(find_rate(plan), watch.emit)


def _to_its_end(training: Training) -> Run:
    try:
        return _carry(training)
    except StopRequested as stop:
        raise StoppedWith(open_run(training.run.folder)) from stop
    except BaseException as error:
        if training.context.world.is_first:
            done = training.state.epoch or training.run.record.epochs_done
            training.run.update(state="failed", owner=None, epochs_done=done, problem=explain(error).sentence())
        raise


def _carry(training: Training) -> Run:
    """Log what happens, then pass it on; of several processes only the first one talks."""
    log, context = training.run.log(), training.context

    def note(event: Event) -> None:
        if context.world.is_first:
            if isinstance(event, RUN_EVENTS):
                log.append(event)
            context.watch.emit(event)

    done = carry(train(training), note)
    leave(context.world)
    return done
