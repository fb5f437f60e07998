"""The run that another one continues."""

from contextlib import suppress
from pathlib import Path

from cnnstudio.core import FormatError, RunError
from cnnstudio.runs.store import Run, open_run


def run_before(run: Run) -> Run | None:
    """The run that this one continues; None where it continues none, or that one is gone.

    Runs that were moved together, such as with the folder that they lie in, find each other.
    """
    said = run.record.recipe.get("start_from")
    if not isinstance(said, str) or not said:
        return None
    for folder in (Path(said), run.folder.parent / Path(said).name):
        with suppress(RunError, FormatError):
            found = open_run(folder)
            if found.folder != run.folder:
                return found
    return None
