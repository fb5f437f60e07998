"""CheckWeights: open a user's weights file and see whether it fits."""

from collections.abc import Callable

from cnnstudio.core.atomic import sha256_of
from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import CheckWeights
from cnnstudio.networks.builder import IMAGENET_CLASSES
from cnnstudio.networks.head import head_layer
from cnnstudio.networks.weights import WeightsFile, load_pretrained, resolve_weights
from cnnstudio.networks.weights_report import WeightsReport


def run(spec: CheckWeights, _control: Control, _emit: Callable[[Event], None]) -> WeightsReport:
    """What the file (or the network's file in the folder) holds.

    Raises:
        WeightsError: it is damaged, unsafe, or made for another network.
    """
    file = resolve_weights(spec.network, str(spec.file)) or WeightsFile(path=spec.file, sha256=sha256_of(spec.file))
    network = load_pretrained(spec.network, file, classes=None)
    classes = int(head_layer(network).weight.shape[0])
    imagenet = classes == IMAGENET_CLASSES
    note = (
        f"{file.path.name} fits: {classes} classes, as in ImageNet."
        if imagenet
        else f"{file.path.name} fits: it knows {classes} classes of its own. Training keeps everything below them."
    )
    return WeightsReport(network=spec.network, file=file.path, classes=classes, keeps_head=imagenet, note=note)
