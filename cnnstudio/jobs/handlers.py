"""What jobs do that need torch, which is imported here, in the worker."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from cnnstudio.compute.device import float32_depthwise
from cnnstudio.core import (
    RUN_EVENTS,
    DatasetError,
    Event,
    Problem,
    RunError,
    StopRequested,
    StorageError,
    StudioError,
    Warned,
    Watch,
    WeightsError,
    process_rank,
)
from cnnstudio.data import Sample
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.export.certificate import FEWEST_PICTURES, MOST_PICTURES
from cnnstudio.export.proving import Picture
from cnnstudio.inference.mirror import averaged
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.session import Session, open_model, predict_frame, predict_many
from cnnstudio.jobs import specs
from cnnstudio.jobs.job import StoppedWith, carry, explain
from cnnstudio.networks import ModelRef
from cnnstudio.networks.bundle_file import is_bundle_file, unpacked_bundle
from cnnstudio.runs import RECORD_FILE, Run, hold_project, load_answers, open_run
from cnnstudio.training import opening, recover, run_training
from cnnstudio.training.loop import Checkpoints, leave, step
from cnnstudio.training.machine.estimate import Estimate, RateCurve
from cnnstudio.training.machine.run_timing import estimate_run
from cnnstudio.understanding.refusal import give_refusal


def open_ref(ref: ModelRef, watch: Watch) -> Session:
    """The model of a run folder, a bundle, as folder or file, or a network name; what is unusual in it is said."""
    folder = Path(ref.source)
    if is_bundle_file(folder):
        ref = replace(ref, source=str(unpacked_bundle(folder)))
    elif (folder / RECORD_FILE).is_file():
        ref = replace(ref, source=str(recover.ensure_bundle(folder)))
    session = open_model(ref)
    if session.notes:
        watch.emit(Warned(problem=Problem(kind=WeightsError.kind, title=" ".join(session.notes))))
    return session


def open_answering(ref: ModelRef, watch: Watch) -> Session:
    """As ``open_ref``, to be asked for answers in the way that ``ref`` wants them."""
    session = open_ref(ref, watch)
    return averaged(session) if ref.mirror else session


def own_pictures(ref: ModelRef) -> tuple[Picture, ...]:
    """A run's validation pictures, up to ``MOST_PICTURES`` of them and evenly; none where it is no run.

    Where they are too few, training pictures are added. Test pictures are for one look at the end. Where the last layer
    has learned from the validation pictures, too, they count as training pictures.
    """
    folder = Path(ref.source)
    if not (folder / RECORD_FILE).is_file():
        return ()
    record = open_run(folder).record
    try:
        dataset = load_samples(folder / SAMPLES_FILE, Path(record.recipe["dataset"]), record.classes, "stratified")
    except (DatasetError, KeyError):
        return ()
    chosen = _evenly(dataset.split("validation"), MOST_PICTURES)
    chosen += _evenly(dataset.split("train"), max(0, FEWEST_PICTURES - len(chosen)))
    learned = record.cross_validated
    return tuple(Picture(each.path, "train" if learned else each.split, each.label, each.group) for each in chosen)


def _evenly(samples: Sequence[Sample], most: int) -> list[Sample]:
    """At most so many, spread over all of them."""
    count = min(most, len(samples))
    return [samples[number * len(samples) // count] for number in range(count)]


def predict_picture(job: specs.PredictFrame, watch: Watch) -> Prediction:
    """Of a picture that is in no file."""
    return predict_frame(open_answering(job.model, watch), job.pixels, job.top)


def predict_all(job: specs.Predict, watch: Watch) -> tuple[Prediction, ...]:
    """Every answer, handed over as it comes; a stop keeps those that came."""
    session = open_answering(job.model, watch)
    answers: list[Prediction] = []
    try:
        for answer in predict_many(session, job.images, watch, top=job.top):
            answers.append(answer)
            watch.partial(answer)
    except StopRequested as stop:
        raise StoppedWith(tuple(answers)) from stop
    return tuple(answers)


def fine_tune(job: specs.FineTune, watch: Watch) -> Run:
    """Train, and leave a run folder whose record says how it ended.

    Raises:
        StoppedWith: stopped on request; carries the run.
        StudioError: before the run folder exists nothing is left behind, after that the run is marked as failed.
    """
    with ExitStack() as held:
        if job.runs_root is not None and process_rank() == 0:
            hold_project(job.runs_root, held)
        context = opening.open_context(job.recipe, job.dataset, watch)
        place = opening.Place(out=job.out, root=job.runs_root, repeat=job.repeat)
        return _to_its_end(opening.open_training(context, place, held))


def resume(job: specs.ResumeRun, watch: Watch) -> Run:
    """As ``fine_tune``, in a run folder that is there already."""
    with ExitStack() as held:
        return _to_its_end(opening.reopen_training(job.run, job.epochs, watch, held))


def estimate(job: specs.EstimateRun, watch: Watch) -> Estimate:
    """A few seconds the first time, at once when network, mode and picture size were measured before."""
    return estimate_run(opening.open_context(job.recipe, job.dataset, Watch(watch.control), to_train=False))


def try_rates(job: specs.FindRate, watch: Watch) -> RateCurve:
    """Prepares a training as if it were to run; nothing is left behind but cached features."""
    in_epochs = replace(job.recipe, head_solver="epochs")  # solved for, a last layer has no rate
    context = opening.open_context(in_epochs, job.dataset, watch)
    with tempfile.TemporaryDirectory() as folder:
        context = replace(context, checkpoints=Checkpoints(Path(folder)))
        plan, _ = carry(run_training.prepare(context), watch.emit)
        with float32_depthwise(plan.model, on=plan.depthwise_fp32):
            return carry(step.find_rate(plan), watch.emit)


def _to_its_end(training: opening.Training) -> Run:
    try:
        done = _carry(training)
    except StopRequested as stop:
        raise StoppedWith(open_run(training.run.folder)) from stop
    except BaseException as error:
        if training.context.world.is_first:
            _note_failure(training, error)
        raise
    if training.context.world.is_first:
        with suppress(StudioError, OSError):  # few pictures say nothing of what is usual; a disk may be full
            give_refusal(done, load_answers(done.folder))
    return done


def _note_failure(training: opening.Training, error: BaseException) -> None:
    """In the run's record, where that can be written; else it is shown as interrupted."""
    done = training.state.epoch or training.run.record.epochs_done
    with suppress(StorageError, RunError):
        training.run.refuse_if_moved()
        training.run.update(state="failed", owner=None, epochs_done=done, problem=explain(error).sentence())


def _carry(training: opening.Training) -> Run:
    """Log what happens, then pass it on; of several processes only the first one talks."""
    log, context = training.log, training.context

    def note(event: Event) -> None:
        if context.world.is_first:
            if isinstance(event, RUN_EVENTS):
                log.append(event)
            context.watch.emit(event)

    done = carry(run_training.train(training), note)
    leave(context.world)
    return done
