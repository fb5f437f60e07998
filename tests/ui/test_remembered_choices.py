"""What a person chose of networks is there again after a restart."""

import pytest

from cnnstudio.core import WeightsError
from cnnstudio.jobs import specs
from cnnstudio.networks import WeightsReport
from cnnstudio.ui.network.memory import NetworkMemory
from cnnstudio.ui.state import Studio
from tests.ui.conftest import ScriptedRunner

pytestmark = pytest.mark.pages("model")


@pytest.fixture
def start(qapp, dataset, qtbot):
    """A session: its studio, with the networks read and, if wanted, the folder opened."""
    studios = []

    def begin(*, folder=True, **answers):
        runner = ScriptedRunner()
        runner.answers |= {specs.ScanFolder: dataset, **{getattr(specs, name): each for name, each in answers.items()}}
        studio = Studio(runner)
        studios.append(studio)
        NetworkMemory(studio)
        studio.refresh_catalogue()
        qtbot.waitUntil(lambda: studio.catalogue is not None)
        if folder:
            with qtbot.waitSignal(studio.run_changed):
                studio.open_folder(dataset.root)
        return studio

    yield begin
    for studio in studios:
        studio.close()


def test_a_network_is_chosen_again_for_its_folder_and_no_other(start, dataset):
    first = start()
    assert first.network.name == "gamma"
    first.choose_network("beta_b")
    first.close()
    again = start(folder=False)
    assert again.network.name == "gamma", "of another folder, or none, nothing was chosen"
    again.close()
    assert start().network.name == "beta_b"


def test_weights_are_checked_again_before_they_are_taken(start, qtbot, tmp_path):
    file = tmp_path / "mine.pth"
    first = start()
    first.choose_network("alpha18", file)
    first.close()
    report = WeightsReport(network="alpha18", file=file, classes=9, keeps_head=True, note="")
    again = start(CheckWeights=report)
    qtbot.waitUntil(lambda: again.weights == file)
    assert again.network.name == "alpha18"
    again.close()
    problems = []
    third = start(folder=False, CheckWeights=WeightsError("The file is gone."))
    third.problem.connect(problems.append)
    with qtbot.waitSignal(third.run_changed):
        third.open_folder(tmp_path)
    qtbot.waitUntil(lambda: bool(problems))
    assert problems[0].title == "The file is gone."
    assert (third.network.name, third.weights) == ("alpha18", None)


def test_the_page_shows_all_networks_as_they_were_looked_at_last(studio, window, runner, qtbot):
    from tests.ui.test_model_page import click

    window.show_page("model")
    page = window.model_page
    qtbot.waitUntil(lambda: not page.suggestions.is_loading)
    click(qtbot, page.bar.all)
    click(qtbot, page.view_buttons[1])
    assert studio.preferences.network_view == "table"
    studio.catalogue = None
    from cnnstudio.ui.network.page import ModelPage

    other = ModelPage(studio)
    qtbot.addWidget(other)
    assert other.levels.currentIndex() == 0, "grey shapes while the list is read"
    studio.refresh_catalogue()
    qtbot.waitUntil(lambda: other.levels.currentWidget() is other.all)
    assert other.views.currentWidget() is other.table
    click(qtbot, page.all.back)
    assert studio.preferences.network_view == ""
