import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import free_bytes, is_reserved, paths, resource, safe_file_name

RESERVED = ["con", "PRN", "Aux", "nul", "COM1", "lpt9"]


@given(st.text(max_size=200), st.sampled_from(["", "./", "..\\", "C:", "con", "~", "a" * 79, "猫" * 40]))
def test_whatever_a_person_types_becomes_a_name_that_every_file_system_takes(text, start):
    name = safe_file_name(start + text)
    assert name
    assert not set(name) & set('<>:"/\\|?*\0\n\t ')
    assert len(name.encode()) <= 81
    assert name not in (".", "..")
    assert name == name.strip(". ")
    assert not is_reserved(name)
    assert not any(unicodedata.category(letter).startswith("C") for letter in name)


@given(st.text(max_size=120))
def test_a_safe_name_stays_as_it_is(text):
    name = safe_file_name(text)
    assert safe_file_name(name) == name


@given(st.text(alphabet=st.sampled_from("abcXYZ019._-äß猫"), min_size=1, max_size=20))
def test_letters_and_digits_of_all_languages_are_kept(text):
    name = safe_file_name(text)
    kept = text.strip("-. ")
    assert name == (unicodedata.normalize("NFKC", kept) or "unnamed")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Cats & dogs (2024)", "Cats-dogs-2024"),
        ("ﬁne ½", "fine-1-2"),
        ("  ..  ", "unnamed"),
        ("", "unnamed"),
        ("a/b\\c", "a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
        ("résumé.tar.gz", "résumé.tar.gz"),
        ("🌿", "unnamed"),
    ],
)
def test_names_as_people_write_them(text, name):
    assert safe_file_name(text) == name
    assert safe_file_name("?", default="run") == "run"


@pytest.mark.parametrize("name", RESERVED)
@pytest.mark.parametrize("ending", ["", ".jpg", ".tar.gz"])
def test_names_of_devices_are_not_given_to_files(name, ending):
    """Windows takes ``aux.jpg`` for the device, too."""
    assert is_reserved(name + ending)
    assert safe_file_name(name + ending) == f"_{name}{ending}"


@pytest.mark.parametrize("name", ["console", "auxiliary.jpg", "com", "com10", "my.con", "null", ".nul"])
def test_names_that_only_look_like_devices_are_files_like_others(name):
    assert not is_reserved(name)


def test_everything_can_be_put_under_one_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNSTUDIO_HOME", str(tmp_path / "stick"))
    folders = [paths.config_folder(), paths.data_folder(), paths.cache_folder(), paths.log_folder()]
    assert sorted(folder.name for folder in folders) == ["cache", "config", "data", "log"]
    assert all(folder.parent == tmp_path / "stick" for folder in folders)
    assert paths.weights_folder().parent == paths.runs_folder().parent == paths.data_folder()
    monkeypatch.setenv("CNNSTUDIO_HOME", "~/stick")
    assert "~" not in str(paths.data_folder())


def test_without_such_a_folder_they_are_where_the_system_wants_them(monkeypatch):
    monkeypatch.delenv("CNNSTUDIO_HOME")
    folders = {paths.config_folder(), paths.data_folder(), paths.cache_folder(), paths.log_folder()}
    assert all("cnnstudio" in str(folder) and folder.is_absolute() for folder in folders)
    assert paths.cache_folder() not in (paths.data_folder(), paths.config_folder())


def test_room_can_be_asked_for_before_there_is_a_folder(tmp_path):
    assert free_bytes(tmp_path / "not" / "there" / "yet") == pytest.approx(free_bytes(tmp_path), rel=0.1)
    assert not (tmp_path / "not").exists()


def test_shipped_files_are_found_here_installed_and_frozen(monkeypatch, tmp_path):
    assert resource("practice", "gtsrb.txt").is_file()
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource("icons", "x.svg") == tmp_path / "resources" / "icons" / "x.svg"


@pytest.mark.parametrize(
    "name", ["a.png", "b.c.jpeg", ".hidden", "n" * 251 + ".png", "ü" * 125 + ".webp", "\udcfc" * 255]
)
def test_a_numbered_name_keeps_its_ending_and_fits_on_a_disk(tmp_path, name):
    numbered = paths.numbered_name(name, 12)
    (tmp_path / numbered).touch()
    assert numbered.endswith(f"-12{Path(name).suffix}")
    assert name.startswith(numbered[: numbered.rindex("-12")])
