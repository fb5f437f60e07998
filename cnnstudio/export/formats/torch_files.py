"""What torch reads: the bundle that CNN Studio itself predicts with, and a state_dict."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from typing_extensions import override

from cnnstudio.core import ExportMismatch, Watch, safe_file_name
from cnnstudio.export.formats.format import Answerer, Format, Source

if TYPE_CHECKING:
    from torch import nn

    from cnnstudio.networks.card import BundleCard
    from cnnstudio.networks.refusal import Refusal


class TorchFiles(Format):
    """A weights file with labels, preprocessing, and a script that predicts."""

    needs: ClassVar[tuple[str, ...]] = ("torch", "torchvision")

    @abstractmethod
    def write_weights(self, network: nn.Module, card: BundleCard, folder: Path) -> str:
        """Write the weights, with a checksum; returns their file's name. Raises StorageError."""

    @abstractmethod
    def write_refusal(self, refusal: Refusal, folder: Path) -> str:
        """Write, beside the weights, what it takes to judge pictures; returns the file's name. Raises StorageError."""

    @abstractmethod
    def open_back(self, card: BundleCard, folder: Path) -> nn.Module:
        """The network as a receiver would load it."""

    @override
    def write(self, source: Source, folder: Path, watch: Watch) -> str:
        from cnnstudio.data.used import USED_FILE
        from cnnstudio.export.companions import Judging, snippet, write_companions
        from cnnstudio.networks.head import head_name

        session = source.session
        folder.mkdir(parents=True, exist_ok=True)
        weights = self.write_weights(session.network, session.card, folder)
        judging = None
        if session.refusal is not None:
            file = self.write_refusal(session.refusal, folder)
            judging = Judging(file=file, layer=head_name(session.network))
        write_companions(folder, session.card, weights, judging)
        if session.folder is not None and (session.folder / USED_FILE).is_file():
            shutil.copyfile(session.folder / USED_FILE, folder / USED_FILE)
        return snippet(session.card, weights, judging)

    @override
    def examine(self, source: Source, folder: Path, pictures: Sequence[Path], watch: Watch) -> None:
        """Weights are the same to the last bit, and the script reads and answers every kind of picture as the app."""
        from cnnstudio.export.script_check import check_script

        ours, theirs = (
            network.state_dict()
            for network in (source.session.network, self.open_back(source.session.card, folder).eval())
        )
        differs = [
            name
            for name, value in ours.items()
            if name not in theirs or not np.array_equal(value.cpu().numpy(), theirs[name].cpu().numpy(), equal_nan=True)
        ]
        if differs or len(ours) != len(theirs):
            raise ExportMismatch(
                "The exported weights are not those of the run.",
                meaning="They were not put in place.",
                remedy="Try again; if it happens again, please report it.",
                details=", ".join(differs[:5]),
            )
        watch.progress(0, 0, "Running the exported script")
        check_script(folder, source.session, pictures, watch)


class Bundle(TorchFiles):
    """What a run itself predicts with."""

    name = "bundle"
    title = "Bundle"
    text = "safetensors + JSON: weights, labels, preprocessing and scores. Opens again in CNN Studio."
    needs = ("torch", "torchvision", "safetensors")
    files = ("weights.safetensors", "card.json", "manifest.json")

    @override
    def write_weights(self, network: nn.Module, card: BundleCard, folder: Path) -> str:
        """As every run's bundle is written."""
        from cnnstudio.networks.bundle import WEIGHTS_FILE, save_bundle

        save_bundle(folder, network, card)
        return WEIGHTS_FILE

    @override
    def write_refusal(self, refusal: Refusal, folder: Path) -> str:
        """As every run's bundle has it."""
        from cnnstudio.networks.bundle import add_to_bundle
        from cnnstudio.networks.refusal import REFUSAL_FILE

        add_to_bundle(folder, REFUSAL_FILE, refusal.content())
        return REFUSAL_FILE

    @override
    def open_back(self, card: BundleCard, folder: Path) -> nn.Module:
        """By the card that lies in the folder."""
        from cnnstudio.networks.bundle import load_bundle

        network, _ = load_bundle(folder)
        return network

    @override
    def answers(self, folder: Path) -> Answerer:
        """As CNN Studio opens it."""
        from cnnstudio.export.running import BundleAnswers

        return BundleAnswers(folder)


class StateDict(TorchFiles):
    """What torch.save makes of the weights."""

    name = "state-dict"
    title = "PyTorch state_dict"
    text = "One .pth file with labels and a script beside it. For your own PyTorch code."
    files = ("*.pth",)

    @override
    def write_weights(self, network: nn.Module, card: BundleCard, folder: Path) -> str:
        """Under the network's name."""
        import torch

        from cnnstudio.core.atomic import write_with_checksum

        name = weights_name(card)
        state = network.state_dict()  # an OrderedDict that carries the layers' versions, which torchvision wants
        for key, value in state.items():
            state[key] = value.detach().cpu().contiguous().clone()
        write_with_checksum(folder / name, lambda file: torch.save(state, file))
        return name

    @override
    def write_refusal(self, refusal: Refusal, folder: Path) -> str:
        """Tensors by name, so that its script needs torch alone."""
        import torch

        from cnnstudio.core.atomic import write_with_checksum

        tensors = {name: torch.from_numpy(array) for name, array in refusal.arrays.items()}
        write_with_checksum(folder / "refusal.pth", lambda file: torch.save(tensors, file))
        return "refusal.pth"

    @override
    def open_back(self, card: BundleCard, folder: Path) -> nn.Module:
        """Into a network that is built anew."""
        from cnnstudio.networks.bundle import build_for
        from cnnstudio.networks.weights.state_file import read_state

        network = build_for(card)
        network.load_state_dict(read_state(folder / weights_name(card)).state, assign=True)
        return network

    @override
    def answers(self, folder: Path) -> Answerer:
        """By the script beside it."""
        from cnnstudio.export.running import ScriptAnswers

        return ScriptAnswers(folder, "torch")


def weights_name(card: BundleCard) -> str:
    """Of the file of a state_dict."""
    return f"{safe_file_name(card.network)}.pth"
