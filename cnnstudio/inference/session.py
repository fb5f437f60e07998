"""A model that is loaded and ready to predict: a bundle, or a network with ImageNet weights; and its predictions."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import FrozenNetwork, open_frozen, to_input
from cnnstudio.compute.frozen_pass import frozen_outputs
from cnnstudio.core import Control, ImageError, NetworkError, Watch, rest_point, waited_for
from cnnstudio.data import PreprocessSpec, stamp
from cnnstudio.data.checks.first_reading import read_first
from cnnstudio.data.reading import read_image, resize_and_crop
from cnnstudio.inference.answers import answer_of, answers_of, with_verdicts
from cnnstudio.inference.judging import answering, compared_pictures, open_refusal, parted
from cnnstudio.inference.results import Average, Prediction
from cnnstudio.networks import BundleCard, ModelRef, builder, bundle, head, network_title
from cnnstudio.networks.blocks.saved import plan_text
from cnnstudio.networks.names import did_you_mean, near_names
from cnnstudio.networks.refusal import Judged, Refusal
from cnnstudio.networks.weights.pretrained import find_weights, no_weights, open_weights, resolve_weights

_KEPT = 3
_sessions: OrderedDict[tuple[str, str, int], "Session"] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A network in eval mode, float32 on the CPU, with everything a prediction needs."""

    network: torch.nn.Module
    network_name: str
    title: str
    classes: tuple[str, ...]
    preprocess: PreprocessSpec
    card: BundleCard
    lock: threading.Lock
    """Held while hooks are on the network, since two threads may look at it."""
    notes: tuple[str, ...] = ()
    """Sentences on what was unusual in its weights file."""
    folder: Path | None = None
    """The bundle's; None for a network with weights."""
    engines: dict[str, FrozenNetwork] = field(default_factory=dict)
    """Compiled for many pictures and free to be taken, by kind of device."""
    variants: dict[str, "Session"] = field(default_factory=dict)
    """The same model answering in other ways, by their name."""
    refusal: Refusal | None = None
    """What it takes to judge whether a picture should be answered; None where nobody knows."""
    pictures: dict[int, Path] = field(default_factory=dict)
    """The training pictures that pictures are compared with, by their places among the run's answers; of a run only."""
    found: dict[str, str] = field(default_factory=dict)
    """What was found out about it and stays true, such as where its last maps are."""
    averages: dict[str, Average] = field(default_factory=dict)
    """Of layers, over the pictures of its run."""


def open_model(ref: ModelRef) -> Session:
    """Load a model, or take it from the few that are kept.

    Args:
        ref: a bundle folder, or a network name with weights (None looks on this computer).

    Raises:
        NetworkError: it is neither a bundle nor a network.
        WeightsError: the network has no usable weights here.
        CheckpointDamaged: the bundle is damaged.
    """
    folder = Path(ref.source)
    if bundle.is_bundle(folder):
        stamp = (folder / bundle.MANIFEST_FILE).stat().st_mtime_ns if (folder / bundle.MANIFEST_FILE).is_file() else 0
        return _remembered((str(folder.absolute()), "", stamp), lambda: _open_bundle(folder))
    if not builder.is_network(ref.source):
        weights = "A weights file is given beside the name of its network, with --weights." if folder.is_file() else ""
        raise NetworkError(
            f"{ref.source} is neither a run, nor a bundle, nor the name of a network.",
            meaning=weights or did_you_mean(near_names(ref.source, builder.all_names())),
            remedy="Give a run folder, a bundle folder, or a name from: cnnstudio models.",
        )
    stamp = ref.weights.stat().st_mtime_ns if ref.weights and ref.weights.exists() else 0
    return _remembered((ref.source, str(ref.weights or ""), stamp), lambda: _open_imagenet(ref))


