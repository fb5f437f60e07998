"""A table of answers: what it holds in each form, that it continues after any end, and is then what it would be."""

import csv
import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from cnnstudio.core import Control, DatasetError, Partial, RunError, StorageError, Watch, waiting, write_csv
from cnnstudio.inference.folder import predicting, table
from cnnstudio.inference.folder.listing import list_files
from cnnstudio.inference.folder.predicting import answer_folder
from cnnstudio.inference.folder.results import FolderSoFar, TableSpec
from cnnstudio.inference.folder.rows import read_rows, unsure_pictures
from cnnstudio.inference.folder.state import look_at_table, state_file
from cnnstudio.inference.session import open_model, predict
from cnnstudio.jobs.job import carry
from cnnstudio.networks import ModelRef
from tests.tiny_bundle import CLASSES, tiny_bundle


def bundle_in(folder, seed=3):
    return open_model(ModelRef(source=str(tiny_bundle(folder, seed=seed))))


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return bundle_in(tmp_path_factory.mktemp("bundle") / "model")


@pytest.fixture(scope="module")
def many(tiny_folder, tmp_path_factory):
    """More pictures than a block, one of them broken, and what is none."""
    root = tmp_path_factory.mktemp("many") / "new"
    root.mkdir()
    sources = sorted(tiny_folder.rglob("*.png"))
    for number in range(40):
        os.link(sources[number % len(sources)], root / f"img{number}.png")
    (root / "img17.png").unlink()
    (root / "img17.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (root / "=notes.txt").write_text("x")
    (root / ".hidden.png").write_bytes(b"x")
    return root


@pytest.fixture
def own(many, tmp_path):
    """The same, to be changed by the test."""
    shutil.copytree(many, tmp_path / "new")
    return tmp_path / "new"


@pytest.fixture
def asked(monkeypatch):
    """The names of the pictures that were read, in the order of their asking."""
    names, read = [], predicting.read_pixels
    monkeypatch.setattr(predicting, "read_pixels", lambda of, path: names.append(path.name) or read(of, path))
    return names


def answered(session, folder, file, watch=None, *, resume=False, **spec):
    listing = list_files([folder], Control(), [file, state_file(file)])
    events = []
    watch = watch or Watch()
    found = answer_folder(session, listing, TableSpec(file=file, **spec), watch, resume=resume)
    return carry(found, events.append), events


def stopped_after(session, folder, file, pictures, *, resume=False, **spec):
    """As by Ctrl-C."""
    control = Control()
    listing = list_files([folder], Control(), [file, state_file(file)])

    def emit(event):
        if getattr(event, "done", 0) >= pictures:
            control.request_stop()

    found = answer_folder(session, listing, TableSpec(file=file, **spec), Watch(control), resume=resume)
    return carry(found, emit)


@pytest.fixture(scope="module")
def undisturbed(session, many, tmp_path_factory):
    """The bytes of each form."""
    folder = tmp_path_factory.mktemp("undisturbed")
    forms = ("long", "wide", "probabilities")
    return {form: answered(session, many, folder / f"{form}.csv", form=form)[0].table.read_bytes() for form in forms}


def rows_in(content):
    return list(csv.reader(content.decode().splitlines()))


def test_the_long_form_is_what_predict_says(session, many, undisturbed):
    rows = rows_in(undisturbed["long"])
    assert rows[0] == ["path", "rank", "label", "probability", "error"]
    of = [row for row in rows if row[0] == str(many / "img12.png")]
    expected = predict(session, many / "img12.png").top
    assert [row[1] for row in of] == ["1", "2", "3", "4", "5"]
    assert [row[2].lstrip("'") for row in of] == [score.label for score in expected]
    assert [float(row[3]) for row in of] == pytest.approx([score.probability for score in expected], abs=2e-6)


def test_the_wide_form_has_a_row_for_each_file(session, many, undisturbed):
    names, *rows = rows_in(undisturbed["wide"])
    assert names == ["path", "label", "probability", "second", "margin", "error"]
    assert len(rows) == 41
    row = next(row for row in rows if row[0].endswith("img12.png"))
    first, second = predict(session, many / "img12.png").top[:2]
    assert [row[1].lstrip("'"), row[3].lstrip("'")] == [first.label, second.label]
    assert float(row[4]) == pytest.approx(first.probability - second.probability, abs=2e-6)
    assert [row[0].rpartition("/")[2] for row in rows[:3]] == ["img0.png", "img1.png", "img2.png"]
    broken = next(row for row in rows if row[0].endswith("img17.png"))
    assert broken[1:5] == [""] * 4
    assert "could not be read" in broken[5]
    assert rows[-1][0] == str(many / "=notes.txt")
    assert "=notes.txt is not a picture" in rows[-1][5]


@pytest.mark.parametrize("ranks", [(), ("1", "2")])
def test_the_unsure_pictures_of_a_table_come_least_sure_first(tmp_path, ranks):
    file, head = tmp_path / "table.csv", ["path", *(["rank"] if ranks else []), "label", "probability", "verdict"]
    answers = [("a.jpg", "0.9", "answer"), ("b.jpg", "0.6", "answer"), ("c.jpg", "0.95", "unlike"), ("d.jpg", "", "")]
    rows = [
        [path, *([rank] if rank else []), "hat" if share else "", share, verdict]
        for path, share, verdict in answers
        for rank in ranks or ("",)
    ]
    write_csv(file, [head, *rows])
    assert unsure_pictures(file, 9, Watch()) == (Path("b.jpg"), Path("c.jpg"))
    assert unsure_pictures(file, 1, Watch()) == (Path("b.jpg"),)
    write_csv(file, [["something", "else"], ["1", "2"]])
    with pytest.raises(StorageError, match="could not be read"):
        unsure_pictures(file, 9, Watch())


def test_every_class_has_a_column_on_request_and_formulas_are_defused(session, many, undisturbed):
    names, *rows = rows_in(undisturbed["probabilities"])
    assert names[6:] == [f"p_{name}" for name in CLASSES]
    assert {row[1] for row in rows} & {"'=sum"} or "=sum" not in {row[1] for row in rows}
    assert "'=notes.txt" in rows[-1][5]
    sums = [sum(map(float, row[6:])) for row in rows if row[1]]
    assert sums == pytest.approx([1.0] * 39, abs=1e-5)


def test_counts_are_those_of_the_rows(session, many, tmp_path):
    found, events = answered(session, many, tmp_path / "a.csv", form="wide")
    assert (found.done, found.total, found.complete, found.hidden, found.kept) == (41, 41, True, 1, 0)
    assert found.counts.unreadable == 2
    assert found.counts.answered == 39
    labels = [row["label"] for row in read_rows(found.table) if row["label"]]
    assert found.counts.classes == {name: labels.count(name) for name in set(labels)}
    parts = [event.result for event in events if isinstance(event, Partial)]
    assert isinstance(parts[-1], FolderSoFar)
    assert parts[-1].counts == found.counts
    assert look_at_table(found.table).complete


@pytest.mark.parametrize("form", ["long", "wide", "probabilities"])
@pytest.mark.parametrize("pictures", [2, 8, 27])
def test_what_is_continued_is_what_an_undisturbed_table_would_be(session, many, undisturbed, tmp_path, form, pictures):
    file = tmp_path / "a.csv"
    stopped = stopped_after(session, many, file, pictures, form=form)
    assert pictures <= stopped.done < 41
    assert undisturbed[form].startswith(file.read_bytes())
    assert file.read_bytes().endswith(b"\n")
    facts = look_at_table(file)
    assert (facts.done, facts.total, facts.network) == (stopped.done, 41, session.title)
    found, _ = answered(session, many, file, form=form, resume=True)
    assert file.read_bytes() == undisturbed[form]
    assert found.kept == stopped.done
    assert found.counts == answered(session, many, tmp_path / "b.csv", form=form)[0].counts


@pytest.mark.parametrize("cut", [0, 1, 700])
def test_rows_that_no_state_counts_are_written_again(session, many, undisturbed, tmp_path, cut):
    """As a kill leaves them: between the rows and the state, or in the middle of a row."""
    file = tmp_path / "a.csv"
    stopped_after(session, many, file, 20)
    state = state_file(file).read_bytes()
    answered(session, many, file, resume=True)
    state_file(file).write_bytes(state)
    if cut:
        os.truncate(file, len(undisturbed["long"]) - cut)
    found, _ = answered(session, many, file, resume=True)
    assert file.read_bytes() == undisturbed["long"]
    assert 20 <= found.kept < 41


@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "other keys"])
def test_without_a_state_that_can_be_believed_it_is_begun_again(session, many, undisturbed, tmp_path, damage):
    file = tmp_path / "a.csv"
    stopped_after(session, many, file, 20)
    contents = {"empty": "", "garbage": "{[", "other keys": '{"format_version": 1, "done": 3}'}
    if damage == "missing":
        state_file(file).unlink()
    else:
        state_file(file).write_text(contents[damage])
    found, _ = answered(session, many, file, resume=True)
    assert found.kept == 0
    assert file.read_bytes() == undisturbed["long"]


