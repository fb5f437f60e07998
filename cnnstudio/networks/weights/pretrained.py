"""Weights files: found on this computer or fetched, and fitted to a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cnnstudio.core import Watch, WeightsError, paths, sha256_of
from cnnstudio.networks import builder
from cnnstudio.networks.kinds import network_title
from cnnstudio.networks.weights import packages, store
from cnnstudio.networks.weights.contents import ReadState
from cnnstudio.networks.weights.fitting import Fitted, fit
from cnnstudio.networks.weights.foreign import named
from cnnstudio.networks.weights.local import is_named_for_any, only_file, user_file
from cnnstudio.networks.weights.search import fitting_networks, origin
from cnnstudio.networks.weights.state_file import read_state
from cnnstudio.networks.weights.untrusted import read_untrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile:
    """A weights file that was chosen for a network."""

    path: Path
    sha256: str
    entry: str = ""
    """Its published name, such as ``IMAGENET1K_V1``; empty for a user's own file."""


def find_weights(name: str, folders: Sequence[Path] = ()) -> WeightsFile | None:
    """A file for the network on this computer.

    The user's own comes first, then what is published, the preferred one first.
    """
    for folder in store.search_folders(folders):
        if (path := user_file(name, folder)) is not None:
            return WeightsFile(path=path, sha256=sha256_of(path))
    entries = builder.weights_entries(name)
    best = builder.default_entry(name) if entries else None
    for entry in sorted(entries, key=lambda entry: entry is not best):
        whole = bool(entry.meta.get("categories"))  # VGG-16 also has weights without a classifier
        if whole and not builder.is_restricted(entry) and (path := store.local_file(entry.url, folders)) is not None:
            return _recognised(name, path)  # whatever is remembered of it, the file is hashed before it is used
    return None


def resolve_weights(
    name: str, source: str, *, folders: Sequence[Path] = (), watch: Watch | None = None
) -> WeightsFile | None:
    """The weights file that ``source`` means.

    Args:
        name: the network.
        source: ``auto`` (on this computer, else downloaded), ``none``, a file, a folder with files, or the name of an
            installed one (see ``packages``).
        folders: where else to look, for ``auto``.
        watch: asked for a stop while downloading, and told how far it is.

    Raises:
        WeightsError: there is no such file, or none for this network in the folder.
        DownloadError: it had to be downloaded and could not.
    """
    if source == "none":
        return None
    if source == store.STARTER:
        return _recognised(name, store.starter_file(folders))
    if package := packages.package_of(source):
        installed = store.local_file(source, folders)
        if installed is None:
            raise packages.not_installed(package)
        return _recognised(name, installed)
    if source != "auto":
        path = paths.expanded(source)
        if path.is_dir():
            return _from_folder(name, path)
        if not path.is_file():
            raise WeightsError(f"There is no weights file {path}.", remedy="Check the path, or choose the file again.")
        return _recognised(name, path)
    found = find_weights(name, folders)
    if found is not None:
        return found
    entry = _free_entry(name)
    path = store.download_weights(entry.url, entry.meta["_file_size"], watch)
    return WeightsFile(path=path, sha256=sha256_of(path), entry=entry.name)


def identified(path: Path, name: str = "", watch: Watch | None = None) -> tuple[WeightsFile, Fitted]:
    """Which network a file belongs to, and what of it fits.

    Args:
        path: a weights file, or with ``name`` a folder that holds one for it.
        name: the network; empty to find out, by torchvision's file name and then by the layers in the file.
        watch: asked for a stop.

    Raises:
        WeightsError: it is no usable weights file, or fits no network (or not ``name``).
    """
    if path.is_dir() and not name:
        path = _in_folder(path)
    name = name or _published(path)
    file = (resolve_weights(name, str(path)) if name else None) or WeightsFile(path=path, sha256=sha256_of(path))
    read = _read(file, watch)
    if not name:
        found = fitting_networks(read.state)
        if not found:
            raise WeightsError(
                f"The layers in {path.name} fit none of the networks here.",
                meaning=origin(read.state),
                remedy="Choose a file that was saved from one of torchvision's classification networks.",
                details=", ".join(list(read.state)[:20]),
            )
        name = found[0]
    return file, fit(name, read, file.path.name)


