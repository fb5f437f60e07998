"""Which network a user's own weights file belongs to."""

from pathlib import Path

import torch

from cnnstudio.networks import builder
from cnnstudio.networks.head import head_name
from cnnstudio.networks.kinds import structure_of
from cnnstudio.networks.weights.layers import layers_of
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


def file_fits(network: str, state: dict[str, torch.Tensor]) -> bool:
    """Whether a state_dict has the layers of a network, whatever the size of its head."""
    skeleton = builder.build_skeleton(network, builder.IMAGENET_CLASSES)
    wanted, head = skeleton.state_dict(), head_name(skeleton)
    optional = tuple(f"{part}." for part in (*structure_of(skeleton).auxiliary_parts, head))
    state = layers_of(network, state, wanted)
    body = {key for key in wanted if not key.startswith(optional) and not key.endswith("num_batches_tracked")}
    return body <= set(state) and all(wanted[key].shape == state[key].shape for key in body)


def fitting_networks(state: dict[str, torch.Tensor]) -> list[str]:
    """Every network of torchvision whose layers a state_dict has; the one with the most layers first."""
    found = [name for name in builder.network_names() if file_fits(name, state)]
    return sorted(found, key=lambda name: -len(builder.build_skeleton(name, builder.IMAGENET_CLASSES).state_dict()))
