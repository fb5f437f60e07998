"""FetchPractice: a practice dataset as a folder. ForgetPractice: throw away what came of a download."""

from collections.abc import Callable
from pathlib import Path

from cnnstudio.core.control import Control
from cnnstudio.core.errors import DatasetError
from cnnstudio.core.events import Event, Progressed
from cnnstudio.data.practice.prepare import forget_download, prepare
from cnnstudio.data.practice.sets import SETS, practice_set
from cnnstudio.jobs.specs import FetchPractice, ForgetPractice


def run(spec: FetchPractice | ForgetPractice, control: Control, emit: Callable[[Event], None]) -> Path | None:
    """The folder of pictures, or None after forgetting."""
    wanted = practice_set(spec.name)
    if wanted is None:
        names = ", ".join(each.name for each in SETS)
        raise DatasetError(f"There is no practice dataset called {spec.name}.", remedy=f"There are: {names}.")
    if isinstance(spec, ForgetPractice):
        forget_download(wanted)
        return None
    return prepare(
        wanted,
        control=control,
        progress=lambda done, total, text: emit(Progressed(done=done, total=total, text=text)),
    )
