"""What should not be answered: learned from a run, judged by window and terminal, carried by bundles and exports."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from cnnstudio.cli.main import main
from cnnstudio.core import ALONE, CheckpointDamaged, ExportMismatch, FormatError, RunError, Watch
from cnnstudio.export import script_check
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.judging import answering, parted
from cnnstudio.inference.mirror import averaged
from cnnstudio.inference.results import Prediction, rows_of, verdict_words
from cnnstudio.inference.session import open_model, predict, predict_many
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import BeCareful, GatherAnswers
from cnnstudio.networks import ModelRef
from cnnstudio.networks.builder import all_names, build_network
from cnnstudio.networks.bundle import MANIFEST_FILE, add_to_bundle, load_bundle
from cnnstudio.networks.head import WithFeatures
from cnnstudio.networks.refusal import REFUSAL_FILE, clearness, load_refusal, nearness, unit
from cnnstudio.runs import ANSWERS_FILE, Answers, softmax
from cnnstudio.understanding.refusal import learned_refusal
from tests.export.test_script_check import _run_here


def answers(validation=200, held_out=False, seed=0, size=8):
    """Three classes as directions, with noise; training pictures first, then validation, then test."""
    rng = np.random.default_rng(seed)
    counts = {"train": 300, "validation": validation, "test": 600}
    splits = np.repeat(list(counts), list(counts.values()))
    labels = rng.integers(0, 3, len(splits))
    features = 3 * np.eye(size)[labels] + rng.normal(0, 0.5, (len(splits), size))
    return Answers(
        classes=("a", "b", "c"),
        names=tuple(f"{n}.png" for n in range(len(splits))),
        keys=np.zeros((len(splits), 16), np.uint8),
        labels=labels,
        splits=splits,
        groups=np.full(len(splits), ALONE),
        held_out=(splits != "train") | held_out,
        logits=(4 * features[:, :3]).astype(np.float32),
        features=features.astype(np.float16),
    )


def judged(refusal, features):
    features = np.asarray(features, np.float32)
    return refusal.judge(features, 4 * features[:, :3])


def test_the_usual_is_answered_and_two_kinds_of_other_pictures_are_not():
    found = answers()
    refusal = learned_refusal(found)
    test = found.of_split("test")
    kept = np.mean([each == "answer" for each in judged(refusal, found.features[test]).verdicts])
    assert 0.91 <= kept <= 0.98
    low, high = refusal.kept
    assert low < 0.95 < high
    assert low > 0.9
    rng = np.random.default_rng(9)
    foreign = np.zeros((50, 8))
    foreign[:, 3:] = rng.normal(0, 3, (50, 5))
    assert set(judged(refusal, foreign).verdicts) == {"unlike"}
    between = np.zeros((1, 8))
    between[:, :2] = 3
    assert judged(refusal, between).verdicts == ("between",)


def test_more_careful_refuses_more_and_exactly_so_many_of_what_it_learned_from():
    found = answers()
    usual = found.of_split("validation")
    for careful in (0.01, 0.05, 0.2):
        refusal = learned_refusal(found, careful)
        verdicts = judged(refusal, found.features[usual]).verdicts
        assert sum(each != "answer" for each in verdicts) == pytest.approx(careful * 200, abs=1)


def test_the_nearest_training_picture_is_the_proof():
    found = answers()
    refusal = learned_refusal(found)
    some = found.of_split("test")[:20]
    train = found.of_split("train")
    alike = unit(found.features[some]) @ unit(found.features[train]).T
    assert judged(refusal, found.features[some]).nearest.tolist() == train[alike.argmax(1)].tolist()


def test_nearness_and_clearness_are_what_they_are_called():
    alike = np.array([[0.1, 0.9, 0.3, 0.5, 0.7, 0.2], [1, 1, 1, 1, 1, 0]])
    assert nearness(alike).tolist() == [0.2, 1]
    assert nearness(alike[:, :2]).tolist() == [0.1, 1], "fewer than five"
    logits = np.array([[10.0, 0, 0], [5, 0, 0], [1, 1, 0]])
    shares = softmax(logits)
    assert clearness(logits) == pytest.approx([-sum((p * (1 - p)) ** 0.1 for p in row) for row in shares])
    assert (np.diff(clearness(logits)) < 0).all()


def test_few_validation_pictures_are_joined_by_training_pictures():
    few = answers(validation=30, held_out=True)
    refusal = learned_refusal(few)
    assert refusal.leave_one_out
    assert len(refusal.near) == 330
    test = few.of_split("test")
    kept = np.mean([each == "answer" for each in judged(refusal, few.features[test]).verdicts])
    assert 0.9 <= kept <= 0.99
    assert not learned_refusal(answers(validation=30)).leave_one_out, "what was learned from is no measure"
    assert learned_refusal(answers(validation=10)) is None
    assert learned_refusal(replace(few, features=None)) is None


def test_copies_of_a_picture_do_not_make_it_near():
    plain = answers(validation=30, held_out=True)
    groups = plain.groups.copy()
    groups[:6] = 7
    features = plain.features.copy()
    features[:6] = [0, 0, 0, 0, 0, 0, 0, 9]
    found = learned_refusal(replace(plain, groups=groups, features=features))
    alone = learned_refusal(replace(plain, features=features))
    assert found.near[5] < 0.5, "six copies of one odd picture are as odd as one"
    assert np.sum(alone.near > 0.99) >= np.sum(found.near > 0.99) + 6


def test_what_is_kept_stays_small():
    many = answers()
    wide = np.zeros((len(many), 4096), np.float16)
    wide[:, :8] = many.features
    refusal = learned_refusal(replace(many, features=wide))
    assert refusal.features.shape == (256, 4096) or len(refusal.features) < 260
    assert len(refusal.content()) < 2.3e6
    counts = np.bincount(many.labels[refusal.places])
    assert counts.min() > 50


# In bundles, predictions and exports ------------------------------------------------------------------------------


@pytest.fixture
def judging(solved):
    """A run that judges."""
    assert (solved.bundle / REFUSAL_FILE).is_file(), "learned at the end of the training"
    return solved


def test_a_run_says_a_verdict_for_every_picture(judging, tiny_folder, capsys):
    session = open_model(ModelRef(source=str(judging.bundle)))
    paths = sorted(tiny_folder.rglob("*.png"))
    many = list(predict_many(session, paths, Watch()))
    single = [predict(session, path) for path in paths]
    assert [each.verdict for each in many] == [each.verdict for each in single]
    assert {each.verdict for each in many} <= {"answer", "unlike", "between"}
    assert sum(each.verdict == "answer" for each in many) >= 30
    assert all(each.nearest is not None and each.nearest.is_file() for each in many)
    files = [str(path) for path in paths[:3]]
    assert main(["predict", str(judging.folder), *files, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [answer["verdict"] for answer in told] == [each.verdict for each in many[:3]]
    mirrored = [predict(averaged(session), path) for path in paths[:6]]
    assert [each.verdict for each in mirrored] == [each.verdict for each in many[:6]], "of the picture as it is"


def test_an_older_run_learns_it_on_the_way_and_can_be_more_careful(judging):
    (judging.bundle / REFUSAL_FILE).unlink()
    manifest = judging.bundle / MANIFEST_FILE
    plain = json.loads(manifest.read_text())
    del plain["sha256"][REFUSAL_FILE]
    manifest.write_text(json.dumps(plain))
    assert open_model(ModelRef(source=str(judging.bundle))).refusal is None
    (judging.folder / ANSWERS_FILE).unlink()
    run_inline(GatherAnswers(run=judging.folder))
    before = open_model(ModelRef(source=str(judging.bundle))).refusal
    after = run_inline(BeCareful(run=judging.folder, careful=0.2))
    assert after.careful == 0.2
    assert after.threshold > before.threshold
    assert open_model(ModelRef(source=str(judging.bundle))).refusal.threshold == after.threshold


def test_too_few_pictures_say_nothing_of_what_is_usual(quick, train):
    run, _ = train(replace(quick, epochs=1))
    assert not (run.bundle / REFUSAL_FILE).exists(), "6 pictures that it did not learn from"
    with pytest.raises(RunError, match="too few"):
        run_inline(BeCareful(run=run.folder, careful=0.1))


def test_a_damaged_or_foreign_file_is_refused(judging):
    with pytest.raises(FormatError):
        load_refusal(judging.bundle, 77)
    file = judging.bundle / REFUSAL_FILE
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"x")
    with pytest.raises(CheckpointDamaged):
        load_bundle(judging.bundle)
    file.write_bytes(content)
    add_to_bundle(judging.bundle, REFUSAL_FILE, content[:100])
    with pytest.raises(CheckpointDamaged):
        open_model(ModelRef(source=str(judging.bundle)))


CHECK_SCRIPT = script_check.check_script


@pytest.fixture
def in_this_process(monkeypatch):
    monkeypatch.setattr(script_check, "run_script", _run_here)
    monkeypatch.setattr(script_check, "check_script", CHECK_SCRIPT)


@pytest.mark.parametrize("kind", ["bundle", pytest.param("state-dict", marks=pytest.mark.slow)])
def test_exports_decide_alike(kind, judging, tiny_folder, tmp_path, in_this_process, capsys):
    session = open_model(ModelRef(source=str(judging.bundle)))
    images = sorted(tiny_folder.rglob("*.png"))[:4]
    report = export_model(session, kind, tmp_path / "out", list(map(Picture, images)), Watch())
    assert "verdict(" in report.snippet
    if kind == "bundle":
        again = open_model(ModelRef(source=str(report.path)))
        for path in images:
            ours, theirs = predict(session, path), predict(again, path)
            assert (ours.verdict, ours.top) == (theirs.verdict, theirs.top)
            assert theirs.nearest is None, "names of files stay at home"
    judge = report.path / "judging.py"
    judge.write_text(judge.read_text().replace('return "answer"', 'return "between"'))
    with pytest.raises(ExportMismatch):
        script_check.check_script(report.path, session, images, Watch())


def test_words_for_people():
    from cnnstudio.inference.results import ClassScore

    top = (ClassScore("shirt", 0.5), ClassScore("longsleeve", 0.4))
    answer = Prediction(path="x.png", top=top, verdict="between")
    assert verdict_words(answer) == "Between shirt and longsleeve"
    assert verdict_words(replace(answer, top=top[:1])) == "Between shirt and other classes"
    assert verdict_words(replace(answer, verdict="unlike")) == "Unlike anything it was shown"
    assert verdict_words(replace(answer, verdict="answer")) == verdict_words(replace(answer, verdict=None)) == ""
    assert [row[-1] for row in rows_of(answer, judged=True)] == ["between", "between"]
    assert len(next(rows_of(answer))) == 5


@pytest.mark.slow
@pytest.mark.parametrize("name", all_names())
def test_every_network_can_be_judged(name):
    network = build_network(name, 3).eval()
    side = getattr(network, "image_size", {"inception_v3": 96, "maxvit_t": 224}.get(name, 64))
    channels = next(module.in_channels for module in network.modules() if isinstance(module, torch.nn.Conv2d))
    pictures = torch.rand(2, channels, side, side)
    with torch.inference_mode():
        whole = WithFeatures(network)
        values, expected = whole(pictures), network(pictures)
    assert values.shape == (2, whole.size + 3)
    assert torch.allclose(values[:, whole.size :], expected, atol=1e-4)
    assert answering(network, None) is network
    assert parted(expected, None, 3)[1] is None
