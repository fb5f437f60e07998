"""What excites a channel in one's own pictures: one pass over them, with the strongest places of every channel.

Natural crops say more of a channel than synthesised pictures (Borowski et al. 2021); random ones beside them show
what they are compared with.
"""

import hashlib
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import FrozenNetwork, open_frozen
from cnnstudio.compute.frozen_pass import frozen_outputs
from cnnstudio.core import ALONE, DatasetError, FormatError, ImageError, NetworkError, StorageError, Watch, cache_folder
from cnnstudio.data import PreprocessSpec, Sample, sample_key
from cnnstudio.data.reading import read_fast
from cnnstudio.inference.session import Session
from cnnstudio.networks.stages import as_maps, list_layers
from cnnstudio.runs import Kind, load_arrays, save_arrays
from cnnstudio.runs.answers import KEPT_FEATURES
from cnnstudio.understanding.inside.places import Window, window_of
from cnnstudio.understanding.inside.useful import Contributions
from cnnstudio.understanding.inside.values import By, Crop, Excited
from cnnstudio.understanding.taps import submodule

CROPS = 9
_KEPT = 36
"""Of each channel, before copies and series are left out."""
_MOST_WITH_WAY_BACK = 500
"""Pictures that contributions are computed for: the way back takes twice as long again, and these tell enough."""
_NEVER = 1e-6
"""Of the largest activation of a layer: a channel that moves less was never active."""
_MOST_BYTES = 1 << 28
_ARRAYS = {"best": Kind("float32", 3), "range": Kind("float32", 2), "seen": Kind("int64", 1)}
_TEXT: dict[By, str] = {
    "activation": "Looking for what excites the channels",
    "contribution": "Looking for what the channels are used for",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is remembered of a pass beside its arrays."""

    pictures: int = 0
    layers: tuple[str, ...] = ()


class Peaks(nn.Module):
    """Pictures to N×(ΣC)×3: the highest value of every channel of some layers, where it is, and the lowest value."""

    def __init__(self, network: nn.Module, layers: Sequence[str]) -> None:
        super().__init__()
        self.network, self.layers = network, tuple(layers)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Hooks are there for this one call, so that the network stays anybody's."""
        caught: dict[str, torch.Tensor] = {}

        def catch(name: str, output: object) -> None:
            maps = as_maps(output, self.network) if isinstance(output, torch.Tensor) else None
            if maps is not None:
                flat = maps.flatten(2)
                high, place = flat.max(2)
                caught[name] = torch.stack([high, place.to(high.dtype), flat.amin(2)], 2)

        hooks = [
            submodule(self.network, name).register_forward_hook(lambda _m, _i, output, name=name: catch(name, output))
            for name in self.layers
        ]
        try:
            self.network(pictures)
        finally:
            for hook in hooks:
                hook.remove()
        return torch.cat([caught[name] for name in self.layers], 1)


def find_exciting(
    session: Session, samples: Sequence[Sample], layers: Sequence[str], watch: Watch, by: By = "activation"
) -> Excited:
    """The strongest places of every channel of some layers, over many pictures; remembered in the cache.

    Args:
        session: the model.
        samples: the pictures, with the groups that belong together.
        layers: dotted names; their shapes are looked at on the way.
        watch: told of pictures done, asked for a stop; a stopped pass leaves nothing.
        by: whether the most active places are the strongest, or those that add most to the answer, which is looked at
            for 500 of them that lie evenly among all.

    Raises:
        NetworkError: there is no such layer.
        DatasetError: none of the pictures can be read.
        StopRequested: a stop was asked for.
    """
    shapes = _shapes(session, layers)
    every = len(samples)
    if by == "contribution" and every > _MOST_WITH_WAY_BACK:
        samples = [samples[place] for place in np.linspace(0, every - 1, _MOST_WITH_WAY_BACK).round().astype(int)]
    file = _file(session, samples, layers, by)
    arrays = _read(file, sum(shape[0] for shape in shapes.values()))
    if arrays is None:
        frozen = _opened(session, layers, by)
        arrays = _passed(samples, session.preprocess, frozen, watch, _TEXT[by])
        with suppress(StorageError):  # looked for again next time
            save_arrays(file, arrays, Found(pictures=int(arrays["seen"][0]), layers=tuple(layers)))
    if by == "contribution":  # what speaks against the answer is of no use to it
        arrays = {**arrays, "best": np.where(arrays["best"][..., :1] > 0, arrays["best"], np.nan)}
    return replace(_told(session, samples, shapes, arrays), by=by, of=every)


def _opened(session: Session, layers: Sequence[str], by: By) -> FrozenNetwork:
    if by == "contribution":
        return Contributions(session, layers)
    with session.lock:
        return open_frozen(Peaks(session.network, layers), session.preprocess, choose_device("auto"), "fp32")


def _passed(
    samples: Sequence[Sample], spec: PreprocessSpec, frozen: FrozenNetwork, watch: Watch, text: str
) -> dict[str, np.ndarray]:
    """The highest values of every channel with picture and place, the lowest and highest of all, how many were seen."""

    def read(index: int) -> np.ndarray | ImageError:
        return read_fast(samples[index], spec)

    best: np.ndarray | None = None
    lowest = highest = np.zeros(0)
    seen = 0
    with closing(frozen_outputs(len(samples), frozen, read, watch.control)) as batches:
        for outputs in batches:
            if outputs.values is not None:
                values = outputs.values.float().numpy()
                owners = np.broadcast_to(np.array(outputs.indices, np.float32)[:, None], values.shape[:2])
                rows = np.stack([values[:, :, 0], values[:, :, 1], owners], 2).transpose(1, 0, 2)
                best = rows if best is None else np.concatenate([best, rows], 1)
                if best.shape[1] > 4 * _KEPT:
                    best = _best(best)
                low, high = values[:, :, 2].min(0), values[:, :, 0].max(0)
                lowest, highest = (low, high) if not seen else (np.minimum(lowest, low), np.maximum(highest, high))
                seen += len(values)
            watch.progress(outputs.done, len(samples), text)
            watch.check()
    if best is None:
        raise DatasetError("None of the pictures can be read any more.", remedy="Put them back, then try again.")
    limits = np.stack([lowest, highest], 1).astype(np.float32)
    return {"best": _best(best), "range": limits, "seen": np.array([seen], np.int64)}


def _best(rows: np.ndarray) -> np.ndarray:
    """The first of C×N×3 by the first of the three, the highest first."""
    order = np.argsort(-rows[:, :, 0], axis=1, kind="stable")[:, :_KEPT]
    return np.take_along_axis(rows, order[:, :, None], 1).astype(np.float32)


def _told(
    session: Session, samples: Sequence[Sample], shapes: dict[str, tuple[int, ...]], arrays: dict[str, np.ndarray]
) -> Excited:
    crops: dict[str, tuple[tuple[Crop, ...], ...]] = {}
    chance: dict[str, tuple[Crop, ...]] = {}
    silent: dict[str, tuple[int, ...]] = {}
    start = 0
    random = np.random.default_rng(0)
    for name, (channels, rows, columns) in shapes.items():
        best, limits = arrays["best"][start : start + channels], arrays["range"][start : start + channels]
        start += channels
        window = window_of(session, name)
        crops[name] = tuple(_of_channel(own, samples, window, (rows, columns)) for own in best)
        spread = limits[:, 1] - limits[:, 0]
        largest = float(np.abs(limits).max(initial=0.0))
        silent[name] = tuple(np.flatnonzero(spread <= _NEVER * largest).tolist())
        chosen = random.permutation(len(samples))[:CROPS].tolist()
        places = zip(chosen, random.integers(0, rows, CROPS), random.integers(0, columns, CROPS), strict=False)
        chance[name] = tuple(
            Crop(path=samples[each].path, box=window.box(int(row), int(column), rows, columns), activation=float("nan"))
            for each, row, column in places
        )
    return Excited(layers=tuple(shapes), pictures=int(arrays["seen"][0]), crops=crops, random=chance, silent=silent)


def _of_channel(
    best: np.ndarray, samples: Sequence[Sample], window: Window, shape: tuple[int, int]
) -> tuple[Crop, ...]:
    """Of pictures that belong together only the strongest."""
    found: list[Crop] = []
    seen: set[int] = set()
    for value, place, owner in best[np.isfinite(best[:, 0])].tolist():
        sample = samples[int(owner)]
        if sample.group != ALONE and sample.group in seen:
            continue
        seen.add(sample.group)
        row, column = divmod(int(place), shape[1])
        found.append(Crop(path=sample.path, box=window.box(row, column, *shape), activation=value))
        if len(found) == CROPS:
            break
    return tuple(found)


def _shapes(session: Session, layers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """C×H×W of the output of some layers, for the size that the model sees."""
    with session.lock:
        listed = list_layers(session.network, session.preprocess.crop, session.preprocess.channels)
    known = {layer.name: layer.shape for layer in listed}
    for name in layers:
        submodule(session.network, name)
        if name not in known:
            raise NetworkError(f"The layer {name} gives no maps.", remedy="Choose an earlier layer.")
    return {name: known[name] for name in layers}


def _file(session: Session, samples: Sequence[Sample], layers: Sequence[str], by: By) -> Path:
    """Another one as soon as a weight, a picture or the way of reading is another."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((session.network_name, session.preprocess, tuple(layers), _KEPT, by)).encode())
    for name, values in session.network.state_dict().items():
        digest.update(name.encode())
        digest.update(values.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    for sample in samples:
        digest.update(sample_key(sample.path))
    return cache_folder() / "features" / f"channels-{digest.hexdigest()}{KEPT_FEATURES}"


def _read(file: Path, channels: int) -> dict[str, np.ndarray] | None:
    try:
        arrays, _ = load_arrays(file, _ARRAYS, _MOST_BYTES)
    except (OSError, FormatError):
        return None
    fits = arrays["best"].shape[0] == arrays["range"].shape[0] == channels and arrays["best"].shape[2] == 3
    return arrays if fits and len(arrays["seen"]) == 1 else None
