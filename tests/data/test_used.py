import shutil

import pytest

from cnnstudio.core import Control
from cnnstudio.data import SplitSpec
from cnnstudio.data.contents import contents_of
from cnnstudio.data.scan import scan_folder
from cnnstudio.data.used import Used, UsedPicture, read_used

SPEC = SplitSpec()


def names_of(dataset):
    return [dataset.name_of(sample.path) for sample in dataset.samples]


def used_in(dataset, part="network"):
    contents = contents_of(dataset.root, names_of(dataset), Control())
    uses = {"train": "learned", "validation": "chosen-by"}
    return Used(
        pictures=tuple(
            UsedPicture(str(sample.path.resolve()), content, uses[sample.split], part, "run")
            for sample, content in zip(dataset.samples, contents, strict=True)
            if sample.split in uses
        )
    )


def known(used, dataset, **options):
    found = used.among(dataset, dataset.samples, Control(), **{"chosen_by": True, **options})
    return {(sample.split, sample.path in found) for sample in dataset.samples}


def test_pictures_are_known_by_name_though_a_photo_program_wrote_into_them(own_folder):
    dataset = scan_folder(own_folder, SPEC)
    used = used_in(dataset)
    for sample in dataset.samples:
        with sample.path.open("ab") as file:
            file.write(b"five stars")
    assert known(used, dataset) == {("train", True), ("validation", True), ("test", False)}
    assert known(used, dataset, chosen_by=False) == {("train", True), ("validation", False), ("test", False)}


def test_copies_elsewhere_are_known_by_content_whatever_became_of_the_originals(own_folder, tmp_path):
    dataset = scan_folder(own_folder, SPEC)
    used = used_in(dataset)
    for number, sample in enumerate(dataset.samples):
        target = tmp_path / "copy" / f"another class {sample.label}" / f"renamed {number}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample.path, target)
    shutil.rmtree(own_folder)
    copy = scan_folder(tmp_path / "copy", SPEC)
    found = used.among(copy, copy.samples, Control(), chosen_by=True)
    assert len(found) == len(dataset.split("train")) + len(dataset.split("validation"))


def test_a_look_alike_of_a_used_picture_counts_as_used(own_folder):
    from PIL import Image

    before = scan_folder(own_folder, SPEC)
    learned = before.split("train")[0].path
    with Image.open(learned) as image:
        image.save(learned.with_name("again.jpg"), quality=95)
    used = used_in(before)
    for spec, expected in ((SPEC, True), (SplitSpec(copies_together=False), False)):
        now = scan_folder(own_folder, spec)
        found = used.among(now, now.samples, Control(), chosen_by=False)
        assert (learned.with_name("again.jpg") in found) == expected


def test_the_table_comes_back_as_it_was_and_without_places_for_others(own_folder, tmp_path):
    used = used_in(scan_folder(own_folder, SPEC))
    used.save(tmp_path / "here.csv", places=True)
    assert read_used(tmp_path / "here.csv") == used
    used.save(tmp_path / "elsewhere.csv", places=False)
    assert str(own_folder) not in (tmp_path / "elsewhere.csv").read_text()
    taken = read_used(tmp_path / "elsewhere.csv")
    assert [each.content for each in taken.pictures] == [each.content for each in used.pictures]
    (tmp_path / "here.csv").write_text((tmp_path / "here.csv").read_text().replace("learned", "forgotten"))
    with pytest.raises(Exception, match="forgotten"):
        read_used(tmp_path / "here.csv")


def test_weights_alone_bring_nothing_of_what_only_a_last_layer_learned(own_folder):
    dataset = scan_folder(own_folder, SPEC)
    head, deep = used_in(dataset, "head"), used_in(dataset)
    assert head.below_head.pictures == ()
    assert head.by_network == deep
    assert (head | deep) == deep, "what the whole network learned counts"