def _remembered(key: tuple[str, str, int], load: Callable[[], Session]) -> Session:
    with _lock:
        if key not in _sessions:
            _sessions[key] = load()
            while len(_sessions) > _KEPT:
                _sessions.popitem(last=False)
        _sessions.move_to_end(key)
        return _sessions[key]


def _open_bundle(folder: Path) -> Session:
    network, card = bundle.load_bundle(folder)
    refusal = open_refusal(folder, network)
    return Session(
        network=network,
        network_name=card.network,
        title=folder.parent.name if folder.name == "bundle" else folder.name,
        classes=card.classes,
        preprocess=card.preprocess,
        card=card,
        lock=threading.Lock(),
        folder=folder,
        refusal=refusal,
        pictures=compared_pictures(folder.parent, refusal) if refusal is not None else {},
    )


def _open_imagenet(ref: ModelRef) -> Session:
    name = ref.source
    file = resolve_weights(name, str(ref.weights)) if ref.weights else find_weights(name)
    if file is None:
        raise no_weights(name)
    fitted = open_weights(name, file)
    network, outputs, categories = fitted.build(None), fitted.outputs, builder.categories_of(name)
    numbered = categories if outputs == len(categories) else tuple(f"class {number}" for number in range(outputs))
    classes = fitted.class_names or numbered
    preprocess = builder.preprocess_of(name, file.entry or None)
    built_for = getattr(network, "image_size", preprocess.crop)
    if built_for != preprocess.crop:
        preprocess = builder.scaled_preprocess(preprocess, built_for)
    card = BundleCard(
        network=name,
        plan=plan_text(name),
        classes=classes,
        preprocess=preprocess,
        linear_head=not head.has_original_head(network),
        weights_origin=f"{file.path.name} sha256:{file.sha256}",
        licence=builder.licence_of(name, file.entry),
    )
    return Session(
        network=network,
        network_name=name,
        title=f"{network_title(name)}, {file.path.name}",
        classes=classes,
        preprocess=preprocess,
        card=card,
        lock=threading.Lock(),
        notes=fitted.notes,
    )


FEW = 16
"""Fewer pictures are answered one by one before an engine is compiled: of six networks, even was at 3 to 31."""
_TEXT, _REMEMBERED = "Predicting", 32
"""Pictures, of some 150 kB each."""
_reading = threading.Lock()


def predict(session: Session, path: Path, top: int = 5, control: Control | None = None) -> Prediction:
    """The most likely classes of a picture, or why it cannot be read; StopRequested while a drive does not answer."""
    start = time.perf_counter()
    try:
        read = partial(read_pixels_once, session, path)
        pixels = waited_for(read, control) if control else read()
    except ImageError as error:
        return Prediction(path=path, top=(), error=str(error))
    probabilities, judged = predict_judged(session, pixels[None])
    found = answer_of(session, path, probabilities[0], top, 1000 * (time.perf_counter() - start))
    return with_verdicts(session, [found], judged)[0]


def predict_frame(session: Session, pixels: np.ndarray, top: int = 5) -> Prediction:
    """As ``predict``, of a picture that is in no file: H×W×3 uint8."""
    start = time.perf_counter()
    seen = resize_and_crop(Image.fromarray(pixels), session.preprocess)
    probabilities, judged = predict_judged(session, seen[None])
    found = answer_of(session, Path(), probabilities[0], top, 1000 * (time.perf_counter() - start))
    return with_verdicts(session, [found], judged)[0]


