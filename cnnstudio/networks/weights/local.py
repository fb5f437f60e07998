"""Which of a user's own weights files is for a network, by its name."""

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
        stem, suffix = path.stem, path.suffix.lower()
        if (
            suffix in WEIGHTS_SUFFIXES
            and path.name not in published
            and path.is_file()
            and (stem == network or stem.startswith((f"{network}-", f"{network}.")))
        ):
            return path
    return None
