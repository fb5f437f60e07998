"""The job that answers other programs, with a real network and the judgement of pictures."""

import base64
import json
import threading
import urllib.request

import numpy as np
import pytest
from PIL import Image

from cnnstudio.cli.main import main
from cnnstudio.core import JobFailed, JobFinished, JobStopped, Partial
from cnnstudio.data import PreprocessSpec
from cnnstudio.inference import session
from cnnstudio.jobs import specs
from cnnstudio.jobs.runner import ThreadRunner
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import add_to_bundle, save_bundle
from cnnstudio.networks.refusal import REFUSAL_FILE, Refusal
from cnnstudio.service.contract import Served, Serving
from cnnstudio.service.server import listen

CLASSES = ("a", "b", "c")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A small network that judges pictures."""
    folder = tmp_path_factory.mktemp("bundles") / "model"
    network = build_network("squeezenet1_1", len(CLASSES))
    rng = np.random.default_rng(0)
    features = rng.normal(size=(9, 512))
    usual = np.linspace(0.0, 1.0, 20)
    refusal = Refusal(
        features=features / np.linalg.norm(features, axis=1, keepdims=True),
        places=np.arange(9), near=usual, clear=usual - 5.0, threshold=0.3,
    )  # fmt: skip
    card = BundleCard(network="squeezenet1_1", classes=CLASSES, preprocess=PreprocessSpec(resize=70, crop=64))
    save_bundle(folder, network, card)
    add_to_bundle(folder, REFUSAL_FILE, refusal.content())
    return folder


@pytest.fixture
def runner():
    runner = ThreadRunner()
    yield runner
    assert runner.close(5)


def until(handle, kind):
    """Events up to the first of a kind."""
    seen = []
    for _ in range(3000):
        for event in handle.events.drain():
            seen.append(event)
            if isinstance(event.result if isinstance(event, Partial) else event, kind):
                return event.result if isinstance(event, Partial) else event
        threading.Event().wait(0.01)
    raise AssertionError(seen)


def ask(serving, body, path="/v1/predict", **headers):
    told = {"Authorization": f"Bearer {serving.token}", **headers}
    with urllib.request.urlopen(urllib.request.Request(serving.address + path, body, told), timeout=20) as reply:
        return json.load(reply)


def test_answers_are_those_of_the_app(runner, bundle, tiny_folder):
    model = ModelRef(source=str(bundle))
    handle = runner.submit(specs.ServeModel(model=model, port=0))
    serving = until(handle, Serving)
    assert serving.title == "model"
    paths = sorted(tiny_folder.glob("*/0[0-3].png"))
    for path in paths:
        told = ask(serving, path.read_bytes())
        expected = session.predict(session.open_model(model), path, 3)
        assert told["predictions"] == [{"label": s.label, "confidence": s.probability} for s in expected.top]
        assert (told["verdict"], told["threshold"]) == (expected.verdict, 0.3)
        assert (told["rank"] >= 0.3) == (told["verdict"] == "answer")
        assert set(told) == {"predictions", "verdict", "rank", "threshold"}, "no path of a picture"
    handle.control.request_stop()
    assert until(handle, JobStopped).result == Served(answered=len(paths))
    with listen(serving.port):
        pass


def test_pictures_of_one_size_and_moment_are_not_taken_for_each_other(runner, bundle, tmp_path):
    """What is remembered of a picture goes by its name, its size and its time."""
    handle = runner.submit(specs.ServeModel(model=ModelRef(source=str(bundle)), port=0))
    serving = until(handle, Serving)
    told = []
    for value in (0, 255):
        file = tmp_path / "x.bmp"
        Image.fromarray(np.full((64, 64, 3), value, np.uint8)).save(file)
        told.append(ask(serving, file.read_bytes())["predictions"])
    assert told[0] != told[1]


def test_what_cannot_be_served_is_a_sentence_and_the_lane_is_free_again(runner, bundle):
    model = ModelRef(source=str(bundle))
    with listen(0) as taken:
        port = taken.getsockname()[1]
        for job, said in (
            (specs.ServeModel(model=model, port=port), f"Port {port} is in use."),
            (specs.ServeModel(model=model, port=0, token="short"), "This token cannot be used."),
            (specs.ServeModel(model=model, port=0, origins=("*",)), "* is not the address of a web page."),
            (specs.ServeModel(model=ModelRef(source="nothing"), port=0), "nothing is neither a run"),
        ):
            problem = until(runner.submit(job), JobFailed).problem
            assert problem.title.startswith(said)
            assert problem.remedy
    until(runner.submit(specs.ServeModel(model=model, port=0)), Serving)


def test_another_lane_does_not_wait_for_it(runner, bundle, tiny_folder):
    model = ModelRef(source=str(bundle))
    until(runner.submit(specs.ServeModel(model=model, port=0)), Serving)
    found = until(runner.submit(specs.Predict(model=model, images=(tiny_folder / "red" / "00.png",))), JobFinished)
    assert len(found.result) == 1


# The command --------------------------------------------------------------------------------------------------


class Terminal:
    """``cnnstudio serve`` as it runs, with what it prints."""

    def __init__(self, monkeypatch, capsys, *words):
        controls = []
        monkeypatch.setattr("cnnstudio.cli.main.stop_on_interrupt", lambda control: controls.append(control) or int)
        self.capsys, self.out, self.err, self.codes = capsys, "", "", []
        self.thread = threading.Thread(target=lambda: self.codes.append(main(["serve", *map(str, words)])))
        self.thread.start()
        self.controls = controls

    def read_until(self, text):
        for _ in range(3000):
            told = self.capsys.readouterr()
            self.out, self.err = self.out + told.out, self.err + told.err
            if text in self.out + self.err:
                return
            threading.Event().wait(0.01)
        raise AssertionError(self.out + self.err)

    def stop(self):
        self.controls[0].request_stop()
        self.thread.join(5)
        self.read_until("")
        return self.codes[0]


def test_the_terminal_says_where_and_how_to_ask(monkeypatch, capsys, bundle, tiny_folder):
    terminal = Terminal(monkeypatch, capsys, bundle, "--port", "0")
    terminal.read_until("--data-binary")
    words = terminal.out.split()
    serving = Serving(title="model", port=int(words[words.index("address") + 1].split(":")[2].split("/")[0]),
                      token=words[words.index("token") + 1])  # fmt: skip
    assert serving.curl in terminal.out
    assert serving.lobe_url in terminal.out
    body = json.dumps({"image": base64.b64encode((tiny_folder / "red" / "00.png").read_bytes()).decode()}).encode()
    assert len(ask(serving, body, f"/v1/predict/{serving.token}")["predictions"]) == 3
    assert terminal.stop() == 130
    assert "Answered 1 picture, refused 0 requests." in terminal.err


def test_programs_get_lines_of_json(monkeypatch, capsys, bundle, tiny_folder):
    terminal = Terminal(monkeypatch, capsys, bundle, "--port", "0", "--json", "--token", "mine-0123456789ab")
    terminal.read_until("\n")
    told = json.loads(terminal.out)
    assert (told["event"], told["token"], told["network"]) == ("serving", "mine-0123456789ab", "model")
    serving = Serving(title="model", port=told["port"], token=told["token"])
    assert (told["predict"], told["lobe"]) == (serving.predict_url, serving.lobe_url)
    ask(serving, (tiny_folder / "red" / "00.png").read_bytes())
    terminal.read_until('"served"')
    assert json.loads(terminal.out.splitlines()[-1]) == {"event": "served", "answered": 1, "refused": 0}
    assert terminal.stop() == 130


@pytest.mark.parametrize("words", [["--token", "short"], ["--origin", "*"], ["--port", "70000"], ["--port", "x"]])
def test_wrong_usage_is_said_before_a_network_is_loaded(capsys, words):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "nothing", *words])
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_a_port_in_use_is_said_in_the_terminal(capsys, bundle):
    with listen(0) as taken:
        assert main(["serve", str(bundle), "--port", str(taken.getsockname()[1])]) == 1
    assert "is in use" in capsys.readouterr().err
