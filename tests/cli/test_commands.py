import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from cnnstudio.cli.main import main
from cnnstudio.core import StopRequested
from cnnstudio.data import SplitSpec
from cnnstudio.data.scan import scan_folder
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.weights.packages import PACKAGED
from cnnstudio.runs import open_run
from tests.conftest import COLOURS, draw, draw_folder
from tests.messy import USABLE

FAST = ["--mode", "scratch", "--model", "squeezenet1_1", "--input-size", "48", "--device", "cpu", "--batch-size", "8"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, tiny_folder):
    """A run made by the command line, and what it printed."""
    home, said = tmp_path_factory.mktemp("cli"), io.StringIO()
    with pytest.MonkeyPatch.context() as own, contextlib.redirect_stdout(said):
        own.setenv("CNNSTUDIO_HOME", str(home))
        words = ["train", str(tiny_folder), *FAST, "--epochs", "2", "--out", str(home / "run"), "--json"]
        assert main(words) == 0
    return home / "run", said.getvalue()


def run(capsys, *words):
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_train_prints_one_object_a_line_and_finished_last(trained):
    folder, out = trained
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2]
    last = events[-1]
    assert set(last) == {
        "event", "run", "epochs", "seconds", "train_accuracy", "validation_accuracy", "test_accuracy",
        "validation_balanced_accuracy", "test_balanced_accuracy", "train_images", "validation_images", "test_images",
    }  # fmt: skip
    assert (last["event"], last["run"], last["epochs"]) == ("finished", str(folder), 2)
    assert 0 <= last["test_accuracy"] <= 1


