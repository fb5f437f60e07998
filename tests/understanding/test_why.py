"""What speaks for an answer: it adds up, it hangs on the weights, and it leaves the network as it was."""

import shutil
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from cnnstudio.compute.engines import to_input
from cnnstudio.core import ALONE, Control, NetworkError, StopRequested, Watch
from cnnstudio.inference.session import Session, open_model, predict_probabilities, read_pixels
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import BundleCard, ModelRef, builder
from cnnstudio.networks.head import WithFeatures, head_layer
from cnnstudio.runs import Answers
from cnnstudio.training.recipe import Recipe
from cnnstudio.understanding import taps
from cnnstudio.understanding.taps import tap
from cnnstudio.understanding.why.alike import neighbours
from cnnstudio.understanding.why.covering import cover, occlusion, square
from cnnstudio.understanding.why.drawing import AGAINST, FOR, overlay
from cnnstudio.understanding.why.evidence import evidence, last_layer
from tests.conftest import SHARED

LABELS = tuple("abcdefghij")


def random_session(name, seed=0):
    """A network with random weights, biases among them."""
    network = builder.build_network(name, len(LABELS), seed=seed).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for each, values in network.named_parameters():
            if each.endswith("bias"):
                values.copy_(torch.randn(values.shape, generator=generator) * 0.1)
    spec = builder.preprocess_of(name)
    card = BundleCard(network=name, classes=LABELS, preprocess=spec)
    return Session(
        network=network, network_name=name, title=name, classes=LABELS, preprocess=spec, card=card,
        lock=threading.Lock(),
    )  # fmt: skip


def noise(session):
    side = session.preprocess.crop
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)


def fingerprint(network):
    """Everything that a visit could leave behind."""
    hooks = [
        (name, len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks), m.training)  # noqa: SLF001
        for name, m in network.named_modules()
    ]
    values = [(n, p.requires_grad, p.grad is None, p.detach().numpy().tobytes()) for n, p in network.named_parameters()]
    return hooks, values, {name: value.numpy().tobytes() for name, value in network.named_buffers()}


def missing(found):
    return np.abs(found.maps.sum((1, 2), dtype=np.float64) + found.rest - found.logits)


@pytest.mark.parametrize("name", ["tiny_cnn", "resnet18_small_se", "densenet40_small"])
def test_the_places_add_up_to_the_score(name):
    session = random_session(name)
    found = evidence(session, noise(session))
    assert found.exact
    assert (missing(found) <= 1e-4 * np.abs(found.maps).sum((1, 2)) + 1e-6).all()
    assert found.maps.min() < 0 < found.maps.max(), "signed"
    probabilities = predict_probabilities(session, noise(session)[None])[0]
    assert found.probabilities == pytest.approx(probabilities, abs=1e-5)
    assert found.classes == tuple(np.argsort(-probabilities)[:2].tolist())


def test_where_a_hidden_layer_follows_it_is_called_an_approximation():
    session = random_session("gap_cnn")
    found = evidence(session, noise(session))
    assert not found.exact
    assert missing(found).max() > 1e-4


def test_a_layer_norm_on_pooled_features_does_not_cancel_everything():
    class Normed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.features = torch.nn.Conv2d(3, 8, 3)
            self.norm, self.classifier = torch.nn.LayerNorm(8), torch.nn.Linear(8, len(LABELS))

        def forward(self, pictures):
            return self.classifier(self.norm(self.features(pictures).mean((2, 3))))

    torch.manual_seed(0)
    plain = random_session("tiny_cnn")
    network = Normed().eval()
    torch.nn.init.normal_(network.norm.bias)
    session = Session(
        network=network, network_name="", title="", classes=LABELS, preprocess=plain.preprocess, card=plain.card,
        lock=threading.Lock(),
    )  # fmt: skip
    found = evidence(session, noise(session))
    assert found.exact
    assert np.abs(found.maps.sum((1, 2))).min() > 1e-3