CHANGES = {
    "nothing": lambda folder: None,
    "a picture in front": lambda folder: shutil.copy(folder / "img1.png", folder / "a.png"),
    "one among them": lambda folder: shutil.copy(folder / "img1.png", folder / "img9a.png"),
    "one behind them": lambda folder: shutil.copy(folder / "img1.png", folder / "img900.png"),
    "one is another": lambda folder: Image.new("RGB", (60, 52), "red").save(folder / "img3.png"),
    "one is gone": lambda folder: (folder / "img10.png").unlink(),
    "most are gone": lambda folder: [(folder / f"img{number}.png").unlink() for number in range(6, 30)],
    "all are others": lambda folder: [os.utime(path, (1e9, 1e9)) for path in folder.iterdir()],
}
NEW = {"a picture in front": "a.png", "one among them": "img9a.png", "one behind them": "img900.png",
       "one is another": "img3.png"}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_is_new_or_another_is_asked_again(session, own, tmp_path, asked, change):
    file = tmp_path / "a.csv"
    answered(session, own, file)
    names = set(asked)
    asked.clear()
    CHANGES[change](own)
    found, _ = answered(session, own, file, resume=True)
    expected = names if change == "all are others" else {NEW[change]} if change in NEW else set()
    assert sorted(asked) == sorted(expected)
    assert found.kept == (0 if change == "all are others" else found.done - len(asked))
    assert found.complete
    assert found.counts == answered(session, own, tmp_path / "b.csv")[0].counts
    assert file.read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert state_file(file).read_bytes() == state_file(tmp_path / "b.csv").read_bytes()
    assert look_at_table(file).complete


