"""A bundle of a tiny network that says clearly different things of different pictures."""

import torch

from cnnstudio.data import PreprocessSpec
from cnnstudio.networks import BundleCard
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import save_bundle

CLASSES = ("=sum", "b", "c", "d", "e", "f", "g")


def tiny_bundle(folder, classes=CLASSES, seed=3):
    """Write it; gives the folder."""
    torch.manual_seed(seed)
    card = BundleCard(network="gap_cnn", classes=classes, preprocess=PreprocessSpec(resize=40, crop=32))
    network = build_network("gap_cnn", len(classes))
    for layer in network.modules():  # what it says of two pictures differs by far more than rounding
        if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(layer.weight)
    save_bundle(folder, network, card)
    return folder
