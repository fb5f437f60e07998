import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager

import pytest

from cnnstudio.core import RunError, runs_folder
from cnnstudio.runs import LOCK_FILE, create_run, hold_project, hold_run, list_runs, open_run, project_of
from cnnstudio.runs.store import this_process
from tests.runs.test_store import RECORD

HOLD = """
import sys
from contextlib import ExitStack
from pathlib import Path
from cnnstudio.runs.lock import hold_run
with ExitStack() as held:
    hold_run(Path(sys.argv[1]), held)
    print("held", flush=True)
    input()
"""


@contextmanager
def held_elsewhere(folder):
    """Another process trains there; ``kill`` and ``communicate`` end it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def is_free(folder):
    with ExitStack() as held:
        try:
            hold_run(folder, held)
        except RunError:
            return False
    return True


def test_another_process_is_refused_until_the_first_ends(tmp_path):
    with held_elsewhere(tmp_path) as child, ExitStack() as held:
        with pytest.raises(RunError, match="is training the run") as refused:
            hold_run(tmp_path, held)
        assert "stop it there" in refused.value.problem.remedy
        child.communicate("\n")
        hold_run(tmp_path, held)


def test_a_killed_process_leaves_no_lock(tmp_path):
    with held_elsewhere(tmp_path) as child:
        child.kill()
        child.wait()
        assert (tmp_path / LOCK_FILE).exists()
        assert is_free(tmp_path)


def test_a_second_training_of_the_same_process_is_refused_too_and_from_any_thread(tmp_path):
    with ExitStack() as held:
        hold_run(tmp_path, held)
        found = []
        thread = threading.Thread(target=lambda: found.append(is_free(tmp_path)))
        thread.start()
        thread.join()
        assert (found, is_free(tmp_path)) == ([False], False)
    assert is_free(tmp_path)


def test_a_training_that_fails_gives_its_folders_back(tmp_path):
    def fail():
        with ExitStack() as held:
            hold_project(tmp_path / "project", held)
            hold_run(tmp_path, held)
            raise ValueError("anything")

    with pytest.raises(ValueError, match="anything"):
        fail()
    assert is_free(tmp_path)
    assert is_free(tmp_path / "project")


def test_folders_do_not_block_each_other(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with held_elsewhere(tmp_path / "a"):
        assert is_free(tmp_path / "b")
        assert is_free(tmp_path)


def test_a_project_is_locked_before_it_has_a_folder(tmp_path):
    with ExitStack() as held:
        hold_project(tmp_path / "new" / "project", held)
        with pytest.raises(RunError, match="Another CNN Studio is training on this folder"), ExitStack() as other:
            hold_project(tmp_path / "new" / "project", other)


@pytest.mark.parametrize("error", [PermissionError(13, "no"), OSError(37, "no locks"), NotImplementedError("flock")])
def test_where_nothing_can_be_locked_the_training_goes_on_and_says_itself_what_is_wrong(tmp_path, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with ExitStack() as held:
        hold_run(tmp_path, held)
        hold_project(tmp_path, held)


def test_only_a_run_among_a_projects_has_one(tmp_path):
    project = runs_folder() / "photos-1a2b"
    assert project_of(project / "run") == project.resolve()
    assert project_of(runs_folder() / "run") is None
    assert project_of(tmp_path / "run") is None


# Making runs -------------------------------------------------------------------------------------------------


def test_a_new_run_is_held_from_its_first_file_on(tmp_path):
    with ExitStack() as held:
        run = create_run(RECORD, out=tmp_path / "run", held=held)
        assert not is_free(run.folder)
    assert is_free(run.folder)
    assert [found.folder for found in list_runs(tmp_path)] == [run.folder]


def test_of_two_trainings_into_one_folder_the_second_is_refused_and_changes_nothing(tmp_path):
    with ExitStack() as held:
        run = create_run(RECORD, out=tmp_path / "run", held=held)
        before = sorted(run.folder.rglob("*"))
        with pytest.raises(RunError, match="is training the run"), ExitStack() as other:
            create_run(RECORD, out=tmp_path / "run", held=other)
        assert sorted(run.folder.rglob("*")) == before
        assert open_run(run.folder).record == run.record
    with pytest.raises(RunError, match="not empty"), ExitStack() as other:
        create_run(RECORD, out=tmp_path / "run", held=other)


def test_what_was_held_by_a_training_that_never_began_can_be_used(tmp_path):
    (tmp_path / LOCK_FILE).touch()
    with ExitStack() as held:
        assert create_run(RECORD, out=tmp_path, held=held).folder == tmp_path


def test_a_folder_with_something_of_the_users_gets_not_even_a_lock(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(RunError, match="not empty"), ExitStack() as held:
        create_run(RECORD, out=tmp_path, held=held)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_runs_that_begin_in_the_same_second_get_folders_of_their_own(tmp_path):
    begun = threading.Barrier(6)
    folders = []

    def begin():
        begun.wait()
        folders.append(create_run(RECORD, root=tmp_path).folder)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(folders)) == 6


# Both front ends -----------------------------------------------------------------------------------------------


def test_resuming_a_run_twice_is_refused_in_the_terminal(tmp_path, capsys):
    from cnnstudio.cli.main import main

    run = create_run(RECORD, out=tmp_path / "run").update(state="stopped", owner=None)
    with held_elsewhere(run.folder):
        assert main(["train", "--resume", str(run.folder)]) == 1
    assert "Another CNN Studio is training the run run." in capsys.readouterr().err
    assert open_run(run.folder).record.state == "stopped"


def test_resuming_a_run_of_a_project_is_refused_while_another_of_it_trains(capsys):
    from cnnstudio.cli.main import main

    project = runs_folder() / "photos-1a2b"
    run = create_run(RECORD, root=project).update(state="stopped", owner=None)
    with held_elsewhere(project):
        assert main(["train", "--resume", str(run.folder)]) == 1
    assert "Another CNN Studio is training on this folder." in capsys.readouterr().err


def test_training_in_a_project_is_refused_before_a_picture_is_read(tiny_folder):
    from cnnstudio.jobs.job import run_inline
    from cnnstudio.jobs.specs import FineTune
    from cnnstudio.training.recipe import Recipe

    project = runs_folder() / "photos-1a2b"
    project.mkdir(parents=True)
    recipe = Recipe(dataset="/nowhere", network="resnet18")
    with held_elsewhere(project), pytest.raises(RunError, match="training on this folder"):
        run_inline(FineTune(recipe=recipe, runs_root=project))
    assert list_runs(project) == []


def test_a_run_that_was_moved_away_from_its_training_is_shown_as_interrupted(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    run.update(owner=this_process())
    with ExitStack() as held:
        hold_run(run.folder, held)
        moved = run.folder.rename(tmp_path / "elsewhere")
        assert open_run(moved).record.state == "running", "until the training has noticed"
    assert open_run(moved).record.state == "interrupted"
    assert is_free(moved)
