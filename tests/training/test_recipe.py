"""A recipe: what is left open is filled in at one place, for everyone alike."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import (
    Control,
    DatasetError,
    NetworkError,
    Progressed,
    RecipeError,
    StudioError,
    Watch,
    WeightsError,
)
from cnnstudio.core.codec import to_plain
from cnnstudio.data import Dataset, SplitSpec
from cnnstudio.networks.catalogue.registry import network_entry
from cnnstudio.networks.weights.packages import PACKAGED
from cnnstudio.networks.weights.pretrained import resolve_weights
from cnnstudio.training.opening import Place, open_context, open_training, reopen_training
from cnnstudio.training.recipe import Recipe, complete, load_recipe, recipe_from_plain, recipe_from_toml

DATASET = Dataset(
    root=Path("pictures"), classes=("a", "b"), samples=(), problems=(), split_source="stratified",
    spec=SplitSpec(validation=0.3, seed=4),
)  # fmt: skip


def entry(name):
    return lambda: network_entry(name)


def never():
    pytest.fail("the network was looked up though its size is known")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resnet18", 96), ("squeezenet1_1", 96), ("swin_t", 224), ("swin_v2_t", 256), ("vit_b_16", 0), ("maxvit_t", 0),
        ("inception_v3", 0), ("googlenet", 96), ("lenet5", 0), ("resnet18_small", 0), ("vgg11_small", 0),
    ],
)  # fmt: skip
def test_the_size_of_pictures_from_scratch(name, size):
    recipe = Recipe(dataset="x", network=name, mode="scratch")
    assert complete(recipe, DATASET, entry(name)).input_size == size
    assert complete(replace(recipe, input_size=48), DATASET, never).input_size == 48
    assert complete(replace(recipe, start_from="run"), DATASET, never).input_size == 0, "that of the earlier run"


@pytest.mark.parametrize("mode", ["head", "last-stage", "all"])
def test_a_pretrained_network_keeps_its_size(mode):
    assert complete(Recipe(dataset="x", network="resnet18", mode=mode), DATASET, never).input_size == 0


def test_where_weights_come_from_is_written_down(tmp_path):
    recipe = Recipe(dataset="x", network="squeezenet1_1")
    assert complete(recipe, DATASET, never).weights == "auto"
    assert complete(recipe, DATASET, never, Path("w.pth")).weights == str(Path("w.pth").absolute())
    installed = Path("/venv/lib/python3.13/site-packages") / PACKAGED["efficientnet_lite0"].path
    assert complete(recipe, DATASET, never, installed).weights == PACKAGED["efficientnet_lite0"].url, "on any computer"
    scratch = replace(recipe, mode="scratch", input_size=48)
    assert complete(scratch, DATASET, never).weights == "none"
    earlier = complete(replace(recipe, start_from="run", weights="none"), DATASET, never)
    assert (earlier.start_from, earlier.weights) == (str(Path("run").absolute()), "auto")
    unknown = Recipe(dataset="x", network="resnet1", mode="scratch")
    with pytest.raises(NetworkError, match="resnet1"):
        complete(unknown, DATASET, entry("resnet1"))


RECIPES = st.builds(
    Recipe,
    dataset=st.sampled_from(["x", "/pictures"]), network=st.just("resnet18"),
    mode=st.sampled_from(["head", "last-stage", "all", "scratch"]), start_from=st.sampled_from(["", "runs/1"]),
    weights=st.sampled_from(["auto", "package:x", "/w/x.pth"]), epochs=st.integers(0, 9), batch_size=st.integers(0, 9),
    learning_rate=st.sampled_from([0.0, 0.1]), views=st.integers(0, 3), input_size=st.sampled_from([0, 64]),
    seed=st.integers(0, 9), ema=st.floats(0, 0.9),
)  # fmt: skip


@given(RECIPES, st.none() | st.sampled_from([Path("w.pth"), Path("/w/x.pth")]))
def test_a_complete_recipe_leaves_nothing_open_and_stays_as_it_is(recipe, weights):
    found = weights if recipe.mode != "scratch" and not recipe.start_from else None
    whole = complete(recipe, DATASET, entry("resnet18"), found)
    counts = (whole.epochs, whole.batch_size, whole.learning_rate)
    assert (counts == (0, 0, 0)) if whole.solves_head else (0 not in counts)
    assert whole.views > 0
    assert (whole.dataset, whole.split) == (str(Path("pictures").absolute()), DATASET.spec)
    assert complete(whole, DATASET, entry("resnet18"), found) == whole
    assert recipe_from_toml(whole.to_toml()) == whole
    changed = {name for name, value in to_plain(whole).items() if value != to_plain(recipe)[name]}
    filled = {
        "epochs",
        "batch_size",
        "learning_rate",
        "views",
        "input_size",
        "dataset",
        "split",
        "start_from",
        "weights",
        "head_solver",
        "weight_decay",
    }
    assert changed <= filled
    for name in ("views", "input_size") if whole.solves_head else ("epochs", "batch_size", "learning_rate", "views"):
        assert getattr(recipe, name) in (0, getattr(whole, name)), "what was chosen is kept"


@pytest.fixture
def held():
    with ExitStack() as locks:
        yield locks


def test_what_a_run_records_is_the_complete_recipe_and_a_resume_takes_it_as_it_is(recipe, tmp_path, held):
    chosen = replace(recipe, mode="scratch", network="squeezenet1_1", weights="auto", input_size=0, batch_size=0)
    context = open_context(chosen, None, Watch())
    assert (context.recipe.input_size, context.recipe.weights, context.recipe.batch_size) == (96, "none", 32)
    assert context.base.preprocess.crop == 96
    training = open_training(context, Place(out=tmp_path / "run"), held)
    assert training.run.record.recipe == to_plain(context.recipe)
    assert training.context.checkpoints.folder == training.run.checkpoints
    old = {**training.run.record.recipe, "input_size": 0}  # earlier, the terminal took the network's own size
    training.run.update(recipe=old)
    held.close()
    again = reopen_training(training.run.folder, 0, Watch(), held)
    assert (again.context.recipe.input_size, again.context.base.preprocess.crop) == (0, 224)
    assert again.context.dataset.samples == context.dataset.samples


def test_to_measure_nothing_is_downloaded_and_nothing_is_written(tiny_folder, monkeypatch):
    monkeypatch.setattr("cnnstudio.training.base.resolve_weights", pytest.fail)
    events = []
    context = open_context(
        Recipe(dataset=str(tiny_folder), network="alexnet"), None, Watch(Control(), events.append), to_train=False
    )
    assert (context.base.pretrained, context.recipe.weights, context.world.size) == (False, "auto", 1)
    assert not [event for event in events if not isinstance(event, Progressed)]


def test_every_step_shares_one_context_and_changes_none(recipe):
    from cnnstudio.jobs.job import carry
    from cnnstudio.training.run_training import prepare

    context = open_context(replace(recipe, mode="scratch", epochs=1, precision="auto"), None, Watch())
    plan, features = carry(prepare(context), lambda _: None)
    assert features == {}
    assert context.recipe.precision == "auto", "what was measured is in the plan's copy"
    assert plan.recipe == replace(context.recipe, precision=plan.recipe.precision)
    assert plan.recipe.precision in ("fp32", "bf16")
    for name in ("dataset", "device", "skips", "checkpoints", "watch", "world"):
        assert getattr(plan.context, name) is getattr(context, name)
    assert plan.steps == plan.train.steps() * context.recipe.epochs
    assert not plan.starts_trained


FOREIGN = {
    "a number of 5,000 digits": f"seed = {'9' * 5000}",
    "a number of 4,000 digits": f"epochs = {'9' * 4000}",
    "an array nested 50,000 deep": f"epochs = {'[' * 50_000}",
    "a table nested 5,000 deep": f"{'a.' * 5000}b = 1",
    "a strange crop": "[augment]\ncrop = -5",
    "no number": "[augment]\ncrop = nan",
    "a colour beyond": "[augment]\ncolour = 1e300",
    "turned too far": "[augment]\nrotate_degrees = 1e9",
    "a negative seed": "[split]\nseed = -1",
    "a pattern without end": f"[split]\ngroup_pattern = '{'(a)' * 5000}'",
    "no weights": 'weights = ""',
    "NUL": 'weights = "a\\u0000b"',
    "a path without end": f'weights = "{"x" * 10_000}"',
    "levels upside down": "[levels]\nwhole = [5.0, 1.0]\nreal = [0.0, 1.0]",
    "infinite": "learning_rate = inf",
    "a wrong type": "epochs = '3'",
    "a wrong key": "epoch = 3",
    "a date": "epochs = 2026-01-01",
    "the same twice": "epochs = 1\nepochs = 2",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_recipe_of_others_that_cannot_work_is_one_sentence(what):
    with pytest.raises(StudioError) as caught:
        recipe_from_toml(f'dataset = "d"\nnetwork = "n"\n{FOREIGN[what]}')
    assert len(caught.value.problem.sentence()) < 3000


@pytest.mark.parametrize("path", ["/dev/zero", "/proc/self/mem", "pipe", "large", ".", "gone", "a\0b"])
def test_what_is_no_recipe_is_not_read_for_ever(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    (tmp_path / "large").write_bytes(b"#" * 2_000_000)
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(Path(path))


@pytest.mark.parametrize("given", [{"dataset": ""}, {"dataset": " "}, {"network": ""}])
def test_an_empty_recipe_is_no_training_on_the_folder_one_is_in(given):
    recipe = Recipe(**{"dataset": "d", "network": "lenet5", "mode": "scratch", **given})
    with pytest.raises(RecipeError, match="names no"):
        open_context(recipe, None, Watch())


@pytest.mark.parametrize("folder", ["/proc", "/proc/self/fd", "/sys", "/dev"])
def test_the_systems_own_folders_are_no_pictures(folder):
    with pytest.raises(DatasetError, match="operating system"):
        open_context(Recipe(dataset=folder, network="lenet5", mode="scratch"), None, Watch())


@pytest.mark.parametrize("weights", ["~nosuchuser/x.pth", "/dev/zero", "gone.pth"])
def test_weights_that_are_no_file_are_one_sentence(weights):
    with pytest.raises(WeightsError, match="no weights file"):
        resolve_weights("lenet5", weights)


def test_a_pipe_among_other_files_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "notes").write_text("nothing")
    with pytest.raises(DatasetError):
        open_context(Recipe(dataset=str(tmp_path), network="lenet5", mode="scratch"), None, Watch())


# The solver of a last layer -----------------------------------------------------------------------------------------


def test_a_complete_recipe_of_a_regression_asks_for_no_epochs():
    """What is recorded names the defaults, which nobody asked for."""
    whole = Recipe(dataset="x", network="resnet18", head_solver="regression").resolved()
    assert recipe_from_toml(whole.to_toml()) == whole
    with pytest.raises(RecipeError, match="cannot follow weight_decay"):
        replace(whole, weight_decay=0.1)


def test_a_recipe_from_before_there_was_a_choice_goes_on_in_epochs():
    old = to_plain(Recipe(dataset="x", network="resnet18", head_solver="epochs").resolved())
    del old["head_solver"]
    assert recipe_from_plain(old).head_solver == "epochs"
    assert recipe_from_plain({"dataset": "x", "network": "resnet18"}).head_solver == "auto", "written by hand"


@pytest.mark.parametrize(
    "asked",
    [{"epochs": 7}, {"mix": "mixup"}, {"label_smoothing": 0.1}, {"optimizer": "sgd"}, {"ema": 0.9}, {"patience": 3}],
)
def test_what_only_epochs_can_do_is_refused_of_a_regression_by_name(asked):
    (name,) = asked
    with pytest.raises(RecipeError, match=f"cannot follow {name}; choose epochs"):
        Recipe(dataset="x", network="resnet18", head_solver="regression", **asked)
    assert Recipe(dataset="x", network="resnet18", head_solver="epochs", **asked).resolved().head_solver == "epochs"
    deep = Recipe(dataset="x", network="resnet18", mode="all", head_solver="regression", **asked)
    assert deep.resolved().head_solver == "regression", "it only prepares the last layer there"


@pytest.mark.parametrize(
    ("asked", "solver"),
    [
        ({}, "regression"), ({"epochs": 40, "batch_size": 128}, "regression"), ({"views": 3}, "regression"),
        ({"balance": "sampling"}, "regression"), ({"epochs": 39}, "epochs"), ({"mix": "mixup"}, "epochs"),
        ({"mode": "all", "epochs": 3, "mix": "mixup"}, "regression"),
        ({"mode": "scratch", "weights": "none"}, "epochs"),
    ],
)  # fmt: skip
def test_a_last_layer_is_solved_for_unless_epochs_are_asked_for(asked, solver):
    whole = Recipe(dataset="x", network="resnet18", **asked).resolved()
    assert whole.head_solver == solver
    assert whole.resolved() == whole
    assert recipe_from_toml(whole.to_toml()) == whole
