"""Networks on one's own pictures: who is the best is only said where chance does not say the same."""

import pytest

from cnnstudio.core import ALONE, Control, StopRequested, Watch, WeightsError, wilson_interval
from cnnstudio.jobs import auditioning, run_inline, specs
from cnnstudio.jobs.job import StoppedWith
from cnnstudio.jobs.plain import plain
from cnnstudio.networks.weights.pretrained import find_weights
from cnnstudio.understanding.auditions import Audition, Auditions
from tests.ui.conftest import CATALOGUE


def tried(network, right, seconds, count=400):
    names = [f"{number}.png" for number in range(count)]
    return Audition(
        network=network, title=network.title(), weights="w.pth",
        right={name: number < right for number, name in enumerate(names)},
        groups=dict.fromkeys(names, ALONE), interval=wilson_interval(right, count), seconds=seconds,
    )  # fmt: skip


def test_of_those_that_are_too_close_to_call_the_fastest_is_the_choice():
    found = Auditions(results=(tried("quick", 350, 0.01), tried("slow", 354, 0.1), tried("bad", 200, 0.001)))
    assert found.best.network == "slow"
    assert found.standings == {"quick": "close", "slow": "best", "bad": "behind"}
    assert found.choice.network == "quick"
    assert found.sentence == (
        "Slow and Quick are too close to call, and Quick is the faster one: 87.5 % against 88.5 %."
    )


def test_what_is_clearly_the_best_is_the_choice_however_slow():
    found = Auditions(results=(tried("quick", 300, 0.01), tried("slow", 360, 0.1)))
    assert found.choice.network == "slow"
    assert found.sentence.startswith("Slow is clearly the best: 90.0 % correct.")
    told = plain(found)
    assert [each["standing"] for each in told["networks"]] == ["behind", "best"]
    assert (told["best"], told["choice"], told["networks"][0]["pictures"]) == ("slow", "slow", 400)


def test_nothing_was_tried():
    found = Auditions(results=(), waiting=3)
    assert (found.best, found.choice, found.sentence) == (None, None, "No network was tried.")
    assert found.with_(tried("one", 10, 0.1)).waiting == 2


def test_a_stop_keeps_those_that_are_through_and_a_bad_file_is_passed_over(tiny_folder, monkeypatch):
    control, said = Control(), []

    def one(candidate, samples, _dataset, watch):
        assert len(samples) == 24  # of 36 those to learn from
        if candidate.name == "third":
            control.request_stop()
            watch.check()
        if candidate.name == "second":
            raise WeightsError("It does not fit.")
        watch.progress(1, 2, "Preparing the pictures")
        return tried(candidate.name, 10, 0.1)

    names = ("first", "second", "third", "fourth")
    candidates = [auditioning.Candidate(name, name.title(), None) for name in names]
    monkeypatch.setattr(auditioning, "audition", one)
    monkeypatch.setattr(auditioning, "_candidates", lambda _: candidates)
    with pytest.raises(StoppedWith) as stop:
        run_inline(specs.AuditionNetworks(folder=tiny_folder), Watch(control, said.append))
    kept = stop.value.result
    assert [each.network for each in kept.results] == ["first"]
    assert isinstance(stop.value, StopRequested)
    told = [type(event).__name__ for event in said]
    assert "Warned" in told
    assert "Partial" in told
    assert any(getattr(event, "text", "").startswith("First, 1 of 4: ") for event in said)


def test_only_what_is_on_this_computer_is_tried(tiny_folder, monkeypatch):
    monkeypatch.setattr(auditioning, "load_catalogue", lambda _: CATALOGUE)
    with pytest.raises(WeightsError, match="There is no network to try"):
        run_inline(specs.AuditionNetworks(folder=tiny_folder, networks=("alpha18",)))


def test_150_of_a_class_and_1500_in_all_at_most(tiny_folder):
    from cnnstudio.data.project import open_dataset
    from cnnstudio.understanding import trying

    dataset = open_dataset(tiny_folder)
    whole = trying.some_of(dataset)
    assert len(whole) == len(dataset.split("train"))
    assert trying.some_of(dataset) == whole


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("network", ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"])
def test_an_audition_says_what_a_training_of_the_last_layer_comes_to(shared_data, network):
    """Within 3 points of what the training itself says of all training pictures, out of fold.

    Of SqueezeNet, which learns slower, half as many pictures say 3.5 points too little (``benchmarks/README.md``).
    """
    from benchmarks.auditions import told
    from cnnstudio.data.project import open_dataset

    if find_weights(network) is None:
        pytest.skip(f"the weights of {network} are not on this computer")
    share, low, high, _, whole, _ = told(network, "auto", open_dataset(shared_data / "data" / "clothing"))
    assert abs(share - whole) < 0.03
    assert low < share < high
