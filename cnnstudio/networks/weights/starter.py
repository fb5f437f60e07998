"""The starter network: small, pretrained, and part of the application, so that nothing has to be downloaded.

It is torchvision's SqueezeNet 1.1 with weights of our own and without a last layer: it can be fine-tuned, and tells
nothing apart before. How it was trained and how good it is: ``resources/starter/MODEL_CARD.md``. No torch.
"""

from pathlib import Path

from cnnstudio.core.paths import resource

STARTER_NETWORK = "squeezenet1_1"
STARTER = "STARTER"
"""Its name among a network's weights."""
SOURCE = "starter"
"""Its name in a recipe."""
NOTE = "Starter network: works offline, less accurate than ImageNet weights."


def starter_file() -> Path | None:
    """The weights file; None in a copy of the application that was made without it."""
    return next(iter(sorted(resource("starter").glob(f"{STARTER_NETWORK}-starter-*.safetensors"))), None)


def is_starter(path: Path | None) -> bool:
    """Whether a file is the one that came with the application."""
    return path is not None and path == starter_file()
