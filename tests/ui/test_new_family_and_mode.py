"""A family and a mode that nobody has are seen everywhere in the window, through their entry in the table alone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from cnnstudio.core import JobStopped, PhaseStarted, StepDone
from cnnstudio.jobs import specs
from cnnstudio.networks import MODES
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.network.network_table import COLUMNS
from cnnstudio.ui.train.recipe_form import RecipeForm
from cnnstudio.ui.train.result_card import ResultCard
from cnnstudio.ui.train.runs_table import recipe_words
from tests.made_up import NETWORK, PARTING, ZIGZAG, add_family, add_mode
from tests.ui.conftest import CATALOGUE, network

pytestmark = pytest.mark.pages("model", "train")

YEAR = [column.title for column in COLUMNS].index("Year")
ADDED = replace(network(NETWORK, "Zigzag", acc1=99.0), title="Zigzag II tiny")
STRANGE = network("quirk_b0", "Quirk", acc1=55.0)


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


# A family ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(monkeypatch, runner, request):
    """The model page with a described and an undescribed family more."""
    add_family(monkeypatch)
    runner.answers[specs.ListNetworks] = replace(CATALOGUE, networks=(*CATALOGUE.networks, ADDED, STRANGE))
    window = request.getfixturevalue("window")
    window.show_page("model")
    return window.model_page


def rows(page):
    return [page.filter.index(row, 0).data() for row in range(page.filter.rowCount())]


def test_a_new_family_is_found_filtered_and_told(page, qtbot):
    qtbot.keyClicks(page.search, "turns a corner")
    assert rows(page) == ["Zigzag II tiny"], "by what it brought"
    assert page.filter.index(0, YEAR).data() == "2031"
    assert page.filter.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == ZIGZAG.idea
    page.search.clear()
    page.family.setCurrentIndex(page.family.findData("Zigzag"))
    assert rows(page) == ["Zigzag II tiny"]
    page.select(NETWORK)
    details = page.details
    assert (details.name.text(), details.idea.text()) == ("Zigzag II tiny", ZIGZAG.idea)
    assert details.history.text() == ZIGZAG.history
    assert ZIGZAG.paper in details.paper.text()
    assert ZIGZAG.url in details.paper.text()


def test_an_undescribed_family_is_there_and_claims_nothing(page):
    legend = {entry.text(): entry for entry in page.plot_panel.legend.findChildren(QPushButton)}
    assert (legend["Zigzag"].toolTip(), legend["Quirk"].toolTip()) == (ZIGZAG.idea, "")
    legend["Quirk"].click()
    assert rows(page) == ["Quirk_B0"]
    assert page.filter.index(0, YEAR).data() == "–"
    assert page.filter.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) is None
    page.select("quirk_b0")
    assert page.details.idea.text() == page.details.history.text() == ""
    page.show_view("cards")
    assert not page.grab().isNull(), "painted without a fault"


# A mode -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def parting(monkeypatch):
    add_mode(monkeypatch)


@pytest.fixture
def form(parting, qtbot):
    made = RecipeForm()
    qtbot.addWidget(made)
    return made


def test_the_form_offers_every_mode_in_the_tables_words(qtbot):
    form = RecipeForm()
    qtbot.addWidget(form)
    spoken = [entry.accessibleName() for entry in form.mode_buttons]
    assert spoken == [f"{mode.title}: {mode.text}" for mode in MODES.values()]
    assert [entry.objectName() for entry in form.mode_buttons] == [f"mode_{name}" for name in MODES]
    for mode in MODES.values():
        form.select_mode(mode.name)
        assert (form.mode, form.epochs.value()) == (mode.name, mode.epochs)
        weights = form.apply_to("d", "n", "auto").weights
        assert weights == ("auto" if mode.pretrained else "none")


def test_a_new_mode_can_be_chosen(form, qtbot):
    assert form.mode_buttons[-1].accessibleName() == "Parting: Teaches the last stage what the head already knows."
    with qtbot.waitSignal(form.changed):
        click(qtbot, form.mode_buttons[-1])
    assert (form.mode, form.epochs.value()) == ("parting", 17)
    recipe = form.apply_to("d", "n", "auto")
    assert (recipe.mode, recipe.weights, recipe.epochs) == ("parting", "auto", 17)
    form.select_mode("head")
    form.show_recipe(Recipe(dataset="d", network="n", mode="parting"))
    assert (form.mode, form.epochs.value()) == ("parting", 17)


def test_a_new_mode_without_weights_is_left_where_there_are_none(monkeypatch, qtbot):
    monkeypatch.setitem(MODES, "bare", replace(PARTING, name="bare", trains=MODES["all"].trains, pretrained=False))
    form = RecipeForm()
    qtbot.addWidget(form)
    form.allow_only_scratch("There are no weights.")
    assert [entry.isEnabled() for entry in form.mode_buttons] == [False, False, False, True, True]
    assert form.mode == "scratch"
    form.select_mode("bare")
    form.allow_only_scratch("Still none.")
    assert form.mode == "bare", "which needs none either"
    assert [entry.toolTip() for entry in form.mode_buttons] == ["Still none."] * 3 + [""] * 2
    form.allow_only_scratch("")
    assert form.mode == "head", "as before"


def test_a_new_mode_is_named_in_lists_and_offered_after_a_run(parting, studio, qtbot):
    recipe = Recipe(dataset="d", network="n", mode="parting").resolved()
    words = recipe_words({"mode": "parting", "epochs": 17, "learning_rate": recipe.learning_rate, "views": 4})
    assert words == "parting words, 17 epochs"
    assert recipe_words({"mode": "of-tomorrow", "epochs": 3}) == "of-tomorrow, 3 epochs"
    asked = []
    card = ResultCard(studio, asked.append)
    qtbot.addWidget(card)
    offers = {name: (entry.text(), entry.objectName()) for name, entry in card.better.items()}
    assert offers == {
        "last-stage": ("Improve: last layers", "better_last_stage"),
        "all": ("Improve: all layers", "better_all"),
        "parting": ("Improve: the parting", "better_parting"),
    }
    for entry in card.better.values():
        entry.click()
    assert asked == ["last-stage", "all", "parting"]


def test_a_new_mode_says_what_it_does_while_it_runs(parting, opened, runner, qtbot):
    page = opened.train_page
    opened.show_page("train")
    runner.answers[specs.FineTune] = ...
    page.start()
    handle = runner.handles[-1]
    for name, text in (("features", "Preparing the pictures"), ("parting", "Parting ways")):
        handle.events.put(PhaseStarted(name=name, trainable_parameters=3))
        qtbot.waitUntil(lambda text=text: page.progress.text.text().startswith(text))
    step = StepDone(epoch=1, step=2, steps=9, epochs=4, loss=1.0, learning_rate=0.1, images_per_second=7.0)
    handle.events.put(step)
    qtbot.waitUntil(lambda: "epoch 1 of 4" in page.progress.left.text() + page.progress.text.text())
    assert page.progress.text.text().startswith("Parting ways")
    runner.end(handle, JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)
