"""The run that another one continues."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from cnnstudio.core import FormatError, RunError
from cnnstudio.runs.store import Run, open_run


def run_before(run: Run) -> Run | None:
    """The run that this one continues; None where it continues none, or that one is gone."""
    return earlier_run(run.record.recipe, run.folder)


def earlier_run(recipe: dict[str, Any], folder: Path) -> Run | None:
    """The run that a recipe continues, which lies in ``folder``; None where it continues none, or that one is gone.

    Runs that were moved together, such as with the folder that they lie in, find each other.
    """
    said = recipe.get("start_from")
    if not isinstance(said, str) or not said:
        return None
    for place in (Path(said), folder.parent / Path(said).name):
        with suppress(RunError, FormatError):
            found = open_run(place)
            if found.folder != folder:
                return found
    return None