def test_predict_json_csv_and_text(trained, tiny_folder, capsys, tmp_path):
    folder, _ = trained
    broken = tmp_path / "broken.jpg"
    broken.write_text("x")
    good = tiny_folder / "red" / "00.png"
    code, out, _ = run(capsys, "predict", folder, good, broken, "--top", 2, "--json")
    answers = json.loads(out)
    assert code == 0
    assert [set(answer) for answer in answers] == [{"path", "top", "error"}] * 2
    assert len(answers[0]["top"]) == 2
    assert answers[0]["error"] is None
    assert "broken.jpg" in answers[1]["error"]
    code, out, _ = run(capsys, "predict", folder, tiny_folder / "blue", "--csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().count("\n") == 1 + 12 * 3
    code, _, _ = run(capsys, "predict", folder, broken)
    assert code == 1


def test_evaluate_export_and_maps(trained, tiny_folder, capsys, tmp_path):
    folder, out = trained
    code, out_score, _ = run(capsys, "evaluate", folder, tiny_folder, "--json")
    score = json.loads(out_score)
    assert score["accuracy"] == json.loads(out.splitlines()[-1])["test_accuracy"]
    _, text, _ = run(capsys, "evaluate", folder, tiny_folder, "--split", "train")
    right = r"\d+ of 24 train pictures correct \([\d.]+ %\)\. The network was trained with 24 of them, [^\n]*"
    assert re.match(right + r"\.\nWith every class counted alike", text)
    assert "between" not in text.splitlines()[0]
    _, text, _ = run(capsys, "evaluate", folder, tiny_folder)
    assert " test pictures correct (" in text
    assert "95 % interval" in text
    heading, *rows = text.splitlines()[-4:]
    assert heading.split()[:2] == ["class", "pictures"]
    assert sorted(row.split()[0] for row in rows) == ["blue", "green", "red"]
    assert len(score["class_intervals"]) == 3
    assert score["classes"] == ["blue", "green", "red"]
    assert 0 < score["balanced_accuracy"] <= 1
    assert score["majority_share"] == pytest.approx(1 / 3)
    assert score["top5_accuracy"] is None
    code, text, _ = run(capsys, "export", folder, "--format", "state-dict", "--out", tmp_path / "out")
    assert code == 0
    assert text.endswith(f"Its script, as README.txt explains it: {tmp_path / 'out' / 'predict.py'}\n")
    assert "import torch" not in text
    assert torch.load(tmp_path / "out" / "squeezenet1_1.pth", weights_only=True)
    code, _, _ = run(
        capsys, "maps", folder, tiny_folder / "red" / "00.png", "--layer", "features.3", "--out", tmp_path / "m.png"
    )
    assert code == 0
    assert (tmp_path / "m.png").is_file()
    code, listed, _ = run(capsys, "maps", folder, tiny_folder / "red" / "00.png")
    assert "features.3" in listed


@pytest.mark.parametrize(("command", "job"), [("export", "ExportModel"), ("embed", "EmbedFolder")])
def test_a_stop_of_what_is_put_in_place_whole_says_that_nothing_was(monkeypatch, capsys, command, job):
    def stop(*_):
        raise StopRequested

    monkeypatch.setattr(f"cnnstudio.jobs.specs.{job}.handle", stop)
    words = {"export": ("run", "--format", "onnx"), "embed": ("run", "photos")}[command]
    code, out, err = run(capsys, command, *words, "--out", "x")
    assert (code, out, err) == (130, "", "Stopped. Nothing was written.\n")


def test_why_and_channels(trained, tiny_folder, capsys, tmp_path):
    folder, _ = trained
    picture = tiny_folder / "red" / "00.png"
    code, out, _ = run(capsys, "why", folder, picture, "--out", tmp_path / "why.png", "--json")
    told = json.loads(out)
    assert code == 0
    assert (tmp_path / "why.png").is_file()
    assert told["exact"]
    assert [each["label"] for each in told["evidence"]] == [each["label"] for each in told["top"][:2]]
    first = told["evidence"][0]
    assert np.sum(first["map"]) + first["rest"] == pytest.approx(first["score"], abs=1e-4)
    labels = [each["label"] for each in told["alike"]]
    assert labels == [told["top"][0]["label"]] * 3 + [told["top"][1]["label"]]
    code, out, _ = run(capsys, "channels", folder, picture, "--off", "0,3", "--top", 4, "--json")
    told = json.loads(out)
    sizes = [abs(each["contribution"]) for each in told["channels"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 4
    assert len(told["top_without"]) == 3
    assert told["averaged_over"] == 0
    code, out, _ = run(capsys, "channels", folder, picture, "--off", "0,3", "--to-average", "--json")
    at_average = json.loads(out)
    assert at_average["averaged_over"] > 10
    assert at_average["top_without"] != told["top_without"]
    for by in ("activation", "contribution"):
        code, out, _ = run(capsys, "channels", folder, "--layer", "features.3", "--top", 2, "--by", by, "--json")
        told = json.loads(out)
        assert [(each["layer"], each["channel"]) for each in told] == [("features.3", 0), ("features.3", 1)]
        assert all(len(each["crops"]) <= 9 for each in told)
        assert all({"path", "box", by} == set(crop) for each in told for crop in each["crops"])
    code, _, err = run(capsys, "channels", folder, "--off", "1")
    assert code == 1
    assert "Name one behind the run" in err


def draw_new(root, per_class, classes):
    rng = np.random.default_rng(99)
    for name in classes:
        for number in range(per_class):
            draw(root / name / f"{number:02}.png", COLOURS[name.lower()], rng)


@pytest.mark.slow
def test_a_folder_without_splits_is_scored_whole_but_for_what_was_learned(trained, tiny_folder, capsys, tmp_path):
    folder, _ = trained
    draw_new(tmp_path / "new", 5, ["blue", "Red"])
    code, text, notes = run(capsys, "evaluate", folder, tmp_path / "new")
    assert code == 0
    assert " of 10 pictures correct (" in text
    assert "on new pictures" in text
    assert "Red of the folder counts as red" in notes
    learned = sum(sample.split != "test" for sample in scan_folder(tiny_folder, SplitSpec()).samples)
    for name in ("blue", "red", "green"):
        shutil.copytree(tiny_folder / name, tmp_path / "new" / name, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "new" / "Red")
    code, text, notes = run(capsys, "evaluate", folder, tmp_path / "new")
    assert f"{learned} pictures of " in notes
    assert "do not count" in notes
    _, text, _ = run(capsys, "evaluate", folder, tmp_path / "new", "--split", "all")
    assert f"trained with {learned} of them" in text
    assert "on new pictures" not in text.partition(".")[0]
    code, out, _ = run(capsys, "evaluate", folder, tiny_folder, "--split", "all", "--json")
    score = json.loads(out)
    assert (score["split"], score["images"], score["learned"]) == ("all", 36, learned)


def test_a_folder_of_one_class_can_be_scored(trained, capsys, tmp_path):
    draw_new(tmp_path, 4, ["red"])
    code, text, _ = run(capsys, "evaluate", trained[0], tmp_path)
    assert code == 0
    assert " of 4 pictures correct (" in text
    for copy in "abc":
        for picture in sorted((tmp_path / "red").glob("0?.png")):
            shutil.copy(picture, picture.with_stem(f"{picture.stem}{copy}"))
    _, text, _ = run(capsys, "evaluate", trained[0], tmp_path)
    assert re.search(r" of 16 pictures in [1-4] groups? correct \(", text), "copies do not count as pictures"
    assert "belong together are one group" in text


def test_a_folder_that_was_learned_from_throughout_is_no_score(trained, tiny_folder, capsys, tmp_path):
    for sample in scan_folder(tiny_folder, SplitSpec()).split("train"):
        target = tmp_path / sample.path.relative_to(tiny_folder)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(sample.path, target)
    code, _, text = run(capsys, "evaluate", trained[0], tmp_path)
    assert code == 1
    assert "trained with every picture" in text


def test_scan_json(messy_folder, capsys):
    code, out, err = run(capsys, "scan", messy_folder, "--json")
    found = json.loads(out)
    assert code == 0
    assert err == ""
    assert found["images"] == 36 + USABLE
    assert set(found["classes"]["red"]) == {"train", "validation", "test"}
    assert {"path", "kind", "detail"} == set(found["problems"][0])


def test_models_json_names_what_is_here(capsys, tmp_path):
    torch.save(build_network("squeezenet1_1", 1000).state_dict(), tmp_path / "squeezenet1_1-mine.pth")
    code, out, _ = run(capsys, "models", "--weights", tmp_path, "--json")
    networks = json.loads(out, parse_constant=pytest.fail)
    assert code == 0
    assert sum(not network["classic"] for network in networks) == 80 + 3
    assert sum(len(network["weights"]) for network in networks) == 115 + 3
    here = [(network["name"], entry["name"]) for network in networks for entry in network["weights"] if entry["local"]]
    assert here == [(name, "IMAGENET1K_V1") for name in ("squeezenet1_1", *(f"efficientnet_lite{n}" for n in range(3)))]
    assert {"name", "family", "parameters", "gflops", "weights"} <= set(networks[0])


def test_doctor(capsys):
    code, out, _ = run(capsys, "doctor", "--json")
    assert code == 0
    assert json.loads(out)["cores"] >= 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predict", "nonsense", "x.jpg"], "neither a run"),
        (["train", "/nowhere"], "is not there"),
        (["train", "--resume", "/nowhere"], "no run in"),
        (["evaluate", "resnet18", "/nowhere"], "no ImageNet weights for ResNet-18"),
    ],
)
def test_failures_are_one_sentence_and_exit_code_one(words, message, capsys):
    code, out, err = run(capsys, *words)
    assert (code, out) == (1, "")
    assert message in err
    assert "Traceback" not in err
    code, out, err = run(capsys, *words, "--json")
    error = json.loads(out)
    assert code == 1
    assert set(error) - {"details"} == {"event", "kind", "message"}
    assert message in error["message"]


@pytest.mark.parametrize(
    "words", [["train"], ["nonsense"], ["train", "x", "--mode", "y"], ["export", "x"], ["predict"]]
)
def test_wrong_usage_is_exit_code_two(words):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


@pytest.mark.parametrize(
    "command", ["train", "predict", "evaluate", "export", "maps", "models", "scan", "doctor", "demo"]
)
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert "example" in capsys.readouterr().out


def test_the_help_of_train_is_in_groups_and_begins_with_what_is_used_most(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    told = capsys.readouterr().out
    titles = ["most used:", "the run:", "how it learns:", "how pictures are seen:", "how it is computed:", "examples:"]
    places = [told.index(f"\n{title}\n") for title in titles]
    assert places == sorted(places)
    options = told.split("\nmost used:")[0]
    assert "--" not in options.replace("--help", "").replace("--resume", "").replace("--epochs", ""), "none outside"
    assert told.count("  --") >= 30


def opened_by(*words):
    places = []
    code = main(list(words), open_window=lambda paths: places.extend(paths) or 0)
    return code, places


def test_a_folder_in_place_of_a_command_opens_the_window_on_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "doctor").mkdir()
    (tmp_path / "photo.jpg").touch()
    assert opened_by("photos") == (0, [tmp_path / "photos"])
    assert opened_by("./doctor") == (0, [tmp_path / "doctor"])
    assert opened_by(str(tmp_path / "photo.jpg")) == (0, [tmp_path / "photo.jpg"])
    with pytest.raises(SystemExit) as caught:
        opened_by("phots")
    assert caught.value.code == 2
    assert "no command and no folder called phots" in capsys.readouterr().err


def test_open_takes_files_and_folders_from_the_desktop(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "a b.jpg").touch()
    assert opened_by("open") == (0, [])
    assert opened_by("open", "photos", "a b.jpg") == (0, [tmp_path / "photos", tmp_path / "a b.jpg"])
    assert opened_by("open", "photos", "gone") == (1, [])
    assert "no file or folder called gone" in capsys.readouterr().err


def test_no_display_is_one_line_that_names_the_alternative(monkeypatch):
    import os

    env = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run([sys.executable, "-m", "cnnstudio"], capture_output=True, text=True, env=env, timeout=60)
    if sys.platform == "linux":
        assert done.returncode == 1
        assert "no display" in done.stderr
        assert "demo --headless" in done.stderr


def test_a_reader_that_has_seen_enough_gets_no_complaint():
    command = [sys.executable, "-m", "cnnstudio", "practice"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child.stdout.close()
    assert child.stderr.read() == ""
    child.stderr.close()
    assert child.wait() == 1


@pytest.mark.slow  # tests/training/test_kills.py kills in many places
def test_kill_loses_at_most_the_epoch_under_way(tiny_folder, tmp_path, capsys):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "cnnstudio", "train", str(tiny_folder), *FAST, "--epochs", "60", "--out", str(out)]
    child = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True)
    seen = 0
    for line in child.stdout:
        event = json.loads(line)
        if event["event"] == "epoch":
            seen = event["epoch"]
        if seen == 3 and event["event"] == "step":
            break
    child.kill()
    child.wait()
    child.stdout.close()
    run_found = open_run(out)
    assert run_found.record.state == "interrupted"
    assert run_found.can_resume
    assert [epoch.epoch for epoch in run_found.history().epochs] == [1, 2, 3]
    code, answer, _ = run(capsys, "predict", out, tiny_folder / "red" / "00.png", "--json")
    assert code == 0
    assert len(json.loads(answer)[0]["top"]) == 3
    recipe = out / "run.json"
    recipe.write_text(recipe.read_text().replace('"epochs": 60', '"epochs": 5'))
    assert main(["train", "--resume", str(out)]) == 0
    assert open_run(out).record.epochs_done == 5


