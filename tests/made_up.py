"""A network family and a training mode that nobody has, known through their one entry in each table alone."""

from functools import partial

import torch
from torch import nn
from torchvision import models
from torchvision.models import _api
from torchvision.transforms._presets import ImageClassification

from cnnstudio.networks import FAMILIES, MODES, Mode
from cnnstudio.networks.family import Family, Structure

NETWORK, SIDE = "zigzag_v2_tiny", 32
ZIGZAG = Family(
    title="Zigzag",
    stems={"zigzag_v2": "Zigzag II"},
    year=2031,
    paper="Nobody: Networks That Turn Corners",
    url="https://example.org/zigzag",
    idea="Turns a corner after every layer.",
    history="Never won anything.",
    exact_size=True,
    sized_by=("positions", "patches.weight"),
    options={"corners": 3, "init_weights": False},
    state_version=7,
    renamed=((r"^crook\.", "patches."),),
    head_lines=("network.tail = torch.nn.Identity()  # no corner at the end",),
    structure=Structure(
        of="ZigzagNet", trunk="legs", last_blocks=1 / 2, maps="tokens", auxiliary=("early.fc",), dropped="tail"
    ),
)
PARTING = Mode(
    name="parting",
    title="Parting",
    text="Teaches the last stage what the head already knows.",
    words="parting words",
    doing="Parting ways",
    better="the parting",
    trains=("last-stage",),
    epochs=17,
    learning_rate=0.125,
    batch_size=9,
    views=4,
)


class Early(nn.Module):
    """An auxiliary head."""

    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(8, classes)

    def forward(self, tokens):
        return self.fc(tokens.mean(1))


class Leg(nn.Module):
    """One block."""

    def __init__(self):
        super().__init__()
        self.turn = nn.Linear(8, 8)

    def forward(self, tokens):
        return tokens + self.turn(tokens).relu()


class ZigzagNet(nn.Module):
    """A transformer of sorts: patches, tokens with a class token, four blocks, a last layer, a ReLU behind it."""

    _version = 7

    def __init__(self, num_classes, image_size, corners):
        super().__init__()
        self.image_size, self.patch_size, self.corners = image_size, 8, corners
        self.patches = nn.Conv2d(3, 8, 8, stride=8)
        self.positions = nn.Parameter(torch.zeros(1, (image_size // 8) ** 2 + 1, 8))
        self.legs = nn.Sequential(*(Leg() for _ in range(4)))
        self.early = Early(num_classes)
        self.norm = nn.LayerNorm(8)
        self.fc = nn.Linear(8, num_classes)
        self.tail = nn.ReLU()

    def forward(self, images):
        tokens = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([torch.zeros_like(tokens[:, :1]), tokens], 1) + self.positions
        logits = self.tail(self.fc(self.norm(self.legs(tokens)).mean(1)))
        return (logits, self.early(tokens)) if self.training else logits

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, *others):
        if local_metadata.get("version") != self._version:
            raise ValueError("only states with a version, please")
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *others)


def offer(monkeypatch, name, **meta):
    """Let torchvision have a network of that name, with weights whose records are ``meta``; None takes one away."""
    records = {
        "num_params": 4321, "_ops": 0.25, "_file_size": 1.5, "min_size": (1, 1), "categories": ["a"],
        "_metrics": {"ImageNet-1K": {"acc@1": 12.5, "acc@5": 25.0}}, "recipe": "https://example.org/recipe",
    } | meta  # fmt: skip
    preset = partial(ImageClassification, crop_size=SIDE, resize_size=SIDE + 8)
    entry = models.Weights(
        url=f"https://example.org/{name}-0123abcd.pth",
        transforms=preset,
        meta={key: value for key, value in records.items() if value is not None},
    )
    kind = models.WeightsEnum("MadeUp", {"CORNERS_V1": entry, "DEFAULT": entry})

    def build(*, weights: kind | None = None, num_classes=1000, image_size=SIDE, corners=0, init_weights=True):
        network = ZigzagNet(num_classes, image_size, corners)
        if init_weights:
            nn.init.normal_(network.positions)
        return network

    build.__module__ = "torchvision.models.made_up"
    monkeypatch.setitem(_api.BUILTIN_MODELS, name, build)


def add_family(monkeypatch):
    """Describe the family, and let torchvision have a network of it."""
    monkeypatch.setitem(FAMILIES, ZIGZAG.title, ZIGZAG)
    offer(monkeypatch, NETWORK)


def add_mode(monkeypatch):
    """Describe the mode."""
    monkeypatch.setitem(MODES, PARTING.name, PARTING)