def open_weights(name: str, file: WeightsFile, watch: Watch | None = None) -> Fitted:
    """What of a file fits a network.

    Args:
        name: of the network.
        file: the weights.
        watch: asked for a stop.

    Raises:
        WeightsError: it is no usable weights file, or does not fit.
    """
    return fit(name, _read(file, watch), file.path.name)


def load_pretrained(name: str, file: WeightsFile, *, classes: int | None) -> torch.nn.Module:
    """A network with the weights of a file, in eval mode; see ``open_weights`` and ``Fitted.build``."""
    return open_weights(name, file).build(classes)


def _read(file: WeightsFile, watch: Watch | None) -> ReadState:
    """The 8 digits in a published name are too few to trust a file; a whole SHA-256 is not."""
    if packages.is_known(file.sha256):
        return read_state(file.path)
    return read_untrusted(file.path, file.sha256, watch.control if watch else None)


def _from_folder(name: str, folder: Path) -> WeightsFile:
    candidates = [folder / store.file_name(entry.url) for entry in builder.weights_entries(name)]
    path = user_file(name, folder) or next((path for path in candidates if path.is_file()), None)
    if path is None and (only := _one_file(folder)) is not None and not is_named_for_any(only, builder.all_names()):
        path = only
    if path is None:
        raise named(folder) or WeightsError(
            f"There is no weights file for {network_title(name)} in {folder}.",
            meaning=f"Files are recognised by their name: {name}….pth or {name}….safetensors.",
            remedy="Choose another folder, or the file itself.",
        )
    return _recognised(name, path)


def _in_folder(folder: Path) -> Path:
    """The one weights file in it."""
    path = _one_file(folder)
    if path is None:
        raise named(folder) or WeightsError(
            f"The folder {folder.name} does not hold one weights file, but none or several.",
            remedy="Choose the file itself, or say which network it is for.",
        )
    return path


def _one_file(folder: Path) -> Path | None:
    try:
        return only_file(folder)
    except OSError:  # pulled out, or not ours to read
        return None


def _recognised(name: str, path: Path) -> WeightsFile:
    """The file, with its entry where it bears a published name; then its content must be what that says.

    Raises:
        WeightsError: the name promises another content.
    """
    digest = sha256_of(path)
    entry = next((entry for entry in builder.weights_entries(name) if store.file_name(entry.url) == path.name), None)
    if entry is not None and not digest.startswith(store.expected_hash(path.name)):
        raise WeightsError(
            f"The file {path.name} is damaged: its checksum is not the one in its name.",
            meaning="It was changed, or its download was interrupted.",
            remedy="Download it again; if these are weights of your own, give the file another name.",
        )
    return WeightsFile(path=path, sha256=digest, entry=entry.name if entry else "")


def _published(path: Path) -> str:
    """The network that a published file name promises; empty for any other name."""
    mine = (
        name
        for name in builder.network_names()
        if any(store.file_name(e.url) == path.name for e in builder.weights_entries(name))
    )
    return next(mine, "")


def no_weights(name: str) -> WeightsError:
    """Of a network that is to predict by its name alone, when this computer has no weights of it."""
    published = bool(builder.weights_entries(name))
    what, where = ("ImageNet weights", " on this computer") if published else ("weights", "")
    download = "Give a weights file or folder with --weights, or download them on the Network page."
    return WeightsError(
        f"There are no {what} for {network_title(name)}{where}.",
        meaning="A network without weights knows nothing.",
        remedy=download if published else "Train it from scratch, and give the folder of the run.",
    )


def _free_entry(name: str) -> Any:
    if not builder.weights_entries(name):
        raise WeightsError(
            f"There are no pretrained weights for {network_title(name)}.",
            meaning="It is a small network that learns everything from your pictures.",
            remedy="Train it from scratch (mode scratch), or choose a weights file of your own.",
        )
    entry = builder.default_entry(name)
    if builder.is_restricted(entry):
        raise WeightsError(
            f"All weights of {network_title(name)} carry a licence that forbids commercial use.",
            meaning="CNN Studio does not download them unasked.",
            remedy="Download them on the Network page, where the licence is shown, or choose another network.",
        )
    return entry
