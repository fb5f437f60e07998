"""torchvision's registry and our networks as a catalogue: every figure is read or counted, none is typed here."""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cnnstudio import __version__
from cnnstudio.core import FormatError, NetworkError, StorageError, codec, load_sealed, save_sealed
from cnnstudio.core.paths import cache_folder, free_bytes, weights_folder
from cnnstudio.networks.blocks.findings import stopping
from cnnstudio.networks.blocks.network_file import key_of
from cnnstudio.networks.blocks.saved import known_plan, plan_of, remember_text, saved_networks
from cnnstudio.networks.blocks.standing import smallest_input, standing
from cnnstudio.networks.blocks.stopping import own_outputs
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.catalogue.entries import Catalogue, NetworkEntry, WeightsEntry
from cnnstudio.networks.family import OWN
from cnnstudio.networks.kinds import family_of
from cnnstudio.networks.weights import store

log = logging.getLogger(__name__)
CLASSIC_CLASSES = 10
_SEAL = "catalogue, 2"


def load_catalogue(folders: Sequence[Path] = ()) -> Catalogue:
    """Every network, those that the user built last, with what lies on this computer marked.

    The registry is read once per torchvision version.
    """
    catalogue = cached_catalogue()
    if catalogue is None:
        catalogue = read_registry()
        _remember(catalogue)
    own = tuple(_own(saved.plan, saved.file) for saved in saved_networks() if _can_be_built(saved.plan))
    return with_local(replace(catalogue, networks=(*catalogue.networks, *own)), folders)


def cached_catalogue() -> Catalogue | None:
    """The remembered catalogue of the installed torchvision, without importing it; None when there is none."""
    try:
        catalogue = codec.from_plain(Catalogue, load_sealed(_cache_file(), _SEAL), what="catalogue")
    except FormatError:
        return None
    return catalogue if catalogue.torchvision == version("torchvision") else None


def read_registry() -> Catalogue:
    """Read torchvision's registry, and count the classics; imports torchvision."""
    from cnnstudio.networks.builder import network_names
    from cnnstudio.networks.classics import CLASSICS

    published = [entry for name in network_names() if (entry := _readable(name)) is not None]
    return Catalogue(torchvision=version("torchvision"), networks=(*published, *map(_classic, CLASSICS)))


def network_entry(name: str) -> NetworkEntry:
    """One network, without reading the others; imports torchvision.

    Raises:
        NetworkError: there is no such network.
    """
    from cnnstudio.networks.classics import CLASSICS

    if (plan := plan_of(name)) is not None:
        return _own(plan)
    return _classic(name) if name in CLASSICS else _network(name)


def built_entry(plan: str) -> NetworkEntry | None:
    """A network that a person built, from the text of its file that a run recorded; None where there is none."""
    try:
        return known_entry(remember_text(plan)) if plan else None
    except NetworkError:
        return None


def known_entry(key: str) -> NetworkEntry | None:
    """A network that a person built and that was read before, kept or not; the disk is not asked."""
    plan = known_plan(key)
    return _own(plan) if plan is not None else None


def with_local(catalogue: Catalogue, folders: Sequence[Path] = ()) -> Catalogue:
    """The catalogue with ``local`` and the room filled in: published files by name and hash, the user's by name."""
    from cnnstudio.networks.weights.local import user_file

    places = store.search_folders(folders)

    def marked(network: NetworkEntry) -> NetworkEntry:
        own = next((path for folder in places if (path := user_file(network.name, folder))), None)
        entries = []
        for index, entry in enumerate(network.weights):
            path = store.local_file(entry.url, folders) or (own if index == 0 else None)
            entries.append(replace(entry, local=str(path) if path else None))
        return replace(network, weights=tuple(entries))

    room = free_bytes(weights_folder()) / 1e6
    return replace(catalogue, networks=tuple(marked(network) for network in catalogue.networks), room_mb=room)


def _readable(name: str) -> NetworkEntry | None:
    """A network with published weights; None, with a line in the log, where its records lack what is needed here."""
    try:
        return _network(name)
    except Exception:  # a torchvision that nobody has tried yet: whatever one record holds, the others are listed
        log.warning("the records of %s cannot be read; it is left out of the list", name, exc_info=True)
        return None


def _network(name: str) -> NetworkEntry:
    from cnnstudio.networks.builder import default_entry, weights_entries

    entries = weights_entries(name)
    shown = default_entry(name)
    family = family_of(name)
    first: dict[str, Any] = entries[0].meta
    return NetworkEntry(
        name=name,
        title=family.title_of(name),
        family=family.title,
        parameters=first["num_params"],
        gflops=float(shown.meta["_ops"]),
        input_size=int(shown.transforms().crop_size[0]),
        resize_size=int(shown.transforms().resize_size[0]),
        min_size=max(first["min_size"]),
        weights=tuple(_weights(entry) for entry in entries),
    )


def _classic(name: str) -> NetworkEntry:
    from cnnstudio.networks.anatomy.dissect import dissect
    from cnnstudio.networks.classics import CLASSICS

    classic = CLASSICS[name]
    anatomy = dissect(name, classes=CLASSIC_CLASSES)
    return NetworkEntry(
        name=name,
        title=classic.title,
        family=family_of(name).title,
        classic=True,
        parameters=anatomy.parameters,
        gflops=anatomy.multiplications / 1e9,
        input_size=classic.input_size,
        resize_size=classic.input_size,
        channels=classic.channels,
        min_size=classic.min_size,
        weights=(),
    )


def _can_be_built(plan: Plan) -> bool:
    """For pictures of as many classes as it has outputs, where it has outputs of its own."""
    return stopping(plan, own_outputs(plan) or None) is None


def _own(plan: Plan, file: Path | None = None) -> NetworkEntry:
    """Of a network that a person built; needs no torch."""
    stood = standing(plan, CLASSIC_CLASSES)
    return NetworkEntry(
        name=key_of(plan),
        title=plan.name,
        family=OWN,
        classic=True,
        parameters=stood.parameters,
        gflops=stood.multiplications / 1e9,
        input_size=plan.input_size,
        resize_size=plan.input_size,
        channels=plan.channels,
        min_size=smallest_input(plan),
        weights=(),
        file=str(file or ""),
    )


def _weights(entry: Any) -> WeightsEntry:
    meta, accuracy = entry.meta, entry.meta["_metrics"]["ImageNet-1K"]
    return WeightsEntry(
        name=entry.name,
        acc1=_figure(accuracy["acc@1"]),
        acc5=_figure(accuracy["acc@5"]),
        gflops=float(meta["_ops"]),
        file_size_mb=float(meta["_file_size"]),
        input_size=int(entry.transforms().crop_size[0]),
        min_size=max(meta["min_size"]),
        url=entry.url,
        file_name=store.file_name(entry.url),
        recipe_url=meta.get("recipe", ""),
        licence=meta.get("license", ""),
        is_default=entry is entry.__class__.DEFAULT,
    )


def _figure(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _cache_file() -> Path:
    return cache_folder() / f"catalogue-{__version__}.json"  # titles are ours and may change


def _remember(catalogue: Catalogue) -> None:
    try:
        save_sealed(_cache_file(), _SEAL, codec.to_plain(catalogue))
    except StorageError:
        return  # it is read again the next time
