import numpy as np
from PIL import Image

from cnnstudio.data import SplitSpec
from cnnstudio.data.checks.facts import TINY, examine, perceptual_hashes
from cnnstudio.data.checks.finding_words import sentence
from cnnstudio.data.curation import Curation
from cnnstudio.data.scan import scan_folder
from tests.data.conftest import photo

SPEC = SplitSpec()


def found_in(root, **options):
    return {finding.kind: finding for finding in scan_folder(root, SPEC, **options).findings}


def test_a_clean_folder_has_nothing_to_complain_about(photos):
    assert found_in(photos) == {}


def test_copies_are_found_resized_compressed_and_exact(photos):
    original = photos / "cat" / "03.jpg"
    with Image.open(original) as picture:
        picture.resize((200, 150)).save(photos / "cat" / "smaller.png")
        picture.save(photos / "cat" / "worse.jpg", quality=30)
    (photos / "cat" / "same.jpg").write_bytes(original.read_bytes())
    found = found_in(photos)
    names = {path.name for path in found["near-duplicate"].groups[0]}
    assert names == {"03.jpg", "smaller.png", "worse.jpg", "same.jpg"}
    assert {path.name for path in found["duplicate"].groups[0]} == {"03.jpg", "same.jpg"}
    assert len(found["near-duplicate"].spare) == 3, "one of them stays"
    assert "leakage" not in found, "the split keeps copies together"


def test_copies_across_given_splits_are_leakage(photos, tmp_path):
    root = tmp_path / "split"
    for number, split in enumerate(("train", "validation", "test")):
        for name in ("cat", "dog"):
            for each in range(10):
                photo(root / split / name / f"{each}.jpg", 100 * number + each + (50 if name == "dog" else 0))
    photo(root / "test" / "cat" / "again.jpg", 3)
    found = found_in(root)
    assert {path.name for path in found["leakage"].groups[0]} == {"3.jpg", "again.jpg"}
    assert [path.name for path in found["leakage"].spare] == ["again.jpg"], "the one in training stays"


def test_groups_that_folders_tear_are_said(tmp_path):
    for number in range(12):
        split = "test" if number % 4 == 0 else "train"
        photo(tmp_path / split / ("cat" if number % 2 else "dog") / f"p{number // 3}_{number}.png", number, (60, 40))
        photo(tmp_path / "test" / "cat" / f"q{number}.png", 100 + number, (60, 40))
    found = {f.kind: f for f in scan_folder(tmp_path, SplitSpec(group_pattern=r"(p\d+)_")).findings}
    names = [{path.name.partition("_")[0] for path in group} for group in found["torn-group"].groups]
    assert sorted(map(tuple, names)) == [("p0",), ("p1",), ("p2",)]
    assert "torn-group" not in found_in(tmp_path)


def test_the_same_picture_in_two_classes_is_a_persons_choice(photos):
    (photos / "dog" / "odd.jpg").write_bytes((photos / "cat" / "05.jpg").read_bytes())
    finding = found_in(photos)["two-classes"]
    assert {path.parent.name for path in finding.groups[0]} == {"cat", "dog"}
    assert finding.spare == ()
    assert found_in(photos)["duplicate"].spare == ()


def test_single_pictures_that_are_odd(photos):
    cat = photos / "cat"
    Image.new("RGB", (300, 200), "teal").save(cat / "blank.png")
    photo(cat / "tiny.png", 71, (16, 12))
    photo(cat / "thin.png", 72, (900, 100))
    photo(cat / "grey.png", 73).convert("L").save(cat / "grey.png")
    photo(cat / "liar.png", 74).save(cat / "liar.jpg", format="PNG")
    turned = Image.Exif()
    turned[0x0112] = 6
    photo(cat / "turned.png", 75).save(cat / "turned.jpg", exif=turned)
    (cat / "turned.png").unlink()
    (cat / "liar.png").unlink()
    found = {kind: {path.name for group in f.groups for path in group} for kind, f in found_in(photos).items()}
    assert found == {
        "blank": {"blank.png"}, "tiny": {"tiny.png"}, "thin": {"thin.png"}, "grey": {"grey.png"},
        "wrong-extension": {"liar.jpg"}, "rotated": {"turned.jpg"},
    }  # fmt: skip


def test_small_and_uneven_classes_are_named(photos):
    for number in range(120):
        photo(photos / "many" / f"{number}.png", 5000 + number, (40, 30))
    for number in range(8):
        photo(photos / "few" / f"{number}.png", 9000 + number, (40, 30))
    found = found_in(photos)
    assert found["small-class"].classes == ("few",)
    assert found["unbalanced"].classes == ("many", "few")


def test_small_pictures_are_only_odd_among_large_ones(tmp_path):
    for name in ("a", "b"):
        for number in range(20):
            photo(tmp_path / name / f"{number}.png", hash((name, number)) % 10**6, (20, 20))
    assert "tiny" not in found_in(tmp_path)


def test_hashes_differ_for_different_pictures():
    rng = np.random.default_rng(0)
    small = rng.random((200, 8, 8)).astype(np.float32)
    looks = np.kron(small, np.ones((4, 4), np.float32)) * 255
    hashes = perceptual_hashes(looks)
    assert len(set(hashes.tolist())) == 200
    assert np.bitwise_count(hashes[0] ^ perceptual_hashes(looks[:1] * 0.7 + 20)[0]) <= 2, "light does not matter"


def test_the_small_copy_is_the_mean_of_its_squares(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    table, problems = examine([str(tmp_path / "a.png")])
    assert problems == []
    step = 32 // TINY
    expected = pixels.reshape(TINY, step, TINY, step, 3).mean((1, 3))
    assert np.abs(table["tiny"][0] - expected).max() <= 0.51


def test_classes_that_are_spelt_almost_alike_are_a_question_and_can_be_merged(tmp_path):
    for number, name in enumerate(("Cat", "cat", "CAT", "great_dane", "Great Dane", "other")):
        for each in range(3 + (name == "cat")):
            photo(tmp_path / name / f"{each}.jpg", 100 * number + each)
    finding = found_in(tmp_path)["alike-classes"]
    assert set(finding.merges) == {("CAT", "cat"), ("Cat", "cat"), ("great_dane", "Great Dane")}
    assert sentence(finding).endswith("alike: cat = CAT = Cat, Great Dane = great_dane.")
    decided = Curation().with_merged(finding.merges)
    merged = scan_folder(tmp_path, SPEC, decided)
    assert merged.classes == ("Great Dane", "cat", "other")
    assert "alike-classes" not in found_in(tmp_path, decided=decided)
    own = decided.relabelled(("Cat/0.jpg",), "Cat")
    assert "Cat" in scan_folder(tmp_path, SPEC, own).classes, "a class that a person names is one of its own"


def test_merged_classes_stay_merged_in_any_order():
    once = Curation().with_merged([("a", "b")]).with_merged([("b", "c")])
    assert once.merged == {"a": "c", "b": "c"}
    assert once.with_merged([("c", "a")]).merged == {"b": "a", "c": "a"}
