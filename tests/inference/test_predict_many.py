"""Many pictures: the answers of one by one, in batches, as they come, on a device that is chosen."""

import threading
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from cnnstudio.compute import device
from cnnstudio.compute.engines import TorchFrozen, open_frozen
from cnnstudio.core import DeviceError, Progressed, RunPaused, RunResumed, StopRequested, Watch
from cnnstudio.data import PreprocessSpec
from cnnstudio.inference import session as predicting
from cnnstudio.inference.feature_maps import capture
from cnnstudio.inference.session import FEW, open_model, predict, predict_many
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import save_bundle

CLASSES = tuple("abcdefg")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("bundle") / "model"
    card = BundleCard(network="gap_cnn", classes=CLASSES, preprocess=PreprocessSpec(resize=40, crop=32))
    network = build_network("gap_cnn", 7)
    for layer in network.modules():  # what it says of two pictures differs by far more than rounding
        if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(layer.weight)
    save_bundle(folder, network, card)
    return folder


@pytest.fixture
def session(bundle):
    return replace(open_model(ModelRef(source=str(bundle))), engines={})


@pytest.fixture
def pictures(tiny_folder):
    return sorted(tiny_folder.rglob("*.png"))[: FEW + 7]


@pytest.fixture
def opened(monkeypatch):
    """Devices for which an engine was opened; they all are the CPU."""
    seen = []

    def open_here(network, spec, where, precision):
        seen.append((where.type, precision))
        return TorchFrozen(network, spec, torch.device("cpu"), precision)

    monkeypatch.setattr(predicting, "open_frozen", open_here)
    return seen


