"""The starter network in the window: chosen where nothing else is here, and marked plainly."""

from dataclasses import replace

import pytest

from cnnstudio.jobs import specs
from cnnstudio.networks import STARTER, STARTER_NETWORK, starter_file
from cnnstudio.networks.catalogue.recommend import recommended
from tests.ui.conftest import CATALOGUE, network, weights


@pytest.fixture
def runner(runner):
    """Only the starter is on this computer."""
    away = tuple(
        replace(each, weights=tuple(replace(entry, local=None) for entry in each.weights))
        for each in CATALOGUE.networks
    )
    own = network(STARTER_NETWORK, "SqueezeNet", acc1=58.0)
    entry = weights(name=STARTER, acc1=None, size=1.4, local=str(starter_file()), file_name=starter_file().name)
    catalogue = replace(CATALOGUE, networks=(*away, replace(own, weights=(*own.weights, entry))))
    runner.answers[specs.ListNetworks] = catalogue
    runner.answers[specs.RecommendNetwork] = lambda spec: recommended(spec.catalogue, None, spec.speeds)
    return runner


def test_it_is_the_default_and_says_what_it_is(window, studio):
    assert studio.network.name == STARTER_NETWORK
    details = window.model_page.details
    assert details.entries.currentText() == "Starter (comes with the app)"
    assert "works offline, less accurate than ImageNet weights" in details.weights_state.text()
    assert "ResNet-18" in details.weights_state.text()
    assert details.download.isHidden()
    assert details.delete.isHidden()


def test_its_published_weights_can_be_chosen_and_downloaded(window, studio):
    details = window.model_page.details
    details.entries.setCurrentIndex(0)
    details.entries.activated.emit(0)
    assert details.entry.name == "V1"
    assert not details.download.isHidden()
    assert studio.network.name == STARTER_NETWORK


def test_the_train_page_says_it_and_the_last_layer_is_offered(window, studio, dataset):
    studio.dataset = dataset
    studio.dataset_changed.emit(dataset)
    assert "starter network" in window.train_page.subtitle.text()
    assert "less accurate" in window.train_page.subtitle.text()
    assert window.train_page.form.mode == "head"


def test_it_is_not_offered_for_predictions(window, studio):
    from cnnstudio.ui.predict.model_offers import offers

    assert all(offer.ref.source != STARTER_NETWORK for offer in offers(studio))
