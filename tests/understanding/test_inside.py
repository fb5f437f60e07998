"""Channels: what they contributed is what their absence costs; what excites them; what training changed."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from cnnstudio.compute.engines import TorchFrozen, to_input
from cnnstudio.core import ALONE, Control, DatasetError, NetworkError, StopRequested, Watch
from cnnstudio.data import Sample
from cnnstudio.data.reading import read_fast
from cnnstudio.inference.feature_maps import capture, describe
from cnnstudio.inference.session import predict_probabilities, read_pixels
from cnnstudio.networks.head import head_layer
from cnnstudio.runs import RunRecord, create_run
from cnnstudio.training.recover import WEIGHTS_HASH
from cnnstudio.understanding.inside import exciting, training_effect
from cnnstudio.understanding.inside.averages import channel_averages
from cnnstudio.understanding.inside.channels import rank_channels, switched_off, without
from cnnstudio.understanding.inside.crops import crop_pictures, three_layers
from cnnstudio.understanding.inside.exciting import CROPS, find_exciting
from cnnstudio.understanding.inside.places import Window, window_of
from cnnstudio.understanding.inside.training_effect import before_after, first_filters
from cnnstudio.understanding.taps import tap
from cnnstudio.understanding.why.evidence import last_layer
from tests.understanding.test_why import (  # noqa: F401 - a fixture
    fingerprint,
    noise,
    random_session,
    rank_correlation,
    taught,
)


@pytest.fixture
def session():
    return random_session("tiny_cnn")


def test_of_the_last_maps_a_contribution_is_what_switching_off_costs(session):
    pixels, layer = noise(session), last_layer(session)
    found = rank_channels(session, pixels, layer)
    answer = session.classes.index(found.label)
    whole = switched_off(session, pixels, layer, ())
    for channel in (*found.order[:4], found.order[-1]):
        cost = whole[answer] - switched_off(session, pixels, layer, [channel])[answer]
        assert cost == pytest.approx(found.contributions[channel], abs=1e-4)
    assert [abs(found.contributions[channel]) for channel in found.order] == sorted(abs(found.contributions))[::-1]
    strongest = rank_channels(session, pixels, layer, by_strength=True, most=5)
    assert strongest.maps.channels == tuple(np.argsort(-found.strengths, kind="stable")[:5])


def test_another_class_has_other_contributions_and_all_channels_off_leave_the_bias(session):
    pixels, layer = noise(session), last_layer(session)
    answer, other = (rank_channels(session, pixels, layer, label) for label in ("", "c"))
    assert other.label == "c"
    assert not np.allclose(answer.contributions, other.contributions)
    nothing = switched_off(session, pixels, layer, range(len(answer.contributions)))
    assert nothing == pytest.approx(head_layer(session.network).bias.detach().numpy(), abs=1e-5)
    top = without(session, pixels, layer, ())
    assert [score.probability for score in top[:5]] == pytest.approx([s.probability for s in answer.top], abs=1e-6)


def test_switching_off_leaves_the_network_as_it_was_and_knows_what_there_is(session):
    pixels, before = noise(session), fingerprint(session.network)
    with pytest.raises(NetworkError, match="the channels 0 to"):
        switched_off(session, pixels, last_layer(session), [10_000])
    with pytest.raises(NetworkError, match="no class called nonsense"):
        rank_channels(session, pixels, last_layer(session), "nonsense")
    with pytest.raises(NetworkError, match="gives no maps"):
        switched_off(session, pixels, "classifier", [0])
    switched_off(session, pixels, last_layer(session), [0])
    assert fingerprint(session.network) == before


def test_a_channel_at_its_average_says_what_a_usual_picture_would(session, tmp_path, monkeypatch):
    """On the last maps the score loses what the channel says beyond its average, and averages are those of the maps."""
    samples, layer = draw_pictures(tmp_path, 11), last_layer(session)
    average = channel_averages(session, samples, layer, Watch())
    maps = [tap(session, read_pixels(session, each.path), layer, [0]).activations for each in samples]
    assert average.values == pytest.approx(np.mean([each.mean((1, 2)) for each in maps], 0), abs=1e-5)
    assert average.pictures == 11
    pixels = read_pixels(session, samples[0].path)
    tapped = tap(session, pixels, layer, [0])
    beyond = tapped.activations - average.values[:, None, None]
    for off in ([0], [1, 4, 5]):
        cost = tapped.logits[0] - switched_off(session, pixels, layer, off, average.values)[0]
        assert cost == pytest.approx((beyond * tapped.gradients[0])[off].sum(), abs=1e-4)
    monkeypatch.setattr("cnnstudio.understanding.inside.averages.read_fast", None)
    assert channel_averages(session, samples, layer, Watch()) is average, "remembered"


def test_averages_need_pictures_and_maps_and_can_be_stopped(session, tmp_path):
    samples, control = draw_pictures(tmp_path, 3), Control()
    with pytest.raises(NetworkError, match="gives no maps"):
        channel_averages(session, samples, "classifier", Watch())
    control.request_stop()
    with pytest.raises(StopRequested):
        channel_averages(session, samples, "features.2", Watch(control))
    samples[0].path.unlink()
    assert channel_averages(session, samples, "features.2", Watch()).pictures == 2
    for sample in samples[1:]:
        sample.path.unlink()
    with pytest.raises(DatasetError, match="cannot be read"):
        channel_averages(session, samples, "features.3", Watch())


def draw_pictures(folder, count, side=40):
    """Noise, with one bright spot each, whose place and brightness are told."""
    rng, samples = np.random.default_rng(0), []
    for number in range(count):
        pixels = rng.integers(0, 40, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
        samples.append(Sample(folder / f"{number:02}.png", 0, "train", ALONE))
    return samples


@pytest.fixture
def looked(session, tmp_path, monkeypatch):
    """Twenty pictures, three of which belong together, and a pass over them in torch."""
    samples = draw_pictures(tmp_path, 20)
    samples[:3] = [Sample(sample.path, 0, "train", 5) for sample in samples[:3]]
    layers = ("features.2", "features.5")

    def in_torch(network, spec, device, precision):
        return TorchFrozen(network, spec, device, precision)

    monkeypatch.setattr(exciting, "open_frozen", in_torch)
    return samples, layers, find_exciting(session, samples, layers, Watch())


def test_the_strongest_places_are_those_of_brute_force_and_of_different_groups(session, looked):
    samples, layers, found = looked
    for layer in layers:
        maps = np.stack([tap(session, read_pixels(session, s.path), layer, [0]).activations for s in samples])
        highest = maps.max((2, 3))
        for channel in (0, 7):
            order = np.argsort(-highest[:, channel], kind="stable")
            expected, groups = [], set()
            for row in order:
                if samples[row].group == ALONE or samples[row].group not in groups:
                    groups.add(samples[row].group)
                    expected.append(row)
            crops = found.crops[layer][channel]
            assert [crop.activation for crop in crops] == pytest.approx(
                [highest[row, channel] for row in expected[:CROPS]], abs=1e-3
            )
            if highest[:, channel].std() > 1e-3:
                assert [crop.path for crop in crops] == [samples[row].path for row in expected[:CROPS]]
    assert len(found.random[layers[0]]) == CROPS


def test_crops_by_contribution_are_those_of_brute_force(session, looked):
    """By what each channel adds to the answer that the picture gets; the crop is where it adds most."""
    samples, layers, active = looked
    before = fingerprint(session.network)
    found = find_exciting(session, samples, layers, Watch(), "contribution")
    assert (found.by, found.pictures, found.of) == ("contribution", 20, 20)
    compared = 0
    for layer in layers:
        added = []
        for sample in samples[3:]:
            pixels = read_fast(sample, session.preprocess)
            answer = int(predict_probabilities(session, pixels[None])[0].argmax())
            tapped = tap(session, pixels, layer, [answer])
            added.append(tapped.activations * tapped.gradients[0])
        totals = np.stack(added).sum((2, 3))
        for channel in np.flatnonzero(totals.max(0) > 0)[:5].tolist():
            compared += 1
            alone = [crop for crop in found.crops[layer][channel] if crop.path not in {s.path for s in samples[:3]}]
            best = np.sort(totals[:, channel])[::-1][: len(alone)]
            assert [crop.activation for crop in alone] == pytest.approx(best.tolist(), abs=1e-4)
            place = added[int(totals[:, channel].argmax())][channel]
            row, column = np.unravel_index(place.argmax(), place.shape)
            assert alone[0].box == window_of(session, layer).box(row, column, *place.shape)
        against = np.flatnonzero((totals <= 0).all(0))
        shown = {crop.path for channel in against for crop in found.crops[layer][channel]}
        assert shown <= {sample.path for sample in samples[:3]}, "what speaks against an answer is of no use to it"
    assert compared > 3
    assert found.crops != active.crops
    assert repr(found.random) == repr(active.random), "activations by chance are no numbers"
    assert fingerprint(session.network) == before
    assert find_exciting(session, samples, layers, Watch(), "contribution").crops == found.crops


def test_of_many_pictures_contributions_are_looked_at_for_some(session, tmp_path, monkeypatch):
    monkeypatch.setattr(exciting, "_MOST_WITH_WAY_BACK", 4)
    found = find_exciting(session, draw_pictures(tmp_path, 9), ("features.2",), Watch(), "contribution")
    assert (found.pictures, found.of) == (4, 9)
    shown = {crop.path.stem for crops in found.crops["features.2"] for crop in crops}
    assert shown == {"00", "03", "05", "08"}


def test_a_second_look_is_remembered_and_another_weight_is_not(session, looked, monkeypatch):
    samples, layers, found = looked
    monkeypatch.setattr(exciting, "frozen_outputs", None)
    again = find_exciting(session, samples, layers, Watch())
    assert again.crops == found.crops
    with torch.no_grad():
        next(session.network.parameters()).add_(0.1)
    with pytest.raises(TypeError):
        find_exciting(session, samples, layers, Watch())


def test_a_stop_ends_the_pass(session, tmp_path):
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        find_exciting(session, draw_pictures(tmp_path, 3), ("features.2",), Watch(control))


def test_pictures_that_are_gone_are_not_counted(session, tmp_path):
    samples = draw_pictures(tmp_path, 6)
    samples[2].path.unlink()
    found = find_exciting(session, samples, ("features.2",), Watch())
    assert (found.pictures, found.of) == (5, 6)
    assert find_exciting(session, samples, ("features.2",), Watch()).pictures == 5, "also when it is remembered"
    for sample in samples:
        sample.path.unlink(missing_ok=True)
    with pytest.raises(DatasetError, match="None of the pictures"):
        find_exciting(session, samples, ("features.3",), Watch())


def test_a_channel_that_never_moves_is_called_silent(session, tmp_path):
    with torch.no_grad():
        session.network.features[0].bias[3] = -1000  # the ReLU behind it gives nothing
    found = find_exciting(session, draw_pictures(tmp_path, 4), ("features.2",), Watch())
    assert 3 in found.silent["features.2"]
    assert 0 not in found.silent["features.2"]
    shown = crop_pictures(session, found, "features.2", [3, 0], Watch())
    assert [each.silent for each in shown] == [True, False]
    assert len(shown[1].exciting) == 4
    assert shown[1].exciting[0].shape[2] == 3


def test_a_crop_is_what_the_value_sees(session):
    """The gradient of a value reaches exactly its box."""
    layer, side = "features.3", session.preprocess.crop
    inputs = torch.rand(1, 3, side, side, requires_grad=True)
    caught = []
    handle = session.network.get_submodule(layer).register_forward_hook(lambda _m, _i, o: caught.append(o))
    session.network(inputs)
    handle.remove()
    rows = caught[0].shape[-1]
    caught[0][0, :, 3, rows - 2].sum().backward()
    reached = np.argwhere(np.abs(inputs.grad[0].sum(0).numpy()) > 0)
    left, top, right, bottom = window_of(session, layer).box(3, rows - 2, rows, rows)
    assert (reached.min(0) == (top, left)).all()
    assert (reached.max(0) == (bottom - 1, right - 1)).all()
    assert Window(32, None).box(1, 1, 4, 4) == (0, 0, 32, 32)


def test_three_layers_are_an_early_a_middle_and_a_late_one(session):
    layers = describe(session).layers
    found = three_layers(layers)
    stages = [layer.name for layer in layers if layer.is_stage]
    assert len(found) == 3
    assert (found[0], found[-1]) == (stages[0], stages[-1])


def test_filters_are_on_one_scale_and_before_and_after_are_told_apart(session):
    before = random_session("tiny_cnn")
    found = first_filters(session, before)
    weights = session.network.features[0].weight.detach().numpy()
    assert found.pictures.shape == (len(weights), 3, 3, 3)
    assert (found.pictures == found.before).all()
    loudest = np.abs(weights).argmax()
    channel, colour, row, column = np.unravel_index(loudest, weights.shape)
    assert abs(int(found.pictures[channel, row, column, colour]) - 128) >= 127
    pixels = noise(session)
    assert before_after(session, before, pixels, "features.3").untouched
    with torch.no_grad():
        session.network.features[3].weight[5] *= 3
    compared = before_after(session, before, pixels, "features.3")
    assert not compared.untouched
    assert compared.after.channels[0] == 5
    assert compared.changes[:2] == pytest.approx((2.0, 0.0))
    assert compared.before.low == compared.after.low, "one scale"


@pytest.mark.parametrize(("case", "known"), [("there", "/weights/gamma.pth"), ("gone", ""), ("scratch", "first")])
def test_before_the_first_of_runs_that_continue_each_other(tmp_path, monkeypatch, case, known):
    """The usual way to train more layers is to improve a run: the network before is the published one.

    Where the first one began with nothing, it is that one; and runs that were moved together find each other.
    """
    started = {WEIGHTS_HASH: "abc" if case != "scratch" else ""}
    record = RunRecord(
        name="a", state="finished", created="2026-11-26T00:00:00Z", network="gamma", classes=("a", "b"),
        recipe={"weights": "auto"}, dataset_hash="", environment=started,
    )  # fmt: skip
    first = create_run(record, root=tmp_path).folder
    elsewhere = tmp_path / "where they were"
    second = create_run(
        replace(
            record,
            recipe={"weights": "auto", "start_from": str(elsewhere / first.name)},
            environment={WEIGHTS_HASH: "def"},
        ),
        root=tmp_path,
    ).folder
    if case == "gone":
        shutil.rmtree(first)
    card = SimpleNamespace(recipe={"start_from": str(elsewhere / second.name)}, weights_origin="second sha256:def")
    session = SimpleNamespace(card=card, folder=tmp_path / "third" / "bundle", network_name="gamma")
    file = SimpleNamespace(sha256="abc", path="/weights/gamma.pth")
    monkeypatch.setattr(training_effect, "find_weights", lambda _: file)
    monkeypatch.setattr(training_effect, "open_model", lambda ref: ref.weights or Path(ref.source))
    found = training_effect.start_of(session)
    expected = first / "bundle" if known == "first" else Path(known)
    assert found == (expected if known else None)


# The shared photographs and weights -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["features", "features.9", "features.5"])
def test_the_order_is_that_of_really_switching_off(taught, layer):  # noqa: F811
    session, pictures = taught
    correlations, overlaps = [], []
    for pixels, label in pictures[:3]:
        found = rank_channels(session, pixels, layer, session.classes[label]).contributions
        cost = costs(session, pixels, layer, label)
        whole, without_seven = (switched_off(session, pixels, layer, off)[label] for off in ((), (7,)))
        assert cost[7] == pytest.approx(whole - without_seven, abs=1e-4)
        correlations.append(rank_correlation(found, cost))
        overlaps.append(len(set(np.argsort(-found)[:10]) & set(np.argsort(-cost)[:10])))
        if layer == "features":
            assert cost == pytest.approx(found, abs=1e-4)
    assert np.median(correlations) >= 0.9
    assert np.median(overlaps) >= 7


def costs(session, pixels, layer, label):
    """What the score loses without each channel; up to the layer the network computes once for 32 of them."""
    channels, found = len(tap(session, pixels, layer, [label]).activations), []
    for start in range(0, channels, 32):
        masks = 1 - torch.eye(channels)[start : start + 32]
        handle = session.network.get_submodule(layer).register_forward_hook(
            lambda _m, _i, output, masks=masks: torch.cat([output, output * masks[:, :, None, None]])
        )
        with torch.inference_mode():
            logits = session.network(to_input(pixels[None], session.preprocess).contiguous())[:, label]
        handle.remove()
        found += (logits[0] - logits[1:]).tolist()
    return np.array(found)


@pytest.mark.slow
def test_a_crop_alone_excites_its_channel(taught, shared_data):  # noqa: F811
    """Cut out and run by itself, it is in the top 5 % of 500 random crops for at least 16 of 20 channels."""
    session, _ = taught
    rng, layer = np.random.default_rng(2), "features.5"
    paths = sorted((shared_data / "data" / "clothing" / "validation").glob("*/*.jpg"))[::2]
    samples = [Sample(path, 0, "validation", ALONE) for path in paths]
    found = find_exciting(session, samples, (layer,), Watch())
    side = max(crop.box[2] - crop.box[0] for crop in found.crops[layer][0])
    chance = []
    for path in [paths[number] for number in rng.permutation(len(paths))[:100]]:
        pixels = read_pixels(session, path)
        for left, top in rng.integers(0, session.preprocess.crop - side, (5, 2)):
            chance.append(peaks(session, layer, pixels[top : top + side, left : left + side]))
    chance = np.stack(chance)
    within = 0
    for channel in rng.permutation(len(found.crops[layer]))[:20]:
        crop = found.crops[layer][channel][0]
        left, top, right, bottom = crop.box
        own = peaks(session, layer, read_pixels(session, crop.path)[top:bottom, left:right])[channel]
        within += own >= np.quantile(chance[:, channel], 0.95)
    assert within >= 16


def peaks(session, layer, pixels):
    """The highest value of every channel for a crop by itself."""
    with torch.inference_mode(), capture(session.network, layer) as taken:
        session.network(to_input(pixels[None].copy(), session.preprocess).contiguous())
    return taken[0][0].amax((1, 2)).numpy()


def test_probabilities_of_a_picture_are_those_of_its_ranking(session):
    pixels = noise(session)
    probabilities = predict_probabilities(session, pixels[None])[0]
    top = rank_channels(session, pixels, "features.3").top
    assert top[0].probability == pytest.approx(float(probabilities.max()), abs=1e-5)
