"""The errors the engine raises by name, and the plain-words form in which people see them."""

import traceback
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to a question that a problem asks."""

    key: str
    """For programs and for what remembers the answer."""
    text: str
    """For people, with counts, such as ``the folders hat (12) and shoe (9): 2 classes inside 2023``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as three plain sentences; strings only, so no frame and no tensor survives in it."""

    kind: str
    """Stable word for programs, such as ``dataset`` or ``weights``."""
    title: str
    """What happened."""
    meaning: str = ""
    """What it means for the user."""
    remedy: str = ""
    """What to do."""
    details: str = ""
    """For a report; folded away in the window."""
    choices: tuple[Choice, ...] = ()
    """What a person may answer, the likely first, where the problem is a question."""

    def sentence(self) -> str:
        """The problem on one line, for a terminal or a log."""
        return " ".join(part for part in (self.title, self.meaning, self.remedy) if part)


class StudioError(Exception):
    """Base of every error that is expected and explained. Subclasses fix ``kind``."""

    kind = "failed"

    def __init__(
        self, title: str, *, meaning: str = "", remedy: str = "", details: str = "", choices: tuple[Choice, ...] = ()
    ) -> None:
        super().__init__(title)
        self.problem = Problem(
            kind=self.kind, title=title, meaning=meaning, remedy=remedy, details=details, choices=choices
        )
        if details:
            self.add_note(details)  # what is logged has them

    def __str__(self) -> str:
        return self.problem.sentence()


class DatasetError(StudioError):
    """The folder of pictures cannot be used as it is."""

    kind = "dataset"


class ClassesUnclear(DatasetError):
    """There are several ways to read classes out of a folder, or one that a person has to agree to."""

    kind = "classes-unclear"


class LabelsInNames(ClassesUnclear):
    """Pictures lie in no class folder, but their names look like labels; a person has to agree to take them."""

    kind = "labels-in-names"


class PicturesUnsorted(DatasetError):
    """The pictures are there, but nothing says what is on them; a person can sort them."""

    kind = "unsorted"


class ImageError(StudioError):
    """One picture cannot be read; the title names the file."""

    kind = "image"


class WeightsError(StudioError):
    """A weights file is missing, damaged, unsafe, or made for another network."""

    kind = "weights"


class DownloadError(WeightsError):
    """A download failed or was refused; nothing half is left behind as a weights file."""

    kind = "download"


class RecipeError(StudioError):
    """A recipe holds a value or a combination that cannot work."""

    kind = "recipe"


class NetworkError(StudioError):
    """The network or the layer asked for does not exist or does not fit."""

    kind = "network"


class OperationError(StudioError):
    """An operation of the Lab cannot have these settings."""

    kind = "operation"


class DeviceError(StudioError):
    """The device asked for is not there or does not work."""

    kind = "device"


class CheckpointDamaged(StudioError):
    """A checkpoint or bundle fails its checksum or cannot be read."""

    kind = "checkpoint"


class RunError(StudioError):
    """A run folder is missing, in use, or cannot do what was asked."""

    kind = "run"


class TrainingDiverged(StudioError):
    """The loss became infinite or not a number."""

    kind = "diverged"


class OutOfMemory(StudioError):
    """Even the smallest piece of the work does not fit into memory."""

    kind = "memory"


_OUT_OF_MEMORY = (
    "out of memory",  # the allocators of CUDA, HIP and MPS, and CUDA's own error
    "can't allocate memory", "not enough memory", "alloc_cpu",  # torch on the CPU: Linux and macOS, Windows
    "status_alloc_failed", "allocation_failed", "when calling `cublascreate",  # cuDNN, cuBLAS and their relatives
    "bad_alloc", "bad allocation", "failed to allocate", "could not allocate memory",  # C++, OpenVINO, oneDNN
    "cannot allocate memory",  # the system
)  # fmt: skip
"""What libraries say, most of them in a plain RuntimeError."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory, of a graphics card or the computer, was not enough."""
    if isinstance(error, StudioError):
        return isinstance(error, OutOfMemory)
    text = str(error).lower()
    known = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return known or any(sign in text for sign in _OUT_OF_MEMORY)


RUNTIME_REMEDY = (
    "Windows most likely lacks Microsoft's Visual C++ runtime: install it from "
    "https://aka.ms/vs/17/release/vc_redist.x64.exe, and start CNN Studio again."
)
_NOT_LOADED = 126  # Windows: "The specified module could not be found", which is one that a DLL needs


def is_runtime_missing(error: BaseException) -> bool:
    """Whether Windows cannot load a compiled library, which on a fresh one is for want of Microsoft's runtime."""
    text = str(error).lower()
    known = getattr(error, "winerror", None) == _NOT_LOADED or "[winerror 126]" in text
    return (isinstance(error, OSError) and known) or (isinstance(error, ImportError) and "dll load failed" in text)


def details_of(error: BaseException) -> str:
    """The traceback, or the end of a very long one: for a log and for whoever asks for details."""
    return "".join(traceback.format_exception(error))[-8000:]


def not_whole(error: BaseException) -> Problem:
    """Of an error of an import: what of the installation, or of the system, is not there."""
    details = details_of(error)
    if is_runtime_missing(error):
        return Problem(
            kind="runtime",
            title="A library that CNN Studio needs cannot be loaded.",
            remedy=RUNTIME_REMEDY,
            details=details,
        )
    return Problem(
        kind="incomplete",
        title=f"A part of CNN Studio is missing or damaged: {' '.join(str(error).split())[:300]}.",
        meaning="A virus scanner may have taken it away, or an installation was interrupted.",
        remedy="Install CNN Studio again; your pictures and runs stay as they are.",
        details=details,
    )


class StorageError(StudioError):
    """Something could not be written: disk full, read-only, no permission."""

    kind = "storage"
    may_pass = False
    """Whether only room is missing, which may come."""


class ExportMismatch(StudioError):
    """The exported file, loaded back, does not give what the run gives."""

    kind = "export"


class FormatError(StudioError):
    """A JSON or TOML file of ours has unknown keys, wrong types, or a newer format."""

    kind = "format"


class NewerFormat(FormatError):
    """A file of ours was written by a newer version."""
