"""The real window on the real engine: pick a folder, train, make it better, predict, look inside, export."""

import pytest
import torch

from cnnstudio.networks.builder import build_skeleton
from cnnstudio.runs import list_runs
from cnnstudio.ui.main_window import MainWindow
from tests.ui.disk_guard import DiskGuard

NETWORK = "squeezenet1_1"


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(0)
    state = {}
    for key, value in build_skeleton(NETWORK, 1000, original_head=True).state_dict().items():
        scale = (2 / max(1, value[0].numel())) ** 0.5 if value.ndim > 1 else 0.0
        state[key] = scale * torch.randn(value.shape)
    path = tmp_path / f"{NETWORK}.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def guard(monkeypatch):
    """Whatever a person does, the window's thread touches no file."""
    return DiskGuard(monkeypatch)


def test_the_first_afternoon(window, guard, qtbot, tiny_folder, weights, tmp_path):
    studio, train = window.studio, window.train_page
    with guard:
        window.data_page.open_folder(tiny_folder)
        window.model_page.select(NETWORK, weights)
        train.form.options.show_value("input_size", 48)
        with qtbot.waitSignal(studio.training_ended, timeout=60_000):
            train.start()
        first = studio.run
        assert first.record.state == "finished"
        assert train.result.isVisibleTo(train)
        strengths = train.learning.strengths
        assert len(strengths.losses.points) > 4, "the last layer is solved for"
        assert strengths.best is not None
        train.form.epochs.setValue(1)
        with qtbot.waitSignal(studio.training_ended, timeout=60_000):
            train.make_better("last-stage")
        assert studio.run.record.recipe["start_from"] == str(first.folder)
        assert len(studio.runs) == 2
        window.show_page("results")
        assert window.results_page.open("overview").sentence.text().endswith("on new pictures.")
        window.show_page("predict")
        picture = tiny_folder / "red" / "00.png"
        monitor = window.predict_page.open_images([picture])
        qtbot.waitUntil(lambda: not monitor.active, timeout=20_000)
        assert "%" in window.predict_page.pictures.index(0).data()
        window.predict_page.tabs.open("why")
        qtbot.waitUntil(window.predict_page.why.maps.isVisible, timeout=20_000)
        assert window.predict_page.why.foot.isVisible(), "which a problem in its place has not"
        window.show_page("export")
        window.export_page.folder.setText(str(tmp_path / "out"))
        monitor = window.export_page.export()
        qtbot.waitUntil(lambda: not monitor.active, timeout=20_000)
        assert window.export_page.outcome.isVisible()
        assert (tmp_path / "out" / "weights.safetensors").is_file()
    assert guard.calls == []


def test_closing_while_it_trains_keeps_the_best_so_far(window, guard, qtbot, tiny_folder, weights, monkeypatch):
    monkeypatch.setattr(MainWindow, "may_close", lambda _: True)
    with guard:
        window.data_page.open_folder(tiny_folder)
        window.model_page.select(NETWORK, weights)
        window.train_page.form.select_mode("scratch")
        window.train_page.form.options.show_value("input_size", 48)
        window.train_page.form.epochs.setValue(500)
        with qtbot.waitSignal(window.studio.training_started, timeout=60_000) as started:
            window.train_page.start()
        with qtbot.waitSignal(started.args[0].epoch, timeout=60_000):
            pass
        window.close()
        qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert guard.calls == []
    (run,) = list_runs(window.studio.project_runs_folder())
    assert run.record.state == "stopped"
    assert run.can_resume
    assert run.bundle.is_dir()
