"""A bundle from somebody else: whatever its files say is checked before anything is made of it."""

import json
import math
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load, save

from cnnstudio.core import StudioError, Watch, sha256_of
from cnnstudio.core.codec import to_plain
from cnnstudio.data import PreprocessSpec
from cnnstudio.inference.session import open_model, predict, predict_many
from cnnstudio.networks import BundleCard, ModelRef, builder
from cnnstudio.networks.bundle import MANIFEST_FILE, WEIGHTS_FILE, load_bundle, save_bundle
from cnnstudio.networks.card import CARD_FILE, card_faults

CARD = BundleCard(
    network="lenet5", classes=("a", "b", "c"), preprocess=PreprocessSpec(resize=32, crop=32, mean=(0.4,), std=(0.2,))
)


@pytest.fixture
def bundle(tmp_path):
    save_bundle(tmp_path / "bundle", builder.build_network("lenet5", 3), CARD)
    return tmp_path / "bundle"


def seal(bundle, **more):
    digests = {name: sha256_of(bundle / name) for name in (WEIGHTS_FILE, CARD_FILE)}
    (bundle / MANIFEST_FILE).write_text(json.dumps({"sha256": digests | more}))


def say(bundle, **values):
    (bundle / CARD_FILE).write_text(json.dumps({"format_version": 1, **to_plain(CARD), **values}))
    seal(bundle)


def preprocess(**values):
    return {"preprocess": {**to_plain(CARD.preprocess), **values}}


@pytest.mark.parametrize(
    ("field", "said"),
    [
        *(("crop", preprocess(crop=side, resize=side)) for side in (30_000, 1025, 0, -5, 10**30)),
        *(("resize", preprocess(resize=side)) for side in (31, 65, 10**30, 0, -1)),
        *(("std", preprocess(std=[value])) for value in (0.0, -1.0, math.nan, math.inf, 1e-30, 1e30)),
        *(("mean", preprocess(mean=[value])) for value in (math.nan, math.inf, -1e30)),
        *(("mean", preprocess(mean=[0.5] * count, std=[0.5] * count)) for count in (0, 2, 4)),
        ("fit the card", preprocess(mean=[0.5] * 3, std=[0.5] * 3)),
        ("std", preprocess(std=[0.5, 0.5])),
        ("levels", preprocess(levels={"whole": [1.0, 1.0], "real": [0.0, 1.0]})),
        ("levels", preprocess(levels={"whole": [0.0, 1.0], "real": [0.0, math.nan]})),
        ("interpolation", preprocess(interpolation="lanczos")),
        ("crop", preprocess(crop="32")),
        ("classes", {"classes": []}),
        ("classes", {"classes": ["a", "b", ""]}),
        ("classes", {"classes": ["a", "b", "x" * 10_000]}),
        ("classes", {"classes": [f"{number}" for number in range(200_000)]}),
        ("fit the card", {"classes": ["a", "b"]}),
        ("fit the card", {"network": "resnet18"}),
        ("network called", {"network": "../../etc/passwd"}),
        ("network called", {"network": "x" * 100_000}),
        ("surprise", {"surprise": 1}),
        ("scores must", {"scores": {"test\nof the year": {"accuracy": 1, "images": 9}}}),
        ("scores.test", {"scores": {"test": "good"}}),
        ("scores.test.accuracy", {"scores": {"test": {"images": 9}}}),
        ("scores.test.accuracy", {"scores": {"test": {"images": 9, "accuracy": 17}}}),
        ("scores.test.accuracy", {"scores": {"test": {"images": 9, "accuracy": math.nan}}}),
        ("scores.test.accuracy", {"scores": {"test": {"images": 9, "accuracy": 0.5, "balanced_accuracy": "1"}}}),
        ("scores.test.images", {"scores": {"test": {"images": "many", "accuracy": 0.5}}}),
        ("scores.test.images", {"scores": {"test": {"images": 9, "accuracy": 0.5, "chosen_among": [2]}}}),
    ],
)
def test_what_no_card_says_is_one_sentence_that_names_the_field(bundle, field, said):
    say(bundle, **said)
    with pytest.raises(StudioError) as caught:
        load_bundle(bundle)
    told = caught.value.problem
    assert field in told.title
    assert len(told.sentence()) < 200_000


