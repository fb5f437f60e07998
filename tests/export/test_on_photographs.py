"""E3: a fine-tuned SqueezeNet on its own 341 validation pictures, each export from the file on."""

import pytest

from cnnstudio.core import Watch
from cnnstudio.export.formats import ExportOptions
from cnnstudio.export.package import export_model
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.handlers import open_ref, own_pictures
from cnnstudio.jobs.specs import FineTune
from cnnstudio.networks import ModelRef
from cnnstudio.training.recipe import Recipe

pytestmark = [pytest.mark.slow, pytest.mark.child, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def trained():
    return {}


@pytest.fixture
def run(trained, shared_data, tmp_path_factory, monkeypatch):
    """A last layer of the shared network on the shared photographs."""
    if "run" not in trained:
        trained["home"] = tmp_path_factory.mktemp("home")
        monkeypatch.setenv("CNNSTUDIO_HOME", str(trained["home"]))
        weights = shared_data / "weights" / "squeezenet1_0-imagenet.pth"
        recipe = Recipe(dataset=str(shared_data / "data" / "clothing"), network="squeezenet1_0", weights=str(weights))
        trained["run"] = run_inline(FineTune(recipe=recipe, out=tmp_path_factory.mktemp("runs") / "run")).folder
    monkeypatch.setenv("CNNSTUDIO_HOME", str(trained["home"]))
    return ModelRef(source=str(trained["run"]))


@pytest.mark.parametrize(
    ("kind", "half", "limit"),
    [("onnx", False, 1e-5), ("predictor", False, 1e-5), ("onnx", True, 1e-2), ("openvino", False, 5e-3)],
)
def test_it_answers_from_the_file_as_the_app_does(run, tmp_path, kind, half, limit):
    watch = Watch()
    report = export_model(
        open_ref(run, watch), kind, tmp_path / "out", own_pictures(run), watch, ExportOptions(half=half)
    )
    checked = report.certificate.checked
    assert report.certificate.pictures == 341
    assert checked.max_dp <= limit
    assert checked.top1_same == 341 or limit > 1e-5
    assert checked.top1_same >= 0.99 * 341
