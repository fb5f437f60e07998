"""Put what a weights file holds into a network, with a sentence on everything that is not as in a plain file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import nn

from cnnstudio.core import WeightsError, counted
from cnnstudio.networks import builder
from cnnstudio.networks.head import head_layer, head_name, replace_head
from cnnstudio.networks.kinds import network_title
from cnnstudio.networks.weights.contents import ReadState
from cnnstudio.networks.weights.layers import Layers, State, find_layers
from cnnstudio.networks.weights.search import fitting_networks, origin

_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A network that a file fits."""

    network: str
    shown: str
    """The file's name."""
    layers: Layers
    named: tuple[tuple[str, ...], ...] = ()
    """Lists of names in the file."""

    @property
    def outputs(self) -> int:
        """Classes that the file's last layer tells apart; 0 where the file cannot predict."""
        given = 0 if self.layers.fresh else self.layers.head.outputs
        return 2 if given == 1 else given  # one output is a probability: of yes, and what remains of no

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the outputs, in their order; empty where the file has no list of that length."""
        return next((names for names in self.named if len(names) == self.outputs), ())

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each thing that a person should know."""
        return tuple(_notes(self))

    def build(self, classes: int | None) -> nn.Module:
        """The network with the file's weights, in eval mode.

        Args:
            classes: outputs of a fresh head in place of the file's; None keeps the file's head.

        Raises:
            WeightsError: the file's head was to be kept, and it has none that could be.
        """
        if classes is None and not self.outputs:
            raise self._cannot_predict()
        head, outputs = self.layers.head, self.outputs or builder.IMAGENET_CLASSES
        # torchvision's own head may differ from what was fine-tuned here: by a ReLU behind it, or by lacking a bias.
        network = builder.build_skeleton(
            self.network,
            outputs,
            original_head=outputs == builder.IMAGENET_CLASSES or head.bias is None,
            image_size=self.layers.image_size,
            channels=self.layers.channels,
        )
        wanted = network.state_dict()
        state = {key: value for key, value in wanted.items() if not value.is_meta}
        state |= {key: value for key, value in self.layers.found.items() if value.shape == wanted[key].shape}
        state |= self._end(network)
        if absent := set(wanted) - set(state):
            size, channels = self.layers.image_size, self.layers.channels
            fresh = builder.build_network(self.network, outputs, image_size=size, channels=channels).state_dict()
            state |= {key: fresh[key] for key in absent}
        network.load_state_dict(state, assign=True)
        network.requires_grad_()
        if classes is not None:
            replace_head(network, classes)
        return network.eval()

    def _end(self, network: nn.Module) -> dict[str, torch.Tensor]:
        """The last layer; zeros where it will be replaced anyway."""
        name, layer, head = head_name(network), head_layer(network), self.layers.head
        weight, bias = head.weight, head.bias
        if weight is None or not self.outputs:
            weight, bias = torch.zeros_like(layer.weight, device="cpu"), None
        if bias is None:
            bias = torch.zeros(len(weight))
        if head.outputs == 1:  # softmax of (0, z) is (1 - sigmoid(z), sigmoid(z))
            weight, bias = (torch.cat([torch.zeros_like(part), part]) for part in (weight, bias))
        found = {f"{name}.weight": weight.reshape(layer.weight.shape)}
        return found if layer.bias is None else {**found, f"{name}.bias": bias}

    def _cannot_predict(self) -> WeightsError:
        title = network_title(self.network)
        names = (*self.layers.head.names, *sorted(self.layers.fresh))
        if not names:
            return WeightsError(
                f"The weights in {self.shown} have no last layer.",
                meaning="They are made to be fine-tuned, and cannot predict before.",
                remedy="Train the network on pictures of yours first.",
            )
        return WeightsError(
            f"The network in {self.shown} ends differently from {title}, so that it cannot predict here.",
            meaning=f"How its last layers work together is not in the file: {_listed(names)}.",
            remedy="Train it on pictures of yours first: all that lies below is kept, and the last layer is replaced.",
        )


def fit(name: str, read: ReadState, shown: str) -> Fitted:
    """Find a network's layers in a file.

    Args:
        name: of the network.
        read: what the file holds.
        shown: the file's name, for messages.

    Raises:
        WeightsError: the file does not fit the network, or holds values that are not numbers.
    """
    layers = find_layers(name, read.state)
    if not layers.fits:
        raise _does_not_fit(name, read.state, shown, layers)
    ends = [part for part in (layers.head.weight, layers.head.bias) if part is not None]
    if not all(bool(value.isfinite().all()) for value in (*layers.found.values(), *ends)):
        raise WeightsError(
            f"The weights in {shown} are damaged: some of them are not numbers.", remedy="Choose another file."
        )
    return Fitted(network=name, shown=shown, layers=layers, named=read.class_names)


def _notes(fitted: Fitted) -> Iterator[str]:
    layers = fitted.layers
    if layers.copies:
        used = layers.prefix.rstrip(".") or "the first"
        others = _listed([prefix.rstrip(".") for prefix in layers.copies])
        yield f"{fitted.shown} holds this network more than once: {used} is used, not {others}."
    if layers.aside:
        yield f"Not used, since no part of {network_title(fitted.network)}: {_listed(layers.aside)}."
    if layers.fresh:
        yield (
            f"{fitted.shown} lacks layers beside the last one ({_listed(sorted(layers.fresh))}). They start with "
            "random weights, so train more than the last layer."
        )
    elif layers.head.names and not layers.head.outputs:
        yield (
            f"The network in {fitted.shown} has other layers in place of the last one "
            f"({_listed(layers.head.names)}). They are replaced."
        )
    elif layers.head.outputs == 1:
        no, yes = fitted.class_names or ("class 0", "class 1")
        yield f"Its one output is read as the probability of {yes}; the rest to 100 % is that of {no}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {counted(len(names) - _SHOWN, 'other')}" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _does_not_fit(name: str, state: State, shown: str, layers: Layers) -> WeightsError:
    likely = [other for other in fitting_networks(state) if other != name]
    meaning = f"It looks like weights for {', '.join(map(network_title, likely[:3]))}." if likely else origin(state)
    meaning = meaning or _other_channels(layers) or "Its layers are not those of this network."
    parts = {"missing": layers.missing, "unknown": layers.foreign, "of another size": layers.misshapen}
    return WeightsError(
        f"The file {shown} does not fit {network_title(name)}.",
        meaning=meaning,
        remedy="Choose the network these weights were made for, or another file.",
        details="\n".join(f"{what}: {', '.join(sorted(keys)[:20])}" for what, keys in parts.items() if keys),
    )


def _other_channels(layers: Layers) -> str:
    """Of a network whose first layer alone was replaced, for pictures with other channels."""
    if len(layers.misshapen) != 1 or layers.missing or layers.foreign:
        return ""
    first = next((key for key, value in layers.found.items() if value.ndim == 4), "")
    channels = layers.found[first].shape[1] if first in layers.misshapen else 3
    made_for = f"Its first layer is made for pictures of {counted(int(channels), 'channel')}"
    return f"{made_for}, and pictures have three here: red, green and blue." if channels != 3 else ""
