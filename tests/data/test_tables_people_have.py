"""Tables as competitions, hubs, clinics and spreadsheets lay them out: what is told of them, or why nothing is."""

import json
from collections import Counter
from itertools import product

import pytest

from cnnstudio.core import Control
from cnnstudio.data.layouts.folder import look_into, read_tree
from cnnstudio.data.layouts.tables.told import told_by_tables

N = 24
WORDS = ("oak", "elm", "ash")
EACH = dict.fromkeys(WORDS, 8)


def table(*rows, joint=","):
    return "\n".join(joint.join(map(str, row)) for row in rows) + "\n"


def numbered(form, count=N, start=0):
    return [form.format(number) for number in range(start, start + count)]


def tell(folder, pictures, files, *, little_will_do=True):
    for name in pictures:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return told_by_tables(read_tree(look_into(folder), Control()), little_will_do=little_will_do)


def said(told):
    return " ".join(problem.detail for problem in told.problems if problem.kind in ("table", "outside-classes"))


def classes(told):
    return dict(Counter(told.classes))


IMG = numbered("img/{}.png")
ISIC = numbered("images/ISIC_{:07}.jpg")
HEX = numbered("train/{:016x}.jpg", start=7_777_777)
CUB = [f"CUB/images/{k + 1:03}.Bird_{'abc'[k]}/Bird_{i:04}_{k}.jpg" for k, i in product(range(3), range(8))]
NABIRDS = [f"images/{k:04}/{i:04x}ab{k}.jpg" for k, i in product(range(3), range(8))]
PETS = [f"images/{kind}_{i}.jpg" for kind, i in product(("Abyssinian", "great_pyrenees", "pug"), range(1, 9))]
FOOD = [f"food/images/{kind}/{i + 100}.jpg" for kind, i in product(("apple_pie", "ribs"), range(12))]
INAT = [f"train/00{k}_Acer_{k}/{i}a{k}.jpg" for k, i in product(range(3), range(8))]
SIGNS = [f"Train/{k}/{k:05}_{i:05}.png" for k, i in product(range(3), range(8))]


def pet(name):
    kind = ("Abyssinian", "great_pyrenees", "pug").index(name[7:].rpartition("_")[0])
    return f"{name[7:-4]} {kind + 1} {1 + (kind > 0)} {max(1, kind)}"


def coco(boxes, **more):
    pictures = [{"id": i, "file_name": name.rpartition("/")[2]} for i, name in enumerate(IMG)]
    notes = [{"image_id": i, "category_id": (i + k) % 3, **more} for i, k in product(range(N), range(boxes))]
    return json.dumps({
        "images": pictures, "annotations": notes, "categories": [{"id": k, "name": WORDS[k]} for k in range(3)],
    })  # fmt: skip


