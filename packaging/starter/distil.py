"""Teacher and student, and what the student is asked to reproduce."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import nn

from cnnstudio.compute.engines import FrozenNetwork, open_frozen
from cnnstudio.data import PreprocessSpec
from cnnstudio.networks.builder import preprocess_of

GRID = 4
"""Teacher's and student's last maps are compared on a grid of so many cells a side."""
TEACHER_CHANNELS, TEACHER_CLASSES = 512, 1000
_FARTHEST = 5.0
"""Deviations from the mean that the student is asked for at most."""
_LABEL_SMOOTHING = 0.05


class _TeacherOutputs(nn.Module):
    """SqueezeNet's last map on the grid, and its logits, as one row."""

    def __init__(self, network: nn.Module, side: int) -> None:
        super().__init__()
        self.features, self.classifier = network.features, network.classifier
        cells = side // 16 - 1  # of SqueezeNet 1.0 at multiples of 32
        self.pool = nn.AvgPool2d(cells - (GRID - 1) * (cells // GRID), cells // GRID)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        maps = self.features(images)
        return torch.cat([self.pool(maps).flatten(1), self.classifier(maps).flatten(1)], 1)


class Teacher:
    """The shared ImageNet SqueezeNet, compiled once for each picture size."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network.eval()
        self._compiled: dict[int, FrozenNetwork] = {}

    def __call__(self, pixels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Of N×side×side×3 uint8: maps N×512×GRID×GRID and logits N×1000."""
        side = pixels.shape[1]
        if side not in self._compiled:
            outputs, spec = _TeacherOutputs(self._network, side), preprocess_of("squeezenet1_0")
            spec = PreprocessSpec(resize=side, crop=side, mean=spec.mean, std=spec.std)
            self._compiled[side] = open_frozen(outputs, spec, torch.device("cpu"), "bf16")
        rows = _in_flight(self._compiled[side], pixels)
        maps, logits = rows.split([TEACHER_CHANNELS * GRID * GRID, TEACHER_CLASSES], 1)
        return maps.unflatten(1, (TEACHER_CHANNELS, GRID, GRID)), logits


@dataclass(frozen=True, slots=True)
class Answers:
    """Of the student: last map, what its last layer sees, and its logits."""

    maps: torch.Tensor
    features: torch.Tensor
    logits: torch.Tensor


class Student(nn.Module):
    """A torchvision network with projections onto the teacher's features, which are dropped after training."""

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, network: nn.Module, spec: PreprocessSpec, classes: int) -> None:
        super().__init__()
        self.network = network
        channels, size = _sizes(network, spec)
        self.map_projection = nn.Conv2d(channels, TEACHER_CHANNELS, 1)
        self.feature_projection = nn.Linear(size, TEACHER_CHANNELS)
        self.label_head = nn.Linear(size, classes)
        self.map_standard = nn.BatchNorm2d(TEACHER_CHANNELS, affine=False)  # of the teacher's
        self.feature_standard = nn.BatchNorm1d(TEACHER_CHANNELS, affine=False)
        mean, std = torch.tensor(spec.mean).view(1, 3, 1, 1), torch.tensor(spec.std).view(1, 3, 1, 1)
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("shift", -mean / std)

    def loss(
        self, pixels: torch.Tensor, maps: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor
    ) -> torch.Tensor:
        """One number for N×3×side×side uint8, the teacher's maps and logits, and soft labels N×classes."""
        answers = answers_of(self.network, pixels.float() * self.scale + self.shift)
        with torch.no_grad():  # rare channels are far from normal, and would drown the others
            wanted_maps = self.map_standard(maps).clamp_(-_FARTHEST, _FARTHEST)
            wanted_features = self.feature_standard(maps.mean((2, 3))).clamp_(-_FARTHEST, _FARTHEST)
        found = F.adaptive_avg_pool2d(self.map_projection(answers.maps), GRID).float()
        map_loss = F.mse_loss(found, wanted_maps)
        feature_loss = F.mse_loss(self.feature_projection(answers.features).float(), wanted_features)
        target = logits.softmax(1)
        logit_loss = F.kl_div(answers.logits.float().log_softmax(1), target, reduction="batchmean")
        own = F.cross_entropy(self.label_head(answers.features).float(), labels, label_smoothing=_LABEL_SMOOTHING)
        return map_loss + feature_loss + logit_loss + 0.3 * own


def answers_of(network: nn.Module, images: torch.Tensor) -> Answers:
    """Of normalised images N×3×H×W; for SqueezeNets, and for networks that pool and then classify, as MobileNets do."""
    if type(network).__name__ == "SqueezeNet":
        maps = network.features(images)
        return Answers(maps, maps.mean((2, 3)), network.classifier(maps).flatten(1))
    maps = network.features(images)
    features = network.avgpool(maps).flatten(1) if hasattr(network, "avgpool") else maps.mean((2, 3))
    features = network.classifier[:-1](features)
    return Answers(maps, features, network.classifier[-1](features))


def _sizes(network: nn.Module, spec: PreprocessSpec) -> tuple[int, int]:
    with torch.no_grad():
        answers = answers_of(network.eval(), torch.zeros(1, 3, spec.crop, spec.crop))
    network.train()
    return answers.maps.shape[1], answers.features.shape[1]


def _in_flight(frozen: FrozenNetwork, pixels: np.ndarray) -> torch.Tensor:
    """As ``run_frozen``, with every request at work."""
    open_calls, found = [], []
    for start in range(0, len(pixels), frozen.batch_size):
        if len(open_calls) == frozen.in_flight:
            found.append(open_calls.pop(0)())
        open_calls.append(frozen.submit(pixels[start : start + frozen.batch_size]))
    return torch.cat(found + [call() for call in open_calls])
