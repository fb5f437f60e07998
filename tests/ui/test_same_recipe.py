"""Window, terminal and demo give the same recipe for the same choice."""

from argparse import Namespace
from dataclasses import replace

import pytest

from cnnstudio.cli import demo
from cnnstudio.cli.main import build_parser
from cnnstudio.cli.report import Report
from cnnstudio.cli.train import recipe_of
from cnnstudio.core import JobStopped, StudioError, Watch
from cnnstudio.data import SplitSpec
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import specs
from cnnstudio.networks.catalogue.registry import network_entry
from cnnstudio.training.recipe import complete
from tests.ui.conftest import CATALOGUE

pytestmark = pytest.mark.pages("train")

NETWORKS = ("squeezenet1_1", "resnet18", "swin_v2_t", "vit_b_16", "lenet5")


@pytest.fixture
def divided(tiny_folder):
    """A folder whose project has a division of its own."""
    return open_dataset(tiny_folder, SplitSpec(validation=0.25, seed=3), redraw=True)


@pytest.fixture
def by_window(window, studio, runner, divided, qtbot):
    """Choose on the pages, start, and see what would be trained."""
    runner.answers |= {specs.ScanFolder: divided, specs.FineTune: ...}
    studio.open_folder(divided.root)
    qtbot.waitUntil(lambda: studio.dataset is not None)
    studio.catalogue = replace(CATALOGUE, networks=tuple(network_entry(name) for name in NETWORKS))
    page = window.train_page
    window.show_page("train")

    def choose(network, mode):
        studio.choose_network(network)
        page.form.select_mode(mode)
        page.start()
        handle = runner.handles[-1]
        runner.end(handle, JobStopped())
        qtbot.waitUntil(page.start_button.isVisible)
        return handle.job.recipe

    return choose


def by_terminal(folder, *words):
    """As the engine completes what the command line asks for."""
    recipe = recipe_of(build_parser().parse_args(["train", str(folder), *words]), Report(json=True), Watch())
    return complete(recipe, open_dataset(folder, recipe.split), lambda: network_entry(recipe.network))


@pytest.mark.parametrize(
    "network", [pytest.param(n, marks=pytest.mark.slow) if n in ("resnet18", "swin_v2_t") else n for n in NETWORKS]
)
def test_window_and_terminal_train_alike(by_window, divided, network):
    for mode in ("scratch",) if network == "lenet5" else ("head", "last-stage", "all", "scratch"):
        recipe = by_window(network, mode)
        assert recipe == by_terminal(divided.root, "--model", network, "--mode", mode)
        assert (recipe.network, recipe.mode, recipe.split) == (network, mode, SplitSpec(validation=0.25, seed=3))


def test_the_demo_trains_what_the_terminal_would(divided, monkeypatch):
    asked = []

    def answer(job, _watch):
        if isinstance(job, specs.MakeSample):
            return divided.root
        asked.append(job.recipe)
        raise StudioError("enough")

    monkeypatch.setattr(demo, "run_inline", answer)
    report = Report(json=True)
    with pytest.raises(StudioError, match="enough"):
        demo.run_demo(Namespace(headless=True), report, Watch())
    words = ["--model", demo.DEMO_NETWORK]
    assert complete(asked[0], divided, lambda: network_entry(demo.DEMO_NETWORK)) == by_terminal(divided.root, *words)