GIVES_CLASSES = {
    "lesions": (ISIC, {"HAM_metadata.csv": table(
        ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"),
        *((f"L{i // 2}", ISIC[i][7:-4], WORDS[i // 2 % 3], "histo", 40 + i, "fm"[i % 2], "back") for i in range(N)))},
            EACH),
    "one-hot beside metadata": (ISIC, {
        "truth.csv": table(("image", *WORDS), *((ISIC[i][7:-4],
            *(float(i % 3 == k) for k in range(3))) for i in range(N))),
        "meta.csv": table(("image", "age", "anatom_site", "sex"), *((ISIC[i][7:-4], 40, "ab"[i % 2],
            "m") for i in range(N))),
    }, EACH),
    "id_code": (numbered("train_images/{:012x}.png"), {
        "train.csv": table(("id_code", "diagnosis"), *((f"{i:012x}", i % 3) for i in range(N)))}, {"0": 8, "1": 8,
            "2": 8}),
    "numbers named by a JSON": (numbered("a/{}.jpg", start=1000201771), {
        "train.csv": table(("image_id", "label"), *((f"{1000201771 + i}.jpg", i % 3) for i in range(N))),
        "label_num_to_disease_map.json": json.dumps(dict(enumerate(WORDS)))}, EACH),
    "numbers named by a table": (IMG, {
        "train.csv": table(("image_id", "class_id"), *((f"{i}.png", i % 3) for i in range(N))),
        "class_names.csv": table(("class_id", "class_name"), *enumerate(WORDS))}, EACH),
    "numbers named by lines": (IMG, {
        "train.txt": table(*((f"img/{i}.png", i % 3 + 1) for i in range(N)), joint=" "),
            "classes.txt": "\n".join(WORDS)},
        EACH),
    "names with blanks": (numbered("img/my photo {}.jpg"), {
        "labels.txt": table(*((f"my photo {i}.jpg", i % 3) for i in range(N)), joint=" "),
        "categories.txt": "oak 0\nelm 1\nash 2\n"}, EACH),
    "a notes line with the names": (PETS, {
        "list.txt": "#Image CLASS-ID SPECIES BREED ID\n#ID: 1:37 Class ids\n" + "\n".join(map(pet, PETS))},
        {"Abyssinian": 8, "great_pyrenees": 8, "pug": 8}),
    "one for each picture, with boxes": (IMG, {"annotations.csv": table(
        *((name, i, i + 1, i + 50, i + 60, WORDS[i % 3]) for i, name in enumerate(IMG)))}, EACH),
    "annotations of pictures": (IMG, {"train.json": coco(1)}, EACH),
    "annotations of one box": (IMG, {"train.json": coco(1, bbox=[1, 2, 3, 4])}, EACH),
    "JSON by name": (IMG, {"labels.json": json.dumps({f"{i}.png": WORDS[i % 3] for i in range(N)})}, EACH),
    "JSON by class": (IMG, {"x.json": json.dumps({w: [f"{i}.png" for i in range(k, N, 3)] for k,
        w in enumerate(WORDS)})},
        EACH),
    "JSON records": (IMG, {"x.json": json.dumps([{"image": f"{i}.png", "class": WORDS[i % 3]} for i in range(N)])},
        EACH),
    "JSON in data": (IMG, {"x.json": json.dumps({"data": [{"image": n, "class": WORDS[i % 3]} for i,
        n in enumerate(IMG)]})},
        EACH),
    "JSON lines": (IMG, {"img/metadata.jsonl": "\n".join(
        json.dumps({"file_name": f"{i}.png", "label": WORDS[i % 3]}) for i in range(N))}, EACH),
    "JSON by name of records": (IMG, {"x.json": json.dumps({f"{i}.png": {"label": WORDS[i % 3]} for i in range(N)})},
        EACH),
    "web addresses": (numbered("img/a b {}.png"), {"labels.csv": table(("url", "label"), *(
        (f"https://x.org/img/a%20b%20{i}.png?raw=1", WORDS[i % 3]) for i in range(N)))}, EACH),
    "other ending, other case": (numbered("Fotos/IMG_{:04}.PNG"), {"Liste.csv": table(("Foto", "Baumart"), *(
        (f"img_{i:04}.jpg", WORDS[i % 3]) for i in range(N)))}, EACH),
    "leading zeros": (numbered("img/{:04}.png", start=1), {"labels.csv": table(("nr", "art"), *(
        (i + 1, WORDS[i % 3]) for i in range(N)))}, EACH),
    "an index in front": (IMG, {"labels.csv": table(("", "filename", "label"), *(
        (i, f"{N - 1 - i}.png", WORDS[i % 3]) for i in range(N)))}, EACH),
    "a title above": (numbered("IMG_{:04}.JPG"), {"Tabelle1.csv": table(
        ("Blattsammlung Sommer 2024", "", "", ""), ("Erfasst:", "Anna", "", ""), ("", "", "", ""),
        ("Nr.", "Dateiname", "Baumart", "Höhe (m)"),
        *((i + 1, f"IMG_{i:04}.JPG", WORDS[i % 3], f"{i},5") for i in range(N)), joint=";")}, EACH),
    "notes above": (IMG, {"labels.csv": "# exported\n# 2024-01-02\n" + table(
        ("image", "label"), *((f"{i}.png", WORDS[i % 3]) for i in range(N)))}, EACH),
    "names of rows": (IMG, {"labels.txt": '"file" "species"\n' + table(
        *((f'"{i}"', f'"{i}.png"', f'"Acer {WORDS[i % 3]}"') for i in range(N)), joint=" ")},
        {f"Acer {word}": 8 for word in WORDS}),
    "delimiters behind": (IMG, {"labels.csv": table(("file", "label", "", ""), *(
        (f"{i}.png", WORDS[i % 3], "", "") for i in range(N)), joint=";")}, EACH),
    "single quotes": (IMG, {"labels.csv": table(("file", "label"), *(
        (f"'{i}.png'", f"'{WORDS[i % 3]}'") for i in range(N)), joint=", ")}, EACH),
    "words beside numbers": (IMG, {"labels.csv": table(("Species", "Label", "Filename"), *(
        (WORDS[i % 3], i % 3, f"{i}.png") for i in range(N)))}, EACH),
    "words in another table": (IMG, {
        "a.csv": table(("file", "label"), *((f"{i}.png", i % 3) for i in range(N))),
        "b.csv": table(("file", "species"), *((f"{i}.png", WORDS[i % 3]) for i in range(N - 3)))}, EACH),
    "a table in a folder beside": (IMG, {"labels/all.csv": table(("file", "label"), *(
        (f"{i}.png", WORDS[i % 3]) for i in range(N)))}, EACH),
    "true and false": (IMG, {"labels.csv": table(("", "file", *WORDS), *(
        (i, f"{i}.png", *(i % 3 == k for k in range(3))) for i in range(N)))}, EACH),
    "a page of links": (HEX, {"train.csv": table(("id", "url", "landmark_id"), *(
        (f"{7_777_777 + i:016x}", f"http://x/{i}.jpg", (27, 142, 20409)[i % 3]) for i in range(N)))},
        {"27": 8, "142": 8, "20409": 8}),
    "a folder and a name": ([f"plot{p}/{i}.jpg" for p, i in product(range(4), range(6))], {"t.csv": table(
        ("image", "plot", "species"), *((f"{i}.jpg", f"plot{p}", WORDS[(i + p) % 3]) for p, i in product(range(4),
            range(6))))},
        EACH),
    "a list that could be pictures": (numbered("img/{}.png"), {
        "trainlist.txt": table(*((f"img/{i}.png", i % 3 + 1) for i in range(N)), joint=" "),
            "classInd.txt": "1 oak\n2 elm\n3 ash\n"},
        EACH),
    "one part of many": (IMG, {"labels.csv": table(("file", "label"), *(
        (f"{(i + 24) % 999}.png", WORDS[i % 3]) for i in range(999)))}, EACH),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVES_CLASSES)
def test_a_table_that_gives_classes(tmp_path, name):
    pictures, files, expected = GIVES_CLASSES[name]
    told = tell(tmp_path, pictures, files)
    assert classes(told) == expected, said(told)
    assert not told.has_splits


DETECTION = "object detection or segmentation"
SEVERAL = "several classes to one picture"
GIVES_NONE = {
    "boxes": ({"a.csv": table(*((n, i, i + 1, i + 50, i + 60, WORDS[(i + k) % 3]) for i,
        n in enumerate(IMG) for k in (0, 1)))},
        "a.csv", DETECTION),
    "COCO": ({"x/instances.json": coco(2, bbox=[1, 2, 3, 4])}, "instances.json", DETECTION),
    "CreateML": ({"a.json": json.dumps([{"image": n, "annotations": [{"label": "a"}]} for n in IMG])}, "a.json",
        DETECTION),
    "run lengths": ({"t.csv": table(("ImageId", "EncodedPixels"), *((n, "26 17 9" if i % 2 else "") for i,
        n in enumerate(IMG)))},
        "t.csv", DETECTION),
    "outlines": ({"via.csv": table(("filename", "region_count", "region_id", "region_shape_attributes"), *(
        (n, 1, 0, '"{""name"":""rect""}"') for n in IMG))}, "via.csv", DETECTION),
    "YOLO": ({f"labels/{i}.txt": f"{i % 3} 0.5 0.5 0.1 0.2\n" for i in range(N)}, "0.txt", DETECTION),
    "VOC": ({f"xml/{i}.xml": "<annotation><object><bndbox></bndbox></object></annotation>" for i in range(N)}, "0.xml",
        DETECTION),
    "objects": ({"img/metadata.jsonl": "\n".join(json.dumps({"file_name": f"{i}.png", "objects": {"bbox": [[1]]}})
        for i in range(N))}, "metadata.jsonl", DETECTION),
    "several labels with bars": ({"x.csv": table(("Image Index", "Finding Labels", "Sex"), *(
        (f"{i}.png", ("Hernia", "Mass", "Hernia|Mass")[i % 3], "MF"[i % 2]) for i in range(N)))}, "x.csv", SEVERAL),
    "several columns with yes": ({"attr.txt": f"{N}\nSmiling Male Young\n" + table(*(
        (f"{i}.png", "-1" if i % 2 else " 1", " 1", "-1" if i % 3 else " 1") for i in range(N)), joint=" ")},
            "attr.txt",
        SEVERAL),
    "shares": ({"g.csv": table(("GalaxyID", "Class1.1", "Class1.2", "Class1.3"), *((i, i / 99, 0.2,
        0.3) for i in range(N)))},
        "g.csv", "a share of several classes"),
    "something to estimate": ({"ages.csv": table(("file", "age"), *((f"{i}.png", 20 + i * 1.5) for i in range(N)))},
        "ages.csv",
        "age holds numbers to estimate"),
    "a target to estimate": ({"y.csv": table(("file", "target", "sex"), *((f"{i}.png", i / 7,
        "mf"[i % 2]) for i in range(N)))},
        "y.csv", "target holds numbers to estimate"),
    "each its own": ({"who.csv": table(("file", "label"), *((f"{i}.png", f"Person {i}") for i in range(N)))}, "who.csv",
        "nearly every picture has another label"),
    "captions": ({"img/metadata.jsonl": "\n".join(json.dumps({"file_name": f"{i}.png", "text": f"thing {i}"})
        for i in range(N))}, "metadata.jsonl", "nearly every picture has another text"),
    "a file for each class": ({"dog_train.txt": table(*((f"{i}.png", (-1, 1)[i % 2]) for i in range(N)), joint="  ")},
        "dog_train.txt", "of one class only"),
    "only names": ({"test.csv": table(("id",), *((f"{i}.png",) for i in range(N)))}, "test.csv", "only lists pictures"),
    "others' names": ({"labels.csv": table(("file", "label"), *((f"other{i}.png", WORDS[i % 3]) for i in range(N)))},
        "labels.csv", "none of its columns names pictures"),
    "answers": ({"results.csv": table(("path", "rank", "label", "probability"), *(
        (n, 1, WORDS[i % 3], 0.9) for i, n in enumerate(IMG)))}, "results.csv", "answers of a network"),
    "example answers": ({"sample_submission.csv": table(("id", "label"), *((f"{i}.png", 0) for i in range(N)))},
        "sample_submission.csv", "answers of a network"),
    "a spreadsheet": ({"labels.xlsx": "PK"}, "labels.xlsx", "Save its table as CSV"),
    "a column store": ({"train.parquet": "PAR1"}, "train.parquet", "Save its table as CSV"),
    "packed": ({"labels.csv.gz": "x"}, "labels.csv.gz", "Save its table as CSV"),
    "binary": ({"labels.csv": "\0\1\2" * 99}, "labels.csv", "not used"),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVES_NONE)
def test_a_table_that_gives_no_classes_is_named_with_the_reason(tmp_path, name):
    files, file, reason = GIVES_NONE[name]
    told = tell(tmp_path, IMG, files)
    assert told.names == []
    assert file in said(told)
    assert reason in said(told)
    assert said(told).count(" is not used") == 1


CLASSES_OF_CUB = {f"{k + 1:03}.Bird_{'abc'[k]}": 8 for k in range(3)}
SPLIT = {
    "joined by a number": (CUB, {
        "CUB/images.txt": table(*((i + 1, name[11:]) for i, name in enumerate(CUB)), joint=" "),
        "CUB/image_class_labels.txt": table(*((i + 1, int(name[11:14])) for i, name in enumerate(CUB)), joint=" "),
        "CUB/classes.txt": table(*((k + 1, name) for k, name in enumerate(CLASSES_OF_CUB)), joint=" "),
        "CUB/train_test_split.txt": table(*((i + 1, i % 2) for i in range(N)), joint=" "),
        "CUB/bounding_boxes.txt": table(*((i + 1, i, i + 3.0, i * 2, i + 50.0) for i in range(N)), joint=" "),
        "CUB/parts/part_locs.txt": table(*((i + 1, k, 3.0, 4.0, 1) for i, k in product(range(N), range(3))), joint=" "),
    }, CLASSES_OF_CUB, {"train": 12, "test": 12}),
    "joined by a code": (NABIRDS, {
        "images.txt": table(*((f"{i:04x}-u", name[7:]) for i, name in enumerate(NABIRDS)), joint=" "),
        "image_class_labels.txt": table(*((f"{i:04x}-u", int(name[7:11])) for i, name in enumerate(NABIRDS)),
            joint=" "),
        "classes.txt": "0 Birds\n1 Ducks\n2 Mallard (Male, adult)\n",
        "train_test_split.txt": table(*((f"{i:04x}-u", i % 2) for i in range(N)), joint=" "),
        "photographers.txt": table(*((f"{i:04x}-u", "Anna Bee") for i in range(N)), joint=" "),
    }, {"Birds": 8, "Ducks": 8, "Mallard (Male, adult)": 8}, {"train": 12, "test": 12}),
    "lists of labels": (PETS, {
        "a/list.txt": "#Image CLASS-ID SPECIES BREED ID\n" + "\n".join(map(pet, PETS)),
        "a/trainval.txt": "\n".join(map(pet, PETS[::2])), "a/test.txt": "\n".join(map(pet, PETS[1::2])),
    }, {"Abyssinian": 8, "great_pyrenees": 8, "pug": 8}, {"train": 12, "test": 12}),
    "names by class": (FOOD, {
        f"food/meta/{split}.json": json.dumps({kind: [n[12:-4] for n in FOOD[start::2] if kind in n]
                                               for kind in ("apple_pie", "ribs")})
        for start, split in enumerate(("train", "test"))
    }, {"apple_pie": 12, "ribs": 12}, {"train": 12, "test": 12}),
    "rows in splits": (IMG, {"split.json": json.dumps({split: [[n, i % 3, WORDS[i % 3]] for i,
        n in enumerate(IMG) if i % 2 == k]
        for k, split in enumerate(("train", "test"))})}, EACH, {"train": 12, "test": 12}),
    "a table for each": (SIGNS + numbered("Test/{:05}.png", 12), {
        "Train.csv": table(("Width", "Roi.X1", "Roi.Y1", "ClassId", "Path"), *((27 + i, 5, 5, n[6], n) for i,
            n in enumerate(SIGNS))),
        "Test.csv": table(("Width", "Roi.X1", "Roi.Y1", "ClassId", "Path"),
                          *((27 + i, 5, 5, i % 3, f"Test/{i:05}.png") for i in range(12))),
    }, {"0": 12, "1": 12, "2": 12}, {"train": 24, "test": 12}),
    "a table in each": ([f"{split}/{i}.png" for split, i in product(("train", "valid", "test"), range(8))], {
        f"{split}/_classes.csv": table(("filename", " oak", " elm"), *((f"{i}.png", i % 2,
            1 - i % 2) for i in range(8)))
        for split in ("train", "valid", "test")
    }, {"oak": 12, "elm": 12}, {"train": 8, "validation": 8, "test": 8}),
    "pictures a folder down": ([f"{split}/images/{i}.png" for split, i in product(("seg_train", "seg_test"),
        range(8))], {
        f"{split}/labels.csv": table(("image", "class"), *((f"{i}.png", WORDS[i % 2]) for i in range(8)))
        for split in ("seg_train", "seg_test")
    }, {"oak": 8, "elm": 8}, {"train": 8, "test": 8}),
    "folders, and a list": ([f"train/n{k}/images/n{k}_{i}.png" for k, i in product((1, 2),
        range(6))] + numbered("val/images/v{}.png", 4),
        {"val/val_annotations.txt": table(*((f"v{i}.png", f"n{i % 2 + 1}", 0, 0, 9, 9) for i in range(4)), joint="\t")},
        {"n1": 8, "n2": 8}, {"train": 12, "validation": 4}),
    "a column for training": (IMG, {"all.csv": table(("file", "label", "is_train"), *(
        (f"{i}.png", WORDS[i % 3], int(i < 12)) for i in range(N)))}, EACH, {"train": 12, "test": 12}),
    "public and private": (IMG, {"x.csv": table(("image", "emotion", "Usage"), *(
        (f"{i}.png", WORDS[i % 3], ("Training", "PrivateTest")[i % 2]) for i in range(N)))}, EACH, {"train": 12,
            "test": 12}),
    "a column in German": (IMG, {"alle.csv": table(("Datei", "Klasse", "Aufteilung"), *(
        (f"{i}.png", WORDS[i % 3], ("train", "val")[i % 2]) for i in range(N)))}, EACH, {"train": 12,
            "validation": 12}),
}  # fmt: skip


@pytest.mark.parametrize("name", SPLIT)
def test_tables_that_give_classes_and_splits(tmp_path, name):
    pictures, files, expected, splits = SPLIT[name]
    told = tell(tmp_path, pictures, files, little_will_do=name != "folders, and a list")
    assert classes(told) == expected, said(told)
    assert dict(Counter(told.splits)) == splits
    assert "is not used" not in said(told)


INSIDE = [f"{word}/{i}.png" for word, i in product(WORDS, range(8))]
BESIDE_CLASS_FOLDERS = {
    "lists": ({"TrainImages.txt": "\n".join(INSIDE[::2]), "TestImages.txt": "\n".join(INSIDE[1::2])},
        {"train": 12, "test": 12}, ""),
    "tables with an index": ({f"{split}.csv": table(("", "Filename", "Label", "ClassName"), *(
        (i, n, WORDS.index(n[:3]), n[:3]) for i, n in enumerate(INSIDE) if i % 2 == k)) for k,
            split in enumerate(("train", "val"))},
        {"train": 12, "validation": 12}, ""),
    "lists that differ": ({f"{split}{j}.txt": "\n".join(n for i, n in enumerate(INSIDE) if (i + j) % 2 == k)
        for j in (1, 2) for k, split in enumerate(("train", "test"))}, {}, "do not say together"),
    "the same": ({"labels.csv": table(("file", "label"), *((n, n[0]) for n in INSIDE))}, {},
        "says the same as the folders"),
    "about few": ({"labels.csv": table(("file", "label"), (INSIDE[0], "x"), (INSIDE[9], "y"))}, {}, "2 pictures of 24"),
    "patients": ({"meta.csv": table(("file", "patient", "age"), *((n, f"P{i // 2}", 30.5 + i) for i,
        n in enumerate(INSIDE)))},
        {}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE_CLASS_FOLDERS)
def test_tables_beside_class_folders_add_what_these_do_not_say(tmp_path, name):
    files, splits, reason = BESIDE_CLASS_FOLDERS[name]
    told = tell(tmp_path, INSIDE, files, little_will_do=False)
    assert told.names == []
    assert dict(Counter(told.split_of.values())) == splits
    assert reason in said(told)
    assert ("not used" in said(told)) == bool(reason)
    assert (told.group_column, len(told.groups)) == (("patient", N) if name == "patients" else ("", 0))


@pytest.mark.parametrize(
    ("column", "is_group"),
    [("lesion_id", True), ("Patient", True), ("Patienten-Nr", True), ("video", True), ("Plant Name", True),
        ("scene_id", True),
     ("subject", True), ("age", False), ("anatom_site_general", False), ("image_id", False)],
)  # fmt: skip
def test_a_column_that_groups_is_known_by_name_and_content(tmp_path, column, is_group):
    rows = [(f"{i}.png", WORDS[i // 8], f"x{i // 2}") for i in range(N)]
    told = tell(tmp_path, IMG, {"labels.csv": table(("file", "label", column), *rows)})
    assert classes(told) == EACH
    assert told.group_column == (column if is_group else "")
    assert len(set(told.groups.values())) == (12 if is_group else 0)


@pytest.mark.parametrize(("each", "words"), [(1, ""), (2, ""), (8, ""), (4, "too few values")])
def test_groups_need_to_come_again_and_leave_several_for_each_class(tmp_path, each, words):
    rows = [(f"{i}.png", WORDS[i // 8], f"x{i // each}") for i in range(N)]
    told = tell(tmp_path, IMG, {"labels.csv": table(("file", "label", "patient"), *rows)})
    assert bool(told.groups) == (each == 2)
    assert (words in said(told)) if words else not said(told)


def test_of_two_columns_that_could_be_it_one_is_taken_and_both_are_named(tmp_path):
    rows = [(f"{i}.png", ["rot", "blau"][i % 2], WORDS[i % 3]) for i in range(N)]
    told = tell(tmp_path, IMG, {"daten.csv": table(("Datei", "Farbe", "Form"), *rows)})
    assert classes(told) == {"rot": 12, "blau": 12}
    assert "daten.csv could give the classes by Farbe or by Form; Farbe is used." in said(told)


@pytest.mark.parametrize("shown", ["../../etc/passwd", "/etc/passwd", "..\\img\\x.png", "~/x", "file:///etc/passwd"])
def test_a_table_leads_nowhere_outside(tmp_path, shown):
    rows = [(f"{i}.png", WORDS[i % 3]) for i in range(1, N)]
    told = tell(tmp_path / "in", IMG, {"labels.csv": table(("file", "label"), (shown, "oak"), *rows)})
    assert set(told.names) == set(IMG[1:])
    assert "1 line whose file cannot be found" in said(told)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, '{"a": 1e999999}', "[]", "{}", "null", '"x"', "[1, 2]", "{}\n{}\n",
        "[[]]", "\0",
             '{"images": 1, "annotations": {}}', '{"images": [1], "annotations": [{}]}', "9" * 10_000, "[NaN]",
                 '[{"a": []}]'],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_any_json_is_read_or_refused(tmp_path, text, name):
    assert tell(tmp_path, IMG, {name: text}).names == []


def test_tables_are_looked_for_in_a_wrapping_folder_and_not_without_end(tmp_path):
    told = tell(
        tmp_path, [f"a/b/{name}" for name in IMG], {"a/b/labels.csv": GIVES_CLASSES["true and false"][1]["labels.csv"]}
    )
    assert classes(told) == EACH
    deep = tell(
        tmp_path / "x", [f"a/{n}" for n in IMG] + ["b/c/d/e/0.png"], {"b/c/d/e/labels.csv": "file,label\n0.png,x\n"}
    )
    assert (deep.names, said(deep)) == ([], "")


def test_prose_is_no_table(tmp_path):
    told = tell(
        tmp_path,
        IMG,
        {"README.txt": "The 24 pictures\nwere taken by Anna.\nSee 0.png\n", "requirements.txt": "torch>=2\n"},
    )
    assert (told.names, said(told)) == ([], "")


def test_many_tables_with_the_same_to_say_are_counted(tmp_path):
    told = tell(tmp_path, IMG, {f"t{i:02}.csv": "a,b\n1x,2x\n" for i in range(12)})
    assert said(told).count("none of its columns") == 5
    assert "The same is true of 7 more, such as t05.csv." in said(told)


ROWS = [("file", "label"), *((f"{i}.png", WORDS[i % 3]) for i in range(N))]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"PK\x03\x04rest", "it is a spreadsheet"), (b"\xd0\xcf\x11\xe0rest", "it is a spreadsheet"), (b"PAR1rest",
        "not read here"),
     (b"\x1f\x8brest", "not read here"), (b"version https://git-lfs.github.com/spec/v1\noid x", "Git LFS"),
     (b"file,label\n" + b"a" * 200_000, "cannot be read as a table"), (b"", "none of its columns"),
     (b"file,label\n", "none of its columns"), (b"\n\n\n", "none of its columns")],
)  # fmt: skip
def test_what_is_called_a_table_and_is_none_is_said(tmp_path, content, reason):
    tmp_path.joinpath("labels.csv").write_bytes(content)
    told = tell(tmp_path, IMG, {})
    assert told.names == []
    assert reason in said(told)


def test_a_quote_without_an_end_swallows_no_lines(tmp_path):
    pots = ('"5 pots oak', '5" pot elm', '5" pot ash')
    rows = [(i, f"{i}.png", pots[i % 3]) for i in range(600)]
    told = tell(tmp_path, numbered("img/{}.png", 600), {"labels.csv": table(("", "file", "label"), *rows)})
    assert len(told.names) == 600
    assert classes(told) == dict.fromkeys(pots, 200)


@pytest.mark.parametrize("call", [str, lambda i: f"{i}.0", lambda i: f"{i:06}", lambda i: f" {i} "])
def test_numbers_name_pictures_whatever_their_zeros(tmp_path, call):
    rows = [(call(i + 1), WORDS[i % 3]) for i in range(N)]
    told = tell(tmp_path, numbered("img/{:04}.png", start=1), {"labels.csv": table(("Nr", "Art"), *rows)})
    assert classes(told) == EACH


@pytest.mark.parametrize(("form", "expected"), [("['{}']", EACH), ('["{}"]', EACH), ("[{}]", EACH), ("{}", EACH)])
def test_labels_in_the_brackets_of_a_list(tmp_path, form, expected):
    rows = [(f"{i}.png", form.format(WORDS[i % 3])) for i in range(N)]
    told = tell(tmp_path, IMG, {"full.tsv": table(("filename", "labels"), *rows, joint="\t")})
    assert classes(told) == expected


@pytest.mark.parametrize("several", ["['oak', 'elm']", "oak|elm", "oak;elm", "oak, elm"])
def test_several_labels_in_a_cell_are_said(tmp_path, several):
    rows = [(f"{i}.png", several if i % 4 == 0 else WORDS[i % 3]) for i in range(N)]
    told = tell(tmp_path, IMG, {"full.tsv": table(("filename", "labels"), *rows, joint="\t")})
    assert told.names == []
    assert "several classes to one picture" in said(told)


def test_answers_of_a_network_are_no_labels(tmp_path):
    for name in ("predictions.csv", "sampleSubmission.csv", "my_prediction_2.tsv"):
        told = tell(tmp_path / name[0], IMG, {name: table(*ROWS)})
        assert (told.names, name in said(told)) == ([], True)


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [("masterCategory", "subCategory", "masterCategory"), ("fine_label", "coarse_label", "fine_label"),
     ("note_x", "plant_species", "plant_species"), ("sex", "diagnosis", "diagnosis"), ("quality", "class", "class"),
     ("Farbe", "Klasse", "Klasse"), ("camera", "shape", "shape")],
)  # fmt: skip
def test_which_of_two_columns_is_the_label(tmp_path, first, second, taken):
    rows = [(f"{i}.png", "xy"[i % 2], WORDS[i % 3]) for i in range(N)]
    told = tell(tmp_path, IMG, {"t.csv": table(("file", first, second), *rows)})
    assert set(told.classes) == ({"x", "y"} if taken == first else set(WORDS))
