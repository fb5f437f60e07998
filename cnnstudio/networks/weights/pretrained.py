"""Weights files: found on this computer or fetched, and fitted to a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cnnstudio.core import Watch, WeightsError, paths, sha256_of
from cnnstudio.networks import builder
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.head import head_name, output_size, replace_head
from cnnstudio.networks.kinds import family_of
from cnnstudio.networks.weights import store
from cnnstudio.networks.weights.contents import ReadState
from cnnstudio.networks.weights.layers import layers_of
from cnnstudio.networks.weights.local import fitting_networks, user_file
from cnnstudio.networks.weights.state_file import read_state
from cnnstudio.networks.weights.untrusted import read_untrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile:
    """A weights file that was chosen for a network."""

    path: Path
    sha256: str
    entry: str = ""
    """torchvision's name for it, such as ``IMAGENET1K_V1``; empty for a user's own file."""


def find_weights(name: str, folders: Sequence[Path] = ()) -> WeightsFile | None:
    """A file for the network on this computer.

    The user's own comes first, then torchvision's, its preferred one first, then what the application brought along.
    """
    for folder in store.search_folders(folders):
        if (path := user_file(name, folder)) is not None:
            return WeightsFile(path=path, sha256=sha256_of(path))
    entries = builder.weights_entries(name)
    best = builder.default_entry(name) if entries else None
    for entry in sorted(entries, key=lambda entry: entry is not best):
        whole = bool(entry.meta.get("categories"))  # VGG-16 also has weights without a classifier
        if whole and not entry.meta.get("license") and (path := store.local_file(entry.url, folders)) is not None:
            return _recognised(name, path)  # whatever is remembered of it, the file is hashed before it is used
    starter = store.starter_file() if name == store.STARTER_NETWORK else None
    return WeightsFile(path=starter, sha256=sha256_of(starter)) if starter else None


def resolve_weights(
    name: str, source: str, *, folders: Sequence[Path] = (), watch: Watch | None = None
) -> WeightsFile | None:
    """The weights file that ``source`` means.

    Args:
        name: the network.
        source: ``auto`` (on this computer, else downloaded), ``none``, a file, or a folder with files.
        folders: where else to look, for ``auto``.
        watch: asked for a stop while downloading, and told how far it is.

    Raises:
        WeightsError: there is no such file, or none for this network in the folder.
        DownloadError: it had to be downloaded and could not.
    """
    if source == "none":
        return None
    if source == store.SOURCE:
        return _starter(name)
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


def identified(path: Path, name: str = "", watch: Watch | None = None) -> tuple[str, WeightsFile, int]:
    """Which network a file belongs to: its name, the file with its hash, and the outputs of its last layer.

    A file without a last layer, which can only be fine-tuned, has 0.

    Args:
        path: a weights file, or with ``name`` a folder that holds one for it.
        name: the network; empty to find out, by torchvision's file name and then by the layers in the file.
        watch: asked for a stop.

    Raises:
        WeightsError: it is no usable weights file, or fits no network (or not ``name``).
    """
    name = name or _published(path)
    file = (resolve_weights(name, str(path)) if name else None) or WeightsFile(path=path, sha256=sha256_of(path))
    state = _read(file, watch).state
    if not name:
        found = fitting_networks(state)
        if not found:
            raise WeightsError(
                f"The layers in {path.name} fit none of the networks here.",
                meaning="It may come from another library, which builds its networks differently.",
                remedy="Choose a file that was saved from one of torchvision's classification networks.",
                details=", ".join(list(state)[:20]),
            )
        name = found[0]
    head = f"{_head(name)}."
    has_head = any(key.startswith(head) for key in _layers(name, state))
    network = fit_state(name, state, file.path.name, classes=None if has_head else builder.IMAGENET_CLASSES)
    return name, file, output_size(network) if has_head else 0


def load_pretrained(
    name: str, file: WeightsFile, *, classes: int | None, watch: Watch | None = None
) -> torch.nn.Module:
    """A network with the weights of a file, in eval mode.

    Args:
        name: torchvision's builder name.
        file: the weights.
        classes: outputs of a fresh head in place of the file's; None keeps the file's head.
        watch: asked for a stop.

    Raises:
        WeightsError: the file does not fit the network.
    """
    return fit_state(name, _read(file, watch).state, file.path.name, classes=classes)


def _read(file: WeightsFile, watch: Watch | None) -> ReadState:
    """The 8 digits in a published name are too few to trust a file; only what came with the application is ours."""
    if store.is_starter(file.path):
        return read_state(file.path)
    return read_untrusted(file.path, file.sha256, watch.control if watch else None)


def fit_state(name: str, state: dict[str, torch.Tensor], shown: str, *, classes: int | None) -> torch.nn.Module:
    """Put a state_dict into a network; see load_pretrained. ``shown`` is the file's name for messages."""
    state = _layers(name, state)
    if not all(bool(value.isfinite().all()) for value in state.values() if value.is_floating_point()):
        raise WeightsError(
            f"The weights in {shown} are damaged: some of them are not numbers.", remedy="Choose another file."
        )
    outputs = _outputs(name, state)
    # torchvision's own head may differ from what was fine-tuned here: by a ReLU behind it, or by lacking a bias.
    original = outputs == builder.IMAGENET_CLASSES or f"{_head(name)}.bias" not in state
    network = builder.build_skeleton(
        name, outputs, original_head=original, image_size=_image_size(name, state), channels=_channels(name, state)
    )
    wanted = network.state_dict()
    auxiliary = family_of(name).structure.auxiliary_parts
    optional = {key for key in wanted if key.partition(".")[0] in auxiliary or key.endswith("num_batches_tracked")}
    missing = set(wanted) - set(state) - optional
    head = f"{head_name(network)}."
    if missing == {key for key in wanted if key.startswith(head)}:
        if classes is None:
            raise WeightsError(
                f"The weights in {shown} have no last layer.",
                meaning="They are made to be fine-tuned, and cannot predict before.",
                remedy="Train the network on pictures of yours first.",
            )
        missing = set()
    surplus = set(state) - set(wanted)
    shapes = {key for key in set(wanted) & set(state) if _kind(wanted[key]) != _kind(state[key])}
    if missing or surplus or shapes:
        raise _does_not_fit(name, state, shown, missing, surplus, shapes)
    absent = set(wanted) - set(state)
    if absent:
        state = state | _filled_in(name, outputs, absent)
    network.load_state_dict(state, assign=True)
    network.requires_grad_()
    if classes is not None:
        replace_head(network, classes)
    return network.eval()