@pytest.mark.slow
def test_the_demo_does_the_whole_job_offline(capsys):
    code, out, _ = run(capsys, "demo", "--headless", "--json")
    result = json.loads(out.splitlines()[-1])
    assert code == 0
    assert result["test_accuracy"] > 0.6
    assert open_run(Path(result["run"])).record.test_looks == 1


def test_without_other_weights_a_training_begins_with_those_that_come_along(capsys, tiny_folder, tmp_path):
    """The recipe names their package, so that it repeats on another computer."""
    code, _, _ = run(capsys, "train", tiny_folder, "--input-size", "64", "--out", tmp_path / "run")
    assert code == 0
    recipe = open_run(tmp_path / "run").record.recipe
    weights = PACKAGED["efficientnet_lite0"].url
    assert (recipe["network"], recipe["weights"], recipe["mode"]) == ("efficientnet_lite0", weights, "head")


def test_anatomy_and_weights_commands(capsys, tmp_path):
    code, out, _ = run(capsys, "anatomy", "resnet18", "--depth", "1", "--input-size", "64")
    assert code == 0
    assert "512×2×2" in out
    assert "11,689,512 weights" in out
    code, out, _ = run(capsys, "anatomy", "lenet5", "--classes", "10", "--json")
    assert json.loads(out)["parameters"] == 61_706
    torch.save(build_network("squeezenet1_1", 4).state_dict(), tmp_path / "w.pth")
    code, out, _ = run(capsys, "check-weights", tmp_path / "w.pth", "--model", "squeezenet1_1", "--json")
    assert (code, json.loads(out)["classes"]) == (0, 4)
    code, out, err = run(capsys, "check-weights", tmp_path / "w.pth", "--model", "resnet18")
    assert code == 1
    assert "does not fit" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["anatomy", "nonsense"], "no network called"),
        (["anatomy", "vgg16_small", "--input-size", "8"], "at least 32"),
        (["download", "nonsense"], "no network called"),
        (["download", "lenet5"], "trained from scratch"),
        (["download", "resnet18", "--entry", "V9"], "IMAGENET1K_V1"),
        (["download", "resnet18"], "could not be downloaded"),
    ],
)
def test_what_cannot_be_done_about_networks_is_said(capsys, monkeypatch, words, message):
    monkeypatch.setenv("CNNSTUDIO_WEIGHTS_MIRROR", "http://127.0.0.1:9")
    code, _, err = run(capsys, *words)
    assert code == 1
    assert message in err


