"""Folders as people have them, each a few lines: what is learned from them, or what is asked, or what is said.

``train/{cat,dog}/*3`` stands for three pictures in each of two folders; other names are files, empty ones.
"""

import itertools
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import ClassesUnclear, Control, DatasetError
from cnnstudio.data import SplitSpec
from cnnstudio.data.layouts.folder_words import split_of, splits_among
from cnnstudio.data.layouts.listing import list_pictures
from cnnstudio.data.scan import scan_folder


def grow(root, *lines):
    """Make the files of a folder; pictures of one folder have names that those of others have not."""
    for line in lines:
        place, star, count = line.rpartition("*")
        for path in spread(place.rstrip("/") if star else line):
            target = root / path
            target.mkdir(parents=True, exist_ok=True) if star else target.parent.mkdir(parents=True, exist_ok=True)
            if star:
                stem = f"{zlib.crc32(path.encode())}x"
                for number in range(int(count)):
                    (target / f"{stem}{number}.png").touch()
            else:
                target.touch()
    return root


def spread(pattern):
    """``a/{b,c}`` is a/b and a/c; ``{1..3}`` is 1, 2 and 3."""
    pattern = re.sub(
        r"\{(\d+)\.\.(\d+)\}", lambda m: "{" + ",".join(map(str, range(int(m[1]), int(m[2]) + 1))) + "}", pattern
    )
    parts = [part.strip("{}").split(",") for part in re.split(r"(\{[^}]*\})", pattern)]
    return ["".join(chosen) for chosen in itertools.product(*parts)]


def seen(root, classes_from=""):
    """Classes, splits and pictures of each; or the keys of a question; or the sentence of an error."""
    try:
        listing = list_pictures(root, classes_from=classes_from, control=Control())
    except ClassesUnclear as question:
        return [choice.key for choice in question.problem.choices]
    except DatasetError as error:
        return str(error)
    found = {}
    for name, split in zip(listing.classes, listing.splits, strict=True):
        found.setdefault(name, {}).setdefault(split, 0)
        found[name][split] += 1
    return {
        name: own[None] if set(own) == {None} else {split[:3]: count for split, count in own.items()}
        for name, own in found.items()
    }


