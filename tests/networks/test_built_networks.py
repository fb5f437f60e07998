"""Networks that a person built, among the others: kept, found, trained weights and their plan together, exported."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cnnstudio.compute.engines import FromPixels, OpenVinoFrozen, converted
from cnnstudio.core import CheckpointDamaged, NetworkError
from cnnstudio.data import PreprocessSpec
from cnnstudio.networks import BundleCard, family_of, network_title
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.blocks import saved
from cnnstudio.networks.blocks.building import build
from cnnstudio.networks.blocks.findings import findings
from cnnstudio.networks.blocks.groups import CLASSIC_PLANS, EMPTY, step
from cnnstudio.networks.blocks.modules import StochasticPool2d
from cnnstudio.networks.blocks.network_file import key_of, to_toml
from cnnstudio.networks.blocks.saved import (
    network_named,
    networks_folder,
    plan_of,
    remember,
    remove_network,
    save_network,
)  # fmt: skip
from cnnstudio.networks.blocks.source import source
from cnnstudio.networks.blocks.standing import MOST_PARAMETERS, is_sized, smallest_input, standing
from cnnstudio.networks.blocks.table import KINDS, LAST, made
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.builder import build_network, build_skeleton, check_input_size, is_network, preprocess_of
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.catalogue import registry
from cnnstudio.networks.catalogue.entries import Catalogue
from cnnstudio.networks.freezing import apply_mode, cut_below
from cnnstudio.networks.head import feature_network, feature_size
from cnnstudio.networks.modes import MODES
from cnnstudio.networks.stages import list_layers

SMALL = EMPTY.inserted(0, *step(8), made("max_pooling"), *step(12))
EVERYTHING = Plan(
    name="Über all (1+1)",
    channels=1,
    input_size=24,
    blocks=(
        *step(8), made("stochastic_pooling"), made("depthwise_separable", channels=12), made("activation"),
        made("residual", channels=16, squeeze_excitation=True, spatial_attention=True),
        made("dense", layers=2, growth=4), made("transition"),
        made("squeeze_excitation", reduction=4), made("spatial_attention", kernel=3),
        made("inception"), made("average_pooling"), made("dropout", of="maps"), made("flatten"),
        made("linear", outputs=20), made("batch_norm"), made("activation", function="leaky_relu"), LAST,
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """Knows no plan but those that the test shows; called, it forgets these, too."""

    def forget():
        monkeypatch.setattr(saved, "_known", {})

    forget()
    return forget


def test_the_key_says_what_is_in_it():
    key = remember(SMALL)
    assert plan_of(key) == SMALL
    assert (network_title(key), family_of(key).title) == ("My network", "Your networks")
    assert key_of(replace(SMALL, input_size=64)) != key
    assert plan_of("resnet18") is None
    assert not is_network("My network@00000000")
    with pytest.raises(NetworkError, match="My network is not on this computer as it was"):
        build_network("My network@00000000", 2)


def test_nobody_puts_another_plan_in_place_of_a_known_one(monkeypatch):
    key = remember(SMALL)
    monkeypatch.setattr(saved, "key_of", lambda _: key)
    with pytest.raises(NetworkError, match="pretends to be another one"):
        remember(EVERYTHING)
    assert plan_of(key) == SMALL


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("lenet5", "LeNet-5@27d11593"),
        ("densenet40_small", "DenseNet-40 for 32 px@c052b448"),
        ("resnet18_small_se_sa", "ResNet-18 for 32 px, both attentions@353cba51"),
    ],
)
def test_keys_never_change_since_runs_hold_them(name, key):
    assert key_of(CLASSIC_PLANS[name]) == key


def test_what_is_kept_is_in_the_catalogue_and_found_by_its_name(monkeypatch, forgotten):
    monkeypatch.setattr(registry, "read_registry", lambda: Catalogue(torchvision="1", networks=()))
    kept = save_network(EVERYTHING)
    save_network(replace(EMPTY, name="unfinished", blocks=()))
    forgotten()
    (entry,) = registry.load_catalogue().networks
    anatomy = dissect(kept.key, classes=10)
    assert (entry.name, entry.title, entry.file) == (kept.key, EVERYTHING.name, str(kept.file))
    assert (entry.parameters, entry.gflops) == (anatomy.parameters, anatomy.multiplications / 1e9)
    assert (entry.input_size, entry.channels, entry.scratch_size) == (24, 1, 0)
    assert registry.network_entry(kept.key) == replace(entry, file="")
    assert network_named(EVERYTHING.name) == kept.key
    assert network_named(str(kept.file)) == kept.key
    assert network_named("resnet18") == "resnet18"
    assert remove_network(kept.key)
    assert not remove_network(kept.key)
    assert registry.load_catalogue().networks == ()


def test_names_that_are_one_to_files_stay_apart():
    kept = [save_network(replace(SMALL, name=name)) for name in ("a b", "a-b", "CON", "a b")]
    assert [each.file.name for each in kept] == ["a-b.toml", "a-b-2.toml", "_CON.toml", "a-b.toml"]
    assert remove_network("a-b")
    assert [each.plan.name for each in saved.saved_networks()] == ["a b", "CON"]


def test_a_damaged_file_is_told_and_hides_no_other(monkeypatch):
    kept = save_network(SMALL)
    kept.file.with_name("b.toml").write_text("blocks = 3")
    kept.file.with_name("c.toml").write_bytes(b"\xff\xfe")
    kept.file.with_name("d.toml").mkdir()
    assert saved.saved_networks() == (kept,)
    assert len(saved.unreadable_networks()) == 3
    assert "blocks must be a list" in saved.unreadable_networks()[0]


def test_it_is_built_like_any_other():
    key = remember(EVERYTHING)
    assert preprocess_of(key).crop == 24
    assert preprocess_of(key).channels == 1
    check_input_size(key, 24)
    with pytest.raises(NetworkError, match=r"Über all .* needs pictures of at least"):
        check_input_size(key, smallest_input(EVERYTHING) - 1)
    network = build_network(key, 3, seed=4).eval()
    again = build_skeleton(key, 3, image_size=24, channels=1)
    again.load_state_dict(network.state_dict(), assign=True)
    pictures = torch.rand(2, 1, 24, 24)
    with torch.inference_mode():
        assert torch.equal(again.eval()(pictures), network(pictures))
        assert feature_network(network)(pictures).shape == (2, feature_size(network))
    assert list_layers(network, 24, 1)
    for mode in MODES:
        groups = apply_mode(network, mode)
        trained = {name for group in groups for name in group.parameters}
        assert trained == {name for name, parameter in network.named_parameters() if parameter.requires_grad}
        cut = cut_below(network, trained)
        if mode == "head":
            assert cut is not None
            with torch.inference_mode():
                torch.testing.assert_close(cut.top(cut.trunk(pictures)), network(pictures))


@pytest.mark.slow
def test_it_learns():
    torch.manual_seed(0)
    network = build(EVERYTHING, 2, 1, 24).train()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    pictures, labels = torch.rand(8, 1, 24, 24), torch.tensor([0, 1] * 4)
    for _ in range(30):
        loss = nn.functional.cross_entropy(network(pictures), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.3
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_a_network_without_convolutions_is_one_too():
    plan = Plan(name="Dense", blocks=(made("flatten"), made("linear", outputs=9), made("activation"), LAST))
    key = remember(plan)
    network = build_network(key, 3)
    assert dissect(key, classes=3).parameters == standing(plan, 3).parameters
    for mode in MODES:
        assert apply_mode(network, mode)
    assert list_layers(network, 32) == ()


@pytest.mark.parametrize("plan", [SMALL, EVERYTHING])
def test_a_bundle_carries_its_plan(tmp_path, forgotten, plan):
    key = remember(plan)
    network = build_network(key, 2, image_size=40, channels=plan.channels).eval()
    mean = (0.5,) * plan.channels
    card = BundleCard(
        network=key, plan=to_toml(plan), classes=("a", "b"),
        preprocess=PreprocessSpec(resize=40, crop=40, mean=mean, std=mean),
    )  # fmt: skip
    save_bundle(tmp_path / "b", network, card)
    forgotten()
    again, _ = load_bundle(tmp_path / "b")
    pictures = torch.rand(2, plan.channels, 40, 40)
    with torch.inference_mode():
        assert torch.equal(again(pictures), network(pictures))


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("import os", "not valid TOML"),
        (to_toml(EVERYTHING), "is not on this computer"),
        (to_toml(SMALL).replace("channels = 8", "channels = 9"), "is not on this computer"),
        ("", "is not on this computer"),
    ],
)
def test_a_bundle_with_another_plan_is_refused(tmp_path, forgotten, plan, told):
    key = remember(SMALL)
    spec = PreprocessSpec(resize=32, crop=32)
    save_bundle(
        tmp_path, build_network(key, 2), BundleCard(network=key, plan=plan, classes=("a", "b"), preprocess=spec)
    )
    forgotten()
    with pytest.raises((NetworkError, CheckpointDamaged), match=told):
        load_bundle(tmp_path)


@pytest.mark.parametrize("plan", [SMALL, EVERYTHING, CLASSIC_PLANS["lenet5"], CLASSIC_PLANS["densenet40_small"]])
def test_the_source_builds_the_same_network_alone(plan):
    text = source(plan, 3)
    assert "cnnstudio" not in "".join(line for line in text.splitlines() if line.startswith(("import", "from")))
    space: dict = {}
    exec(compile(text, "network.py", "exec"), space)
    network, theirs = space["network"]().eval(), build(plan, 3, plan.channels, plan.input_size).eval()
    network.load_state_dict(theirs.state_dict())
    pictures = torch.rand(2, plan.channels, plan.input_size, plan.input_size)
    with torch.inference_mode():
        assert torch.equal(network(pictures), theirs(pictures))


def test_stochastic_pooling_is_that_of_its_paper():
    pool = StochasticPool2d(2, 2)
    maps = torch.tensor([[[[1.0, 3.0, -1.0, -2.0], [0.0, 4.0, 0.0, -5.0]]]])
    assert pool.eval()(maps).tolist() == [[[[(1 + 9 + 16) / 8, 0.0]]]]
    torch.manual_seed(0)
    drawn = pool.train()(maps.expand(20_000, 1, 2, 4))
    assert set(drawn[..., 0].unique().tolist()) == {1.0, 3.0, 4.0}
    assert drawn[..., 0].mean() == pytest.approx(26 / 8, abs=0.03)
    assert drawn[..., 1].abs().max() == 0
    given = torch.rand(2, 3, 9, 9, requires_grad=True)
    StochasticPool2d(3, 2).train()(given).sum().backward()
    assert given.grad is not None
    assert given.grad.sum() == 2 * 3 * 4 * 4, "each draw hands its gradient to the value that it drew"


FLAT = Plan(name="Flat", blocks=(*step(32), made("flatten"), made("linear", outputs=256), made("activation"), LAST))


@pytest.mark.parametrize(
    ("plan", "kind", "told"),
    [
        (replace(EMPTY, blocks=()), "empty", "no block"),
        (SMALL.inserted(0, *[made("max_pooling", kernel=8)] * 2), "size", "the maps are 4 values wide"),
        (SMALL.inserted(0, *[made("convolution", kernel=15, padding=0)] * 3), "size", "the maps are 4 values wide"),
        (SMALL.inserted(0, made("convolution", channels=5, groups=2)), "setting", "2 groups cannot share 3 channels"),
        (SMALL.inserted(3, made("max_pooling", kernel=2, padding=2)), "setting", "more than half"),
        (SMALL.inserted(8, made("convolution")), "misplaced", "It works on maps"),
        (SMALL.without(7), "misplaced", "It works on a vector"),
        (SMALL.without(8), "last-layer", "does not end in a linear layer"),
        (SMALL.inserted(9, made("activation")), "last-layer", "Nothing may come behind"),
        (SMALL.replaced(8, made("linear", outputs=7)), "last-layer", "7 outputs, and your pictures have 10 classes"),
        (SMALL.replaced(8, made("linear", bias=False)), "last-layer", "needs its bias"),
        (SMALL.without(6), "linear-chain", "Between block 5 and block 8 nothing is bent"),
        (SMALL.inserted(0, made("convolution"), made("batch_norm")), "linear-chain", None),
        (SMALL.inserted(0, made("stochastic_pooling")), "negative", "below 0"),
        (SMALL.inserted(3, made("average_pooling", stride=3)), "skipped", "steps of 3 and a window of 2"),
        (SMALL, "short-sighted", "sees 8 of 32 pixels"),
        (SMALL.replaced(4, made("convolution", kernel=5)), "wide-window", "with 28 % fewer weights"),
        (SMALL.replaced(4, made("convolution", kernel=7)), "wide-window", "3 windows of 3 × 3 see as far"),
        (FLAT.inserted(4, made("dropout", p=0.9)), "much-dropped", "It drops 90 %"),
        (Plan(name="Old", blocks=(*step(8, function="tanh") * 6, *EMPTY.blocks)), "fading", "Behind tanh"),
        (FLAT, "many-weights", "are more than 900 pictures can teach"),
        (CLASSIC_PLANS["resnet18_small"], "many-weights", "11,173,962 weights"),
    ],
)  # fmt: skip
def test_each_finding_has_a_mend_after_which_it_is_gone(plan, kind, told):
    def of(plan):
        return [found for found in findings(plan, classes=10, pictures=900) if found.kind == kind]

    (found,) = of(plan)
    assert told is None or told in found.sentence
    for _ in range(12):
        assert found.mend
        plan = found.mended
        if not of(plan):
            return
        (found, *_) = of(plan)
    raise AssertionError(f"never mended: {to_toml(plan)}")


def test_what_is_too_large_is_refused_before_anything_is_built():
    wide = [made("convolution", channels=4096)] * 3
    plan = EMPTY.inserted(0, *[block for each in wide for block in (each, made("activation"))])
    (found,) = findings(plan)
    assert (found.kind, found.stops) == ("too-large", True)
    assert standing(plan).parameters > MOST_PARAMETERS
    with pytest.raises(NetworkError, match="too large to build"):
        build_skeleton(remember(plan), 2)
    large = EMPTY.inserted(0, *[made("convolution", channels=500, kernel=1), made("activation")] * 2)
    with pytest.raises(NetworkError, match="values for a single picture"):
        build_skeleton(remember(large), 2, image_size=1024)


def test_every_block_and_setting_says_what_it_is():
    for kind in KINDS.values():
        assert kind.title
        assert kind.text.endswith(".")
        assert not kind.advice or kind.advice.endswith(".")
        for setting in kind.settings:
            assert setting.label
            assert setting.read(setting.written(setting.default)) == setting.default


def test_only_those_that_lay_maps_out_fit_one_size():
    assert is_sized(FLAT)
    assert not is_sized(SMALL)
    assert json.loads(json.dumps(to_toml(SMALL))) == to_toml(SMALL)


@pytest.mark.slow
def test_the_fast_engine_gives_what_torch_gives_for_every_block():
    torch.manual_seed(0)
    network = build(EVERYTHING, 3, 1, 24).train()
    for _ in range(3):
        network(torch.rand(8, 1, 24, 24))  # statistics of their own
    spec = PreprocessSpec(resize=24, crop=24, mean=(0.5,), std=(0.25,))
    pixels = np.random.default_rng(0).integers(0, 256, (6, 24, 24, 3), dtype=np.uint8)
    engine = OpenVinoFrozen(converted(network.eval(), spec), "fp32")
    parts = [engine.submit(pixels[start : start + engine.batch_size])() for start in range(0, 6, engine.batch_size)]
    with torch.inference_mode():
        expected = FromPixels(network, spec)(torch.from_numpy(pixels))
    torch.testing.assert_close(torch.cat(parts), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
def test_stochastic_pooling_in_half_precision_squares_and_draws_in_full(precision):
    pool = StochasticPool2d(2, 2).eval()
    maps = torch.tensor([[300.0, 100.0], [2e-4, 0.0]]).to(precision).view(1, 1, 2, 2)
    for scale in (1.0, 1e-4):  # squares that are too large for float16, and too small
        given = maps * scale
        torch.testing.assert_close(pool(given).double(), pool(given.double()), rtol=0.01, atol=1e-7)
        assert pool(given).dtype == precision
    torch.manual_seed(0)
    drawn = pool.train()(torch.tensor([0.0, 1.0, 1.0, 2.0], dtype=precision).view(1, 1, 2, 2).repeat(40_000, 1, 1, 1))
    shares = [float((drawn == value).float().mean()) for value in (0, 1, 2)]
    assert shares == pytest.approx([0, 0.5, 0.5], abs=0.015)


def test_a_name_that_everybody_has_means_what_everybody_means():
    for name in ("resnet18", "lenet5"):
        save_network(replace(SMALL, name=name))
        assert network_named(name) == name, "a script may not depend on what lies in a folder"
    assert network_named("LeNet-5") == "LeNet-5"
    save_network(replace(SMALL, name="LeNet-5"))
    assert network_named("LeNet-5").startswith("LeNet-5@")


def test_a_file_of_any_name_is_that_of_its_network():
    file = networks_folder() / "copied from a friend.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(to_toml(replace(SMALL, name="From a friend")))
    assert save_network(replace(EVERYTHING, name="From a friend")).file == file, "no second one of that name"
    assert remove_network("From a friend")
    assert not file.exists()


def test_a_network_for_so_many_classes_and_no_others_is_in_the_catalogue_and_is_shown_with_them(monkeypatch):
    monkeypatch.setattr(registry, "read_registry", lambda: Catalogue(torchvision="1", networks=()))
    save_network(replace(SMALL, name="For three", blocks=(*SMALL.blocks[:-1], made("linear", outputs=3))))
    (entry,) = registry.load_catalogue().networks
    anatomy = dissect(entry.name, classes=1000)
    assert (anatomy.classes, anatomy.parameters) == (3, entry.parameters)
    assert build_network(entry.name, 3)(torch.zeros(2, 3, 32, 32)).shape == (2, 3)
    with pytest.raises(NetworkError, match="gives 3 outputs, and your pictures have 4 classes"):
        build_network(entry.name, 4)