def test_scan_finds_copies_and_fails_where_it_is_told_to(capsys, own_folder):
    (own_folder / "red" / "copy.png").write_bytes((own_folder / "red" / "00.png").read_bytes())
    code, out, _ = run(capsys, "scan", own_folder, "--json")
    found = {finding["kind"]: finding for finding in json.loads(out)["findings"]}
    assert code == 0
    assert found["duplicate"]["groups"] == [["red/00.png", "red/copy.png"]]
    code, out, err = run(capsys, "scan", own_folder, "--fail-on", "leakage, duplicate")
    assert code == 1
    assert "red/00.png = red/copy.png" in out
    assert "Found, and named by --fail-on: duplicate." in err
    assert run(capsys, "scan", own_folder, "--fail-on", "unreadable")[0] == 0
    code, _, err = run(capsys, "scan", own_folder, "--fail-on", "nonsense")
    assert (code, "no kind of problem called nonsense" in err) == (1, True)


def test_practice_lists_and_fetches(capsys, monkeypatch):
    from cnnstudio.data.practice.sets import SETS

    code, out, _ = run(capsys, "practice", "--json")
    assert code == 0
    assert [each["name"] for each in json.loads(out)] == [each.name for each in SETS]
    code, out, _ = run(capsys, "practice")
    assert "eurosat" in out
    monkeypatch.setenv("CNNSTUDIO_PRACTICE_MIRROR", "http://127.0.0.1:9")
    code, out, err = run(capsys, "practice", "eurosat")
    assert (code, out) == (1, "")
    assert "offline" in err


