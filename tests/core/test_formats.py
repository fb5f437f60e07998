import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import FormatError, NewerFormat, codec
from cnnstudio.core.codec import Format, load_json, save_json, versioned


def steps(count):
    """Migrations that write down in which order they ran."""
    return tuple(
        lambda plain, number=number: {**plain, "ran": [*plain["ran"], number]} for number in range(1, count + 1)
    )


@given(st.integers(0, 6), st.data())
def test_every_older_version_takes_the_steps_it_lacks_in_order(count, data):
    form = Format(steps(count))
    version = data.draw(st.integers(1, form.version))
    stored = {"format_version": version, "ran": [], "other": [1]}
    assert form.upgraded(stored, "x.json") == {"ran": list(range(version, count + 1)), "other": [1]}
    assert stored == {"format_version": version, "ran": [], "other": [1]}, "what was read is left as it is"


@given(st.dictionaries(st.text().filter(lambda key: key != "format_version"), st.integers()), st.integers(0, 4))
def test_what_is_written_today_is_read_unchanged(plain, count):
    form = Format(steps(count))
    assert form.upgraded(form.stamped(plain), "x.json") == plain


@given(st.integers(1, 5), st.integers(1, 10**9))
def test_a_newer_version_is_refused_with_what_to_do(count, ahead):
    form = Format(steps(count))
    with pytest.raises(NewerFormat, match=r"x\.json was written by a newer CNN Studio\. Update CNN Studio"):
        form.upgraded({"format_version": form.version + ahead, "ran": []}, "x.json")


@pytest.mark.parametrize(
    "plain",
    [None, [], "text", {}, *({"format_version": version} for version in (0, -1, 1.0, True, "1", None, [1]))],
)
def test_a_file_without_a_version_of_ours_is_damaged_not_newer(plain):
    with pytest.raises(FormatError, match="damaged or not ours") as error:
        Format(steps(2)).upgraded(plain, "x.json")
    assert not isinstance(error.value, NewerFormat)


@pytest.mark.parametrize("ran", [None, 3, ...])
def test_an_old_file_that_is_not_what_its_version_says_is_damaged(ran):
    stored = {"format_version": 1} if ran is ... else {"format_version": 1, "ran": ran}
    with pytest.raises(FormatError, match=r"x\.json is damaged"):
        Format(steps(1)).upgraded(stored, "x.json")


@pytest.fixture
def named(monkeypatch):
    """A kind of file whose second version has two names instead of one."""
    monkeypatch.setattr(codec, "_FORMATS", {})

    @versioned(lambda plain: {"first": plain["name"].split()[0], "last": plain["name"].split()[1]})
    @dataclass(frozen=True, slots=True)
    class Named:
        first: str
        last: str

    return Named


def test_a_kind_has_its_own_version_on_disk_and_older_files_open(named, tmp_path):
    path = tmp_path / "named.json"
    save_json(path, named("Ada", "Lovelace"))
    assert json.loads(path.read_text()) == {"format_version": 2, "first": "Ada", "last": "Lovelace"}
    path.write_text('{"format_version": 1, "name": "Grace Hopper"}')
    assert load_json(path, named) == named("Grace", "Hopper")
    path.write_text('{"format_version": 2, "name": "Grace Hopper"}')
    with pytest.raises(FormatError, match="name"):
        load_json(path, named)
    for damaged in ('{"format_version": 1, "name": "Grace"}', '{"format_version": 1}', "[" * 100_000):
        path.write_text(damaged)
        with pytest.raises(FormatError, match="damaged"):
            load_json(path, named)


def test_a_kind_that_never_changed_is_in_its_first_version(tmp_path):
    @dataclass(frozen=True, slots=True)
    class Plain:
        number: int

    save_json(tmp_path / "plain.json", Plain(3))
    assert json.loads((tmp_path / "plain.json").read_text()) == {"format_version": 1, "number": 3}
    (tmp_path / "plain.json").write_text('{"format_version": 2, "number": 3}')
    with pytest.raises(NewerFormat):
        load_json(tmp_path / "plain.json", Plain)
