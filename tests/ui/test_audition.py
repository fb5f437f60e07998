"""Networks on one's own pictures: they come one by one, and one of them is taken."""

import pytest
from PySide6.QtCore import Qt

from cnnstudio.core import JobStopped
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import specs
from cnnstudio.ui.network.audition_panel import AuditionPanel
from cnnstudio.understanding.auditions import Auditions
from tests.understanding.test_auditions import tried


@pytest.fixture
def panel(studio, runner, own_folder, qtbot):
    runner.answers[specs.ScanFolder] = open_dataset(own_folder)
    studio.open_folder(own_folder)
    qtbot.waitUntil(lambda: studio.dataset is not None)
    panel = AuditionPanel(studio)
    qtbot.addWidget(panel)
    panel.resize(760, 520)
    panel.show()
    return panel


def test_each_is_shown_as_it_is_through_and_a_stop_keeps_them(panel, runner, qtbot):
    panel.open()
    (handle,) = [each for each in runner.handles if isinstance(each.job, specs.AuditionNetworks)]
    assert panel.content.isHidden()
    for result in (tried("alpha18", 350, 0.01), tried("beta_b", 354, 0.1)):
        panel._take(result)  # noqa: SLF001 - as the job hands it over
    assert [panel.rows.topLevelItem(row).text(0) for row in range(2)] == ["Beta_B", "Alpha18"]
    assert panel.rows.network() == "alpha18"
    assert "Alpha18 is the faster one" in panel.sentence.text()
    handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: panel.start.isVisible())
    assert panel.start.text() == "Try them again"
    assert panel.rows.topLevelItemCount() == 2


def test_the_one_to_take_is_chosen_until_a_person_chooses(panel):
    for result in (tried("alpha18", 300, 0.01), tried("beta_b", 390, 0.1)):
        panel._take(result)  # noqa: SLF001 - as the job hands it over
    assert panel.rows.network() == "beta_b", "the first one, which is clearly behind, was chosen by nobody"
    panel.rows.choose("alpha18")
    panel._take(tried("gamma", 395, 0.2))  # noqa: SLF001
    assert panel.rows.network() == "alpha18"


def test_one_is_taken_by_return_or_by_the_button(panel, runner, qtbot):
    runner.answers[specs.AuditionNetworks] = lambda _: Auditions(results=())
    panel.found = Auditions(results=(tried("alpha18", 350, 0.01), tried("beta_b", 200, 0.1)))
    panel._show()  # noqa: SLF001
    with qtbot.waitSignal(panel.taken) as taken:
        panel.take.click()
    assert taken.args == ["alpha18"]
    panel.rows.choose("beta_b")
    with qtbot.waitSignal(panel.taken) as taken:
        panel.rows.itemActivated.emit(panel.rows.currentItem(), 0)
    assert taken.args == ["beta_b"]
    with qtbot.waitSignal(panel.left):
        qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert [row[0] for row in panel._table()] == ["network", "Alpha18", "Beta_B"]  # noqa: SLF001


def test_other_pictures_are_tried_anew(panel, studio, runner, tiny_folder, qtbot):
    panel._root = studio.dataset.root  # noqa: SLF001
    panel._take(tried("alpha18", 350, 0.01))  # noqa: SLF001
    runner.answers[specs.ScanFolder] = open_dataset(tiny_folder)
    studio.open_folder(tiny_folder)
    qtbot.waitUntil(lambda: not panel.found.results)
    assert "Nothing is downloaded" in panel.sentence.text()
