"""Any exception as a Problem in plain sentences. torch's errors are recognised by name, not by import."""

import traceback

from cnnstudio.core.errors import Problem, StudioError

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_cpu", "bad_alloc")
_LOST_PROCESS = ("connection closed by peer", "connection reset by peer", "ncclremoteerror", "gloo/transport")


def explain(error: BaseException) -> Problem:
    """What happened, what it means, what to do. Never a traceback outside ``details``."""
    if isinstance(error, StudioError):
        return error.problem
    details = "".join(traceback.format_exception(error))[-8000:]
    text = str(error).lower()
    kind = type(error).__name__
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError" or any(sign in text for sign in _OUT_OF_MEMORY):
        return Problem(
            kind="memory",
            title="There was not enough memory.",
            meaning="Nothing that was saved is lost; a training keeps its last finished epoch.",
            remedy="Choose a smaller batch size or a smaller network, or close other programs, and go on.",
            details=details,
        )
    if kind == "AcceleratorError" or "cuda error" in text:
        return Problem(
            kind="device",
            title="The graphics card reported an error.",
            meaning="Its driver cannot be used again until CNN Studio is restarted; the last finished epoch is kept.",
            remedy="Restart CNN Studio and resume the run, on the CPU if it happens again.",
            details=details,
        )
    if any(sign in text for sign in _LOST_PROCESS):
        return Problem(
            kind="processes",
            title="Another process of this training ended.",
            meaning="Without its share of the pictures the others cannot go on; the last finished epoch is kept.",
            remedy="Look at the messages above for why it ended, then go on with --resume.",
            details=details,
        )
    if isinstance(error, FileNotFoundError):
        return Problem(
            kind="file",
            title=f"A file or folder is not there: {error.filename}.",
            meaning="It was moved, renamed or deleted, or its drive is not connected.",
            remedy="Bring it back, or choose it again.",
            details=details,
        )
    if isinstance(error, OSError):
        return Problem(
            kind="file",
            title=f"A file could not be used: {error.filename or error.strerror or error}.",
            meaning=error.strerror or "The system refused it.",
            remedy="Check that its disk is connected, has space, and that you may use it; then try again.",
            details=details,
        )
    return Problem(
        kind="failed",
        title="Something went wrong inside CNN Studio.",
        meaning="Your pictures are untouched and everything saved so far is kept.",
        remedy="Try again; if it happens again, please report it with the details.",
        details=details,
    )
