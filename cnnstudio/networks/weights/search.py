"""Which network a weights file belongs to, or else which library its layers are named by."""

import re

from cnnstudio.networks import builder
from cnnstudio.networks.kinds import family_of
from cnnstudio.networks.weights.layers import Layers, State, find_layers

_UNLIKE = 0.3
"""Share of names below which a file is of another family: its networks share most names with each other."""

_LIBRARIES = {
    r"embeddings\.patch_embeddings|encoder\.layer\.\d|embedder\.embedder|encoder\.stages\.\d": "transformers",
    r"patch_embed\.proj|conv_stem\.|\.attn\.qkv|stages\.\d+\.blocks": "timm",
    r"(^|\.)model\.\d+\.(cv\d|conv|m)\.": "Ultralytics",
    r"visual\.(conv1|transformer|trunk|class_embedding)": "CLIP",
    r"_blocks\.\d+\._(expand|depthwise)_conv": "efficientnet_pytorch",
}


def origin(state: State) -> str:
    """A sentence on where layers of such names come from, when they are of no network here; empty if nobody knows."""
    for pattern, library in _LIBRARIES.items():
        if any(re.search(pattern, key) for key in state):
            return f"Its layers are named as in {library}, which builds its networks differently."
    return ""


def fitting_networks(state: State) -> list[str]:
    """Every network whose layers a file has, the likeliest first.

    Networks are tried by their size, the one nearest to the file's first, and one of each family tells for all whether
    the names are the family's at all: building every network would take seconds.
    """
    size = sum(value.numel() for value in state.values())
    sizes = {name: _parameters(name) for name in builder.all_names()}
    unlike: set[str] = set()
    found: dict[str, Layers] = {}
    for name in sorted(sizes, key=lambda name: abs(sizes[name] - size)):
        family = family_of(name).title
        if family in unlike:
            continue
        layers = find_layers(name, state)
        if layers.share < _UNLIKE:
            unlike.add(family)
        elif layers.fits:
            if not layers.fresh:
                return [name]
            found[name] = layers
    return sorted(found, key=lambda name: -len(found[name].found))


def _parameters(name: str) -> int:
    """As torchvision records them; 0 for a classic, which is quick to build."""
    return next((int(entry.meta["num_params"]) for entry in builder.weights_entries(name)), 0)