def test_the_network_is_left_bit_for_bit_as_it_was(monkeypatch):
    session = random_session("densenet40_small")
    pixels, before = noise(session), fingerprint(session.network)
    evidence(session, pixels)
    assert fingerprint(session.network) == before
    assert torch.is_grad_enabled()

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(torch.autograd, "grad", interrupted)
    with pytest.raises(KeyboardInterrupt):
        evidence(session, pixels)
    monkeypatch.undo()
    monkeypatch.setattr(taps, "_held", interrupted)
    head_layer(session.network).register_forward_hook(interrupted)
    with pytest.raises(KeyboardInterrupt):
        tap(session, pixels, last_layer(session), ())
    head_layer(session.network)._forward_hooks.clear()  # noqa: SLF001
    assert fingerprint(session.network) == before
    assert torch.is_grad_enabled()
    assert not session.lock.locked()


def test_a_layer_that_is_not_there_and_one_without_places_are_sentences():
    session = random_session("tiny_cnn")
    with pytest.raises(NetworkError, match="no layer called nonsense"):
        tap(session, noise(session), "nonsense", ())
    with pytest.raises(NetworkError, match="gives no maps"):
        tap(session, noise(session), "classifier", ())


def rank_correlation(first, second):
    ranks = [np.argsort(np.argsort(each.ravel())) for each in (first, second)]
    return np.corrcoef(*ranks)[0, 1]


def test_covered_squares_tile_the_picture_in_its_average_colour():
    session = random_session("tiny_cnn")
    pixels = noise(session)
    covered = cover(pixels, square(0))
    side = session.preprocess.crop // 4
    assert (covered[:side, :side] == covered[0, 0]).all()
    assert (covered[side:] == pixels[side:]).all()
    assert square(48) == (0.75, 0.75, 1.0, 1.0)
    assert cover(pixels, (-1.0, -1.0, 2.0, 2.0)).std((0, 1)).max() == 0, "cut to the picture"


def test_occlusion_tells_what_a_square_is_worth():
    session = random_session("tiny_cnn")
    pixels, said = noise(session), []
    found = occlusion(session, pixels, (3, 1), Watch(Control(), lambda event: said.append(event.done)))
    covered = predict_probabilities(session, cover(pixels, square(10))[None])[0]
    whole = predict_probabilities(session, pixels[None])[0]
    assert found.falls[0].ravel()[10] == pytest.approx(whole[3] - covered[3], abs=1e-6)
    assert said[-1] == 49
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        occlusion(session, pixels, (0,), Watch(control))


def test_neighbours_are_those_of_brute_force_and_one_of_each_series(tmp_path):
    rng = np.random.default_rng(3)
    features = rng.normal(size=(40, 6)).astype(np.float16)
    groups = np.full(40, ALONE)
    query = rng.normal(size=6)
    labels = np.arange(40) % 2
    splits = np.array(["train"] * 36 + ["test"] * 4)
    exact = features.astype(float)
    cosine = exact @ query / np.linalg.norm(exact, axis=1) / np.linalg.norm(query)
    nearest = [row for row in np.argsort(-cosine) if labels[row] == 1 and row < 36]
    groups[nearest[:2]] = 7

    def found():
        answers = Answers(
            classes=("a", "b"), names=tuple(f"{row}.jpg" for row in range(40)), keys=np.zeros((40, 16), np.uint8),
            labels=labels, splits=splits, groups=groups, held_out=np.zeros(40, bool),
            logits=np.zeros((40, 2), np.float32), features=features,
        )  # fmt: skip
        return neighbours(answers, tmp_path, query, (1, 0))

    alike = found()
    expected = [nearest[0], nearest[2], nearest[3]]
    expected += [next(row for row in np.argsort(-cosine) if labels[row] == 0 and row < 36)]
    assert [each.path.name for each in alike.alike] == [f"{row}.jpg" for row in expected]
    assert [each.label for each in alike.alike] == ["b", "b", "b", "a"]
    assert [each.similarity for each in alike.alike] == pytest.approx([cosine[row] for row in expected], abs=2e-3)
    assert not alike.learned
    query = exact[nearest[4]] * 2
    assert found().learned
    assert found().alike[0].same


def test_orange_is_for_blue_against_and_little_is_nothing():
    grey = np.full((40, 40, 3), 128, np.uint8)
    drawn = overlay(grey, np.array([[1.0, 0.05], [-1.0, 0.0]]), 1.0)
    assert (np.abs(drawn[0, 0].astype(int) - FOR) < 30).all()
    assert (np.abs(drawn[-1, 0].astype(int) - AGAINST) < 30).all()
    assert (drawn[0, -1] == 128).all()
    assert (overlay(grey, np.array([[1.0]]), 1.0, strength=0.0) == grey).all()


