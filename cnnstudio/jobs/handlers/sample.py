"""MakeSample: draw the sample dataset."""

from collections.abc import Callable
from pathlib import Path

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.core.paths import data_folder
from cnnstudio.data.practice.sample_dataset import draw_sample
from cnnstudio.jobs.specs import MakeSample


def run(_spec: MakeSample, _control: Control, _emit: Callable[[Event], None]) -> Path:
    """The folder of the sample pictures."""
    return draw_sample(data_folder() / "sample pictures")
