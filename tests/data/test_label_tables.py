"""What tables of labels say, without a single picture: only names are looked at."""

import csv
import io
from collections import Counter
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnnstudio.data.layouts.tables import found as reading
from cnnstudio.data.layouts.tables.candidates import Candidates, is_table
from cnnstudio.data.layouts.tables.together import added_up

NAMES = [f"images/{kind}_{number}.png" for kind in ("cat", "dog", "eel") for number in range(6)]
SAID = {name: {"cat": "Katze", "dog": "Hünd, groß", "eel": 'Aal "lang"'}[name[7:10]] for name in NAMES}
HEADERS = {
    "usual": ("filename", "label"),
    "spreadsheet": ("Image", "Class"),
    "ids": ("image_id", "breed"),
    "padded": (" path ", " Category"),
    "none": (),
}
PLAIN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


def write(path, rows, delimiter=",", encoding="utf-8", start="", newline="\n"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
    path.write_bytes((start + text.getvalue()).encode(encoding))
    return path


def read_tables(files, names):
    """What tables say together, None where that is nothing; and every sentence about them."""
    root = files[0].parent if files else None
    found = reading.read_tables(Candidates(tables=list(files)), root, names)
    table = added_up(found.tables, names, found.lists)
    sentences[:] = [words for _, words in (*table.notes, *table.skipped)]
    return table if table.rows else None


sentences = []


def labels_of(table):
    return {row.name: row.label for row in table.rows}


def complaints_of(_):
    return " ".join(sentences)


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize("header", list(HEADERS))
def test_tables_as_all_kinds_of_programs_write_them(tmp_path, delimiter, header):
    rows = [HEADERS[header], *SAID.items()] if HEADERS[header] else list(SAID.items())
    for encoding, newline in product(ENCODINGS, ("\n", "\r\n", "\r")):
        start = "\ufeff" if encoding == "utf-16-le" else ""  # without it nobody could know
        file = write(tmp_path / "labels.csv", rows, delimiter, encoding, start, newline)
        table = read_tables([file], NAMES)
        assert labels_of(table) == SAID, (encoding, newline)
        assert sentences == []
        assert (table.unnamed, table.has_splits, table.is_complete) == (0, False, True)


@pytest.mark.parametrize(
    "call",
    [
        lambda name: name,
        lambda name: f"./{name}",
        lambda name: name.replace("/", "\\"),
        lambda name: name.rpartition("/")[2],
        lambda name: name.rpartition("/")[2].removesuffix(".png"),
        lambda name: name.removesuffix(".png"),
        lambda name: f"  {name} ",
        lambda name: f"/data/on/another/computer/{name.rpartition('/')[2]}",
        lambda name: f"C:\\Users\\anna\\{name.rpartition('/')[2]}",
    ],
)
def test_a_file_is_found_by_whatever_people_call_it(tmp_path, call):
    file = write(tmp_path / "labels.csv", [("file", "label"), *((call(name), label) for name, label in SAID.items())])
    assert labels_of(read_tables([file], NAMES)) == SAID


def test_the_folder_of_a_table_can_be_its_name(tmp_path):
    names = [f"{split}/{number}.png" for split in ("train", "test") for number in range(4)]
    files = [
        write(tmp_path / f"{split}.csv", [("file", "label"), *((f"{number}.png", split[:2]) for number in range(4))])
        for split in ("train", "test")
    ]
    table = read_tables(files, names)
    assert labels_of(table) == {name: name[:2] for name in names}
    assert {row.split for row in table.rows if row.name.startswith("train")} == {"train"}
    assert {row.split for row in table.rows if row.name.startswith("test")} == {"test"}


LETTERS = st.characters(exclude_categories=("C", "Zl", "Zp", "Zs"), exclude_characters='\\/"')
LABEL = st.text(LETTERS, min_size=1, max_size=8).filter(lambda text: text.strip())


@PLAIN
@given(st.lists(st.sampled_from(NAMES), min_size=1, unique=True), st.lists(LABEL, min_size=1, max_size=3), st.data())
def test_what_is_written_is_what_is_read(tmp_path, named, labels, data):
    said = {name: data.draw(st.sampled_from(labels)) for name in named}
    delimiter = data.draw(st.sampled_from(",;\t|"))
    parts = [set(map(str.strip, label.split(joint))) for label, joint in product(labels, "|;,") if joint in label]
    assume(not any(part <= {label.strip() for label in labels} for part in parts))  # several labels in a cell
    file = write(tmp_path / "labels.csv", [("file", "label"), *said.items()], delimiter)
    table = read_tables([file], NAMES)
    assert labels_of(table) == {name: label.strip() for name, label in said.items()}
    assert table.unnamed == len(NAMES) - len(said)
    assert table.is_complete == (len(said) > len(NAMES) / 2)


@PLAIN
@given(st.binary(max_size=400), st.sampled_from([b"", b"file,label\n", b"\xff\xfe", b"\xef\xbb\xbfid,y\n"]))
def test_whatever_lies_in_a_file_it_is_a_table_or_not(tmp_path, content, start):
    file = tmp_path / "labels.csv"
    file.write_bytes(start + content)
    table = read_tables([file], NAMES)
    assert table is None or set(labels_of(table)) <= set(NAMES)


@pytest.mark.parametrize("found", range(0, 19, 3))
def test_a_table_counts_when_half_of_its_files_are_there(tmp_path, found):
    rows = [*list(SAID.items())[:found], *((f"gone/{number}.png", "x") for number in range(18 - found))]
    table = read_tables([write(tmp_path / "labels.csv", [("file", "label"), *rows])], NAMES)
    assert (table is not None) == (found >= 9)
    if table and found < 18:
        lines = 18 - found
        assert f"has {lines} line{'s' if lines > 1 else ''} whose file cannot be found" in complaints_of(table)


def test_the_column_that_holds_the_files_is_found_among_several(tmp_path):
    rows = [("id", "name", "path", "label")]
    rows += [(str(number), "x", name, label) for number, (name, label) in enumerate(SAID.items())]
    assert labels_of(read_tables([write(tmp_path / "labels.csv", rows)], NAMES)) == SAID


@pytest.mark.parametrize(
    ("said", "split"),
    [("train", "train"), ("Training", "train"), ("VAL", "validation"), ("dev", "validation"), ("eval", "validation"),
     ("testing", "test")],
)  # fmt: skip
def test_splits_by_every_name_they_have(tmp_path, said, split):
    rows = [("file", "label", "subset"), *((name, label, said) for name, label in SAID.items())]
    table = read_tables([write(tmp_path / "labels.csv", rows)], NAMES)
    assert table.has_splits
    assert Counter(row.split for row in table.rows) == {split: len(NAMES)}


def test_a_third_column_without_a_header_is_the_split(tmp_path):
    rows = [(name, label, "test" if "_0" in name else "train") for name, label in SAID.items()]
    table = read_tables([write(tmp_path / "labels.csv", rows)], NAMES)
    assert Counter(row.split for row in table.rows) == {"test": 3, "train": 15}


def test_splits_by_folder_where_everything_lies_in_such_folders(tmp_path):
    names = [f"{split}/{number}.png" for split in ("train", "valid", "test") for number in range(3)]
    file = write(tmp_path / "labels.csv", [("file", "label"), *((name, name[-5]) for name in names)])
    assert Counter(row.split for row in read_tables([file], names).rows) == {"train": 3, "validation": 3, "test": 3}
    table = read_tables([file], [*names, "loose.png"])
    assert table.has_splits, "a picture that no line names says nothing about the others"


def test_rows_that_are_too_short_empty_or_said_twice(tmp_path):
    rows = [("file", "label"), *SAID.items(), (), ("",), (NAMES[0],), (NAMES[1], SAID[NAMES[1]]), (NAMES[2], "other")]
    table = read_tables([write(tmp_path / "labels.csv", rows)], NAMES)
    assert labels_of(table) == {name: label for name, label in SAID.items() if name != NAMES[2]}
    assert "has 1 line without a label." in complaints_of(table)
    assert "With several labels or splits, so skipped: 1 picture." in complaints_of(table)


def test_tables_add_up_and_what_they_agree_on_is_no_contradiction(tmp_path):
    pairs = list(SAID.items())
    files = [
        write(tmp_path / f"{place}.csv", [("file", "label"), *some])
        for place, some in (("a", pairs[:10]), ("b", pairs[8:]), ("c", pairs[4:6]))
    ]
    table = read_tables(files, NAMES)
    assert labels_of(table) == SAID
    assert sentences == []


def test_a_table_in_another_language_does_not_count(tmp_path):
    first = write(tmp_path / "a.csv", [("file", "label"), *SAID.items()])
    other = write(tmp_path / "b.csv", [("file", "label"), *((name, name[-5]) for name in NAMES[:12])])
    table = read_tables([first, other], NAMES)
    assert labels_of(table) == SAID
    assert complaints_of(table) == "b.csv gives most pictures other labels than a.csv."


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n\n", b"file,label", b"file,label\n", b"a\nb\nc\n", b"x,y\n1,2\n", b"\xff\xfe", b"\x00" * 50,
     b"file,label\n" + b"a" * 200_000],
)  # fmt: skip
def test_what_is_no_table_of_labels_is_none(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content)
    assert read_tables([tmp_path / "x.csv"], NAMES) is None


def test_what_cannot_be_read_is_none(tmp_path, monkeypatch):
    assert read_tables([tmp_path / "gone.csv"], NAMES) is None
    (tmp_path / "folder.csv").mkdir()
    assert read_tables([tmp_path / "folder.csv"], NAMES) is None
    file = write(tmp_path / "labels.csv", [("file", "label"), *SAID.items()])
    monkeypatch.setattr(reading, "LARGEST", 20)
    assert read_tables([file], NAMES) is None
    assert read_tables([], NAMES) is None


@pytest.mark.parametrize(
    ("name", "yes"),
    [("labels.csv", True), ("LABELS.CSV", True), ("a.tsv", True), ("sample_submission.csv", False),
     ("Submission-1.csv", False), ("labels.xlsx", False), (".csv", False), ("csv", False), ("train.csv.gz", False)],
)  # fmt: skip
def test_what_a_tables_name_looks_like(name, yes):
    assert is_table(name) == yes
