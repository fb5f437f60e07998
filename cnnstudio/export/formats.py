"""The one table of export formats, and what an export gives. Torch is imported when something is written or opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cnnstudio.core import counted
from cnnstudio.core.paths import safe_file_name

if TYPE_CHECKING:
    from torch import nn

    from cnnstudio.networks.card import BundleCard
    from cnnstudio.networks.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """An export that was loaded back and compared; one that differs is an ExportMismatch."""

    path: Path
    """Folder of the weights with their companions."""
    files: tuple[Path, ...]
    images_checked: int
    drawn: bool = False
    """Whether these are examples that the app drew, because no picture of the user's could be read."""
    largest_difference: float
    """Of any probability, between the run's network and the exported file loaded back."""
    snippet: str
    """Python that loads the export."""

    @property
    def checked_on(self) -> str:
        """In words, such as ``16 pictures of yours``."""
        if self.drawn:
            return f"{counted(self.images_checked, 'drawn example')}, as none of your pictures could be read"
        return f"{counted(self.images_checked, 'picture')} of yours"


FOR_HEIC = "pillow-heif"


class Format(ABC):
    """A kind of weights file: how it is called, written, and opened again to check it."""

    name: ClassVar[str]
    """On the command line and in requests."""
    title: ClassVar[str]
    text: ClassVar[str]
    """What it holds and whom it is for, in a sentence or two."""
    needs: ClassVar[tuple[str, ...]] = ("torch", "torchvision")
    """Packages that its script imports; HEIC pictures need ``FOR_HEIC`` as well."""

    @abstractmethod
    def write(self, network: nn.Module, card: BundleCard, folder: Path) -> str:
        """Write the weights, with a checksum; returns their file's name. Raises StorageError."""

    @abstractmethod
    def write_refusal(self, refusal: Refusal, folder: Path) -> str:
        """Write, beside the weights, what it takes to judge pictures; returns the file's name. Raises StorageError."""

    @abstractmethod
    def open_back(self, card: BundleCard, folder: Path, weights: str) -> nn.Module:
        """The network as a receiver would load it."""


class Bundle(Format):
    """What a run itself predicts with."""

    name = "bundle"
    title = "Bundle"
    text = "safetensors + JSON: weights, labels, preprocessing and scores. Opens again in CNN Studio."
    needs = ("torch", "torchvision", "safetensors")

    def write(self, network: nn.Module, card: BundleCard, folder: Path) -> str:
        """As every run's bundle is written."""
        from cnnstudio.networks.bundle import WEIGHTS_FILE, save_bundle

        save_bundle(folder, network, card)
        return WEIGHTS_FILE

    def write_refusal(self, refusal: Refusal, folder: Path) -> str:
        """As every run's bundle has it."""
        from cnnstudio.networks.bundle import add_to_bundle
        from cnnstudio.networks.refusal import REFUSAL_FILE

        add_to_bundle(folder, REFUSAL_FILE, refusal.content())
        return REFUSAL_FILE

    def open_back(self, card: BundleCard, folder: Path, weights: str) -> nn.Module:
        """By the card that lies in the folder."""
        from cnnstudio.networks.bundle import load_bundle

        network, _ = load_bundle(folder)
        return network


class StateDict(Format):
    """What torch.save makes of the weights."""

    name = "state-dict"
    title = "PyTorch state_dict"
    text = "One .pth file with labels and a script beside it. For your own PyTorch code."

    def write(self, network: nn.Module, card: BundleCard, folder: Path) -> str:
        """Under the network's name."""
        import torch

        from cnnstudio.core.atomic import write_with_checksum

        name = f"{safe_file_name(card.network)}.pth"
        state = network.state_dict()  # an OrderedDict that carries the layers' versions, which torchvision wants
        for key, value in state.items():
            state[key] = value.detach().cpu().contiguous().clone()
        write_with_checksum(folder / name, lambda file: torch.save(state, file))
        return name

    def write_refusal(self, refusal: Refusal, folder: Path) -> str:
        """Tensors by name, so that its script needs torch alone."""
        import torch

        from cnnstudio.core.atomic import write_with_checksum

        tensors = {name: torch.from_numpy(array) for name, array in refusal.arrays.items()}
        write_with_checksum(folder / "refusal.pth", lambda file: torch.save(tensors, file))
        return "refusal.pth"

    def open_back(self, card: BundleCard, folder: Path, weights: str) -> nn.Module:
        """Into a network that is built anew."""
        from cnnstudio.networks.bundle import build_for
        from cnnstudio.networks.weights.state_file import read_state

        network = build_for(card)
        network.load_state_dict(read_state(folder / weights).state, assign=True)
        return network


FORMATS: dict[str, Format] = {kind.name: kind for kind in (Bundle(), StateDict())}
"""By name; the first is offered first."""
