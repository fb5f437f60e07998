"""Weights files, which are untrusted: found, opened without running code, and fitted to a network."""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from cnnstudio.core.atomic import sha256_of
from cnnstudio.core.control import Control
from cnnstudio.core.errors import WeightsError
from cnnstudio.networks.builder import IMAGENET_CLASSES, build_skeleton, default_entry, network_names, weights_entries
from cnnstudio.networks.download import download_weights
from cnnstudio.networks.head import head_name, replace_head
from cnnstudio.networks.local_weights import file_fits, local_file, user_file

_WRAPPERS = ("state_dict", "model_state_dict", "model_state", "model", "net")
_PREFIXES = ("module.", "model.", "_orig_mod.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile:
    """A weights file that was chosen for a network."""

    path: Path
    sha256: str
    entry: str = ""
    """torchvision's name for it, such as ``IMAGENET1K_V1``; empty for a user's own file."""


def find_weights(name: str, folders: Sequence[Path] = ()) -> WeightsFile | None:
    """A file for the network on this computer: the user's folders first, then torchvision's own files."""
    for folder in folders:
        if (path := user_file(name, folder)) is not None:
            return WeightsFile(path=path, sha256=sha256_of(path))
    for entry in weights_entries(name):
        whole = bool(entry.meta.get("categories"))  # VGG-16 also has weights without a classifier
        if whole and not entry.meta.get("license") and (path := local_file(entry.url, folders)) is not None:
            return WeightsFile(path=path, sha256=sha256_of(path), entry=entry.name)
    return None


def resolve_weights(
    name: str,
    source: str,
    *,
    folders: Sequence[Path] = (),
    control: Control | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> WeightsFile | None:
    """The weights file that ``source`` means.

    Args:
        name: the network.
        source: ``auto`` (on this computer, else downloaded), ``none``, a file, or a folder with files.
        folders: where else to look, for ``auto``.
        control: asked for a stop while downloading.
        progress: called with bytes done, bytes in all, and what is being done.

    Raises:
        WeightsError: there is no such file, or none for this network in the folder.
        DownloadError: it had to be downloaded and could not.
    """
    if source == "none":
        return None
    if source != "auto":
        path = Path(source).expanduser()
        if path.is_dir():
            return _from_folder(name, path)
        if not path.is_file():
            raise WeightsError(f"There is no weights file {path}.", remedy="Check the path, or choose the file again.")
        return WeightsFile(path=path, sha256=sha256_of(path))
    found = find_weights(name, folders)
    if found is not None:
        return found
    entry = _free_entry(name)
    path = download_weights(entry.url, control=control, progress=progress)
    return WeightsFile(path=path, sha256=sha256_of(path), entry=entry.name)


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a ``.pth``, ``.pt`` or ``.safetensors`` file, unwrapped, as float32 where they are floats.

    Raises:
        WeightsError: the file is damaged, holds something else, or wants to run code when it is opened.
    """
    content = _open(path)
    while isinstance(content, dict) and not _all_tensors(content):
        inner = next((content[key] for key in _WRAPPERS if isinstance(content.get(key), dict)), None)
        if inner is None:
            break
        content = inner
    if not isinstance(content, dict) or not content or not _all_tensors(content):
        raise WeightsError(
            f"The file {path.name} holds no network weights.",
            meaning="A weights file is a list of named tensors (a state_dict).",
            remedy="Choose another file.",
        )
    state = {_without_prefix(str(key)): _owned(value) for key, value in content.items()}
    if not all(bool(value.isfinite().all()) for value in state.values() if value.is_floating_point()):
        raise WeightsError(
            f"The weights in {path.name} are damaged: some of them are not numbers.", remedy="Choose another file."
        )
    return state


def load_pretrained(name: str, file: WeightsFile, *, classes: int | None) -> nn.Module:
    """A network with the weights of a file, in eval mode.

    Args:
        name: torchvision's builder name.
        file: the weights.
        classes: outputs of a fresh head in place of the file's; None keeps the file's head.

    Raises:
        WeightsError: the file does not fit the network.
    """
    return fit_state(name, read_state(file.path), file.path.name, classes=classes)


def fit_state(name: str, state: dict[str, torch.Tensor], shown: str, *, classes: int | None) -> nn.Module:
    """Put a state_dict into a network; see load_pretrained. ``shown`` is the file's name for messages."""
    outputs = _outputs(name, state)
    # ImageNet's own SqueezeNet ends with a ReLU; one that was fine-tuned here does not.
    original = outputs == IMAGENET_CLASSES
    network = build_skeleton(name, outputs, original_head=original, image_size=_image_size(name, state))
    wanted = network.state_dict()
    optional = {key for key in wanted if key.startswith(("aux", "AuxLogits")) or key.endswith("num_batches_tracked")}
    missing = set(wanted) - set(state) - optional
    surplus = set(state) - set(wanted)
    shapes = {key for key in set(wanted) & set(state) if wanted[key].shape != state[key].shape}
    if missing or surplus or shapes:
        raise _does_not_fit(name, state, shown, missing, surplus, shapes)
    absent = set(wanted) - set(state)
    if absent:
        full = build_skeleton(name, outputs)
        state = state | {key: _blank(value) for key, value in full.state_dict().items() if key in absent}
    network.load_state_dict(state, assign=True)
    network.requires_grad_()
    if classes is not None:
        replace_head(network, classes)
    return network.eval()


def _from_folder(name: str, folder: Path) -> WeightsFile:
    path = user_file(name, folder)
    if path is None:
        raise WeightsError(
            f"There is no weights file for {name} in {folder}.",
            meaning=f"Files are recognised by their name: {name}….pth or {name}….safetensors.",
            remedy="Choose another folder, or the file itself.",
        )
    return WeightsFile(path=path, sha256=sha256_of(path))


def _free_entry(name: str) -> Any:
    entry = default_entry(name)
    if entry.meta.get("license"):
        raise WeightsError(
            f"All weights of {name} carry a licence that forbids commercial use.",
            meaning="CNN Studio does not download them unasked.",
            remedy="Download them on the model page, where the licence is shown, or choose another network.",
        )
    return entry


def _open(path: Path) -> Any:
    refused = WeightsError(
        f"The file {path.name} wants to run a program when it is opened, so CNN Studio refused it.",
        meaning="A weights file needs no program. It may be harmless, or an attack; nothing was run.",
        remedy="Ask for the weights as a plain state_dict or as .safetensors.",
    )
    damaged = WeightsError(
        f"The file {path.name} is not a weights file, or it is damaged.",
        meaning="Perhaps its download was cut off.",
        remedy="Download it again, or choose another file (.pth, .pt or .safetensors).",
    )
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        text = str(error)
        raise (refused if "Unsupported global" in text or "GLOBAL" in text else damaged) from error
    except OSError as error:
        raise WeightsError(f"The file {path} cannot be opened.", details=repr(error)) from error
    except (SafetensorError, RuntimeError, EOFError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise damaged from error
    except Exception as error:
        raise damaged from error


def _all_tensors(content: dict[Any, Any]) -> bool:
    return all(isinstance(value, torch.Tensor) for value in content.values())


def _without_prefix(key: str) -> str:
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return key


def _owned(value: torch.Tensor) -> torch.Tensor:
    """Memory of our own, so that training never writes into a mapped file."""
    value = value.detach()
    return (value.float() if value.is_floating_point() else value).contiguous().clone()


def _outputs(name: str, state: dict[str, torch.Tensor]) -> int:
    weight = state.get(head_name(build_skeleton(name, IMAGENET_CLASSES)) + ".weight")
    return int(weight.shape[0]) if weight is not None and weight.ndim >= 2 else IMAGENET_CLASSES


def _image_size(name: str, state: dict[str, torch.Tensor]) -> int | None:
    """A vision transformer's input side, from its position embedding and patch size; None for other networks."""
    position, patch = state.get("encoder.pos_embedding"), state.get("conv_proj.weight")
    if not name.startswith("vit_") or position is None or patch is None or position.ndim != 3 or patch.ndim != 4:
        return None
    return round((position.shape[1] - 1) ** 0.5) * int(patch.shape[-1])


def _blank(value: torch.Tensor) -> torch.Tensor:
    """For parts a file may leave out: zeros, which auxiliary heads do not mind and counters start from."""
    return torch.zeros(value.shape, dtype=value.dtype)


def _does_not_fit(
    name: str, state: dict[str, torch.Tensor], shown: str, missing: set[str], surplus: set[str], shapes: set[str]
) -> WeightsError:
    likely = [other for other in network_names() if other != name and file_fits(other, state)]
    meaning = f"It looks like weights for {likely[0]}." if likely else "Its layers are not those of this network."
    if len(likely) > 1:
        meaning = f"It looks like weights for {', '.join(likely[:3])}."
    parts = {"missing": missing, "unknown": surplus, "of another size": shapes}
    return WeightsError(
        f"The file {shown} does not fit {name}.",
        meaning=meaning,
        remedy="Choose the network these weights were made for, or another file.",
        details="\n".join(f"{what}: {', '.join(sorted(keys)[:20])}" for what, keys in parts.items() if keys),
    )
