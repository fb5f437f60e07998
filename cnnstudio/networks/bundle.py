"""A bundle: the folder that predicts. ``weights.safetensors``, ``card.json`` and a manifest with their checksums."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from cnnstudio.core import (
    CheckpointDamaged,
    FormatError,
    NetworkError,
    StudioError,
    WeightsError,
    atomic,
    codec,
    place_aside,
    replace_folder,
)  # fmt: skip
from cnnstudio.data.used import USED_FILE, Used
from cnnstudio.networks.blocks.saved import plan_at, remember, remember_text
from cnnstudio.networks.builder import build_skeleton, check_input_size, has_fixed_size
from cnnstudio.networks.bundle_file import is_bundle_folder
from cnnstudio.networks.card import CARD_FILE, BundleCard, card_faults
from cnnstudio.networks.card import WEIGHTS_FILE as WEIGHTS_FILE
from cnnstudio.networks.head import input_channels
from cnnstudio.networks.own import classic_of
from cnnstudio.networks.weights.limits import check_file

MANIFEST_FILE = "manifest.json"
_MOST_MANIFEST = 1 << 20


def save_bundle(folder: Path, network: nn.Module, card: BundleCard, used: Used | None = None) -> None:
    """Write a bundle aside and move it into place, so that ``folder`` is whole at every moment or not there.

    Args:
        folder: of the bundle.
        network: whose weights are written.
        card: what is to know of it.
        used: the pictures that it was trained with, where that is known.

    Raises:
        StorageError: it cannot be written; what was there before stays.
    """
    aside = place_aside(folder)
    state = {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
    try:
        atomic.write_atomically(aside / WEIGHTS_FILE, save(state))
        codec.save_json(aside / CARD_FILE, card)
        if used is not None and not used.unknown:
            used.save(aside / USED_FILE, places=False)
        _write_manifest(aside)
        replace_folder(aside, folder)
    except OSError as error:
        raise atomic.storage_error(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def add_to_bundle(folder: Path, name: str, content: bytes) -> None:
    """Put one more file into a bundle that is whole, or another content in its place.

    Raises:
        CheckpointDamaged: the bundle is damaged.
        StorageError: it cannot be written; what was there before stays.
    """
    _check_files(folder)
    aside = place_aside(folder)
    try:
        aside.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            if file.name not in (MANIFEST_FILE, name):
                shutil.copyfile(file, aside / file.name)
        atomic.write_atomically(aside / name, content)
        _write_manifest(aside)
        replace_folder(aside, folder)
    except OSError as error:
        raise atomic.storage_error(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def load_bundle(folder: Path) -> tuple[nn.Module, BundleCard]:
    """The network, in eval mode on the CPU, and its card. Every file is checked before anything is made of it.

    Raises:
        CheckpointDamaged: a file is missing, does not match its checksum, or says what no bundle says.
        FormatError: the card comes from a newer version, or is no card.
        NetworkError: the card names a network that there is not.
    """
    _check_files(folder)
    card = codec.load_json(folder / CARD_FILE, BundleCard)
    if faults := list(card_faults(card)):
        raise _damaged(folder, f"in {CARD_FILE}, {'; '.join(faults)}")
    if card.plan:
        remember_text(card.plan)
    check_input_size(card.network, card.preprocess.crop, exactly=False)
    try:
        network = build_for(card)
    except StudioError:
        raise
    except Exception as error:  # what the makers of networks say of sizes that do not go together, in many types
        raise _damaged(folder, f"{CARD_FILE} describes a network that there is not", error) from error
    network.load_state_dict(_weights(folder, network), assign=True)
    if input_channels(network) != card.preprocess.channels:
        raise _damaged(folder, f"in {CARD_FILE}, preprocess.mean is not for the pictures that the network takes")
    return network.requires_grad_().eval(), card


def recall_plan(folder: Path) -> None:
    """Know the plan that a bundle carries, before anything is asked of its network; what is damaged is told later."""
    with suppress(OSError, FormatError, NetworkError):
        if (plan := plan_at(folder)) is not None:
            remember(plan)


def _write_manifest(aside: Path) -> None:
    digests = {file.name: atomic.sha256_of(file) for file in sorted(aside.iterdir())}
    atomic.write_text_atomically(aside / MANIFEST_FILE, json.dumps({"sha256": digests}, indent=2) + "\n")


def _check_files(folder: Path) -> None:
    """Whether all are there, and as the manifest says; only files of the bundle itself are asked for."""
    try:
        manifest = codec.read_json(folder / MANIFEST_FILE, _MOST_MANIFEST)
        digests = manifest["sha256"]
        names = {WEIGHTS_FILE, CARD_FILE, *digests}
        foreign = [name for name in names if Path(name).name != name or not (folder / name).is_file()]
        if foreign:
            raise _damaged(folder, "a file is missing, or its manifest names what is not in it")
        damaged = [name for name in names if atomic.sha256_of(folder / name) != digests.get(name)]
    except (OSError, FormatError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(folder, "a file is missing or cannot be read", error) from error
    if damaged:
        raise _damaged(folder, f"{', '.join(sorted(damaged)[:3])} does not match its checksum")


def _weights(folder: Path, network: nn.Module) -> dict[str, Tensor]:
    """The tensors, which are those that the network wants, and are numbers."""
    try:
        check_file(folder / WEIGHTS_FILE)
        state = load((folder / WEIGHTS_FILE).read_bytes())
    except (WeightsError, SafetensorError, OSError, ValueError, RuntimeError, KeyError) as error:
        raise _damaged(folder, "its weights cannot be read", error) from error
    wanted = network.state_dict()
    other = set(wanted) ^ set(state) or {name for name in wanted if _kind(wanted[name]) != _kind(state[name])}
    if other:
        raise _damaged(folder, "the weights do not fit the card", KeyError(", ".join(sorted(other)[:20])))
    if not all(bool(value.isfinite().all()) for value in state.values() if value.is_floating_point()):
        raise _damaged(folder, "some of its weights are not numbers")
    return state


def _kind(value: Tensor) -> tuple[object, object]:
    return value.shape, value.dtype


def build_for(card: BundleCard) -> nn.Module:
    """The skeleton of the network that a card describes."""
    return build_skeleton(
        card.network,
        len(card.classes),
        original_head=not card.linear_head,
        image_size=card.preprocess.crop if has_fixed_size(card.network) else None,
        channels=card.preprocess.channels if classic_of(card.network) else None,
    )


def is_bundle(folder: Path) -> bool:
    """Whether a folder looks like a bundle."""
    return is_bundle_folder(folder)


def _damaged(folder: Path, what: str, error: Exception | None = None) -> CheckpointDamaged:
    return CheckpointDamaged(
        f"The trained network in {folder} is damaged: {what}.",
        remedy="Use another run, or export it again.",
        details=repr(error) if error else "",
    )
