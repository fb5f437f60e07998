"""What the chapters of a self-test share: one makes it, and later ones build on it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.data import Dataset
from cnnstudio.jobs.job import Job
from cnnstudio.networks import ModelRef
from cnnstudio.runs import Run


@dataclass(frozen=True, slots=True)
class Endless:
    """A job that goes on until it is stopped; it is, when it hands over a part of its result or after some seconds."""

    job: Job[Any]
    seconds: float = 60.0


Steps = Generator[Job[Any] | Endless, Any, None]
"""A chapter hands out jobs and is sent their results."""
NETWORK = "efficientnet_lite0"
"""Its weights come along."""
CLASSIC = "gap_cnn"


@dataclass
class Scene:
    """Filled in as the chapters go on."""

    place: Path
    """A folder of the test's own, which is removed afterwards."""
    sample: Path = field(init=False)
    """The sample pictures, all of them."""
    dataset: Dataset = field(init=False)
    """Some of them in a folder of their own, whose name is in letters that break what is careless."""
    run: Run = field(init=False)
    """A last layer on EfficientNet-Lite 0."""
    classic: Run = field(init=False)
    """A small network from scratch."""

    @property
    def folder(self) -> Path:
        """Of the dataset."""
        return self.dataset.root

    @property
    def model(self) -> ModelRef:
        """Of the run."""
        return ModelRef(source=str(self.run.folder))

    @property
    def picture(self) -> Path:
        """One of the dataset."""
        return self.dataset.samples[0].path

    @property
    def name(self) -> str:
        """Of that picture, in its folder."""
        return self.dataset.name_of(self.picture)

    @property
    def pixels(self) -> np.ndarray:
        """40×60×3 uint8."""
        return np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)

    def out(self, name: str) -> Path:
        """Where something may be written."""
        folder = self.place / "written"
        folder.mkdir(exist_ok=True)
        return folder / name


Chapter = Callable[[Scene], Steps]
