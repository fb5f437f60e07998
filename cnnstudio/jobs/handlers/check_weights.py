"""CheckWeights: open a user's weights file and see what it is and whether it fits."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import CheckWeights
from cnnstudio.networks.builder import IMAGENET_CLASSES
from cnnstudio.networks.weights.pretrained import identified
from cnnstudio.networks.weights.report import WeightsReport


def run(spec: CheckWeights, _control: Control, _emit: Callable[[Event], None]) -> WeightsReport:
    """What the file (or the network's file in the folder) holds.

    Raises:
        WeightsError: it is damaged, unsafe, or made for another network.
    """
    name, file, classes = identified(spec.file, spec.network)
    imagenet = classes == IMAGENET_CLASSES
    what = f"{file.path.name} fits" if spec.network else f"{file.path.name} holds weights for {name}"
    if imagenet:
        note = f"{what}: {classes} classes, as in ImageNet."
    elif classes:
        note = (
            f"{what}: it knows {classes} classes of its own. Training keeps everything below its last layer, "
            "which is replaced by one for your classes."
        )
    else:
        note = f"{what}, without a last layer: it is made to be trained on pictures of yours."
    return WeightsReport(network=name, file=file.path, classes=classes, keeps_head=imagenet, note=note)
