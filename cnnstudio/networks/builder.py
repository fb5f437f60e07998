"""Build a network: fresh, or as a skeleton to load weights into; and read its preprocessing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
import torchvision
from torch.overrides import TorchFunctionMode

from cnnstudio.core import NetworkError
from cnnstudio.data import GREY_MEAN, GREY_STD, PreprocessSpec
from cnnstudio.networks.blocks.saved import unknown_plan
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.efficientnet_lite.weights import EFFICIENTNET_LITE
from cnnstudio.networks.head import replace_head
from cnnstudio.networks.kinds import family_of, network_title
from cnnstudio.networks.names import own_title, unknown_network
from cnnstudio.networks.own import classic_of
from cnnstudio.networks.weights.licences import restricts

IMAGENET_CLASSES = 1000


def build_network(
    name: str, classes: int, *, seed: int = 0, image_size: int | None = None, channels: int | None = None
) -> torch.nn.Module:
    """A network with fresh random weights and a plain linear head; leaves the global random state as it was.

    Args:
        name: of a torchvision network, a classic, or the key of one that a person built.
        classes: outputs of the head.
        seed: of the random weights.
        image_size: side of the input in pixels, for classics.
        channels: of the input, for classics; None is what the network was made for.

    Raises:
        NetworkError: there is no such network, or it takes colour pictures only.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        network = _construct(name, classes, init_weights=True, image_size=image_size, channels=channels)
    replace_head(network, classes, seed=seed)
    return network


def build_skeleton(
    name: str,
    classes: int,
    *,
    original_head: bool = False,
    image_size: int | None = None,
    channels: int | None = None,
) -> torch.nn.Module:
    """A network whose weights are on the meta device, to be filled by ``load_state_dict(assign=True)``.

    Args:
        name: of a torchvision network, a classic, or the key of one that a person built.
        classes: outputs of the head.
        original_head: keep torchvision's own head; SqueezeNet's has a ReLU behind its last layer, MaxVit's no bias.
        image_size: side of the input in pixels, for those whose weights fit one size only (see ``has_fixed_size``).
        channels: of the input, for classics.

    Raises:
        NetworkError: there is no such network, or it takes colour pictures only.
    """
    with torch.random.fork_rng(devices=[]):
        with _OnMeta():
            network = _construct(name, classes, init_weights=False, image_size=image_size, channels=channels)
        if not original_head:
            replace_head(network, classes)
    return network


def preprocess_of(name: str, entry: str | None = None) -> PreprocessSpec:
    """The preprocessing that a set of weights was trained with, as torchvision records it; for classics, their own.

    Args:
        name: of a torchvision network, a classic, or the key of one that a person built.
        entry: such as ``IMAGENET1K_V1``; None takes the default one that matches the network as built.

    Raises:
        NetworkError: there is no such network or entry.
    """
    if classic := classic_of(name):
        spec = PreprocessSpec(resize=classic.input_size, crop=classic.input_size)
        return with_channels(spec, classic.channels)
    preset = _entry(name, entry).transforms()
    return PreprocessSpec(
        resize=preset.resize_size[0],
        crop=preset.crop_size[0],
        interpolation=preset.interpolation.value,
        mean=tuple(preset.mean),
        std=tuple(preset.std),
    )


def scaled_preprocess(spec: PreprocessSpec, input_size: int) -> PreprocessSpec:
    """The same preprocessing for another input size; resize and crop keep their ratio."""
    return replace(spec, resize=round(spec.resize * input_size / spec.crop), crop=input_size)


def with_channels(spec: PreprocessSpec, channels: int) -> PreprocessSpec:
    """The same preprocessing for grey (1) or colour (3) pictures."""
    if channels == spec.channels:
        return spec
    colour = PreprocessSpec(resize=spec.resize, crop=spec.crop)
    return (
        replace(spec, mean=GREY_MEAN, std=GREY_STD)
        if channels == 1
        else replace(spec, mean=colour.mean, std=colour.std)
    )


def check_input_size(name: str, input_size: int, *, exactly: bool = True) -> None:
    """Refuse an input size that the network cannot take.

    Args:
        name: of the network.
        input_size: side in pixels.
        exactly: that its usual weights fit that size, where weights fit only one.

    Raises:
        NetworkError: the network needs another size.
    """
    _check_name(name)
    if classic := classic_of(name):
        exact, smallest = None, classic.min_size
    else:
        family = family_of(name)
        exact = preprocess_of(name).crop if family.exact_size else None
        smallest = family.smallest_to_train or (_entry(name, None).meta["min_size"][0] if weights_entries(name) else 1)
    if exactly and exact and input_size != exact:
        raise NetworkError(
            f"{network_title(name)} only takes pictures of {exact} × {exact} pixels.",
            remedy="Leave the input size at its default.",
        )
    if input_size < smallest:
        raise NetworkError(
            f"{network_title(name)} needs pictures of at least {smallest} × {smallest} pixels.",
            remedy="Choose a larger input size.",
        )