def test_a_question_about_classes_names_the_flag_of_each_answer_and_is_asked_once(capsys, tmp_path):
    for year in ("2023", "2024"):
        draw_folder(tmp_path / "years" / year, 2)
    code, out, err = run(capsys, "scan", tmp_path / "years")
    assert (code, out) == (1, "")
    assert "Which folders in years are the classes?" in err
    assert "--classes-from folders-2 …  takes the folders blue (4), green (4), red (4): 3 classes, inside 2023" in err
    code, out, _ = run(capsys, "scan", tmp_path / "years", "--json")
    assert [choice["key"] for choice in json.loads(out)["choices"]] == ["folders-2", "folders-1"]
    assert run(capsys, "scan", tmp_path / "years", "--classes-from", "folders-2")[0] == 0
    code, out, _ = run(capsys, "scan", tmp_path / "years", "--json")
    assert list(json.loads(out)["classes"]) == ["blue", "green", "red"], "remembered"
    code, out, _ = run(capsys, "scan", tmp_path / "years" / "2023", "--names-are-labels")
    assert "The choice “names” fits nothing" in out


def test_scan_and_train_divide_as_the_project_has_it(capsys, own_folder):
    from cnnstudio.cli.main import build_parser
    from cnnstudio.cli.report import Report
    from cnnstudio.cli.train import recipe_of
    from cnnstudio.core.watch import Watch
    from cnnstudio.data.dataset import SplitSpec
    from cnnstudio.data.project import open_dataset

    wanted = SplitSpec(seed=7, validation=0.25)
    open_dataset(own_folder, wanted, redraw=True)
    _, out, _ = run(capsys, "scan", own_folder, "--json")
    assert json.loads(out)["classes"]["red"] == {"train": 7, "validation": 3, "test": 2}
    options = build_parser().parse_args(["train", str(own_folder)])
    assert recipe_of(options, Report(json=False), Watch()).split == wanted


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_names_that_a_terminal_cannot_show_are_escaped(capsys, own_folder):
    (own_folder / "red" / "00.png").rename(own_folder / "red" / "bell\x07\x1b[31m.txt")
    code, out, _ = run(capsys, "scan", own_folder)
    assert code == 0
    assert "\x1b" not in out
    assert "bell\\x07\\x1b[31m.txt" in out
