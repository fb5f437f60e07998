"""A run that continues others is judged by pictures that none of them learned from or chose by."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.cli.outcome import outcome
from cnnstudio.core import Control, RecipeError, SplitScore, Warned, Watch, codec, right_sentence
from cnnstudio.data import SplitSpec
from cnnstudio.data.contents import contents_of
from cnnstudio.data.samples import SAMPLES_FILE, read_samples, save_samples
from cnnstudio.data.scan import scan_folder
from cnnstudio.data.used import ANCESTORS_FILE, USED_FILE, read_used
from cnnstudio.export.package import export_model
from cnnstudio.inference.session import open_model
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import ModelRef
from cnnstudio.runs import RECORD_FILE, RunRecord, delete_run, open_run
from cnnstudio.training.fair_split import as_before, fair_start
from cnnstudio.training.lineage import Trail
from cnnstudio.training.opening import reopen_training
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.recover import epochs_compared

SEED_0, SEED_7 = SplitSpec(), SplitSpec(seed=7)
OTHER = SplitSpec(seed=4, test=0.8, validation=0)


def draw_noise(root, per_class):
    rng = np.random.default_rng(3)
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        for number in range(per_class):
            pixels = rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number:03}.png", compress_level=1)
    return root


@pytest.fixture(scope="session")
def three_hundred(tmp_path_factory):
    """Two classes of 150 pictures of noise; read only."""
    return draw_noise(tmp_path_factory.mktemp("many") / "pictures", 150)


@pytest.fixture
def sixty(tmp_path):
    return draw_noise(tmp_path / "sixty", 30)


@pytest.fixture
def noted(tmp_path):
    """Run folders as trainings leave them, without the training."""

    def note(dataset, name, start=None, **recipe):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        recipe = Recipe(
            dataset=str(dataset.root), network="lenet5", mode="all", split=dataset.spec, start_from=str(start or "")
        )
        dataset, before = fair_start(dataset, recipe, None, Watch())
        contents = contents_of(dataset.root, [dataset.name_of(each.path) for each in dataset.samples], Control())
        save_samples(folder / SAMPLES_FILE, dataset, contents)
        record = RunRecord(
            name=name, state="finished", created=f"2026-11-26T0{len(name)}:00:00Z", network="lenet5",
            classes=dataset.classes, recipe=codec.to_plain(recipe), dataset_hash="", ancestry=before.ancestry,
        )  # fmt: skip
        codec.save_json(folder / RECORD_FILE, record)
        before.save(folder)
        return folder

    return note


def as_an_older_version_left_it(folder, **recipe):
    """Without contents of pictures, and without what earlier runs used."""
    lines = (folder / SAMPLES_FILE).read_text().splitlines()
    (folder / SAMPLES_FILE).write_text("\n".join(",".join(line.split(",")[:3]) for line in lines) + "\n")
    (folder / ANCESTORS_FILE).unlink(missing_ok=True)
    record = codec.load_json(folder / RECORD_FILE, RunRecord)
    codec.save_json(folder / RECORD_FILE, replace(record, ancestry=None, recipe={**record.recipe, **recipe}))


def rows(folder, *splits):
    return {row.name for row in read_samples(folder / SAMPLES_FILE) if row.split in splits}


def names(dataset, *splits):
    return {dataset.name_of(sample.path) for sample in dataset.samples if sample.split in splits}


def continued(dataset, folder, **changes):
    """The pictures with which a run is continued, what is known of it, and what is said."""
    said = []
    recipe = Recipe(dataset=str(dataset.root), network="lenet5", mode="all", start_from=str(folder), **changes)
    watch = Watch(emit=said.append)
    dataset, before = fair_start(as_before(dataset, recipe, watch), recipe, None, watch)
    return dataset, before, " ".join(event.problem.title for event in said)


def scored(model, folder, **options):
    return run_inline(specs.Evaluate(model=ModelRef(source=str(model)), folder=Path(folder), **options))


# Whole trainings -----------------------------------------------------------------------------------------------


@pytest.fixture
def cheap(quick, three_hundred):
    return replace(quick, dataset=str(three_hundred), epochs=1, batch_size=256)


def deeper(recipe, folder, **changes):
    return replace(recipe, mode="all", weights="auto", start_from=str(folder), **changes)


def judged_by(run, split="test"):
    return {answer.path for answer in run.predictions() if answer.split == split}


def test_a_split_that_changed_in_between_counts_only_what_nobody_has_used(cheap, train, tmp_path):
    first, _ = train(cheap)
    second, _ = train(deeper(cheap, first.folder))
    used = rows(second.folder, "train", "validation")
    exported = tmp_path / "exported"
    export_model(open_model(ModelRef(source=str(second.bundle))), "bundle", exported, [], Watch())
    third, events = train(deeper(cheap, second.folder, split=SEED_7))
    delete_run(first)
    delete_run(second)
    (gone, count), (gone_too, _) = (third.record.ancestry.uncounted[split] for split in ("test", "validation"))
    assert 20 < gone < count
    sentences = [event.problem.title for event in events if isinstance(event, Warned)]
    assert any(f"{gone} of the {count} test pictures do not count" in sentence for sentence in sentences)
    assert third.record.caveats == tuple(sentences)
    assert not judged_by(third) & used
    assert not judged_by(third, "validation") & rows(third.folder, "train")
    assert third.record.scores["test"].images == len(judged_by(third)) == count - gone
    assert len(rows(third.folder, "train", "validation", "test")) == 300 - gone - gone_too
    score = scored(third.folder, cheap.dataset)
    assert (score.images, score.learned) == (count - gone, 0)
    asked = scored(third.folder, cheap.dataset, split="test")
    assert (asked.images, asked.learned) == (count, gone)
    bundle = scored(exported, cheap.dataset)
    assert (bundle.images, bundle.learned, bundle.unknown) == (300 - len(used), 0, "")
    assert "pictures" not in (exported / USED_FILE).read_text(), "names of files stay at home"


def test_make_it_better_keeps_the_split_of_the_run_it_continues(cheap, train, three_hundred):
    first, _ = train(cheap)
    split_again = scan_folder(three_hundred, SEED_7)  # as the window has it open by now
    out = first.folder.with_name("better")
    better, events = train(None, spec=specs.FineTune(recipe=deeper(cheap, first.folder), dataset=split_again, out=out))
    assert better.record.recipe["split"] == first.record.recipe["split"]
    assert all(rows(better.folder, split) == rows(first.folder, split) for split in ("train", "validation", "test"))
    assert judged_by(better) == judged_by(first)
    assert any(
        isinstance(each, Warned) and "The split is that of the earlier run" in each.problem.title for each in events
    )
    assert better.record.caveats == ()


# Without the training ------------------------------------------------------------------------------------------


def test_earlier_runs_may_be_deleted_and_pictures_moved_renamed_and_put_into_other_classes(sixty, noted):
    first = noted(scan_folder(sixty, SEED_0), "first")
    second = noted(scan_folder(sixty, SEED_0), "second", first)
    used = {row.content for row in read_samples(second / SAMPLES_FILE) if row.split != "test"}
    shutil.rmtree(first)
    moved = sixty.rename(sixty.with_name("renamed"))
    for number, path in enumerate(sorted((moved / "a").iterdir())):
        path.rename(moved / ("b" if number % 2 else "a") / f"other {number}.png")
    dataset, before, said = continued(scan_folder(moved, OTHER), second, split=OTHER)
    left = [dataset.name_of(sample.path) for sample in dataset.split("test")]
    assert left
    assert not set(contents_of(moved, left, Control())) & used
    assert "test pictures do not count" in said
    assert "not known" not in said
    assert {picture.run for picture in before.used.pictures} == {"second"}, "the first used the same ones"


def test_too_few_that_are_left_to_judge_by_are_an_error(sixty, noted):
    first = noted(scan_folder(sixty, SEED_0), "first")
    for name in rows(first, "test"):
        (sixty / name).unlink()
    split = SplitSpec(seed=7, validation=0)
    with pytest.raises(
        RecipeError, match="Too few are left of the 8 test pictures: earlier runs have used 8"
    ) as caught:
        continued(scan_folder(sixty, split), first, split=split)
    assert "Split the pictures as the earlier run did" in caught.value.problem.remedy


def test_another_fold_of_the_same_pictures_has_nothing_left_to_choose_by(sixty, noted):
    folds = [SplitSpec(folds=3, fold=fold) for fold in range(2)]
    first = noted(scan_folder(sixty, folds[0]), "first")
    with pytest.raises(RecipeError, match="validation pictures"):
        continued(scan_folder(sixty, folds[1]), first, split=folds[1])
    assert names(continued(scan_folder(sixty, folds[1]), first, split=folds[0])[0], "test") == rows(first, "test")


def test_pictures_that_the_folder_itself_says_are_for_testing_stay_there_and_do_not_count(sixty, noted, tmp_path):
    root = tmp_path / "split"
    for split, start, end in (("train", 0, 15), ("validation", 15, 20), ("test", 20, 30)):
        for name in ("a", "b"):
            (root / split / name).mkdir(parents=True)
            for number in range(start, end):
                shutil.copyfile(sixty / name / f"{number:03}.png", root / split / name / f"{number:03}.png")
    first = noted(scan_folder(root, SEED_0), "first")
    for number in range(4):
        (root / "train" / "a" / f"{number:03}.png").rename(root / "test" / "a" / f"{number:03}.png")
    dataset, before, _ = continued(scan_folder(root, SEED_0), first)
    assert before.ancestry.uncounted == {"test": (4, 24)}
    assert len(dataset.split("test")) == 20


def test_what_older_runs_did_is_put_together_from_what_is_left_of_them(sixty, noted):
    first = noted(scan_folder(sixty, SEED_0), "first")
    second = noted(scan_folder(sixty, SEED_0), "second", first)
    for run in (first, second):
        as_an_older_version_left_it(run)
    used, split = rows(second, "train", "validation"), OTHER
    moved = sixty.with_name("moved")
    for root in (sixty, moved):
        if root == moved:
            sixty.rename(moved)
        dataset, _, said = continued(scan_folder(root, split), second, split=split)
        assert not names(dataset, "test") & used
        assert "not known" not in said


@pytest.mark.parametrize("lost", ["folder", "list", "pictures"])
def test_an_older_run_of_which_too_little_is_left_is_unknown_and_stays_so(sixty, noted, lost):
    dataset = scan_folder(sixty, SEED_0)
    first = noted(dataset, "first")
    second = noted(dataset, "second", first)
    for run in (first, second):
        as_an_older_version_left_it(run)
    if lost == "folder":
        shutil.rmtree(first)
    elif lost == "list":
        (first / SAMPLES_FILE).write_text("damaged")
    else:
        (sixty / sorted(rows(first, "train"))[0]).unlink()
        dataset = scan_folder(sixty, SEED_0)
    unknown = "second" if lost == "pictures" else "first"
    _, _, said = continued(dataset, second)
    assert f"not known which pictures {unknown} learned from" in said
    third = noted(dataset, "third", second)
    shutil.rmtree(second)
    assert any("not known" in sentence for sentence in open_run(third).record.caveats)
    assert Trail().used_by(third, delivered=True).unknown == unknown


@pytest.mark.parametrize("text", ["", "damaged", "path,class,split\n" + "x" * 200_000, "path,class,split\na,b,c\n"])
def test_a_run_whose_list_of_pictures_is_damaged_can_be_continued_and_is_unknown(sixty, noted, text):
    dataset = scan_folder(sixty, SEED_0)
    first = noted(dataset, "first")
    (first / SAMPLES_FILE).write_text(text)
    found, before, _ = continued(dataset, first, split=dataset.spec)
    assert (found, before.used.unknown) == (dataset, "first")


def test_a_damaged_note_of_earlier_runs_is_unknown(sixty, noted):
    dataset = scan_folder(sixty, SEED_0)
    second = noted(dataset, "second", noted(dataset, "first"))
    (second / ANCESTORS_FILE).write_text("path,content\n")
    assert Trail().used_by(second, delivered=True).unknown == "second"


def test_an_older_run_that_was_scored_without_a_look_at_earlier_ones_says_so(sixty, noted, quick, train):
    dataset = scan_folder(sixty, SEED_0)
    second = noted(dataset, "second", noted(dataset, "first"))
    as_an_older_version_left_it(second)
    record = open_run(second).record
    assert record.caveats == ()
    scored_record = replace(record, scores={"test": None})
    assert "score it again with: cnnstudio evaluate" in scored_record.caveats[0]


def test_runs_in_a_circle_are_unknown(sixty, noted):
    dataset = scan_folder(sixty, SEED_0)
    first = noted(dataset, "first")
    second = noted(dataset, "second", first)
    as_an_older_version_left_it(first, start_from=str(second))
    as_an_older_version_left_it(second)
    assert Trail().used_by(second, delivered=True).unknown == "second"


def test_runs_that_were_moved_together_are_followed(sixty, noted, tmp_path):
    dataset = scan_folder(sixty, SEED_0)
    second = noted(dataset, "second", noted(dataset, "first"))
    as_an_older_version_left_it(second)
    second.parent.rename(tmp_path / "moved")
    assert Trail().used_by(tmp_path / "moved" / "second", delivered=True).unknown == ""


def test_weights_of_a_run_or_an_export_know_their_training_and_those_of_others_are_not_asked(sixty, noted, tmp_path):
    run = noted(scan_folder(sixty, SEED_0), "first")
    used = Trail().used_by(run, delivered=True)
    for place in (
        run / "bundle",
        run / "checkpoints",
        tmp_path / "exported",
        tmp_path / "older export",
        tmp_path / "any",
    ):
        place.mkdir()
        (place / "weights.safetensors").touch()
    used.save(tmp_path / "exported" / USED_FILE, places=False)
    (tmp_path / "older export" / "card.json").touch()
    trail = Trail()
    for place in (run / "bundle", run / "checkpoints"):
        assert trail.used_by_weights(place / "weights.safetensors") == used
    exported = trail.used_by_weights(tmp_path / "exported" / "weights.safetensors")
    assert {each.content for each in exported.pictures} == {each.content for each in used.pictures}
    assert trail.used_by_weights(tmp_path / "older export" / "weights.safetensors").unknown == "older export"
    assert trail.used_by_weights(tmp_path / "any" / "weights.safetensors") == type(used)()


def test_a_last_layer_that_was_fitted_again_learned_from_validation_but_not_the_one_that_is_continued(sixty, noted):
    run = noted(scan_folder(sixty, SEED_0), "first")
    record = codec.load_json(run / RECORD_FILE, RunRecord)
    recipe = {**record.recipe, "mode": "head", "head_solver": "regression"}
    codec.save_json(run / RECORD_FILE, replace(record, recipe=recipe))
    chosen_by = {str(sixty / name) for name in rows(run, "validation")}
    for delivered, use in ((True, "learned"), (False, "chosen-by")):
        used = Trail().used_by(run, delivered=delivered)
        assert {each.use for each in used.pictures if each.path in chosen_by} == {use}
        assert used.below_head.pictures == (), "the layers below have learned nothing"


def test_an_older_run_that_is_resumed_is_judged_fairly_too(sixty, noted):
    from contextlib import ExitStack

    first = noted(scan_folder(sixty, SEED_0), "first")
    dataset = scan_folder(sixty, OTHER)
    second = noted(dataset, "second", first)
    contaminated = names(dataset, "test") - rows(second, "test")
    assert contaminated
    save_samples(second / SAMPLES_FILE, dataset, [""] * len(dataset.samples))
    (second / ANCESTORS_FILE).unlink()
    record = codec.load_json(second / RECORD_FILE, RunRecord)
    network = _bundle_of(first)
    environment = {"weights_sha256": network}
    codec.save_json(second / RECORD_FILE, replace(record, ancestry=None, environment=environment, state="stopped"))
    with ExitStack() as held:
        training = reopen_training(second, 0, Watch(), held)
        assert not names(training.context.dataset, "test") & contaminated
    assert open_run(second).record.ancestry.uncounted["test"][0] == len(contaminated)
    assert read_used(second / ANCESTORS_FILE).pictures


def _bundle_of(folder):
    from cnnstudio.networks import BundleCard, builder
    from cnnstudio.networks.bundle import MANIFEST_FILE, save_bundle

    card = BundleCard(network="lenet5", classes=("a", "b"), preprocess=builder.preprocess_of("lenet5", None))
    save_bundle(folder / "bundle", builder.build_network("lenet5", 2), card)
    return json.loads((folder / "bundle" / MANIFEST_FILE).read_text())["sha256"]["weights.safetensors"]


# What is answered out of fold, and what chose before ------------------------------------------------------------


@pytest.fixture
def all_layers_then_the_last(sixty, noted, train):
    """A run of all layers that chose among 7 epochs, and a last layer that was solved for on what it made."""
    dataset = scan_folder(sixty, SEED_0)
    first = noted(dataset, "first")
    _bundle_of(first)
    record = codec.load_json(first / RECORD_FILE, RunRecord)
    chosen = SplitScore(
        split="validation", images=8, loss=0.5, accuracy=0.5, top5_accuracy=None, interval=(0.2, 0.8),
        confusion=((2, 2), (2, 2)), chosen_among=7,
    )  # fmt: skip
    codec.save_json(first / RECORD_FILE, replace(record, scores={"validation": chosen}))
    recipe = Recipe(dataset=str(sixty), network="lenet5", start_from=str(first), frozen_precision="fp32")
    return first, *train(recipe)


def test_pictures_that_taught_the_layers_below_are_not_judged_by_cross_validation(all_layers_then_the_last):
    first, second, events = all_layers_then_the_last
    learned = len(rows(first, "train"))
    assert second.record.ancestry.uncounted == {"train": (learned, learned)}
    assert set(second.record.scores) == {"validation", "test"}
    assert not judged_by(second, "train"), "or a comparison would count them"
    said = [event.problem.title for event in events if isinstance(event, Warned)]
    assert f"{learned} of the {learned} training pictures do not count, since earlier runs learned from them." in said
    assert second.record.chosen == "Chosen by cross-validation"
    assert "correct" not in outcome(second).splitlines()[-2], "of which nothing is said of new pictures"
    assert "validation pictures correct" in second.record.every_picture
    assert "training" not in second.record.every_picture


def test_a_resumed_last_layer_leaves_the_same_pictures_out(all_layers_then_the_last):
    _, second, _ = all_layers_then_the_last
    record = codec.load_json(second.folder / RECORD_FILE, RunRecord)
    codec.save_json(second.folder / RECORD_FILE, replace(record, state="stopped", scores={}))
    again = run_inline(specs.ResumeRun(run=second.folder))
    assert again.record.scores == second.record.scores


def test_validation_pictures_that_chose_in_earlier_runs_have_chosen_in_this_one(all_layers_then_the_last, sixty, noted):
    first, second, _ = all_layers_then_the_last
    assert second.record.ancestry.compared == second.record.scores["validation"].chosen_among == 7
    assert any("chosen the best of 7 epochs of earlier runs" in sentence for sentence in second.record.caveats)
    recipe = Recipe(dataset=str(sixty), network="lenet5", mode="all", start_from=str(second.folder))
    assert epochs_compared(recipe, 5, second.record.ancestry) == 11
    _, before, _ = continued(scan_folder(sixty, SEED_0), second.folder)
    assert before.ancestry.compared == 7, "through any number of runs"
    others = SplitSpec(validation=0)
    assert continued(scan_folder(sixty, others), first, split=others)[1].ancestry.compared == 1


def test_training_pictures_that_are_scored_are_counted_as_such(sixty, noted):
    run = noted(scan_folder(sixty, SEED_0), "first")
    _bundle_of(run)
    found = scored(run, sixty, split="train")
    assert (found.images, found.learned) == (len(rows(run, "train")),) * 2
    assert "The network was trained with" in right_sentence(found)
