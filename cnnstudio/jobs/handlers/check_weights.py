"""CheckWeights: open a user's weights file and see what it is and whether it fits."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import CheckWeights
from cnnstudio.networks.builder import IMAGENET_CLASSES
from cnnstudio.networks.head import output_size
from cnnstudio.networks.weights import identified
from cnnstudio.networks.weights_report import WeightsReport


def run(spec: CheckWeights, _control: Control, _emit: Callable[[Event], None]) -> WeightsReport:
    """What the file (or the network's file in the folder) holds.

    Raises:
        WeightsError: it is damaged, unsafe, or made for another network.
    """
    name, file, network = identified(spec.file, spec.network)
    classes = output_size(network)
    imagenet = classes == IMAGENET_CLASSES
    what = f"{file.path.name} fits" if spec.network else f"{file.path.name} holds weights for {name}"
    note = (
        f"{what}: {classes} classes, as in ImageNet."
        if imagenet
        else f"{what}: it knows {classes} classes of its own. Training keeps everything below its last layer, "
        "which is replaced by one for your classes."
    )
    return WeightsReport(network=name, file=file.path, classes=classes, keeps_head=imagenet, note=note)