def categories_of(name: str) -> tuple[str, ...]:
    """ImageNet's class names in the order of the network's outputs; none for a classic."""
    return () if classic_of(name) else tuple(_entry(name, None).meta["categories"])


def network_names() -> list[str]:
    """Names of every network that weights are published for: torchvision's classification networks, and ours."""
    names: list[str] = torchvision.models.list_models(module=torchvision.models)
    return [*names, *EFFICIENTNET_LITE]


def all_names() -> list[str]:
    """Names of every network that can be built, the classics last, without those that a person built."""
    return [*network_names(), *CLASSICS]


def is_network(name: str) -> bool:
    """Whether a network of that name can be built."""
    return classic_of(name) is not None or name in network_names()


def weights_entries(name: str) -> tuple[Any, ...]:
    """The published weights of a network, in torchvision's order; none for a classic, or where none are published."""
    if classic_of(name):
        return ()
    try:
        return tuple(_weights_of(name))
    except ValueError:  # torchvision has the network, and no weights of it
        return ()


def has_fixed_size(name: str) -> bool:
    """Whether the weights of a network fit one input size only, which has to be told when it is built."""
    classic = classic_of(name)
    return classic.fixed if classic else bool(family_of(name).sized_by)


def licence_of(name: str, entry: str) -> str:
    """The licence that a weights entry carries; empty where it has none of its own, or for no entry."""
    return str(_entry(name, entry).meta.get("license", "")) if entry else ""


def default_entry(name: str) -> Any:
    """The weights entry to prefer: torchvision's default, unless its licence restricts use or its input is unusual."""
    weights = _weights_of(name)
    free = [entry for entry in weights if not is_restricted(entry)]
    if free:
        return weights.DEFAULT if weights.DEFAULT in free else free[-1]
    return min(weights, key=lambda entry: entry.transforms().crop_size[0])


def is_restricted(entry: Any) -> bool:
    """Whether the licence of a weights entry forbids what people want to do with a network."""
    return restricts(entry.meta.get("license", ""))


def _entry(name: str, entry: str | None) -> Any:
    if entry is None:
        return default_entry(name)
    weights = _weights_of(name)
    if entry not in weights.__members__:
        raise NetworkError(
            f"{network_title(name)} has no weights called {entry}.", remedy=f"It has: {', '.join(weights.__members__)}."
        )
    return weights[entry]


def _weights_of(name: str) -> Any:
    _check_name(name)
    return EFFICIENTNET_LITE[name].weights if name in EFFICIENTNET_LITE else torchvision.models.get_model_weights(name)


def _construct(
    name: str, classes: int, *, init_weights: bool, image_size: int | None, channels: int | None
) -> torch.nn.Module:
    _check_name(name)
    if classic := classic_of(name):
        return classic.build(classes, channels or classic.channels, image_size or classic.input_size)
    if channels not in (None, 3):
        raise NetworkError(
            f"{network_title(name)} takes colour pictures only.",
            remedy="Grey pictures work too: they are shown to it as colour.",
        )
    if lite := EFFICIENTNET_LITE.get(name):
        return lite.build(classes)
    family = family_of(name)
    options = family.constructor_options(image_size=image_size, init_weights=init_weights)
    network: torch.nn.Module = torchvision.models.get_model(name, weights=None, num_classes=classes, **options)
    if family.state_version:
        network.__class__ = type(type(network).__name__, (_TakesPlainStates, type(network)), {})
    return network


class _TakesPlainStates(torch.nn.Module):
    """Takes a plain dict of tensors, as safetensors and our checkpoints give it, for torchvision's current version.

    Some of torchvision's own refuse whatever lacks the version that torch.save adds to a state_dict.
    """

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *others: Any
    ) -> None:
        super()._load_from_state_dict(state_dict, prefix, {"version": self._version, **local_metadata}, *others)


def _check_name(name: str) -> None:
    if not is_network(name):
        if own_title(name):
            raise unknown_plan(name)
        raise unknown_network(name, all_names())


class _OnMeta(TorchFunctionMode):
    """Sends ``torch.empty``, of which layers make their weights, to the meta device, and skips filling those.

    Everything else stays real, since some networks calculate with small tensors while they are built (RegNet's block
    widths, Swin's position tables); ``torch.device("meta")`` breaks them.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty:
            kwargs["device"] = "meta"
        filled = args[0] if args else kwargs.get("tensor")  # as torch.nn.init calls it
        if isinstance(filled, torch.Tensor) and filled.is_meta and _fills(func):
            return filled
        return func(*args, **kwargs)


def _fills(func: Callable[..., Any]) -> bool:
    """Whether this is an in-place initialiser, such as ``normal_``."""
    name = getattr(func, "__name__", "")
    return name.endswith("_") and not name.endswith("__") and name != "requires_grad_"