def test_what_torchvision_publishes_is_what_cards_may_say():
    for name in builder.network_names():
        for entry in builder.weights_entries(name):
            published = builder.preprocess_of(name, entry.name)
            assert not list(card_faults(replace(CARD, preprocess=published))), (name, entry)
            assert not list(card_faults(replace(CARD, preprocess=builder.scaled_preprocess(published, 64))))


@pytest.mark.parametrize(
    "text",
    ["", "[]", '"a"', "null", "{}", '{"sha256": ["a"]}', '{"sha256": null}', '{"sha256": {}}', "[" * 100_000, "\x00",
     '{"sha256": {"weights.safetensors": {}}}', '{"sha256": ' + "9" * 5000 + "}", " " * 2_000_000 + "{}"],
)  # fmt: skip
def test_a_manifest_that_is_none_is_one_sentence(bundle, text):
    (bundle / MANIFEST_FILE).write_text(text)
    with pytest.raises(StudioError, match="damaged"):
        load_bundle(bundle)


@pytest.mark.parametrize(
    "name", ["/dev/zero", "../secret", "sub/../card.json", "..", ".", "", "nothing", "a\0b", "pipe"]
)
def test_a_manifest_asks_for_files_of_the_bundle_only(bundle, name):
    (bundle.parent / "secret").write_text("x")
    os.mkfifo(bundle / "pipe")
    seal(bundle, **{name: "0"})
    with pytest.raises(StudioError, match="damaged"):
        load_bundle(bundle)


@pytest.mark.parametrize("name", [MANIFEST_FILE, CARD_FILE, WEIGHTS_FILE])
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "gone"])
def test_what_is_no_file_is_not_waited_for(bundle, name, what):
    (bundle / name).unlink()
    if what == "pipe":
        os.mkfifo(bundle / name)
    elif what == "device":
        (bundle / name).symlink_to("/dev/zero")
    elif what == "folder":
        (bundle / name).mkdir()
    with pytest.raises(StudioError):
        load_bundle(bundle)
    with pytest.raises(StudioError):
        open_model(ModelRef(source=str(bundle)))


def _infinite(state):
    state["conv1.weight" if "conv1.weight" in state else next(iter(state))].view(-1)[0] = math.inf


CHANGES = {
    "garbage": lambda _: b"x" * 1000,
    "empty": lambda _: b"",
    "NaN": lambda state: {name: value * math.nan for name, value in state.items()},
    "one infinite": lambda state: _infinite(state) or state,
    "half precision": lambda state: {name: value.half() for name, value in state.items()},
    "one missing": lambda state: dict(list(state.items())[1:]),
    "one more": lambda state: {**state, "more": torch.zeros(1)},
    "another shape": lambda state: {name: value[None] for name, value in state.items()},
}


@pytest.mark.parametrize("change", CHANGES)
def test_sealed_weights_that_cannot_be_the_networks_are_one_sentence(bundle, change):
    changed = CHANGES[change](load((bundle / WEIGHTS_FILE).read_bytes()))
    (bundle / WEIGHTS_FILE).write_bytes(changed if isinstance(changed, bytes) else save(changed))
    seal(bundle)
    with pytest.raises(StudioError, match="weights"):
        load_bundle(bundle)


def test_answers_that_are_no_numbers_are_said(bundle, tmp_path):
    """Finite weights can still be so large that what comes out is not."""
    state = {name: value.sign() * 1e38 for name, value in load((bundle / WEIGHTS_FILE).read_bytes()).items()}
    (bundle / WEIGHTS_FILE).write_bytes(save(state))
    seal(bundle)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)).save(tmp_path / "x.png")
    session = open_model(ModelRef(source=str(bundle)))
    for answer in (
        predict(session, tmp_path / "x.png"),
        *predict_many(session, [tmp_path / "x.png"] * 2, Watch()),
    ):
        assert answer.top == ()
        assert "no numbers" in answer.error
