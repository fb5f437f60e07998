"""A bundle: the folder that predicts. ``weights.safetensors``, ``card.json`` and a manifest with their checksums."""

import json
import shutil
from pathlib import Path

from safetensors.torch import load, save
from torch import nn

from cnnstudio.core import CheckpointDamaged, atomic, codec, place_aside, replace_folder
from cnnstudio.networks.builder import build_skeleton, has_fixed_size
from cnnstudio.networks.card import BundleCard
from cnnstudio.networks.classics import CLASSICS

WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "card.json"
MANIFEST_FILE = "manifest.json"


def save_bundle(folder: Path, network: nn.Module, card: BundleCard) -> None:
    """Write a bundle aside and move it into place, so that ``folder`` is whole at every moment or not there.

    Raises:
        StorageError: it cannot be written; what was there before stays.
    """
    aside = place_aside(folder)
    state = {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
    try:
        atomic.write_atomically(aside / WEIGHTS_FILE, save(state))
        codec.save_json(aside / CARD_FILE, card)
        digests = {name: atomic.sha256_of(aside / name) for name in (WEIGHTS_FILE, CARD_FILE)}
        atomic.write_text_atomically(aside / MANIFEST_FILE, json.dumps({"sha256": digests}, indent=2) + "\n")
        replace_folder(aside, folder)
    except OSError as error:
        raise atomic.storage_error(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def load_bundle(folder: Path) -> tuple[nn.Module, BundleCard]:
    """The network, in eval mode on the CPU, and its card.

    Raises:
        CheckpointDamaged: a file is missing or does not match its checksum.
        FormatError: the card comes from a newer version.
    """
    try:
        digests = json.loads((folder / MANIFEST_FILE).read_text())["sha256"]
        damaged = [name for name, digest in digests.items() if atomic.sha256_of(folder / name) != digest]
        data = (folder / WEIGHTS_FILE).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, "a file is missing or cannot be read", error) from error
    if damaged or not {WEIGHTS_FILE, CARD_FILE} <= set(digests):
        raise _damaged(folder, f"{', '.join(damaged)} does not match its checksum")
    card = codec.load_json(folder / CARD_FILE, BundleCard)
    network = build_for(card)
    try:
        network.load_state_dict(load(data), assign=True)
    except RuntimeError as error:
        raise _damaged(folder, "the weights do not fit the card", error) from error
    return network.requires_grad_().eval(), card


def build_for(card: BundleCard) -> nn.Module:
    """The skeleton of the network that a card describes."""
    return build_skeleton(
        card.network,
        len(card.classes),
        original_head=not card.linear_head,
        image_size=card.preprocess.crop if has_fixed_size(card.network) else None,
        channels=card.preprocess.channels if card.network in CLASSICS else None,
    )


def is_bundle(folder: Path) -> bool:
    """Whether a folder looks like a bundle."""
    return (folder / CARD_FILE).is_file() and (folder / WEIGHTS_FILE).is_file()


def _damaged(folder: Path, what: str, error: Exception | None = None) -> CheckpointDamaged:
    return CheckpointDamaged(
        f"The trained network in {folder} is damaged: {what}.",
        remedy="Use another run, or export it again.",
        details=repr(error) if error else "",
    )