BOTH = {"cat": 3, "dog": 3}
SPLIT = {"cat": {"tra": 4, "tes": 2}, "dog": {"tra": 4, "tes": 2}}
THREE = {"cat": {"tra": 4, "val": 1, "tes": 2}, "dog": {"tra": 4, "val": 1, "tes": 2}}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # classes, wrapped
        (["{cat,dog}/*3"], BOTH),
        (["data/dataset/{cat,dog}/*3"], BOTH),
        (["Photos/Train_Photos/{cat,dog}/*3", "src/train.py", "sample.png", "README.md", "LICENSE"], BOTH),
        (["pets/pets/{cat,dog}/*3", "docs/images/{1,2}.png", "notebooks/a.ipynb", "src/Makefile"], BOTH),
        (["images/{cat,dog}/*3", "results/plot.png", "sample_images/*1"], BOTH),
        (["{cat,dog}/{1..3}.png", "pets/{cat,dog}/{1..3}.png"], BOTH),  # packed twice
        (["Data/CLS-LOC/{train,test}/{cat,dog}/*3", "Annotations/CLS-LOC/train/{cat,dog}/1.xml", "ImageSets/a.txt"],
         {"cat": {"tra": 3, "tes": 3}, "dog": {"tra": 3, "tes": 3}}),
        # pictures anywhere below a class
        (["{cat,dog}/images/*3"], BOTH),
        (["{cat,dog}/raw/*2", "{cat,dog}/edited/*1"], BOTH),
        (["{cat,dog}/{2023,2024}/*3"], {"cat": 6, "dog": 6}),
        (["{cat,dog}/{2023-05-01,2024-06-12}/{a1,b2}/*1"], {"cat": 4, "dog": 4}),
        (["{cat,dog}/{1..4}/*1"], {"cat": 4, "dog": 4}),
        (["{0..3}/*3"], {str(digit): 3 for digit in range(4)}),
        (["cat/*2", "cat/old/*1", "dog/*3"], BOTH),
        (["{healthy,sick}/patient{1..3}/*2"], {"healthy": 6, "sick": 6}),
        (["{patient 1,patient 2}/*3"], {"patient 1": 3, "patient 2": 3}),
        # splits
        (["{train,test}/{cat,dog}/*3"], {"cat": {"tra": 3, "tes": 3}, "dog": {"tra": 3, "tes": 3}}),
        (["seg_train/seg_train/{cat,dog}/*4", "seg_test/seg_test/{cat,dog}/*2", "seg_pred/seg_pred/*5"], SPLIT),
        (["asl_train/asl_train/{cat,dog}/*4", "asl_test/asl_test/{cat,dog}/*2"], SPLIT),
        (["Training/{cat,dog}/*4", "Valid/{cat,dog}/*1", "Testing/{cat,dog}/*2", "papers/*1", "readme.txt"], THREE),
        (["train_images/{cat,dog}/*4", "val2017/{cat,dog}/*1", "holdout/{cat,dog}/*2"], THREE),
        (["Trainingsbilder/{cat,dog}/*4", "Validierung/{cat,dog}/*1", "Testdaten/{cat,dog}/*2"], THREE),
        (["images/train/{cat,dog}/*4", "images/test/{cat,dog}/*2"], SPLIT),
        (["train/images/{cat,dog}/*4", "test/images/{cat,dog}/*2"], SPLIT),
        (["{cat,dog}/train/*4", "{cat,dog}/test/*2"], SPLIT),
        (["train/{cat,dog}/images/*4", "test/images/*9", "val/images/*7"], {"cat": 4, "dog": 4}),
        (["train/{cat,dog}/*3", "test1/*9"], BOTH),
        (["train/{cat,dog}/*3", "test/unknown/*9"], BOTH),
        (["train/{cat,dog}/*3"], BOTH),
        (["test/{cat,dog}/*3"], BOTH),
        (["x/{train,val,test}/{cat,dog}/{1,2}.png", "x/x/{train,val,test}/{cat,dog}/{1,2}.png", "__MACOSX/x/1.png"],
         {name: {"tra": 2, "val": 2, "tes": 2} for name in ("cat", "dog")}),
        # classes that are called like splits
        (["{train,bus,car}/*3"], {"train": 3, "bus": 3, "car": 3}),
        (["{train,test}/{train,bus}/*3"], {"train": {"tra": 3, "tes": 3}, "bus": {"tra": 3, "tes": 3}}),
        (["{tests,training shoes,test tube,Valencia}/*1"],
         dict.fromkeys(["tests", "training shoes", "test tube", "Valencia"], 1)),
        (["{steam train,toy train,bus}/*1"], dict.fromkeys(["bus", "steam train", "toy train"], 1)),
        (["{paper,plastic,glass}/*2"], {"paper": 2, "plastic": 2, "glass": 2}),
        (["{photo,drawing}/*2"], {"photo": 2, "drawing": 2}),
        (["{with_mask,without_mask}/{1..4}.png"], {"with_mask": 4, "without_mask": 4}),
        (["{mask,bare}/{1..4}.png"], ["all-folders-1"]),
        (["{Mask,No Mask}/{1..4}.png"], {"Mask": 4, "No Mask": 4}),
        (["{boxes,bottles,library}/*3"], dict.fromkeys(["boxes", "bottles", "library"], 3)),
        (["{n01443537,n01629819}/*3"], {"n01443537": 3, "n01629819": 3}),
        (["{T1,T2}/*3"], {"T1": 3, "T2": 3}),
        (["{Class 1,Class 2}/*3"], {"Class 1": 3, "Class 2": 3}),
        # what programs and disks leave behind
        (["{cat,dog}/*3", "venv/lib/python/site-packages/matplotlib/images/*40"], BOTH),
        (["{cat,dog}/{1..3}.jpg", "{cat,dog}/thumbs/{1..3}.jpg", "@eaDir/*3", "cat/@eaDir/1.jpg/*2"], BOTH),
        (["{cat,dog}/*3", "env/lib/site-packages/images/*9"], BOTH),
        (["{Documents,Downloads,holiday}/*3"], ["all-folders-1"]),
        # real downloads
        (["train/train/{cat,dog}.{1..5}.jpg", "test/test/{1..4}.jpg"], ["names"]),
        (["images/Images/{n1-cat,n2-dog}/a{1..3}.jpg", "annotations/Annotation/{n1-cat,n2-dog}/a{1..3}"],
         {"n1-cat": 3, "n2-dog": 3}),
        (["Train/{0..2}/*3", "Test/*9", "Meta/{0..2}.png", "Train.txt"], {"0": 3, "1": 3, "2": 3}),
        (["amazon/images/{cat,dog}/*3", "webcam/images/{cat,dog}/*2"], ["folders-1", "folders-3"]),
        (["train/good/{1..6}.png", "test/{good,broken}/{1..3}.png", "ground_truth/broken/{1..3}_mask.png"],
         {"good": 9, "broken": 3}),
        (["rps/{paper,rock}/*3", "rps-test-set/{paper,rock}/*2"],
         {"paper": {"tra": 3, "tes": 2}, "rock": {"tra": 3, "tes": 2}}),
        (["set/{color,segmented}/{cat,dog}/{1..3}.png"], ["folders-2", "folders-3"]),
        # downloads, packed twice
        (["fake/{cat,dog}/{1..3}.png", "both/fake/{cat,dog}/{1..3}.png"], BOTH),
        (["Pets/{cat,dog}/{1..3}.png", "pets/Pets/{cat,dog}/{1..3}.png"], BOTH),
        (["pets/{train,test}/{cat,dog}/{1..3}.png", "pets/pets/{train,test}/{cat,dog}/{1..3}.png"],
         {"cat": {"tra": 3, "tes": 3}, "dog": {"tra": 3, "tes": 3}}),
        (["{site a,site b}/{cat,dog}/{1..3}.png"], ["folders-1", "folders-2"]),
        # what is called roughly as a split, beside others
        (["train_mini/{cat,dog}/*4", "val/{cat,dog}/*2"], {name: {"tra": 4, "val": 2} for name in ("cat", "dog")}),
        (["pets/{cat,dog}/*4", "validation-pets/{cat,dog}/*2"],
         {name: {"tra": 4, "val": 2} for name in ("cat", "dog")}),
        (["ISIC_{Training,Test}_Input/{cat,dog}/*3"], {name: {"tra": 3, "tes": 3} for name in ("cat", "dog")}),
        (["ISIC_{Training,Test}_Input/*3"], r"Nothing in root .* ISIC_Test_Input and ISIC_Training_Input"),
        (["{cat,dog}_train/*4", "{cat,dog}_test/*2"], SPLIT),
        (["{train,test}{A,B}/*3"], {name: {"tra": 3, "tes": 3} for name in "AB"}),
        (["{cat,dog}/*4", "test/{cat,dog}/*2"], SPLIT),
        (["{cat,dog}/*4", "val/{cat,dog}/*1", "test/{cat,dog}/*2"], THREE),
        (["train/{cat,dog}/*3", "test/{bird,fish}/*2"], BOTH),
        (["{bus,test bus}/*3"], {"bus": 3, "test bus": 3}),
        # one folder has the classes, what is beside says nothing
        (["pets (new)/{train,valid}/{cat,dog}/*3", "test/test/*5"],
         {name: {"tra": 3, "val": 3} for name in ("cat", "dog")}),
        (["labeled/{cat,dog}/*3", "unlabeled/*8"], BOTH),
        (["dataset/{cat,dog}/*3", "app/static/images/*4", "app/uploads/*1"], BOTH),
        (["{cat,dog}/*3", "models/a.h5"], BOTH),
        (["101_Pets/{cat,dog}/*3", "Marks/{cat,dog}/{1..3}.mat"], BOTH),
        (["simpsons_dataset/{bart,homer}/*5", "kaggle_simpson_testset/kaggle_simpson_testset/*2"],
         ["folders-2", "all-folders-1"]),
        (["pets_128/pets_128/{cat,dog}/*3", "pets_data/pets_data/{train,test}/{cat,dog}/*3"],
         ["folders-1", "folders-4"]),
        # what cameras, programs and people call folders
        (["DCIM/{100APPLE,101APPLE}/*3"], ["all-folders-2"]),
        (["{202401__,202402__}/*3"], ["all-folders-1"]),
        (["{cat,dog}/*3", "Photos from 2022/*3"], ["folders-1", "all-folders-1"]),
        (["HAM_images_part_{1,2}/*3"], ["all-folders-1"]),
        (["{cat,dog}/*3", "Catalog Previews.lrdata/0/*9", "Photos Library.photoslibrary/originals/*9"], BOTH),
        (["{control,drug}/{A01,B12}/*3"], {"control": 6, "drug": 6}),
        (["{A01,B12}/*3"], {"A01": 3, "B12": 3}),
        (["{50 %,100 %,25-32,-1}/*3"], dict.fromkeys(["50 %", "100 %", "25-32", "-1"], 3)),
        (["{2023-05,2023-06,20230501}/*3"], ["all-folders-1"]),
        # deeper and deeper
        (["{10253,10254,10255}/{0,1}/*2"], ["folders-1", "folders-2"]),
        (["a/{abbey,alley}/*2", "b/bakery/{shop,kitchen}/*2", "c/cafe/*2"], ["folders-1", "folders-2"]),
        (["Animalia/Chordata/{Aves,Mammalia}/*3", "Plantae/Vascular/{Rosa,Quercus}/*3"], ["folders-1", "folders-3"]),
        (["{bottle,cable}/train/good/*6", "bottle/test/{good,broken}/*3", "cable/test/{good,bent,cut}/*3"],
         ["folders-1", "folders-3"]),
        # masks
        (["{cat,dog}/images/{1..3}.png", "{cat,dog}/masks/{1..3}.png"], BOTH),
        (["{cat,dog}/{1..3}.png", "{cat,dog}/masks/{1..3}_mask.png"], BOTH),
        (["{cat,dog}/{1..3}.png", "{cat,dog}/{1..3}_mask.png"], BOTH),
        (["cat/c{1..3}.png", "dog/d{1..3}.png", "GT/{c,d}{1..3}.png"], BOTH),
        (["images/{cat,dog}/{1..3}.png", "masks/{cat,dog}/{1..3}.png"], BOTH),
        (["images/{cat,dog}_{1..3}.jpg", "annotations/trimaps/{cat,dog}_{1..3}.png", "annotations/xmls/cat_1.xml"],
         ["names"]),
        (["train/{cat,dog}_{1..3}.jpg", "train_masks/{cat,dog}_{1..3}_mask.gif"], ["names"]),
        # names
        (["train/{cat,dog}.{1..5}.png", "test1/{1..4}.png"], ["names"]),
        (["{train,val}/{cat,dog}.{1..5}.png"], ["names"]),
        (["part_{1..2}/{cat,dog}.{1..5}.png"], ["names", "all-folders-1"]),
        # which level?
        (["{2023,2024}/{cat,dog}/*3"], ["folders-2", "folders-1"]),
        (["patient{1..3}/{healthy,sick}/*2"], ["folders-2", "folders-1"]),
        (["{bottle,cable}/train/good/{1..6}.png", "{bottle,cable}/test/{good,broken}/{1..3}.png",
          "{bottle,cable}/ground_truth/broken/{1..3}_mask.png"], ["folders-1", "folders-3"]),
        (["{2023,2024}/{spring,autumn}/{cat,dog}/*3"], ["folders-2", "folders-3", "folders-1"]),
        (["{anna,ben,carla}/{cat,dog}/*3"], ["folders-1", "folders-2"]),
        (["{camera1,camera2}/{cat,dog}/*3"], ["folders-2", "folders-1"]),
        (["train/{2023,2024}/{cat,dog}/*3", "test/{2023,2024}/{cat,dog}/*3"], ["folders-3", "folders-2"]),
        (["animals/{cat,dog}/*3", "plants/{oak,fern}/*3"], ["folders-1", "folders-2"]),
        (["{v1,v2}/{train,test}/{cat,dog}/*3"], ["folders-3", "folders-1"]),
        (["train/{cat,dog}/*3", "extra/{cat,dog}/*3"], ["folders-2", "all-folders-2", "folders-1"]),
        (["train/{steam,electric}/*3", "{bus,car}/*3"], ["folders-2", "folders-1"]),
        # names that no class has
        (["{cat,dog,test}/*3"], ["folders-1", "all-folders-1"]),
        (["{cat,dog,images}/*3"], ["folders-1", "all-folders-1"]),
        (["{cat,dog,unlabelled}/*3"], ["folders-1", "all-folders-1"]),
        (["{cat,dog,masks}/*3"], ["folders-1", "all-folders-1"]),
        (["{cat,dog}/*3", "more/{cat,dog}/*2"], ["folders-1", "folders-2", "all-folders-1"]),
        (["photos/{cat,dog}/*3", "maple/*3"], ["folders-2", "all-folders-1"]),
        (["100CANON/*3", "101CANON/*3"], ["all-folders-1"]),
        # nothing says
        (["train2017/*6", "val2017/*4"], r"Nothing in root .* train2017 and val2017"),
        (["train2017/*6", "val2017/*4", "annotations/instances_train2017.json"], r"COCO.*Make a subfolder per class"),
        (["images/train/{a,b,c}.jpg", "images/val/d.jpg", "labels/train/{a,b,c}.txt", "data.yaml"], r"YOLO"),
        (["{train,valid,test}/images/{a,b,c}.jpg", "{train,valid,test}/labels/{a,b,c}.txt"], r"YOLO"),
        (["JPEGImages/{a,b,c}.jpg", "Annotations/{a,b,c}.xml", "ImageSets/Main/train.txt"], r"Pascal VOC"),
        (["train/{a,b,c}.jpg", "train/{a,b,c}.xml", "test/d.jpg"], r"Pascal VOC"),
        (["train/{a,b,c}.jpg", "train/_annotations.coco.json", "valid/{d,e}.jpg"], r"COCO"),
        (["images/{a,b,c}.png", "masks/{a,b,c}.png"], r"masks \(masks\)"),
        (["{train,val}/images/{a,b,c}.png", "{train,val}/masks/{a,b,c}.png"], r"masks \(masks\)"),
    ],
)  # fmt: skip
def test_what_is_seen_in_a_folder(tmp_path, lines, expected):
    found = seen(grow(tmp_path / "root", *lines))
    if isinstance(expected, str):
        assert isinstance(found, str)
        assert re.search(expected, found)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("split", "names"),
    [
        ("train", "train Training TRAIN training_set train_images Train_Photos seg_train train2017 images_train "
                  "trainset 01-train TrainData trainval train_split 训练集 训练数据 学習用データ 훈련 обучение "
                  "träning træning אימון "
                  "Trainingsbilder trainingsdaten Entraînement entrenamiento"),
        ("validation", "val valid Validation validation_set val2017 val-images dev devset eval validset Validierung "
                       "Validierungsdaten validación my_val 验证集 검증 doğrulama"),
        ("test", "test testing test1 test_data Test-Set testset holdout hold_out hold-out Testbilder prueba "
                 "test_images 测试集 測試 テストデータ 테스트 тест اختبار Prüfung"),
        (None, "tests trainers Valencia value testimony contest valve devil evaluate_me trains detest training_shoes "
               "test_tube toy_train train_masks train_test_split cat 2017 images Testarossa devices evalued"),
    ],
)  # fmt: skip
def test_what_people_call_splits(split, names):
    assert {name: split_of(name) for name in names.split()} == dict.fromkeys(names.split(), split)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["asl_train", "asl_test", "other"], {"asl_train": "train", "asl_test": "test"}),
        (["train-dogs", "valid-dogs"], {"train-dogs": "train", "valid-dogs": "validation"}),
        (["toy train", "crash test"], {}),
        (["steam train", "steam boat"], {}),
        (["train", "train_masks", "test_masks"], {"train": "train"}),
    ],
)
def test_names_that_are_splits_only_beside_each_other(names, expected):
    assert splits_among(names) == expected


