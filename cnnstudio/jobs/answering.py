"""A run's answers to its own pictures, and what follows from them for the pictures of others."""

from contextlib import suppress
from pathlib import Path

from cnnstudio.core import StudioError, Watch
from cnnstudio.jobs.job import carry
from cnnstudio.networks.refusal import REFUSAL_FILE, Refusal
from cnnstudio.runs import Answers, open_run
from cnnstudio.understanding.answers import computed_answers
from cnnstudio.understanding.refusal import give_refusal


def gather_answers(folder: Path, watch: Watch) -> Answers:
    """Read or compute them; a run of an earlier version learns on the way what it should not answer."""
    found = carry(computed_answers(folder, watch), watch.emit)
    with suppress(StudioError, OSError):  # there are too few pictures, or the place may not be written to
        run = open_run(folder)
        if run.bundle.is_dir() and not (run.bundle / REFUSAL_FILE).is_file():
            give_refusal(run, found)
    return found


def be_careful(folder: Path, careful: float, watch: Watch) -> Refusal:
    """Refuse that share of good pictures from now on."""
    return give_refusal(open_run(folder), carry(computed_answers(folder, watch), watch.emit), careful)
