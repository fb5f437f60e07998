import json
from dataclasses import replace

import pytest

from cnnstudio.cli.main import main
from cnnstudio.core import RunError, SplitScore, write_csv
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import CompareRuns
from cnnstudio.runs import Ancestry, Answer, create_run, open_run, write_predictions
from tests.runs.test_store import RECORD


@pytest.fixture
def run_of(tmp_path, request):
    """Makes a run with these answers: name, split, whether it was recognised."""
    contents = getattr(request, "param", False)

    def make(name, rows, *, true="a", dataset="pictures"):
        score = SplitScore(
            split="test", images=1, loss=0.0, accuracy=1.0, top5_accuracy=None, interval=(0, 1),
            confusion=((1, 0), (0, 0)),
        )  # fmt: skip
        scores = {"test": score} if any(split == "test" for _, split, _ in rows) else {}
        recipe = {"dataset": str(tmp_path / dataset)}
        record = replace(RECORD, name=name, recipe=recipe, classes=("a", "b"), scores=scores)
        folder = create_run(record, out=tmp_path / name.replace(" ", "-")).folder
        other = "b" if true == "a" else "a"
        given = [Answer(path, split, true, true if right else other, 0.9) for path, split, right in rows]
        write_predictions(folder, given)
        listed = ([a.path, a.true, a.split, f"content of {a.path}" if contents else ""] for a in given)
        write_csv(folder / "samples.csv", [["path", "class", "split", "content"], *listed])
        return folder

    return make


def pictures(split, right, wrong, start=0):
    return [(f"{number}.png", split, number < start + right) for number in range(start, start + right + wrong)]


def compare(first, second, **more):
    return run_inline(CompareRuns(first=first, second=second, **more))


def test_only_validation_pictures_of_both_are_compared_and_the_others_counted(run_of):
    own = [("9.png", "validation", True), ("8.png", "test", True)]
    first = run_of("one", [*pictures("validation", 5, 1), *own])
    second = run_of("two", [*pictures("validation", 3, 3), ("9.png", "train", True), ("8.png", "validation", True)])
    found = compare(first, second)
    assert (found.found.pictures, found.found.only_first, found.found.only_second) == (6, 2, 0)
    assert found.left_out == (1, 1)
    assert found.sentence.startswith("No clear difference: “one” is ahead of “two” by 33.3 points")
    assert (
        "Not compared, since only one of them was judged by them: 1 only of “one” and 1 only of “two”." in found.details
    )


def test_a_run_of_which_nobody_knows_what_earlier_ones_learned_from_is_named(run_of):
    first, second = run_of("one", pictures("validation", 4, 0)), run_of("two", pictures("validation", 2, 2))
    assert not compare(first, second).doubtful
    open_run(first).update(ancestry=Ancestry(unknown="lost"))
    found = compare(first, second)
    assert found.doubtful == ("one",)
    assert any("“one” continues may have learned from these pictures" in each for each in found.details)


def test_test_pictures_are_compared_when_that_is_asked_for(run_of):
    first, second = run_of("one", pictures("test", 4, 0)), run_of("two", pictures("test", 2, 2))
    assert compare(first, second, split="test").found.only_first == 2
    assert [open_run(each).record.test_looks for each in (first, second)] == [1, 1]
    with pytest.raises(RunError, match="one has no answers of the validation split"):
        compare(first, second)
    assert open_run(first).record.test_looks == 1


def test_groups_that_a_run_noted_count_as_wholes(run_of):
    first, second = run_of("one", pictures("validation", 9, 0)), run_of("two", pictures("validation", 1, 8))
    samples = first / "samples.csv"
    lines = samples.read_text().splitlines()
    samples.write_text("\n".join([f"{lines[0]},group", *(f"{line},7" for line in lines[1:])]) + "\n")
    assert (compare(first, second).found.groups, compare(first, second).found.p_value) == (1, 1.0)


def test_runs_that_share_no_picture_are_refused(run_of):
    first, second = run_of("one", pictures("validation", 4, 0)), run_of("two", pictures("validation", 4, 0, start=9))
    with pytest.raises(RunError, match="no validation picture that both runs were judged by"):
        compare(first, second)
    with pytest.raises(RunError, match="one and the same run"):
        compare(first, first)


def test_files_of_one_name_in_two_folders_are_two_pictures(run_of):
    first = run_of("one", pictures("validation", 4, 0))
    second = run_of("two", pictures("validation", 4, 0), dataset="others")
    with pytest.raises(RunError, match="no validation picture"):
        compare(first, second)


@pytest.mark.parametrize("run_of", [True], indirect=True)
def test_pictures_of_a_folder_that_was_moved_are_known_by_their_content(run_of):
    first = run_of("one", pictures("validation", 4, 0))
    second = run_of("two", pictures("validation", 1, 3), dataset="moved")
    assert compare(first, second).found.only_first == 3


def test_pictures_that_got_another_class_are_not_compared(run_of):
    rows = pictures("validation", 4, 0)
    second = run_of("two", rows[2:], true="b")
    with pytest.raises(RunError, match="no validation picture"):
        compare(run_of("one", rows), second)
    write_predictions(
        second, [Answer("0.png", "validation", "a", "a", 0.5), Answer("1.png", "validation", "b", "b", 1)]
    )
    found = compare(second.parent / "one", second)
    assert (found.found.pictures, found.relabelled) == (1, 1)
    assert "Not compared: 1 picture that is of another class in the other run." in found.details


def test_runs_of_one_name_are_told_apart(run_of):
    first, second = run_of("same", pictures("validation", 4, 0)), run_of("other", pictures("validation", 4, 0))
    text = (second / "run.json").read_text().replace('"other"', '"same"')
    (second / "run.json").write_text(text)
    assert compare(first, second).names == ("same", "other")


def test_compare_in_the_terminal(run_of, capsys):
    first, second = run_of("one", pictures("validation", 60, 0)), run_of("two", pictures("validation", 30, 30))
    assert main(["compare", str(first), str(second)]) == 0
    assert capsys.readouterr().out.startswith("“one” is better than “two”: +50.0 points (")
    assert main(["compare", str(first), str(second), "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["clear"], plain["only_first"], plain["pictures"], plain["split"]) == (True, 30, 60, "validation")
    assert plain["p_value"] == pytest.approx(2 / 2**30)
    assert main(["compare", str(first), str(first.parent / "none")]) == 1
