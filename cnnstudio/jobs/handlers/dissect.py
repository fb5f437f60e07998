"""DissectNetwork: layers, shapes and work of a network, without its weights."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import DissectNetwork
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.anatomy.layers import Anatomy
from cnnstudio.networks.builder import check_input_size


def run(spec: DissectNetwork, _control: Control, _emit: Callable[[Event], None]) -> Anatomy:
    """The anatomy.

    Raises:
        NetworkError: there is no such network, or it cannot take that input size.
    """
    if spec.input_size:
        check_input_size(spec.network, spec.input_size)
    return dissect(spec.network, classes=spec.classes, input_size=spec.input_size or None)
