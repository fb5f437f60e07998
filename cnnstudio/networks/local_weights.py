"""Weights files that lie on this computer, and which network a file belongs to."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import torch

from cnnstudio.core.atomic import sha256_of, write_text_atomically
from cnnstudio.core.errors import StorageError
from cnnstudio.core.paths import cache_folder, weights_folder
from cnnstudio.networks.builder import IMAGENET_CLASSES, build_skeleton, weights_entries
from cnnstudio.networks.head import head_name

_SUFFIXES = (".pth", ".pt", ".safetensors")


def file_name(url: str) -> str:
    """Torchvision's file name, such as ``resnet18-f37072fd.pth``."""
    return urlsplit(url).path.rpartition("/")[2]


def expected_hash(name: str) -> str:
    """The first digits of the SHA-256 that torchvision's file names end in."""
    return Path(name).stem.rpartition("-")[2]


def local_file(url: str, folders: Sequence[Path] = ()) -> Path | None:
    """Torchvision's own file, wherever it lies; only with the right hash."""
    name = file_name(url)
    for folder in (*folders, weights_folder(), _torch_hub_folder()):
        path = folder / name
        if path.is_file() and _hash_of(path).startswith(expected_hash(name)):
            return path
    return None


def user_file(network: str, folder: Path) -> Path | None:
    """A user's file for a network, by name: ``resnet18.pth``, ``resnet18-mine.safetensors``.

    Torchvision's own names do not count here: those promise a content, see local_file.
    """
    published = {file_name(entry.url) for entry in weights_entries(network)}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        stem, suffix = path.stem, path.suffix.lower()
        if (
            suffix in _SUFFIXES
            and path.name not in published
            and path.is_file()
            and (stem == network or stem.startswith((f"{network}-", f"{network}.")))
        ):
            return path
    return None


def file_fits(network: str, state: dict[str, torch.Tensor]) -> bool:
    """Whether a state_dict has the layers of a network, whatever the size of its head."""
    skeleton = build_skeleton(network, IMAGENET_CLASSES)
    wanted, head = skeleton.state_dict(), head_name(skeleton)
    body = {key for key in wanted if not key.startswith(head + ".") and not key.endswith("num_batches_tracked")}
    return body <= set(state) and all(wanted[key].shape == state[key].shape for key in body)


def _torch_hub_folder() -> Path:
    home = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def _hash_of(path: Path) -> str:
    """SHA-256, remembered by size and modification time: listing 115 files must not read 35 GB every time."""
    remembered = cache_folder() / "weights-hashes.json"
    stat = path.stat()
    key = f"{path.absolute()}|{stat.st_size}|{stat.st_mtime_ns}"
    known: dict[str, str] = {}
    with suppress(OSError, ValueError):
        known = json.loads(remembered.read_text())
    if key not in known:
        known[key] = sha256_of(path)
        with suppress(StorageError):
            write_text_atomically(remembered, json.dumps(known, indent=1))
    return known[key]
