from dataclasses import replace

import pytest

from cnnstudio.core import FormatError, SplitScore, wilson_interval
from cnnstudio.jobs.plain import plain
from cnnstudio.runs import Repeat, create_run, open_run, read_repeats, repeats_among
from tests.runs.test_store import RECORD


@pytest.fixture
def repeat(tmp_path):
    """Makes a run of a group that recognised so many of some validation pictures."""

    def make(number, right, images=100, state="finished", **which):
        score = SplitScore(
            split="validation", images=images, loss=0.5, accuracy=right / images, top5_accuracy=None,
            interval=wilson_interval(right, images), confusion=((right, images - right), (0, 0)),
        )  # fmt: skip
        which = Repeat(**{"group": "g", "kind": "folds", "number": number, "of": 3, **which})
        record = replace(RECORD, repeat=which, scores={"validation": score} if state == "finished" else {})
        return create_run(record, root=tmp_path).update(state=state, owner=None)

    return make


def test_folds_are_told_as_mean_spread_and_all_pictures_together(repeat):
    runs = [repeat(number, right) for number, right in ((2, 80), (1, 90), (3, 85))]
    found = read_repeats(runs[0].folder)
    assert found.is_complete
    assert [run.record.repeat.number for run in found.runs] == [1, 2, 3]
    assert (found.mean, found.spread) == pytest.approx((0.85, 0.05))
    right, pictures, (low, high) = found.together
    assert (right, pictures) == (255, 300)
    plainly = wilson_interval(255, 300)
    assert (low, high) == pytest.approx(plainly, abs=0.01)
    assert found.sentences() == (
        "3 folds: 85.0 % ± 5.0 on validation (80.0 to 90.0 %, 100 pictures each).",
        f"The folds together judged 300 pictures, each once: 255 correct (85.0 %), between "
        f"{100 * low:.1f} % and {100 * high:.1f} % on new pictures.",
    )
    assert plain(found)["together"]["images"] == 300


def test_what_is_not_finished_yet_does_not_count(repeat):
    repeat(1, 80, images=90)
    repeat(2, 0, state="stopped")
    found = read_repeats(repeat(3, 90).folder)
    assert not found.is_complete
    assert (len(found.done), found.together) == (2, None)
    assert found.sentences() == ("2 of 3 folds: 89.4 % ± 0.8 on validation (88.9 to 90.0 %, 90 to 100 pictures each).",)


def test_seeds_share_pictures_so_they_are_not_added_up(repeat):
    runs = [repeat(number, 80 + number, kind="seeds") for number in (1, 2, 3)]
    assert repeats_among(runs)["g"].together is None
    assert len(repeats_among(runs)["g"].sentences()) == 1


def test_a_number_that_was_begun_twice_counts_once(repeat):
    gone, again = repeat(1, 0, state="failed"), repeat(1, 70)
    repeat(1, 0, state="interrupted")
    assert [run.folder for run in read_repeats(gone.folder).runs] == [again.folder]


def test_a_training_by_itself_is_no_group_and_groups_are_kept_apart(repeat, tmp_path):
    assert read_repeats(create_run(RECORD, root=tmp_path).folder) is None
    assert len(read_repeats(repeat(1, 5, group="x").folder).runs) == 1
    repeat(2, 5, group="y")
    assert len(read_repeats(repeat(2, 5, group="x").folder).runs) == 2


def test_a_record_with_an_impossible_repeat_is_damaged(repeat):
    run = repeat(1, 5)
    file = run.folder / "run.json"
    file.write_text(file.read_text().replace('"number": 1', '"number": 7'))
    with pytest.raises(FormatError, match="damaged"):
        open_run(run.folder)
