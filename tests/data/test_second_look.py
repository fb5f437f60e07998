"""Decisions of a second look: each can be taken back, also after a restart, and no file is moved."""

import random

import pytest

from cnnstudio.core import NewerFormat
from cnnstudio.data.curation import Curation, load_curation, project_folder, save_curation
from cnnstudio.data.second_look import Look, load_second_look, take_back_look, take_look

NAMES = [f"red/{number:02}.png" for number in range(6)]


def pressed(random_, folder):
    name, verdict = random_.choice(NAMES), random_.choice(["right", "class", "skip", "later"])
    look = Look(name=name, label="red", verdict=verdict, to=random_.choice(["blue", "green"]))
    return take_look(folder, look)


@pytest.mark.parametrize(
    ("seed", "keys"), [(0, 20), *(pytest.param(seed, 100, marks=pytest.mark.slow) for seed in range(1, 5))]
)
def test_keys_with_undo_equal_what_is_left_of_them(own_folder, tiny_folder, seed, keys):
    random_ = random.Random(seed)
    save_curation(own_folder, Curation(classes={NAMES[0]: "green"}, left_out=(NAMES[1],)))
    save_curation(tiny_folder, load_curation(own_folder))
    for _ in range(keys):
        if random_.random() < 0.4:
            take_back_look(own_folder)
        else:
            pressed(random_, own_folder)
    left = load_second_look(own_folder)
    for look in left.looks:
        take_look(tiny_folder, look)
    again, first = load_curation(tiny_folder), load_curation(own_folder)
    assert (first.classes, set(first.left_out)) == (again.classes, set(again.left_out))
    assert load_second_look(tiny_folder) == left
    for _ in left.looks:
        take_back_look(own_folder)
    assert load_curation(own_folder) == Curation(classes={NAMES[0]: "green"}, left_out=(NAMES[1],))
    assert take_back_look(own_folder).looks == ()
    assert sorted(path.name for path in (own_folder / "red").iterdir())[:2] == ["00.png", "01.png"]


def test_what_was_changed_elsewhere_since_stays(own_folder):
    take_look(own_folder, Look(name=NAMES[0], label="red", verdict="class", to="blue"))
    save_curation(own_folder, load_curation(own_folder).relabelled((NAMES[0],), "green"))
    take_back_look(own_folder)
    assert load_curation(own_folder).classes == {NAMES[0]: "green"}


def test_a_damaged_log_is_put_aside_and_a_newer_one_is_kept(own_folder):
    take_look(own_folder, Look(name=NAMES[0], label="red", verdict="right"))
    file = project_folder(own_folder) / "second-look.json"
    file.write_text(file.read_text().replace('"format_version": 1', '"format_version": 9'))
    with pytest.raises(NewerFormat):
        take_look(own_folder, Look(name=NAMES[0], label="red", verdict="skip"))
    assert load_curation(own_folder) == Curation()
    file.write_text("{")
    assert load_second_look(own_folder).looks == ()
    assert file.with_name("second-look.json.unreadable").is_file()