def same(found, expected):
    assert [each.path for each in found] == [each.path for each in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.error == other.error
        chances = {score.label: score.probability for score in other.top}
        assert {score.label for score in one.top} == set(chances)
        for score in one.top:
            assert score.probability == pytest.approx(chances[score.label], abs=1e-5)
        assert (one.milliseconds > 0) == (one.error is None)


@pytest.mark.parametrize("few", [FEW, 0], ids=["one by one", "in batches"])
@pytest.mark.parametrize("count", [0, 1, 9])
def test_few_pictures_get_the_same_answers_either_way(session, pictures, monkeypatch, few, count):
    monkeypatch.setattr(predicting, "FEW", few)
    found = list(predict_many(session, pictures[:count], Watch(), top=7, device="cpu"))
    same(found, [predict(session, path, 7) for path in pictures[:count]])
    assert bool(session.engines) == (few == 0)


def test_unreadable_pictures_answer_in_their_place(session, pictures, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    paths = [broken, *pictures, broken, tmp_path / "missing.png", *pictures[:2], broken]
    found = list(predict_many(session, paths, Watch(), top=7))
    same(found, [predict(session, path, 7) for path in paths])
    gaps = np.diff(sorted({each.top[0].probability for each in found if each.top}))
    assert len(gaps) == len(pictures) - 1
    assert np.median(gaps) > 1e-4, "each has an answer of its own"
    assert [n for n, each in enumerate(found) if each.error] == [0, *(len(pictures) + 1 + n for n in (0, 1, 4))]
    assert "broken.jpg" in found[0].error


@pytest.mark.usefixtures("opened")
def test_nothing_but_unreadable_pictures(session, tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(2 * FEW)]
    assert [each.path for each in predict_many(session, paths, Watch()) if each.error and not each.top] == paths


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("top", [1, 3, 99])
def test_as_many_answers_as_asked_for_the_best_first(session, pictures, top):
    for answer in predict_many(session, pictures, Watch(), top=top):
        chances = [score.probability for score in answer.top]
        assert len(chances) == min(top, len(CLASSES))
        assert chances == sorted(chances, reverse=True)


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("few", [10**6, 0], ids=["one by one", "in batches"])
def test_progress_counts_what_was_answered(session, pictures, monkeypatch, few):
    monkeypatch.setattr(predicting, "FEW", few)
    answers, heard = [], []

    def hear(event):
        assert event == Progressed(done=len(answers), total=len(pictures), text="Predicting")
        heard.append(event.done)

    for answer in predict_many(session, pictures, Watch(emit=hear)):
        answers.append(answer)  # noqa: PERF402 - what is heard meanwhile is the point
    assert heard[-1] == len(pictures)
    assert len(heard) > 1


@pytest.mark.parametrize("few", [10**6, 0], ids=["one by one", "in batches"])
def test_a_stop_ends_it_and_leaves_the_engine_usable(session, pictures, monkeypatch, few):
    monkeypatch.setattr(predicting, "FEW", few)
    watch = Watch()
    answers = predict_many(session, pictures, watch)
    next(answers)
    watch.control.request_stop()
    with pytest.raises(StopRequested):
        list(answers)
    same(list(predict_many(session, pictures, Watch())), [predict(session, path) for path in pictures])


def test_a_stop_asked_for_before_costs_no_answer(session, pictures, opened):
    watch = Watch()
    watch.control.request_stop()
    for paths in (pictures, pictures[:1]):
        with pytest.raises(StopRequested):
            next(predict_many(session, paths, watch))
    assert opened == []


@pytest.mark.usefixtures("opened")
def test_a_pause_is_told_and_ends(session, pictures):
    heard = []

    def hear(event):
        heard.append(event)
        if isinstance(event, RunPaused):
            watch.control.resume()

    watch = Watch(emit=hear)
    answers = predict_many(session, pictures, watch)
    next(answers)
    watch.control.request_pause()
    assert len(list(answers)) == len(pictures) - 1
    assert [type(event) for event in heard if not isinstance(event, Progressed)] == [RunPaused, RunResumed]


def test_who_leaves_early_leaves_nothing_under_way(session, pictures):
    for _ in range(3):
        answers = predict_many(session, pictures, Watch())
        assert len(list(islice(answers, 2))) == 2
        answers.close()
    assert len(session.engines) == 1
    same(list(predict_many(session, pictures, Watch())), [predict(session, path) for path in pictures])


def test_an_engine_is_compiled_once_and_used_by_one_at_a_time(session, pictures, opened):
    list(predict_many(session, pictures, Watch(), device="cpu"))
    first = predict_many(session, pictures, Watch(), device="cpu")
    begun = next(first)
    assert len(opened) == 1
    second = list(predict_many(session, pictures, Watch(), device="cpu"))
    assert len(opened) == 2, "the first one is busy"
    same([begun, *first], second)
    list(predict_many(session, pictures, Watch(), device="cpu"))
    assert opened == [("cpu", "fp32")] * 2


def test_threads_that_predict_at_once_get_their_own_answers(session, pictures):
    expected, found = [predict(session, path) for path in pictures], {}

    def ask(number):
        found[number] = list(predict_many(session, pictures[::-1] if number % 2 else pictures, Watch()))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(3):
        same(found[number], expected[::-1] if number % 2 else expected)


def test_a_graphics_card_is_used_where_there_is_one_and_its_memory_given_back(session, pictures, opened, monkeypatch):
    monkeypatch.setattr(
        predicting, "choose_device", lambda wanted: torch.device("cuda" if wanted == "auto" else wanted)
    )
    list(predict_many(session, pictures, Watch()))
    assert opened == [("cuda", "fp32")]
    assert session.engines == {}
    list(predict_many(session, pictures[:2], Watch(), device="mps"))
    assert opened[1:] == [("mps", "fp32")], "asked for, it serves few pictures, too"
    list(predict_many(session, pictures[:2], Watch()))
    assert len(opened) == 2, "a single picture waits for no device"


def test_a_device_that_is_not_there_is_said(session, pictures, monkeypatch):
    monkeypatch.setattr(device, "_accelerators", lambda: ())
    with pytest.raises(DeviceError, match="No usable NVIDIA"):
        list(predict_many(session, pictures[:1], Watch(), device="cuda"))
    same(list(predict_many(session, pictures[:1], Watch())), [predict(session, pictures[0])])


def test_hooks_of_another_thread_are_not_compiled_in(session, pictures):
    done = []
    asking = threading.Thread(target=lambda: done.append(list(predict_many(session, pictures, Watch()))))
    with session.lock, capture(session.network, "features.2") as taken:
        asking.start()
        session.network(torch.zeros(1, 3, 32, 32))
    asking.join()
    assert len(taken) == 1
    same(done[0], [predict(session, path) for path in pictures])


def test_features_of_a_graphics_card_are_not_mixed_with_the_processors(session):
    cpu, other = (
        TorchFrozen(session.network, session.preprocess, torch.device(kind), "fp32") for kind in ("cpu", "meta")
    )
    assert (cpu.engine, other.engine) == ("torch", "torch meta")
    assert other.batch_size > cpu.batch_size


def test_the_engine_is_as_exact_as_single_answers_on_photographs(shared_data):
    """Real weights, where a wrong rounding would show."""
    weights = shared_data / "weights" / "squeezenet1_0-imagenet.pth"
    session = open_model(ModelRef(source="squeezenet1_0", weights=weights))
    paths = sorted((shared_data / "data" / "clothing" / "test").glob("*/*.jpg"))[:: 372 // (FEW + 2)]
    found = list(predict_many(session, paths, Watch(), top=1000))
    assert len(found) > FEW
    for answer in found[::5]:
        chances = {score.label: score.probability for score in predict(session, answer.path, 1000).top}
        assert max(abs(score.probability - chances[score.label]) for score in answer.top) < 1e-5
    exact = open_frozen(session.network, session.preprocess, torch.device("cpu"), "fp32")
    assert exact.precision == "fp32"
    assert np.isfinite([score.probability for answer in found for score in answer.top]).all()
