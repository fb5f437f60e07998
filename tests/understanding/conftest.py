"""Runs on drawn pictures, with the fixtures that trainings are tested by."""

from dataclasses import replace

import pytest

from cnnstudio.core import Watch
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune
from tests.training.conftest import (  # noqa: F401 - fixtures
    conversions,
    converted_once,
    measured_file,
    measured_once,
    quick,
    recipe,
    train,
    weights_file,
)


@pytest.fixture
def solved(recipe, tmp_path):  # noqa: F811
    """A run whose last layer was solved for."""
    return run_inline(FineTune(recipe=replace(recipe, batch_size=0), out=tmp_path / "solved"), Watch())
