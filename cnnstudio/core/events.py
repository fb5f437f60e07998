"""Every event as a frozen value: the only language between engine, log, command line and window."""

from dataclasses import dataclass
from typing import Any, Literal

from cnnstudio.core.errors import Problem
from cnnstudio.core.scores import SplitScore

ProgressKind = Literal["work", "download", "check"]
"""What is counted: pictures, steps or files; bytes that come from elsewhere; bytes that are looked through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A training begins (or goes on, when ``first_epoch`` is over 1)."""

    run: str
    """The run folder."""
    network: str
    mode: str
    device: str
    precision: str
    epochs: int
    first_epoch: int
    train_images: int
    validation_images: int
    repeat: int = 0
    """Which of several trainings by one recipe, from 1; 0 for one by itself."""
    repeats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    """The training enters a phase; ``trainable_parameters`` is 0 while features are computed.

    Scores that follow in the phase of a mode that trains more than the last layer are estimates, in its precision.
    """

    name: str
    """``features``, while the pictures pass the frozen layers, or the mode that runs; see ``networks.modes``."""
    trainable_parameters: int
    precision: str = ""
    """``fp32``, ``bf16`` or ``fp16``, of the training steps, or of the frozen layers that make features to learn from;
    final scores are always computed in fp32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """One optimisation step; sent at most ten times a second."""

    epoch: int
    """From 1."""
    step: int
    """Since the start of the run, from 1."""
    steps: int
    """Steps in the whole run."""
    epochs: int
    """Epochs in the whole run."""
    loss: float
    """Mean cross-entropy of the batch, in nats."""
    learning_rate: float
    images_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochDone:
    """An epoch ended; accuracies are fractions in [0, 1]. Validation values are None without that split."""

    epoch: int
    epochs: int
    seconds: float
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    validation_images: int
    is_best: bool
    validation_balanced_accuracy: float | None = None
    """None also in logs of earlier versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthTried:
    """A last layer that is solved for, without epochs, was tried with one strength of its regularisation.

    Loss and accuracy are out-of-fold: each picture is answered by a last layer that did not learn from it.
    """

    strength: float
    """Of L2: the cross-entropies of the pictures are added up, and ``strength / 2`` times the squared weights."""
    loss: float
    """Mean cross-entropy per picture, in nats; with the weights of the classes where they are balanced."""
    accuracy: float
    """A fraction in [0, 1]."""
    images: int
    """Pictures that were answered."""
    done: int
    """How many strengths were tried, this one included."""
    total: int
    """How many there are to try as things stand; grows while the best lies at the edge."""
    is_best: bool
    """Whether its loss is the lowest so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureAnswer:
    """What the network says of one picture as it stands."""

    picture: str
    """Path of the file."""
    actual: int
    """Index of the class it lies in."""
    predicted: int
    """Index of the class that the network holds for the likeliest."""
    confidence: float
    """Probability of that class, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesAnswered:
    """What the network says by now of the few validation pictures that a person watches; not kept in the log.

    Where a last layer is solved for, the mean of layers that learned from training pictures alone.
    """

    answers: tuple[PictureAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSeen:
    """What one block of a network does while it learns."""

    name: str
    """Dotted path in the network, such as ``layer1.0``; empty where the whole is one block."""
    kind: str
    """Class of the module."""
    units: int
    """Channels behind a ReLU or what is like it, which can fall silent; 0 where there are none."""
    silent: int
    """Of them, those that gave 0 for every picture of the last looks, at every place."""
    low: float
    """Smallest and largest of the values that the block gave for one batch, and what they are like."""
    high: float
    mean: float
    deviation: float
    counts: tuple[int, ...]
    """Histogram of a sample of these values, in parts of equal width from ``low`` to ``high``."""
    gradient: float
    """Length of the gradient of its weights, before any clipping; 0 where none of them is trained."""
    weights: float
    """Length of the vector of its trained weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideSeen:
    """A look inside the network at one step, where a recipe asks for such."""

    epoch: int
    """From 1."""
    step: int
    """Since the start of the run, from 1."""
    batch: int
    """Training pictures whose values and gradients these are."""
    pictures: int
    """Training pictures of the last looks, this one included, by which silent units are told."""
    blocks: tuple[BlockSeen, ...]
    """From picture to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationDone:
    """A split was scored once, after every choice was made."""

    score: SplitScore


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved:
    """A checkpoint is on disk, verified."""

    kind: Literal["last", "best"]
    path: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPaused:
    """The training waits between two steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """The training goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStopped:
    """The training was stopped; the best epoch so far is kept."""

    epoch: int
    """Last finished epoch; 0 when none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted:
    """All epochs are done, or patience is used up."""

    epochs: int
    best_epoch: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """Any job: ``done`` of ``total`` (0 = unknown) units. Counts, never percentages."""

    done: int
    total: int
    text: str
    """For people, and only for them."""
    kind: ProgressKind = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A part of a job's result, as soon as it is there; what a job hands over so is said by its class."""

    result: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something worth knowing happened and the job goes on."""

    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFinished:
    """Terminal: the job succeeded."""

    result: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStopped:
    """Terminal: the job was stopped on request. ``result`` is what it kept, if anything."""

    result: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed:
    """Terminal: the job failed, in plain words."""

    problem: Problem


RunEvent = (
    RunStarted
    | PhaseStarted
    | StepDone
    | EpochDone
    | StrengthTried
    | InsideSeen
    | EvaluationDone
    | CheckpointSaved
    | RunPaused
    | RunResumed
    | RunStopped
    | RunCompleted
    | Warned
)
TerminalEvent = JobFinished | JobStopped | JobFailed
Event = RunEvent | PicturesAnswered | Progressed | Partial | TerminalEvent
TERMINAL = (JobFinished, JobStopped, JobFailed)
RUN_EVENTS = (
    RunStarted,
    PhaseStarted,
    StepDone,
    EpochDone,
    StrengthTried,
    InsideSeen,
    EvaluationDone,
    CheckpointSaved,
    RunPaused,
    RunResumed,
    RunStopped,
    RunCompleted,
    Warned,
)
