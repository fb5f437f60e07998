import shutil

from cnnstudio.core import Control
from cnnstudio.data import SplitSpec
from cnnstudio.data.samples import save_samples
from cnnstudio.data.scan import scan_folder
from cnnstudio.data.used import Used, used_by

SPEC = SplitSpec()


def known(used, dataset, **options):
    samples = dataset.samples
    found = used.among(dataset, samples, Control(), **{"chosen_by": True, **options})
    return {(sample.split, sample.path in found) for sample in samples}


def test_the_same_folder_is_known_by_names(own_folder, tmp_path):
    dataset = scan_folder(own_folder, SPEC)
    save_samples(tmp_path / "samples.csv", dataset)
    used = used_by(tmp_path / "samples.csv", own_folder)
    assert known(used, dataset) == {("train", True), ("validation", True), ("test", False)}
    assert known(used, dataset, chosen_by=False) == {("train", True), ("validation", False), ("test", False)}


def test_copies_elsewhere_are_known_by_content(own_folder, tmp_path):
    dataset = scan_folder(own_folder, SPEC)
    save_samples(tmp_path / "samples.csv", dataset)
    used = used_by(tmp_path / "samples.csv", own_folder)
    for number, sample in enumerate(dataset.samples):
        target = tmp_path / "copy" / dataset.classes[sample.label] / f"renamed {number}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample.path, target)
    copy = scan_folder(tmp_path / "copy", SPEC)
    found = used.among(copy, copy.samples, Control(), chosen_by=True)
    assert len(found) == len(dataset.split("train")) + len(dataset.split("validation"))
    shutil.rmtree(own_folder)
    assert used.among(copy, copy.samples, Control(), chosen_by=True) == set(), "nothing is known of what is gone"


def test_nothing_is_known_without_a_list(own_folder, tmp_path):
    (tmp_path / "samples.csv").write_text("damaged")
    dataset = scan_folder(own_folder, SPEC)
    for used in (Used(), used_by(tmp_path / "samples.csv", own_folder), used_by(tmp_path / "none", own_folder)):
        assert used.among(dataset, dataset.samples, Control(), chosen_by=True) == set()