def predict_many(
    session: Session, paths: Sequence[Path], watch: Watch, *, top: int = 5, device: str = "auto"
) -> Generator[Prediction, None, None]:
    """As ``predict`` for each of ``paths``, in their order and as they come; probabilities agree within 1e-5.

    Threads decode ahead while the network computes in full precision; the pixels of some batches are all that is held.
    Fewer than ``FEW`` pictures go one by one, since compiling would take longer, unless a device was asked for that is
    not the CPU. An engine for the CPU stays with the session, so that a second call starts at once.

    Args:
        session: the model.
        paths: the pictures; the same one may come twice.
        watch: hears the progress after the answers it counts (``done`` pictures are answered), and of a pause; asked
            for pause and stop after every picture or batch.
        top: answers per picture, at most one per class.
        device: ``auto`` takes the best one that works; or ``cpu``, ``cuda``, ``mps``.

    Yields:
        A Prediction per path. A picture that cannot be read has an ``error`` and no answers. ``milliseconds`` is a
        picture's share of the time since the answers before it.

    Raises:
        StopRequested: a stop was asked for; what was yielded until then counts.
        DeviceError: the device asked for is not there or does not work.
    """
    if len(paths) < FEW and device in ("auto", "cpu"):
        for done, path in enumerate(paths, 1):
            _rest(watch)
            yield predict(session, path, top, watch.control)
            watch.progress(done, len(paths), _TEXT)
        return

    def read(index: int) -> np.ndarray | ImageError:
        try:
            return read_pixels(session, paths[index])
        except ImageError as error:
            return error

    _rest(watch)
    last = time.perf_counter()
    with (
        engine_for(session, choose_device(device)) as frozen,
        closing(frozen_outputs(len(paths), frozen, read, watch.control)) as batches,
    ):
        for outputs in batches:
            answers = answers_of(session, paths, outputs, top, time.perf_counter() - last)
            last = time.perf_counter()
            yield from answers
            watch.progress(outputs.done, len(paths), _TEXT)
            _rest(watch)


def read_pixels(session: Session, path: Path) -> np.ndarray:
    """What the network sees of a picture, crop×crop×3 uint8.

    Raises:
        ImageError: it cannot be read.
    """
    return _read(path, session.preprocess)


def read_pixels_once(session: Session, path: Path) -> np.ndarray:
    """As ``read_pixels``, remembered: who asks for answers asks for feature maps, too, at the same moment."""
    with _reading:
        return _seen(path, stamp(path), session.preprocess)


@lru_cache(maxsize=_REMEMBERED)
def _seen(path: Path, _stamp: tuple[int, int], spec: PreprocessSpec) -> np.ndarray:
    return _read(path, spec)


def _read(path: Path, spec: PreprocessSpec) -> np.ndarray:
    """Of a file that no scan may have looked at."""
    read_first(path)
    return resize_and_crop(read_image(path, spec.levels), spec)


def predict_probabilities(session: Session, pixels: np.ndarray) -> np.ndarray:
    """Softmax probabilities N×classes float32 for pixels N×crop×crop×3 uint8."""
    return predict_judged(session, pixels)[0]


def predict_judged(session: Session, pixels: np.ndarray) -> tuple[np.ndarray, Judged | None]:
    """As ``predict_probabilities``, and whether the pictures should be answered, where the model knows that."""
    return parted(computed(session, pixels), session.refusal, len(session.classes))


@torch.inference_mode()
def computed(session: Session, pixels: np.ndarray) -> torch.Tensor:
    """What ``parted`` makes answers of, for pixels N×crop×crop×3 uint8, without compiling anything."""
    with session.lock:
        network = answering(session.network, session.refusal)
        values: torch.Tensor = network(to_input(pixels, session.preprocess).contiguous())
        return values


def _rest(watch: Watch) -> None:
    for event in rest_point(watch.control):
        watch.emit(event)


@contextmanager
def engine_for(session: Session, device: torch.device) -> Iterator[FrozenNetwork]:
    """The session's network on a device, for one user at a time; a second one gets an engine of its own.

    Only engines of the CPU are kept: a training may need the memory of a graphics card.
    """
    kept = session.engines if device.type == "cpu" else {}
    engine = kept.pop(device.type, None)
    if engine is None:
        with session.lock:  # converting sees hooks that another thread put on
            network = answering(session.network, session.refusal)
            engine = open_frozen(network, session.preprocess, device, "fp32")
    try:
        yield engine
    finally:
        kept[device.type] = engine
