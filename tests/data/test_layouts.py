from collections import Counter
from pathlib import Path

import pytest

from cnnstudio.core import DatasetError, LabelsInNames
from cnnstudio.data import SplitSpec
from cnnstudio.data.curation import Curation
from cnnstudio.data.layouts.name_labels import guess_labels
from cnnstudio.data.project import open_dataset
from cnnstudio.data.scan import scan_folder
from tests.conftest import draw_folder

SPEC, AGREED = SplitSpec(), Curation(classes_from="names")


def flat(own_folder, target):
    """The pictures of a class folder in one heap, labels in their names."""
    target.mkdir()
    for path in own_folder.rglob("*.png"):
        path.rename(target / f"{path.parent.name}_{path.name}")
    return target


def test_classes_one_level_further_down(tmp_path):
    draw_folder(tmp_path / "download" / "dataset-v2", 4)
    assert scan_folder(tmp_path / "download", SPEC).classes == ("blue", "green", "red")
    for split in ("train", "test"):
        draw_folder(tmp_path / "other" / "data" / split, 4)
    assert scan_folder(tmp_path / "other", SPEC).split_source == "validation-drawn"
    (tmp_path / "other" / "README.txt").write_text("how to cite this")
    assert scan_folder(tmp_path / "other", SPEC).classes == ("blue", "green", "red")


@pytest.mark.parametrize(
    ("delimiter", "header"), [(",", "filename,label"), (";", "Image;Class"), ("\t", "id\tcategory")]
)
def test_a_table_of_labels(own_folder, tmp_path, delimiter, header):
    folder = tmp_path / "table"
    heap = flat(own_folder, tmp_path / "images")
    folder.mkdir()
    heap.rename(folder / "images")
    names = sorted(path.name for path in (folder / "images").iterdir())
    if header.startswith("id"):
        names = [Path(name).stem for name in names]
    rows = [delimiter.join((name, name.partition("_")[0])) for name in names] + [delimiter.join(("gone.png", "red"))]
    suffix = "tsv" if delimiter == "\t" else "csv"
    (folder / f"labels.{suffix}").write_text("\n".join([header, *rows]), encoding="utf-8-sig")
    dataset = scan_folder(folder, SPEC)
    assert dataset.classes == ("blue", "green", "red")
    assert len(dataset.samples) == 36
    assert "has 1 line whose file cannot be found" in dataset.problems[0].detail


def test_a_table_with_splits(own_folder):
    rows = ["path,class,set"]
    for number, path in enumerate(sorted(own_folder.rglob("*.png"))):
        split = ("train", "train", "val", "test")[number % 4]
        rows.append(f"{path.relative_to(own_folder)},{path.parent.name},{split}")
    images = own_folder.parent / "t" / "images"
    images.parent.mkdir()
    own_folder.rename(images)
    (images.parent / "all.csv").write_text("\n".join([rows[0], *(f"images/{row}" for row in rows[1:])]))
    dataset = scan_folder(images.parent, SPEC)
    assert dataset.split_source == "folders"
    assert Counter(sample.split for sample in dataset.samples) == {"train": 18, "validation": 9, "test": 9}


def test_a_table_beside_class_folders_is_only_a_table(own_folder):
    (own_folder / "metadata.csv").write_text("file,label\nred/00.png,blue\n")
    dataset = scan_folder(own_folder, SPEC)
    assert len(dataset.samples) == 36


def test_labels_in_names_are_offered_and_remembered(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    with pytest.raises(LabelsInNames, match=r"blue \(12\), green \(12\), red \(12\)"):
        open_dataset(heap, SPEC)
    assert open_dataset(heap, SPEC, classes_from="names").classes == ("blue", "green", "red")
    assert len(open_dataset(heap, SPEC).samples) == 36, "once agreed, it stays"


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "dog.2.jpg"], {"cat", "dog"}),
        (["cat (1).jpg", "cat (2).jpg", "big dog (1).jpg", "big dog (2).jpg"], {"cat", "big dog"}),
        (["0001_oak.png", "0002_oak.png", "0003_elm.png", "0004_elm.png"], {"oak", "elm"}),
        (["Äpfel-01.jpg", "Äpfel-02.jpg", "Birne-01.jpg", "Birne-02.jpg"], {"äpfel", "birne"}),
        (["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"], None),
        (["holiday.jpg", "anna.jpg", "sunset.jpg"], None),
        ([], None),
    ],
)
def test_what_names_say(names, classes):
    found = guess_labels(names)
    assert (set(found.counts) if found else None) == classes