GOOD = [
    (["{cat,dog}/*6"], {"cat", "dog"}),
    (["{cat,dog}/images/*6"], {"cat", "dog"}),
    (["{cat,dog}/{2023,2024}/*3"], {"cat", "dog"}),
    (["{train,test}/{cat,dog}/*6"], {"cat", "dog"}),
    (["seg_train/seg_train/{cat,dog}/*6", "seg_test/seg_test/{cat,dog}/*3"], {"cat", "dog"}),
    (["{train,val}/images/{cat,dog}/*6"], {"cat", "dog"}),
    (["{cat,dog}/train/*6", "{cat,dog}/val/*3"], {"cat", "dog"}),
    (["images/{cat,dog}/p{1..6}.png", "masks/{cat,dog}/p{1..6}.png"], {"cat", "dog"}),
]
WRAPPERS = st.lists(
    st.sampled_from(["data", "images", "my pets", "v2", "2023", "Datensatz", "archive (1)"]), max_size=3)  # fmt: skip
BESIDE = ["README.md", "LICENSE", "src/train.py", "sample.png", "docs/figures/{a,b}.png", "notebooks/x.ipynb",
          ".git/HEAD", "__MACOSX/._a.png", "Thumbs.db", "results/plot.png", "empty/deeper/notes.txt",
          "annotations/boxes.json"]  # fmt: skip