def test_a_folder_that_changes_while_its_table_is_interrupted_again_and_again(session, own, tmp_path, asked):
    file = tmp_path / "a.csv"
    stopped_after(session, own, file, 20)
    for name in ("a.png", "img5a.png", "img6a.png"):
        shutil.copy(own / "img1.png", own / name)
    Image.new("RGB", (60, 52), "red").save(own / "img3.png")
    (own / "img10.png").unlink()
    asked.clear()
    stopped = stopped_after(session, own, file, 22, resume=True)
    assert 22 <= stopped.done < stopped.total == 43
    names = [Path(row["path"]).name for row in read_rows(file) if row["rank"] in ("", "1")]
    assert len(names) == len(set(names)) == stopped.done, "none is twice"
    assert "img10.png" not in names
    assert {"a.png", "img3.png"} <= set(names)
    assert not {"img1.png", "img4.png"} & set(asked)
    answered(session, own, file, resume=True)
    assert file.read_bytes() == answered(session, own, tmp_path / "b.csv")[0].table.read_bytes()


def test_a_file_that_is_given_twice_has_its_rows_twice(session, many, tmp_path):
    file, pictures = tmp_path / "a.csv", [many / "img1.png", many / "img2.png"]
    for given in (pictures, [*pictures, pictures[0]], [pictures[1], *pictures], pictures):
        listing = list_files(given, Control())
        found = carry(answer_folder(session, listing, TableSpec(file=file), Watch(), resume=True), lambda _: None)
        assert [row["path"] for row in read_rows(file) if row["rank"] == "1"] == list(map(str, given))
        assert found.counts.answered == found.done == len(given)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_while_a_table_is_put_in_order_loses_nothing(session, own, tmp_path, monkeypatch, moment):
    file = tmp_path / "a.csv"
    answered(session, own, file)
    Image.new("RGB", (60, 52), "red").save(own / "img3.png")
    write = table.write_atomically

    def killed(*words, **more):
        if moment == "after":
            write(*words, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(table, "write_atomically", killed)
    with pytest.raises(KeyboardInterrupt):
        answered(session, own, file, resume=True)
    monkeypatch.undo()
    assert look_at_table(file).done == (41 if moment == "before" else 40)
    found, _ = answered(session, own, file, resume=True)
    assert found.kept == 40
    assert file.read_bytes() == answered(session, own, tmp_path / "b.csv")[0].table.read_bytes()
    assert sorted(path.name for path in tmp_path.glob("a.*")) == ["a.csv", "a.csv.state"]


def test_tables_that_differ_by_their_ending_are_not_mixed_up(session, many, tmp_path):
    stopped_after(session, many, tmp_path / "a.csv", 20)
    answered(session, many, tmp_path / "a.tsv", form="wide")
    assert look_at_table(tmp_path / "a.csv").done < 41
    assert answered(session, many, tmp_path / "a.csv", resume=True)[0].kept >= 20


@pytest.mark.parametrize("left", [-3, 25])
def test_the_end_of_a_state_that_a_power_cut_spoilt_is_forgotten(session, many, undisturbed, tmp_path, left):
    file = tmp_path / "a.csv"
    stopped_after(session, many, file, 20)
    content = state_file(file).read_bytes()
    state_file(file).write_bytes(content[:left] if left < 0 else content + bytes(left))
    found, _ = answered(session, many, file, resume=True)
    assert found.kept >= 18
    assert file.read_bytes() == undisturbed["long"]


def test_a_table_that_somebody_changed_is_not_continued(session, many, tmp_path):
    file = tmp_path / "a.csv"
    stopped_after(session, many, file, 20)
    content = file.read_bytes().replace(b"img3.png", b"my three")
    file.write_bytes(content)
    with pytest.raises(RunError, match="was changed since"):
        answered(session, many, file, resume=True)
    assert file.read_bytes() == content
    assert look_at_table(file) is None


def test_another_network_or_form_does_not_continue_a_table(session, many, tmp_path):
    file = tmp_path / "a.csv"
    stopped_after(session, many, file, 20)
    content = file.read_bytes()
    with pytest.raises(RunError, match="another form"):
        answered(session, many, file, resume=True, form="wide")
    with pytest.raises(RunError, match=session.title):
        answered(bundle_in(tmp_path / "other" / "model", seed=4), many, file, resume=True)
    assert file.read_bytes() == content
    answered(session, many, file, form="wide")
    assert rows_in(file.read_bytes())[0][1] == "label"


def test_a_few_pictures_need_no_engine_and_are_continued_as_many_are(session, own, tmp_path, asked):
    for number in range(5, 40):
        (own / f"img{number}.png").unlink()
    session = replace(session, engines={})
    answered(session, own, tmp_path / "a.csv")
    assert not session.engines
    assert sorted(path.name for path in tmp_path.glob("a.*")) == ["a.csv", "a.csv.state"]
    asked.clear()
    assert answered(session, own, tmp_path / "a.csv", resume=True)[0].kept == 6
    assert not asked


def test_a_new_table_forgets_the_state_of_an_earlier_one(session, many, tmp_path):
    file = tmp_path / "a.csv"
    stopped_after(session, many, file, 20)
    listing = list_files([many / "img1.png"], Control())
    carry(answer_folder(session, listing, TableSpec(file=file), Watch()), lambda _: None)
    assert look_at_table(file).done == 1


def test_a_folder_that_goes_ends_it_and_what_was_answered_stays(session, own, tmp_path):
    file = tmp_path / "a.csv"
    listing = list_files([own], Control())

    def take_away(event):
        if getattr(event, "done", 0) >= 20 and own.exists():
            own.rename(tmp_path / "away")

    with pytest.raises(DatasetError, match="no longer there"):
        carry(answer_folder(session, listing, TableSpec(file=file), Watch()), take_away)
    (tmp_path / "away").rename(own)
    assert look_at_table(file).done >= 20
    assert "no longer" not in file.read_text()
    answered(session, own, file, resume=True)
    assert file.read_bytes() == answered(session, own, tmp_path / "b.csv")[0].table.read_bytes()


def test_a_full_disk_leaves_whole_rows(session, many, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "FLUSH_S", 0.01)
    file = tmp_path / "a.csv"
    stopped_after(session, many, file, 20)
    before = file.read_bytes()
    fsync = os.fsync

    def full(descriptor):
        if os.fstat(descriptor).st_size > len(before):
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(table.os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        answered(session, many, file, resume=True)
    monkeypatch.undo()
    assert file.read_bytes() == before
    found, _ = answered(session, many, file, resume=True)
    assert found.kept >= 20
    assert found.complete


def test_two_that_write_into_one_table_are_not_mixed(session, many, tmp_path, monkeypatch):
    """Who finds another's rows stops, and leaves them as they are."""
    monkeypatch.setattr(table, "FLUSH_S", 0.01)
    file, theirs = tmp_path / "a.csv", b"path,label\nother rows of another window\n"
    listing = list_files([many], Control(), [file, state_file(file)])

    def emit(_event):
        if file.exists():
            file.write_bytes(theirs)

    with pytest.raises(StorageError, match="changed by another program"):
        carry(answer_folder(session, listing, TableSpec(file=file), Watch()), emit)
    assert file.read_bytes() == theirs


def test_memory_holds_few_pictures(session, many, tmp_path, monkeypatch):
    held, most, read = set(), [], predicting.read_pixels

    def reading(of, path):
        held.add(path)
        most.append(len(held))
        return read(of, path)

    monkeypatch.setattr(predicting, "read_pixels", reading)
    answers = predicting.answers_of

    def answering(of, paths, outputs, *rest):
        held.difference_update(paths.values())
        return answers(of, paths, outputs, *rest)

    monkeypatch.setattr(predicting, "answers_of", answering)
    answered(session, many, tmp_path / "a.csv")
    assert max(most) <= 64


def test_a_stop_does_not_wait_for_a_drive_that_does_not_answer(session, many, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.05)
    file, control, hanging, read = tmp_path / "a.csv", Control(), threading.Event(), predicting.read_pixels

    def reading(of, path):
        if path.name == "img20.png":
            control.request_stop()
            hanging.wait(30)
        return read(of, path)

    monkeypatch.setattr(predicting, "read_pixels", reading)
    start = time.monotonic()
    found, _ = answered(session, many, file, Watch(control))
    assert time.monotonic() - start < 2
    hanging.set()
    assert 0 < found.done <= 20
    assert undisturbed["long"].startswith(file.read_bytes())
    assert look_at_table(file).done == found.done


def test_an_unreadable_picture_that_is_mended_gets_its_answer(session, own, tmp_path):
    file = tmp_path / "a.csv"
    answered(session, own, file)
    shutil.copy(own / "img1.png", own / "img17.png")
    found, _ = answered(session, own, file, resume=True)
    assert found.counts.unreadable == 1