# The shared photographs and weights -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """SqueezeNet with a last layer that learned from 60 photographs a class; and 48 others, answered rightly by 0.9."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared photographs beside the checkout")
    photographs, some = SHARED / "data" / "clothing", tmp_path_factory.mktemp("some")
    for folder in (photographs / "train").iterdir():
        (some / folder.name).mkdir()
        for path in sorted(folder.iterdir())[:60]:
            shutil.copy(path, some / folder.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNSTUDIO_HOME", str(tmp_path_factory.mktemp("home")))
        weights = SHARED / "weights" / "squeezenet1_0-imagenet.pth"
        recipe = Recipe(dataset=str(some), network="squeezenet1_0", weights=str(weights))
        run = run_inline(specs.FineTune(recipe=recipe, out=tmp_path_factory.mktemp("why") / "run"))
    session = open_model(ModelRef(source=str(run.bundle)))
    return session, list(sure_and_right(session, photographs / "test", 48))


def sure_and_right(session, folder, count):
    """Pixels and class of pictures that it answers rightly with 0.9 and more."""
    pictures = sorted(folder.glob("*/*.jpg"))
    for number in np.random.default_rng(0).permutation(len(pictures)):
        path = pictures[number]
        pixels = read_pixels(session, path)
        probabilities = predict_probabilities(session, pixels[None])[0]
        best = int(probabilities.argmax())
        if session.classes[best] == path.parent.name and probabilities[best] >= 0.9:
            yield pixels, best
            count -= 1
        if not count:
            return


@pytest.mark.slow
def test_in_a_mosaic_the_reasons_lie_in_the_right_quarter(taught):
    session, pictures = taught
    side = session.preprocess.crop
    rng, shares, peaks = np.random.default_rng(1), [], []
    for place in [0, 1, 2, 3] * 6:
        chosen = [pictures[0]] * 4
        while len({label for _, label in chosen}) < 4:
            chosen = [pictures[number] for number in rng.permutation(len(pictures))[:4]]
        small = [np.asarray(Image.fromarray(pixels).resize((side // 2, side // 2))) for pixels, _ in chosen]
        mosaic = np.concatenate([np.concatenate(small[:2], 1), np.concatenate(small[2:], 1)])
        found = evidence(session, mosaic, [chosen[place][1]]).maps[0]
        large = np.kron(np.maximum(found, 0), np.ones((2, 2)))  # an odd number of places is halved
        half, (row, column) = len(large) // 2, divmod(place, 2)
        quarter = large[row * half : (row + 1) * half, column * half : (column + 1) * half]
        shares.append(quarter.sum() / max(1e-9, large.sum()))
        peaks.append(quarter.max() >= large.max())
    assert np.mean(shares) >= 0.5
    assert np.mean(peaks) >= 0.7


@pytest.mark.slow
def test_with_a_random_head_nothing_of_the_map_is_left(taught):
    """Adebayo et al. 2018: a map that stays as it is with other weights shows the picture, not the network."""
    session, pictures = taught
    layer, found = head_layer(session.network), []
    pictures = pictures[:24]
    before = [evidence(session, pixels, [label]).maps[0] for pixels, label in pictures]
    weight = layer.weight.detach().clone()
    try:
        with torch.no_grad():
            generator = torch.Generator().manual_seed(5)
            layer.weight.copy_(weight.std() * torch.randn(weight.shape, generator=generator))
        for (pixels, label), old in zip(pictures, before, strict=True):
            found.append(rank_correlation(old, evidence(session, pixels, [label]).maps[0]))
    finally:
        with torch.no_grad():
            layer.weight.copy_(weight)
    assert abs(np.median(found)) <= 0.15


@pytest.mark.slow
def test_covering_agrees_with_the_map(taught):
    session, pictures = taught
    found = []
    for pixels, label in pictures[:24]:
        drops = occlusion(session, pixels, [label], Watch()).drops[0]
        found.append(np.corrcoef(on_squares(evidence(session, pixels, [label]).maps[0]).ravel(), drops.ravel())[0, 1])
    assert np.median(found) >= 0.65


def on_squares(places):
    """What of a map lies in each of the squares that are covered."""
    side = 56 * len(places)
    large = np.kron(places, np.ones((56, 56)))
    width = side // 4
    return np.array(
        [[large[r * width // 2 :, c * width // 2 :][:width, :width].sum() for c in range(7)] for r in range(7)]
    )


EXACT = (
    "convnext", "densenet", "efficientnet", "googlenet", "inception", "mnasnet", "mobilenet_v2", "regnet", "resnet",
    "resnext", "wide_resnet", "shufflenet", "squeezenet", "swin", "tiny_cnn", "batchnorm_cnn",
)  # fmt: skip
HUGE = ("regnet_y_128gf", "vit_h_14")
"""Minutes and gigabytes each, and built like their smaller ones."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in builder.all_names() if name not in HUGE])
def test_every_network_has_places_that_add_up_where_its_structure_says_so(name):
    session = random_session(name)
    found = evidence(session, noise(session))
    assert found.maps.shape[0] == 2
    assert found.maps[0].size >= 4
    assert np.isfinite(found.maps).all()
    assert np.abs(found.maps).max() > 0, "not the zero gradient of tokens that nobody reads"
    if name.startswith(EXACT):
        assert found.exact, missing(found)
    elif name.startswith(("alexnet", "vgg", "vit", "maxvit")):
        assert not found.exact


@pytest.fixture(scope="module", params=["vit_b_32", "swin_t"])
def transformer(request):
    """A transformer of random weights whose last layer tells squares of ten colours; and squares it has not seen."""
    session, rng = random_session(request.param), np.random.default_rng(0)
    side = session.preprocess.crop
    colours = np.array(
        [[220, 40, 40], [40, 200, 60], [50, 70, 220], [230, 210, 50], [200, 60, 200], [60, 210, 210], [250, 140, 30],
         [120, 60, 20], [250, 250, 250], [10, 10, 10]]
    )  # fmt: skip

    def square_of(label):
        pixels, width = rng.normal(128, 12, (side, side, 3)), side // 4
        top, left = rng.integers(0, side - width, 2)
        pixels[top : top + width, left : left + width] = colours[label] + rng.normal(0, 12, (width, width, 3))
        return np.clip(pixels, 0, 255).astype(np.uint8)

    targets = torch.arange(40) % len(LABELS)
    pictures = np.stack([square_of(label) for label in targets.tolist()])
    whole, layer = WithFeatures(session.network), head_layer(session.network)
    with torch.inference_mode():
        inputs = to_input(pictures, session.preprocess).contiguous()
        features = torch.cat([whole(some)[:, : whole.size] for some in inputs.split(8)]).clone()
    deviation = features.std(0) + 1e-6
    rows = (features - features.mean(0)) / deviation
    weight, bias = (torch.zeros(*size, requires_grad=True) for size in ((len(LABELS), rows.shape[1]), (len(LABELS),)))
    solver = torch.optim.LBFGS([weight, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss():
        solver.zero_grad()
        value = torch.nn.functional.cross_entropy(rows @ weight.T + bias, targets) + 5e-3 * weight.square().sum()
        value.backward()
        return value

    solver.step(loss)
    with torch.no_grad():
        layer.weight.copy_(weight / deviation)
        layer.bias.copy_(bias - (weight / deviation) @ features.mean(0))
    return session, [(square_of(label), label) for label in range(8)]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_transformers_map_hangs_on_its_head_and_agrees_with_covering(transformer):
    """Adebayo's test, with four random heads, and where a covered square costs the most."""
    session, pictures = transformer
    layer = head_layer(session.network)
    maps = [evidence(session, pixels, [label]).maps[0] for pixels, label in pictures]
    agreed = []
    for (pixels, label), found in list(zip(pictures, maps, strict=True))[:3]:
        drops = occlusion(session, pixels, [label], Watch()).drops[0]
        agreed.append(np.corrcoef(on_squares(found).ravel(), drops.ravel())[0, 1])
    assert np.median(agreed) >= 0.65, agreed
    weight, found = layer.weight.detach().clone(), []
    for seed in range(4):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            layer.weight.copy_(weight.std() * torch.randn(weight.shape, generator=generator))
        found += [
            rank_correlation(old, evidence(session, pixels, [label]).maps[0])
            for (pixels, label), old in zip(pictures, maps, strict=True)
        ]
    with torch.no_grad():
        layer.weight.copy_(weight)
    assert abs(np.median(found)) <= 0.15, found