@given(st.sampled_from(GOOD), WRAPPERS, st.lists(st.tuples(st.integers(0, 3), st.sampled_from(BESIDE)), max_size=4))
def test_whatever_is_around_a_good_folder_its_classes_are_found_or_asked_for(tmp_path_factory, good, wrappers, beside):
    lines, classes = good
    root = tmp_path_factory.mktemp("root")
    start = "".join(f"{wrapper}/" for wrapper in wrappers)
    grow(root, *(start + line for line in lines))
    grow(root, *("".join(f"{wrapper}/" for wrapper in wrappers[:depth]) + line for depth, line in beside))
    found = seen(root)
    assert set(found) == classes or (isinstance(found, list) and len(found) > 1)
    if isinstance(found, list):
        assert any(set(seen(root, key)) == classes for key in found), "and one of the answers is right"


@given(st.sampled_from(GOOD), WRAPPERS, st.lists(st.tuples(st.integers(0, 3), st.sampled_from(BESIDE)), max_size=4))
def test_every_picture_is_used_or_said(tmp_path_factory, good, wrappers, beside):
    root = tmp_path_factory.mktemp("root")
    start = "".join(f"{wrapper}/" for wrapper in wrappers)
    grow(root, *(start + line for line in good[0]))
    grow(root, *("".join(f"{wrapper}/" for wrapper in wrappers[:depth]) + line for depth, line in beside))
    answer = seen(root)
    listing = list_pictures(root, classes_from=answer[0] if isinstance(answer, list) else "", control=Control())
    used = {root / name for name in listing.names}
    assert len(used) == len(listing.names), "once each"
    said = {problem.path for problem in listing.problems}
    files = {path for path in root.rglob("*") if path.is_file()}
    assert not used & said
    assert {path for path in files - used if said.isdisjoint([path, *path.parents])} == set()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["train/{cat,dog}/*3", "test1/*9"], "Nothing says what is on the pictures in test1: 9 pictures are skipped."),
        (["{cat,dog}/images/{1..3}.png", "{cat,dog}/masks/{1..3}.png"], "goes with the pictures beside it: 3 pictures"),
        (["{cat,dog}/{1..3}.png", "{cat,dog}/{1..3}_mask.png"], "Masks of the pictures in cat, skipped: 3 files"),
        (
            ["images/{cat,dog}/*3", "labels/{cat,dog}/{1..3}.txt"],
            "parts of pictures, which is not used: 6 files",
        ),
        (["train/good/*6", "test/{good,broken}/*3"], "only one class to train on here, so all pictures are split"),
        (
            ["{train,test}/{cat,dog}/*3", "extra/*7"],
            "extra is not one of the classes: 7 pictures are skipped.",
        ),
        (["{val,test}/{cat,dog}/*3"], "No folder here is for training, so all pictures are split again."),
        (
            ["train/{cat,dog}/*3", "test/{bird,fish}/*2"],
            "None of the classes is in test, only bird and fish: 4 pictures",
        ),
        (["{cat,dog}/*3", "models/a.h5"], "The folder models holds tables of numbers, no pictures: 1 file is skipped."),
        (["{cat,dog}/*3", "venv/lib/*7"], "The folder venv belongs to a program: 7 pictures are skipped."),
        (["{cat,dog}/{1..3}.png", "pets/{cat,dog}/{1..3}.png"], "pets holds the folders beside it again: 6 pictures"),
    ],
)
def test_what_is_not_used_is_said_with_a_count(tmp_path, lines, words):
    problems = list_pictures(grow(tmp_path / "root", *lines), control=Control()).problems
    assert any(words in problem.detail for problem in problems), [problem.detail for problem in problems]


