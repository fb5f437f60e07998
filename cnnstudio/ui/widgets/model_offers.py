"""What can predict: the runs on the open folder, and networks with ImageNet weights on this computer."""

from dataclasses import dataclass
from pathlib import Path

from cnnstudio.networks import ModelRef
from cnnstudio.networks.bundle_file import BUNDLE_SUFFIX
from cnnstudio.ui.state import Studio


@dataclass(frozen=True, slots=True)
class Offer:
    """One model that can predict."""

    title: str
    ref: ModelRef


def offers(studio: Studio) -> list[Offer]:
    """Everything that can predict: what was opened by itself, runs, networks."""
    runs = [Offer(run.record.dated_name, studio.model_ref(run)) for run in studio.runs if run.can_predict]
    known = {offer.ref.source for offer in runs}
    opened = [Offer(_name_of(place), ModelRef(source=str(place))) for place in studio.opened if str(place) not in known]
    return opened + runs + _imagenet(studio)


def _name_of(place: Path) -> str:
    """Of a file without its ending, of a run's bundle that of the run."""
    return place.stem if place.suffix == BUNDLE_SUFFIX else place.parent.name if place.name == "bundle" else place.name


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
