"""ListNetworks: torchvision's catalogue, with what lies on this computer."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import ListNetworks
from cnnstudio.networks.catalogue.entries import Catalogue
from cnnstudio.networks.catalogue.registry import load_catalogue


def run(spec: ListNetworks, _control: Control, _emit: Callable[[Event], None]) -> Catalogue:
    """The catalogue."""
    return load_catalogue(spec.folders)