def _starter(name: str) -> WeightsFile:
    path = store.starter_file()
    if name != store.STARTER_NETWORK or path is None:
        raise WeightsError(
            f"There are no starter weights for {name}.",
            remedy=f"They come with the application, for {store.STARTER_NETWORK} only.",
        )
    return WeightsFile(path=path, sha256=sha256_of(path))


def _from_folder(name: str, folder: Path) -> WeightsFile:
    candidates = [folder / store.file_name(entry.url) for entry in builder.weights_entries(name)]
    path = user_file(name, folder) or next((path for path in candidates if path.is_file()), None)
    if path is None:
        raise WeightsError(
            f"There is no weights file for {name} in {folder}.",
            meaning=f"Files are recognised by their name: {name}….pth or {name}….safetensors.",
            remedy="Choose another folder, or the file itself.",
        )
    return _recognised(name, path)


def _recognised(name: str, path: Path) -> WeightsFile:
    """The file, with torchvision's entry where it bears torchvision's name; then its content must be what that says.

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
    """The network that a file name of torchvision's promises; empty for any other name."""
    mine = (
        name
        for name in builder.network_names()
        if any(store.file_name(e.url) == path.name for e in builder.weights_entries(name))
    )
    return next(mine, "")


def _free_entry(name: str) -> Any:
    if not builder.weights_entries(name):
        raise WeightsError(
            f"There are no pretrained weights for {name}.",
            meaning="It is a small network that learns everything from your pictures.",
            remedy="Train it from scratch (mode scratch), or choose a weights file of your own.",
        )
    entry = builder.default_entry(name)
    if entry.meta.get("license"):
        raise WeightsError(
            f"All weights of {name} carry a licence that forbids commercial use.",
            meaning="CNN Studio does not download them unasked.",
            remedy="Download them on the Network page, where the licence is shown, or choose another network.",
        )
    return entry


def _outputs(name: str, state: dict[str, torch.Tensor]) -> int:
    weight = state.get(f"{_head(name)}.weight")
    return int(weight.shape[0]) if weight is not None and weight.ndim >= 2 else builder.IMAGENET_CLASSES


def _layers(name: str, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return layers_of(name, state, builder.build_skeleton(name, builder.IMAGENET_CLASSES).state_dict().keys())


def _head(name: str) -> str:
    return head_name(builder.build_skeleton(name, builder.IMAGENET_CLASSES))


def _kind(value: torch.Tensor) -> tuple[torch.Size, bool]:
    return value.shape, value.is_floating_point()


def _image_size(name: str, state: dict[str, torch.Tensor]) -> int | None:
    """The input side that the weights fit, from their position table and patch size; None where they fit any."""
    tables = [state[key] for key in family_of(name).sized_by if key in state]
    if [table.ndim for table in tables] != [3, 4]:
        return None
    positions, patches = tables
    return round((positions.shape[1] - 1) ** 0.5) * int(patches.shape[-1])


def _channels(name: str, state: dict[str, torch.Tensor]) -> int | None:
    """Of a classic's input, from its first convolution; None for torchvision's networks, which all take colour."""
    first = next((value for value in state.values() if value.ndim == 4), None)
    return int(first.shape[1]) if name in CLASSICS and first is not None and first.shape[1] in (1, 3) else None


def _filled_in(name: str, outputs: int, absent: set[str]) -> dict[str, torch.Tensor]:
    """What a file may leave out: the counters of batch norms, and auxiliary heads, which are fresh then."""
    counters = {key for key in absent if key.endswith("num_batches_tracked")}
    filled = {key: torch.zeros((), dtype=torch.int64) for key in counters}
    if absent - counters:
        fresh = builder.build_network(name, outputs).state_dict()
        filled |= {key: fresh[key] for key in absent - counters}
    return filled


def _does_not_fit(
    name: str, state: dict[str, torch.Tensor], shown: str, missing: set[str], surplus: set[str], shapes: set[str]
) -> WeightsError:
    likely = [other for other in fitting_networks(state) if other != name]
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
