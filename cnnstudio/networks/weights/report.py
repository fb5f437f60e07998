"""What a look into a user's weights file finds, as a value. Torch only while looking."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsReport:
    """A weights file that fits its network; one that does not is a WeightsError."""

    network: str
    file: Path
    classes: int
    """Outputs of the head in the file; 1000 for ImageNet, 0 without one."""
    keeps_head: bool
    """False when the file's head has another size and only the backbone can be used for ImageNet predictions."""
    note: str
    """One plain sentence for the user."""


def report_on(path: Path, network: str = "") -> WeightsReport:
    """What a file (or the network's file in a folder) holds; without a network's name, for whichever it fits.

    Raises:
        WeightsError: it is damaged, unsafe, or made for another network.
    """
    from cnnstudio.networks.builder import IMAGENET_CLASSES
    from cnnstudio.networks.weights.pretrained import identified

    name, file, classes = identified(path, network)
    imagenet = classes == IMAGENET_CLASSES
    what = f"{file.path.name} fits" if network else f"{file.path.name} holds weights for {name}"
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