@pytest.fixture
def kaggle(own_folder, tmp_path):
    """Pictures in train and test without class folders; the names in train say what they are."""
    root = tmp_path / "competition"
    for split, count in (("train", 12), ("test", 3)):
        (root / split).mkdir(parents=True)
        for path in sorted(own_folder.rglob("*.png")):
            if int(path.stem) < count:
                name = f"{path.parent.name}.{path.name}" if split == "train" else f"{path.parent.name[0]}{path.name}"
                (root / split / name).write_bytes(path.read_bytes() + bytes(split == "test"))
    return root


def test_labels_in_names_in_a_train_folder(kaggle):
    with pytest.raises(LabelsInNames):
        scan_folder(kaggle, SPEC)
    dataset = scan_folder(kaggle, SPEC, AGREED)
    assert dataset.classes == ("blue", "green", "red")
    assert dataset.split_source == "stratified", "nobody knows what is on the test pictures"
    assert Counter(problem.kind for problem in dataset.problems) == {"outside-classes": 1}, "one for the folder"
    assert "9 pictures are skipped" in dataset.problems[0].detail
    for path in (kaggle / "test").iterdir():
        path.rename(path.with_name(f"{ {'b': 'blue', 'g': 'green', 'r': 'red'}[path.name[0]] }.9{path.name[1:]}"))
    again = scan_folder(kaggle, SPEC, AGREED)
    assert again.split_source == "validation-drawn"
    assert len(again.split("test")) == 9


def test_a_table_beside_a_train_folder(kaggle):
    lines = [f"{path.stem},{path.name.partition('.')[0]}" for path in (kaggle / "train").iterdir()]
    (kaggle / "train.csv").write_text("id,breed\n" + "\n".join(lines))
    dataset = scan_folder(kaggle, SPEC)
    assert len(dataset.samples) == 36
    assert [problem.detail for problem in dataset.problems] == ["In no table, so of no known class: 9 pictures."]


