"""Which of a user's own weights files is meant, by its name and place."""

from collections.abc import Iterable
from pathlib import Path

from cnnstudio.networks import builder
from cnnstudio.networks.weights.store import WEIGHTS_SUFFIXES, file_name


def user_file(network: str, folder: Path) -> Path | None:
    """A user's file for a network, by name: ``resnet18.pth``, ``resnet18-mine.safetensors``.

    Torchvision's own names do not count here: those promise a content, see ``store.local_file``.
    """
    published = {file_name(entry.url) for entry in builder.weights_entries(network)}
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError:  # pulled out, or not ours to read
        return None
    for path in paths:
        if (
            path.suffix.lower() in WEIGHTS_SUFFIXES
            and path.name not in published
            and path.is_file()
            and is_named_for_any(path, (network,))
        ):
            return path
    return None


def is_named_for_any(path: Path, networks: Iterable[str]) -> bool:
    """Whether a file is called after one of these networks."""
    return any(path.stem == name or path.stem.startswith((f"{name}-", f"{name}.")) for name in networks)


_OF_LIBRARIES = ("model.safetensors", "pytorch_model.bin")
"""What transformers and timm call the weights in a folder of theirs, beside other files of the same endings."""


def only_file(folder: Path) -> Path | None:
    """The weights file in a folder that holds one, whatever it is called; None where there are none or several."""
    named = [path for name in _OF_LIBRARIES if (path := folder / name).is_file()]
    others = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in WEIGHTS_SUFFIXES and path.is_file()]
    return next(iter(named), others[0] if len(others) == 1 else None)
