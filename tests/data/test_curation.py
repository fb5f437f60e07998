import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core import NewerFormat, StorageError, runs_folder
from cnnstudio.data import SPLITS, SplitSpec
from cnnstudio.data.curation import (
    Curation,
    DrawnSplit,
    load_curation,
    load_drawn,
    project_folder,
    put_aside,
    save_curation,
    save_drawn,
)

PATHS = st.lists(st.sampled_from([f"cat/{number}.png" for number in range(6)]), max_size=6).map(tuple)
SPLIT = st.sampled_from(SPLITS)
STEP = st.one_of(
    st.tuples(st.just("without"), PATHS),
    st.tuples(st.just("back"), PATHS),
    st.tuples(st.just("moved"), PATHS, SPLIT),
    st.tuples(st.just("relabelled"), PATHS, st.sampled_from(["cat", "dog", "Äpfel"])),
)


def done(steps, start=None):
    curation = start or Curation()
    for name, *values in steps:
        curation = getattr(curation, name)(*values)
    return curation


@given(st.lists(STEP, max_size=12))
def test_the_last_word_about_a_picture_counts(steps):
    curation, left_out, classes, splits = done(steps), set(), {}, {}
    for name, paths, *value in steps:
        if name == "without":
            left_out |= set(paths)
        elif name == "back":
            left_out -= set(paths)
        else:
            (classes if name == "relabelled" else splits).update(dict.fromkeys(paths, *value))
    assert set(curation.left_out) == left_out
    assert len(curation.left_out) == len(left_out), "once each"
    assert (curation.classes, curation.splits) == (classes, splits)
    assert not curation.classes_from


@given(st.lists(STEP, max_size=6), PATHS)
def test_leaving_out_and_taking_back_ends_where_it_began(steps, paths):
    before = done(steps)
    fresh = tuple(dict.fromkeys(path for path in paths if path not in before.left_out))
    assert before.without(fresh).back(fresh) == before
    assert before.without(paths).without(paths) == before.without(paths)
    assert before.back(paths).back(paths) == before.back(paths)


@given(st.lists(STEP, max_size=8))
def test_an_earlier_state_is_a_value_that_later_ones_do_not_touch(steps):
    states = [Curation()]
    for step in steps:
        states.append(done([step], states[-1]))
    again = [done(steps[:count]) for count in range(len(steps) + 1)]
    assert states == again, "undo is keeping the earlier value"


NAME = st.text(st.characters(exclude_categories=()), min_size=1, max_size=12)  # lone surrogates, too: names are bytes


@settings(max_examples=40)
@given(st.lists(NAME, max_size=4), st.dictionaries(NAME, NAME, max_size=4), st.dictionaries(NAME, SPLIT, max_size=4),
       st.sampled_from(["", "names", "folders-2"]))  # fmt: skip
def test_decisions_survive_the_disk(tmp_path_factory, left_out, classes, splits, agreed):
    root = tmp_path_factory.getbasetemp() / "curated"
    curation = Curation(left_out=tuple(left_out), classes=classes, splits=splits, classes_from=agreed)
    save_curation(root, curation)
    assert load_curation(root) == curation


@settings(max_examples=40)
@given(st.dictionaries(SPLIT, st.lists(NAME, max_size=5).map(tuple)), st.integers(0, 9), st.sampled_from([0, 3]))
def test_a_drawn_split_survives_the_disk(tmp_path_factory, names, seed, folds):
    root = tmp_path_factory.getbasetemp() / "divided"
    drawn = DrawnSplit(spec=SplitSpec(seed=seed, folds=folds, group_pattern=r"(p\d+)"), names=names)
    save_drawn(root, drawn)
    assert load_drawn(root) == drawn
    assert set(load_drawn(root).by_name()) == {name for own in names.values() for name in own}


@pytest.mark.parametrize(("agreed", "answer"), [("true", "names"), ("false", "")])
def test_what_the_first_format_knew_of_names_is_an_answer_now(tmp_path, agreed, answer):
    file = project_folder(tmp_path) / "project.json"
    file.parent.mkdir(parents=True)
    file.write_text(
        f'{{"format_version": 1, "left_out": ["a.png"], "classes": {{}}, "splits": {{}}, "names_are_labels": {agreed}}}'
    )
    assert load_curation(tmp_path) == Curation(left_out=("a.png",), classes_from=answer)


def test_nothing_was_decided_about_a_folder_that_is_new(tmp_path):
    assert load_curation(tmp_path) == Curation()
    assert load_drawn(tmp_path) == DrawnSplit()
    assert list(put_aside(tmp_path)) == []
    assert not project_folder(tmp_path).exists(), "looking leaves nothing behind"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format_version": 1, "left_out": 3}', "\0\0", "null",
                                     '{"format_version": 1, "splits": {"a.png": "exam"}}'])  # fmt: skip
@pytest.mark.parametrize(("name", "load"), [("project.json", load_curation), ("split.json", load_drawn)])
def test_what_cannot_be_understood_is_put_aside_and_said(tmp_path, name, load, content):
    file = project_folder(tmp_path) / name
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert load(tmp_path) in (Curation(), DrawnSplit())
    assert not file.exists()
    aside = file.with_name(f"{name}.unreadable")
    assert aside.read_text() == content
    (problem,) = put_aside(tmp_path)
    assert (problem.path, problem.kind) == (aside, "unreadable")
    assert name in problem.detail
    save_curation(tmp_path, Curation(left_out=("a.png",)))
    assert aside.read_text() == content, "and stays there"


@pytest.mark.parametrize(("name", "load"), [("project.json", load_curation), ("split.json", load_drawn)])
def test_a_newer_versions_file_is_left_to_it(tmp_path, name, load):
    file = project_folder(tmp_path) / name
    file.parent.mkdir(parents=True)
    file.write_text('{"format_version": 99, "future": true}')
    with pytest.raises(NewerFormat):
        load(tmp_path)
    assert "future" in file.read_text()


def test_a_disk_that_refuses_is_said_for_decisions_and_forgiven_for_the_drawn_split(tmp_path):
    runs_folder().parent.mkdir(parents=True, exist_ok=True)
    runs_folder().write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        save_curation(tmp_path, Curation())
    save_drawn(tmp_path, DrawnSplit())
    assert load_drawn(tmp_path) == DrawnSplit()


def test_folders_of_one_name_are_different_projects(tmp_path, monkeypatch):
    first, second = tmp_path / "a" / "photos", tmp_path / "b" / "photos"
    for folder in (first, second):
        folder.mkdir(parents=True)
    assert project_folder(first) != project_folder(second)
    assert project_folder(first).name.startswith("photos-")
    monkeypatch.chdir(first)
    assert project_folder(first) == project_folder(type(first)()), "the current folder is that folder"
    assert project_folder(tmp_path / "über: 你好?").name.startswith("über-你好-")


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_folder_whose_name_is_no_text_is_a_project(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    save_curation(folder, Curation(left_out=("a.png",)))
    assert load_curation(folder).left_out == ("a.png",)