NAMES = ["cat", "dog", "train", "test", "train2017", "val2017", "seg_pred", "images", "JPEGImages", "labels", "masks",
         "2023", "2024", "annotations", "docs", "part_1", "results", "unlabelled", "anna", "0", "1"]  # fmt: skip
NO_CLASSES = {"train2017", "val2017", "seg_pred", "images", "JPEGImages", "labels", "masks", "annotations",
              "unlabelled", "test", "2023", "part_1"}  # fmt: skip
FILES = ["{0..2}.png", "cat_{0..2}.png", "{cat,dog}.{0..2}.jpg", "{0..2}_mask.png", "{0..2}.txt", "a.json", "README"]


@given(
    st.lists(st.tuples(st.lists(st.sampled_from(NAMES), max_size=4), st.sampled_from(FILES)), min_size=1, max_size=9)
)
def test_no_folder_makes_nonsense_of_itself(tmp_path_factory, branches):
    root = grow(tmp_path_factory.mktemp("root"), *("/".join([*folders, files]) for folders, files in branches))
    found = seen(root)
    if isinstance(found, dict) and len(found) > 1:
        assert not NO_CLASSES & set(found), "not without a question"
    for key in found if isinstance(found, list) else ():
        assert isinstance(seen(root, key), dict), "every choice is an answer"
    if not isinstance(found, str):
        listing = list_pictures(root, classes_from=found[0] if isinstance(found, list) else "", control=Control())
        used, said = {root / name for name in listing.names}, {problem.path for problem in listing.problems}
        assert len(used) == len(listing.names), "once each"
        files = {path for path in root.rglob("*") if path.is_file()}
        assert {path for path in files - used if said.isdisjoint([path, *path.parents])} == set()


def test_a_person_who_opens_one_class_is_told_where_the_others_are(tmp_path):
    grow(tmp_path / "pets", "{cat,dog}/*3", ".thumbs/*1", "notes/a.txt")
    with pytest.raises(DatasetError, match=r"If cat is one class, open pets instead, which also holds dog\."):
        scan_folder(tmp_path / "pets" / "cat", SplitSpec())


def test_pictures_in_folders_without_classes_are_counted(tmp_path):
    with pytest.raises(DatasetError, match=r"5 pictures are not in a class folder"):
        scan_folder(grow(tmp_path / "pets", "test/*5"), SplitSpec())


def test_readings_name_the_way_to_their_folders(tmp_path):
    with pytest.raises(ClassesUnclear, match=r"hat \(2\).*inside amazon/images and webcam/images"):
        list_pictures(grow(tmp_path / "a", "{amazon,webcam}/images/{hat,shoe}/*1"), control=Control())
    with pytest.raises(ClassesUnclear, match=r"inside 2023 and 2024"):
        list_pictures(grow(tmp_path / "b", "all/{2023,2024}/{hat,shoe}/*1"), control=Control())