def test_a_table_without_a_header(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    lines = [f"{path.name},{path.name.partition('_')[0]}" for path in sorted(heap.iterdir())]
    (heap / "labels.csv").write_text("\n".join(lines))
    assert scan_folder(heap, SPEC).counts()["red"] == {"train": 8, "validation": 2, "test": 2}


def test_a_name_that_two_files_have_is_not_guessed(tmp_path):
    for place in ("a", "b"):
        draw_folder(tmp_path / "images" / place, 2, ["red"])
    names = ["a/red/00.png", "b/red/00.png", "a/red/01.png", "b/red/01.png"]
    rows = [f"images/{name},{name[0]}" for name in names]
    (tmp_path / "labels.csv").write_text("file,label\n" + "\n".join([*rows, "01.png,a"]))
    dataset = scan_folder(tmp_path, SPEC)
    assert {name: sum(row.values()) for name, row in dataset.counts().items()} == {"a": 2, "b": 2}
    assert "1 line whose file cannot be found" in dataset.problems[0].detail


def test_the_example_of_an_answer_is_no_table_of_labels(kaggle):
    ids = [path.stem for path in sorted((kaggle / "test").iterdir())]
    (kaggle / "sample_submission.csv").write_text("id,label\n" + "\n".join(f"{each},0.5" for each in ids))
    assert scan_folder(kaggle, SPEC, AGREED).classes == ("blue", "green", "red")


def test_a_table_says_more_than_folders_that_are_no_classes(own_folder, tmp_path):
    rows = ["image_id,label"]
    for number, path in enumerate(sorted(own_folder.rglob("*.png"))):
        place = tmp_path / "leaves" / ("train_images" if number % 4 else "test_images")
        place.mkdir(parents=True, exist_ok=True)
        path.rename(place / f"{number}.png")
        if number % 4:
            rows.append(f"{number}.png,{path.parent.name}")
    (tmp_path / "leaves" / "train.csv").write_text("\n".join(rows))
    dataset = scan_folder(tmp_path / "leaves", SPEC)
    assert dataset.classes == ("blue", "green", "red")
    assert len(dataset.samples) == 27


def test_a_table_that_says_the_same_as_the_folders_leaves_them_their_names(own_folder):
    numbers = {"blue": 0, "green": 1, "red": 2}
    rows = [f"{p.parent.name}/{p.name},{numbers[p.parent.name]}" for p in sorted(own_folder.rglob("*.png"))]
    (own_folder / "labels.csv").write_text("file,label\n" + "\n".join(rows))
    assert scan_folder(own_folder, SPEC).classes == ("blue", "green", "red")


def test_tables_called_train_and_test_add_up(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    names = sorted(path.name for path in heap.iterdir())
    for table, some in (("train", names[::2]), ("test", names[1::2])):
        (heap / f"{table}.csv").write_text("\n".join(["file,label", *(f"{n},{n.partition('_')[0]}" for n in some)]))
    dataset = scan_folder(heap, SPEC)
    assert dataset.split_source == "validation-drawn"
    assert len(dataset.split("test")) == 18


@pytest.mark.parametrize(
    ("encoding", "start"), [("utf-16", ""), ("cp1252", ""), ("utf-8", "sep=;\n"), ("utf-8-sig", "")]
)
def test_tables_as_spreadsheets_write_them(own_folder, tmp_path, encoding, start):
    heap = flat(own_folder, tmp_path / "heap")
    words = {"red": "rouge", "green": "végétal", "blue": 'bleu "clair"'}
    rows = ["image;class"]
    for path in sorted(heap.iterdir()):
        word = words[path.name.partition("_")[0]].replace('"', '""')
        rows.append(f'{path.name};"{word}"')
    (heap / "table.csv").write_text(start + "\n".join(rows), encoding=encoding)
    assert scan_folder(heap, SPEC).classes == ('bleu "clair"', "rouge", "végétal")


def test_what_a_table_leaves_open_is_said_and_never_guessed(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    names = sorted(path.name for path in heap.iterdir())
    rows = [f"{n},{n.partition('_')[0]},{'test' if '_0' in n else 'train'}" for n in names]
    rows[0] = rows[0].replace(",test", ",sometimes")
    rows += [f"{names[1]},red,test", f"{names[3]},,train"]
    (heap / "labels.csv").write_text("file,label,split\n" + "\n".join(rows))
    dataset = scan_folder(heap, SPEC)
    assert names[1] not in {sample.path.name for sample in dataset.samples}, "it has two labels"
    details = " ".join(problem.detail for problem in dataset.problems)
    for words in ("1 line without a label", "so skipped: 1 picture", "so used for training: 1 picture"):
        assert words in details
    assert "no known class" not in details


@pytest.mark.parametrize("text", ["5.png,犬\r\n", "5.png,Käse\n", "5.png,é"])
def test_a_table_that_ends_within_four_bytes_of_a_letter(tmp_path, text):
    draw_folder(tmp_path / "x", 6, ["red"])
    for number, path in enumerate(sorted((tmp_path / "x").rglob("*.png"))):
        path.rename(tmp_path / f"{number}.png")
    label = text.strip().partition(",")[2]
    rows = [f"{number}.png,{'猫' if number % 2 else label}" for number in range(5)]
    (tmp_path / "labels.csv").write_bytes(("\ufefffile,label\r\n" + "\r\n".join([*rows, text])).encode())
    assert set(scan_folder(tmp_path, SPEC).classes) == {"猫", label}


def test_tables_that_contradict_each_other_are_not_believed(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    names = sorted(path.name for path in heap.iterdir())
    (heap / "a.csv").write_text("\n".join(["file,label", *(f"{n},{n.partition('_')[0]}" for n in names)]))
    right = [f"{n},{n.partition('_')[0]}" for n in names[4:10]]
    (heap / "b.csv").write_text("\n".join(["file,label", *(f"{n},wrong" for n in names[:4]), *right]))
    (heap / "c.csv").write_text("\n".join(["file,label", *(f"{n},{ord(n[0])}" for n in names[:30])]))
    dataset = scan_folder(heap, SPEC)
    assert "wrong" not in dataset.classes
    assert not {sample.path.name for sample in dataset.samples} & set(names[:4])
    details = " ".join(problem.detail for problem in dataset.problems)
    assert "so skipped: 4 pictures" in details
    assert "c.csv gives the same classes other names than a.csv" in details


def test_a_table_of_splits_is_heard_beside_class_folders(own_folder):
    rows = ["file,label,split"]
    for path in sorted(own_folder.rglob("*.png")):
        number = {"blue": 0, "green": 1, "red": 2}[path.parent.name]
        rows.append(f"{path.parent.name}/{path.name},{number},{'test' if path.stem < '03' else 'train'}")
    (own_folder / "split.csv").write_text("\n".join(rows))
    dataset = scan_folder(own_folder, SPEC)
    assert dataset.classes == ("blue", "green", "red")
    assert {sample.path.stem for sample in dataset.split("test")} == {"00", "01", "02"}


def test_a_table_of_paths_in_train_and_test_keeps_these_apart(kaggle):
    rows = ["file,label"]
    for path in sorted(kaggle.rglob("*.png")):
        first = {"b": "blue", "g": "green", "r": "red"}[path.name[0]]
        rows.append(f"{path.parent.name}/{path.name},{first}")
    (kaggle / "labels.csv").write_text("\n".join(rows))
    dataset = scan_folder(kaggle, SPEC)
    assert {sample.path.parent.name for sample in dataset.split("test")} == {"test"}
    assert len(dataset.split("test")) == 9


def test_a_class_folder_beside_pictures_with_agreed_names_adds_to_them(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    assert len(open_dataset(heap, SPEC, classes_from="names").samples) == 36
    (heap / "red").mkdir()
    (heap / "red" / "more.png").write_bytes((heap / "red_00.png").read_bytes())
    dataset = open_dataset(heap, SPEC)
    labels = {sample.path.name: dataset.classes[sample.label] for sample in dataset.samples}
    assert (len(labels), labels["more.png"]) == (37, "red")


def test_a_line_about_one_folder_says_nothing_of_another(tmp_path):
    draw_folder(tmp_path / "b", 4)
    (tmp_path / "a").mkdir()
    (tmp_path / "b" / "red" / "00.png").rename(tmp_path / "a" / "x.png")
    names = [path.relative_to(tmp_path).as_posix() for path in sorted((tmp_path / "b").rglob("*.png"))]
    rows = [f"{name},{'even' if number % 2 else 'odd'}" for number, name in enumerate(names)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows, "a/01.png,wrong", "a/x.png,odd"]))
    dataset = scan_folder(tmp_path, SPEC)
    assert set(dataset.classes) == {"even", "odd"}
    assert "1 line whose file cannot be found" in dataset.problems[0].detail


def test_a_table_of_one_endless_line_is_not_read(own_folder):
    with (own_folder / "labels.csv").open("wb") as file:
        file.write(b"file,label\n")
        file.truncate(400_000_000)
    assert len(scan_folder(own_folder, SPEC).samples) == 36


def test_a_table_inside_a_wrapping_folder(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    wrapped = tmp_path / "download" / "inner"
    wrapped.mkdir(parents=True)
    heap.rename(wrapped / "images")
    names = sorted(path.name for path in (wrapped / "images").iterdir())
    (wrapped / "labels.csv").write_text("\n".join(["file,label", *(f"{n},{n.partition('_')[0]}" for n in names)]))
    assert scan_folder(tmp_path / "download", SPEC).classes == ("blue", "green", "red")


def test_agreed_names_stay_labels_when_others_are_added(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    assert len(open_dataset(heap, SPEC, classes_from="names").samples) == 36
    for number, path in enumerate(sorted(heap.iterdir())[:8]):
        path.rename(heap / f"{'abcdefgh'[number]}.png")
    dataset = open_dataset(heap, SPEC)
    assert len(dataset.samples) == 28
    assert sum(problem.kind == "outside-classes" for problem in dataset.problems) == 8


def test_links_to_what_is_above_are_no_classes(own_folder):
    (own_folder / "all").symlink_to(own_folder, target_is_directory=True)
    (own_folder / "red" / "up").symlink_to(own_folder, target_is_directory=True)
    dataset = scan_folder(own_folder, SPEC)
    assert dataset.classes == ("blue", "green", "red")
    assert len(dataset.samples) == 36


def test_folders_in_folders_without_end_are_said(own_folder):
    deep = own_folder / "red"
    for _ in range(60):
        deep = deep / "d"
    deep.mkdir(parents=True)
    assert [problem.detail for problem in scan_folder(own_folder, SPEC).problems] == [
        "The folder d is nested too deeply."
    ]


def test_train_and_test_without_any_labels_are_one_clear_error(tmp_path):
    for split in ("train", "test"):
        for number, path in enumerate(draw_folder(tmp_path / "x", 3).rglob("*.png")):
            (tmp_path / "open" / split).mkdir(parents=True, exist_ok=True)
            path.rename(tmp_path / "open" / split / f"{'abcdefghi'[number]}.png")
    with pytest.raises(DatasetError, match="Nothing in open says") as caught:
        scan_folder(tmp_path / "open", SPEC)
    assert "test and train" in caught.value.problem.meaning


def test_what_lies_beside_the_split_folders_is_said(tmp_path):
    for name in ("train", "test", "more"):
        draw_folder(tmp_path / name, 3)
    details = [problem.detail for problem in scan_folder(tmp_path, SPEC).problems]
    assert details == ["The folder more is not one of the classes: 9 pictures are skipped."]
