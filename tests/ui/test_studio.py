"""The window's state without a window: what comes late, what comes in between, and in which order it is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core import JobFinished, JobStopped, StorageError
from cnnstudio.data.curation import project_folder
from cnnstudio.jobs import specs
from cnnstudio.runs import RunRecord, create_run
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.state import Curator, Preferences, SavePreferences, load_preferences
from tests.ui.conftest import carry_out


@pytest.fixture
def make_run():
    def make(root, name="first", **changes):
        record = RunRecord(
            name=name, state="running", created="2026-11-20T10:00:00Z", network="gamma", classes=("a", "b"), recipe={},
            dataset_hash="",
        )  # fmt: skip
        run = create_run(record, root=project_folder(root)).update(state="finished", owner=None, **changes)
        run.bundle.mkdir()
        return run

    return make


@pytest.fixture
def told(studio):
    """The signals in their order, as they come."""
    order = []
    for name in ("dataset_changed", "recent_changed", "runs_changed", "run_changed", "training_ended"):
        getattr(studio, name).connect(lambda *_, name=name: order.append(name))
    return order


def open_it(studio, runner, dataset, qtbot):
    runner.answers[specs.ScanFolder] = dataset
    with qtbot.waitSignals([studio.dataset_changed, studio.run_changed]):
        studio.open_folder(dataset.root)


@pytest.fixture
def folder(dataset, make_run):
    """A folder on which there is a run."""
    make_run(dataset.root)
    return dataset


MINE = "/mine/any.pth"
KEPT = [
    (("lenet5",), "none", "lenet5"), (("gamma", "lenet5"), "auto", "gamma"), (("alpha18",), MINE, "alpha18"),
    (("alpha18", "lenet5"), "starter", "lenet5"), (("gone", "lenet5"), "none", "lenet5"),
    ((), "", None), (("alpha18",), "/somewhere/alpha18-00000000.pth", None),
]  # fmt: skip
"""Networks of the runs, the newest first; their weights; and which one is next, None where no run can tell."""


@pytest.fixture(params=KEPT, ids=lambda row: "-".join([*row[0], row[1]]))
def kept(request, dataset, make_run):
    networks, weights, stays = request.param
    for age, network in enumerate(networks):
        created = f"2026-11-20T1{5 - age}:00:00Z"
        make_run(dataset.root, network, network=network, recipe={"weights": weights}, created=created)
    return stays, Path(MINE) if weights == MINE else None


@pytest.mark.parametrize("catalogue_first", [True, False])
def test_what_was_trained_on_a_folder_stays_chosen_after_a_restart(
    studio, runner, qtbot, dataset, kept, catalogue_first
):
    """Else the recommended one is next, which changes once speeds are measured."""
    stays, weights = kept
    if catalogue_first:
        studio.refresh_catalogue().drain()
    open_it(studio, runner, dataset, qtbot)
    if not catalogue_first:
        studio.refresh_catalogue().drain()
    for suggested in ("gamma", "beta_b"):
        studio.suggest_network(suggested)
        assert (studio.network.name, studio.weights) == (stays or suggested, weights)
    studio.choose_network("alpha18")
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    studio.suggest_network("gamma")
    assert (studio.network.name, studio.weights) == ("alpha18", None)


def test_a_folder_opens_with_its_runs_and_the_newest_that_predicts(studio, runner, qtbot, dataset, told, make_run):
    run = make_run(dataset.root)
    open_it(studio, runner, dataset, qtbot)
    assert told == ["recent_changed", "dataset_changed", "runs_changed", "run_changed"]
    assert studio.run.folder == run.folder
    assert [each.folder for each in studio.runs] == [run.folder]


def test_another_folder_shows_no_run_of_the_one_before(studio, runner, qtbot, folder, tmp_path):
    open_it(studio, runner, folder, qtbot)
    seen = []
    studio.runs_changed.connect(lambda: seen.append(list(studio.runs)))
    open_it(studio, runner, replace(folder, root=tmp_path), qtbot)
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.ListRuns))
    assert seen == [[], []], "at once, and as its own are read"
    assert studio.run is None


def test_the_same_folder_keeps_its_runs_in_sight_while_they_are_read(studio, runner, qtbot, dataset, make_run):
    make_run(dataset.root)
    open_it(studio, runner, dataset, qtbot)
    seen = []
    studio.runs_changed.connect(lambda: seen.append(len(studio.runs)))
    open_it(studio, runner, replace(dataset), qtbot)
    assert seen == [1]


def test_runs_that_come_too_late_are_not_taken_for_those_of_another_folder(studio, runner, qtbot, folder, tmp_path):
    dataset, runs = folder, carry_out(specs.ListRuns(folder=folder.root))
    runner.answers |= {specs.ScanFolder: lambda job: replace(dataset, root=job.folder), specs.ListRuns: ...}
    for root in (dataset.root, tmp_path):
        with qtbot.waitSignal(studio.dataset_changed):
            studio.open_folder(root)
    first, second = [handle for handle in runner.handles if isinstance(handle.job, specs.ListRuns)]
    second.events.put(JobFinished(result=()))
    with qtbot.waitSignal(studio.run_changed):
        first.events.put(JobFinished(result=runs))
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.ListRuns))
    assert studio.runs == []
    assert studio.run is None


def test_a_training_ends_when_its_run_is_among_the_runs(studio, runner, qtbot, dataset, told, make_run):
    open_it(studio, runner, dataset, qtbot)
    told.clear()
    runner.answers[specs.FineTune] = lambda job: make_run(dataset.root)
    with qtbot.waitSignal(studio.training_ended):
        studio.start_training(Recipe(dataset=str(dataset.root), network="gamma"))
    assert told == ["runs_changed", "run_changed", "training_ended"]
    assert studio.run in studio.runs
    assert studio.run.can_predict, "as it is on the disk, and not as it was when the training gave it"
    assert runner.of(specs.FineTune)[-1].in_project


def test_a_training_ends_although_its_runs_cannot_be_read(studio, runner, qtbot, dataset):
    open_it(studio, runner, dataset, qtbot)
    problems = []
    studio.problem.connect(problems.append)
    runner.answers |= {specs.FineTune: [JobStopped()], specs.ListRuns: StorageError("The disk is gone.")}
    with qtbot.waitSignal(studio.training_ended):
        studio.start_training(Recipe(dataset=str(dataset.root), network="gamma"))
    assert [problem.title for problem in problems] == ["The disk is gone."]


def test_without_a_folder_there_are_no_runs(studio, told):
    studio.refresh_runs()
    assert told == ["runs_changed"]
    assert studio.runs == []


def test_preferences_are_there_at_once_and_saved_soon(studio, runner):
    studio.remember(Preferences(scheme="dark"))
    assert studio.preferences.scheme == "dark"
    assert runner.of(SavePreferences)[-1].preferences == Preferences(scheme="dark")
    assert load_preferences().scheme == "dark"


def test_preferences_that_cannot_be_saved_cost_only_the_memory(studio, runner):
    runner.answers[SavePreferences] = StorageError("The disk is full.")
    problems = []
    studio.problem.connect(problems.append)
    studio.remember(Preferences(scheme="dark"))
    assert studio.preferences.scheme == "dark"
    assert problems == []


def test_what_is_under_way_is_known_by_its_kind(studio, runner, qtbot):
    runner.answers[specs.ListNetworks] = ...
    monitor = studio.refresh_catalogue()
    assert studio.is_under_way(specs.ListNetworks)
    assert studio.is_under_way(specs.ListDevices, specs.ListNetworks)
    assert not studio.is_under_way(specs.ListDevices)
    with qtbot.waitSignal(monitor.ended):
        runner.end(monitor.handle, [JobStopped()])
    assert not studio.is_under_way(specs.ListNetworks)


def test_a_closed_studio_has_told_everything(studio, runner):
    ended = []
    runner.answers[specs.ListNetworks] = ...
    studio.refresh_catalogue().ended.connect(lambda: ended.append(True))
    assert studio.close()
    assert ended == [True]


# Decisions about pictures -------------------------------------------------------------------------------------


@pytest.fixture
def curator(studio, runner, qtbot, dataset):
    made = Curator(studio)
    open_it(studio, runner, dataset, qtbot)
    return made


def test_a_decision_is_taken_back_and_taken_again(curator, studio, runner, qtbot, dataset):
    with qtbot.waitSignal(studio.dataset_changed):
        curator.leave_out([dataset.samples[0].path])
    assert studio.history.undo_text == "skipping 1 picture"
    with qtbot.waitSignal(studio.dataset_changed):
        studio.history.undo()
    assert (studio.history.undo_text, studio.history.redo_text) == ("", "skipping 1 picture")
    with qtbot.waitSignal(studio.dataset_changed):
        studio.history.redo()
    assert (studio.history.undo_text, studio.history.redo_text) == ("skipping 1 picture", "")


def test_two_quick_decisions_are_two(curator, studio, runner, qtbot, dataset):
    curator.leave_out([dataset.samples[0].path])
    curator.move([dataset.samples[1].path, dataset.samples[2].path], "test")
    qtbot.waitUntil(lambda: studio.history.undo_text == "moving 2 pictures to test")
    studio.history.undo()
    studio.history.undo()
    qtbot.waitUntil(lambda: studio.history.redo_text == "skipping 1 picture")
    assert [job.what for job in runner.of(specs.Decide)] == ["leave-out", "move"]


def test_a_decision_that_cannot_be_written_is_told_and_none(curator, studio, runner, qtbot, dataset):
    runner.answers[specs.Decide] = StorageError("The disk is full.")
    with qtbot.waitSignal(studio.problem) as problem:
        curator.leave_out([dataset.samples[0].path])
    assert problem.args[0].title == "The disk is full."
    assert studio.history.undo_text == ""
    del runner.answers[specs.Decide]
    with qtbot.waitSignal(studio.dataset_changed):
        curator.leave_out([dataset.samples[0].path])
    runner.answers[specs.Restore] = StorageError("The disk is full.")
    with qtbot.waitSignal(studio.problem):
        studio.history.undo()
    assert studio.history.undo_text == "skipping 1 picture", "it can be tried again"


def test_what_changes_nothing_is_no_decision(curator, runner, qtbot, studio, dataset):
    curator.use_again([dataset.samples[0].path])
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.Decide))
    assert studio.history.undo_text == ""
    curator.leave_out([])
    assert len(runner.of(specs.Decide)) == 1


def test_another_folder_has_its_own_decisions(curator, studio, runner, qtbot, dataset, tmp_path):
    with qtbot.waitSignal(studio.dataset_changed):
        curator.leave_out([dataset.samples[0].path])
    open_it(studio, runner, replace(dataset, root=tmp_path), qtbot)
    assert studio.history.undo_text == ""
