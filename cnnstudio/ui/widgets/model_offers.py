"""What can predict: the runs on the open folder, and networks with ImageNet weights on this computer."""

from dataclasses import dataclass
from pathlib import Path

from cnnstudio.networks import ModelRef
from cnnstudio.ui.state import Studio


@dataclass(frozen=True, slots=True)
class Offer:
    """One model that can predict."""

    title: str
    ref: ModelRef


def offers(studio: Studio) -> list[Offer]:
    """Everything that can predict, runs first."""
    runs = [Offer(run.record.dated_name, studio.model_ref(run)) for run in studio.runs if run.can_predict]
    return runs + _imagenet(studio)


def _imagenet(studio: Studio) -> list[Offer]:
    catalogue, network = studio.catalogue, studio.network
    found = []
    if network is not None and studio.weights is not None:
        found.append(Offer(f"{network.title}, ImageNet", ModelRef(source=network.name, weights=studio.weights)))
    for entry in catalogue.networks if catalogue else ():
        local = next((weights.local for weights in entry.weights if weights.local), None)
        if local and not any(offer.ref.source == entry.name for offer in found):
            found.append(Offer(f"{entry.title}, ImageNet", ModelRef(source=entry.name, weights=Path(local))))
    return found
