"""Where in a file the layers of a network are, whatever they were wrapped in and whatever lies beside them."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import torch

from cnnstudio.networks import builder
from cnnstudio.networks.head import feature_size, head_name
from cnnstudio.networks.kinds import family_of, structure_of
from cnnstudio.networks.own import classic_of
from cnnstudio.networks.weights.head_in_file import Head, find_head, is_layer, part_of

State = Mapping[str, torch.Tensor]
_COPY = 0.9
"""Share of the names that another prefix has to hold as well, to be another copy of the network."""
_COPIES = 8
_AROUND = re.compile(r"(?:(?<=\.)|^)(?:module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
"""What torch puts between names when it compiles, distributes or recomputes a part; no network here is called so."""
_COUNTER = "num_batches_tracked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """A network's layers in a file, and what does not go together."""

    found: dict[str, torch.Tensor]
    """By the network's names: all but the last layer."""
    head: Head
    prefix: str
    """Of all the file's names of them."""
    fresh: frozenset[str] = frozenset()
    """Weights beside the last layer, as VGG's two large linear layers, that the file lacks."""
    missing: frozenset[str] = frozenset()
    """Other weights that the file lacks, so that it does not fit."""
    foreign: frozenset[str] = frozenset()
    """Layers within the network's parts that the network lacks: it is another network's file."""
    misshapen: frozenset[str] = frozenset()
    """Weights of another shape than the network's."""
    aside: tuple[str, ...] = ()
    """What is no part of the network, by the file's names."""
    copies: tuple[str, ...] = ()
    """Prefixes of further networks with the same names, such as averaged weights."""
    share: float = 0.0
    """Of the network's weights, how many the file has by name."""
    image_size: int | None = None
    """Side of the input that the weights are made for; None where they fit any, or the usual one."""
    channels: int | None = None
    """Of the input, for classics."""

    @property
    def fits(self) -> bool:
        """Whether everything below the last layer is there, and nothing that does not belong there."""
        return not (self.missing or self.foreign or self.misshapen)


class _Names:
    """What a network's tensors are called."""

    def __init__(self, name: str, *, image_size: int | None = None, channels: int | None = None) -> None:
        network = builder.build_skeleton(name, builder.IMAGENET_CLASSES, image_size=image_size, channels=channels)
        self.wanted = network.state_dict()
        self.head = f"{head_name(network)}."
        self.around = "".join(head_name(network).rpartition(".")[:2])
        """Of the names in the module that holds the last layer, and perhaps others; empty for the network itself."""
        self.inputs = feature_size(network)
        structure = structure_of(network)
        self.auxiliary = tuple(f"{part}." for part in structure.auxiliary_parts)
        self.auxiliary_ends = tuple(f"{end}." for end in structure.auxiliary)
        self.renamed = family_of(name).renamed
        self.parts = {key.partition(".")[0] for key in self.wanted}
        self.children = {str(number): child for number, (child, _) in enumerate(network.named_children())}
        optional = (self.head, *self.auxiliary)
        self.required = {
            key for key, value in self.wanted.items() if value.is_floating_point() and not key.startswith(optional)
        }

    def constant(self, key: str) -> bool:
        """Whether it is no weight: a counter, or a table that the network computes itself."""
        return key in self.wanted and not self.wanted[key].is_floating_point()

    def below_the_head(self, key: str, value: torch.Tensor) -> bool:
        """Whether it is one of its weights; beside the last layer only in its shape, else it was replaced with it."""
        beside = bool(self.around) and key.startswith(self.around)
        fits = not beside or (key in self.wanted and value.shape == self.wanted[key].shape)
        return key in self.wanted and not key.startswith(self.head) and fits

    def shape_fits(self, key: str, value: torch.Tensor) -> bool:
        """Whether a tensor has the shape of the network's; of an auxiliary head's end but for its outputs."""
        skip = 1 if key.startswith(self.auxiliary_ends) else 0
        return value.shape[skip:] == self.wanted[key].shape[skip:]

    def has_part(self, key: str) -> bool:
        """Whether it lies in one of the network's parts, auxiliary heads aside."""
        return key.partition(".")[0] in self.parts and not key.startswith(self.auxiliary)

    def own(self, key: str, *, numbered: bool) -> str:
        """The network's name for a file's: from before torchvision renamed layers, or of numbered children.

        ``nn.Sequential(*network.children())`` is how many cut off a last layer; then ``4.0.conv1`` is in ``layer1``.
        """
        if numbered:
            first, dot, rest = key.partition(".")
            return f"{self.children.get(first, first)}{dot}{rest}"
        for old, new in self.renamed:
            key = re.sub(old, new, key)
        return key

    def counts(self, state: Collection[str], *, numbered: bool) -> Counter[str]:
        """How many of the network's names there are under each prefix, in the file's order."""
        return Counter(
            key.removesuffix(end)
            for key in state
            for end in _ends(key)
            if self.own(end, numbered=numbered) in self.wanted
        )


def find_layers(name: str, state: State) -> Layers:
    """The layers of a network in a file: under the prefix that holds most of its names, and fits.

    Args:
        name: of the network, whose older layer names are understood.
        state: flat names with their tensors, in the file's order.
    """
    state = _unwrapped(state)
    layers = _search(_Names(name), state)
    size, channels = _image_size(name, layers.found), _channels(name, layers.found)
    if size or channels:
        layers = _search(_Names(name, image_size=size, channels=channels), state)
    return replace(layers, image_size=size, channels=channels)


def _search(names: _Names, state: State) -> Layers:
    counts, numbered = _most(names, state)
    enough = _COPY * max(counts.values(), default=0)
    prefixes = [prefix for prefix, count in counts.items() if count >= enough][:_COPIES] or [""]
    tried: list[Layers] = []
    for prefix in prefixes:
        copies = tuple(other for other in prefixes if not prefix.startswith(other))
        current = {_current(names, key, prefix, numbered=numbered): value for key, value in state.items()}
        tried.append(_look(names, current, prefix, copies))
        if tried[-1].fits:
            return tried[-1]
    return tried[0]


def _most(names: _Names, state: State) -> tuple[Counter[str], bool]:
    """Counts by prefix, and whether they are of numbered children, which is asked where the names themselves fail."""
    counts = names.counts(state, numbered=False)
    if 2 * max(counts.values(), default=0) > len(names.required):
        return counts, False
    other = names.counts(state, numbered=True)
    return (other, True) if max(other.values(), default=0) > max(counts.values(), default=0) else (counts, False)


def _look(names: _Names, state: State, prefix: str, copies: tuple[str, ...]) -> Layers:
    """What is under one prefix, and beside it."""
    found: dict[str, torch.Tensor] = {}
    spare: dict[str, torch.Tensor] = {}
    for key, value in state.items():
        own = key.removeprefix(prefix) if key.startswith(prefix) else ""
        if names.constant(own):
            if value.dtype == names.wanted[own].dtype and key.endswith(_COUNTER):
                found[own] = value.reshape(names.wanted[own].shape)
        elif names.below_the_head(own, value):
            found[own] = value
        elif not key.endswith(_COUNTER) and not key.startswith(copies):
            spare[key] = value
    misshapen = {key for key in found if not names.shape_fits(key, found[key])}
    for part in names.auxiliary:  # of use only where it is whole
        weights = {key for key in names.wanted if key.startswith(part) and not names.constant(key)}
        if not weights <= set(found) or weights & misshapen:
            found = {key: value for key, value in found.items() if not key.startswith(part)}
            misshapen -= weights
    missing = names.required - set(found)
    fresh = {key for key in missing if names.around and key.startswith(names.around)}
    region = f"{prefix}{names.around or names.head}"
    head = find_head(spare, region, prefix, names.inputs)
    rest = {key: value for key, value in spare.items() if key not in head.names}
    within = {key for key in rest if key.startswith(prefix) and names.has_part(key.removeprefix(prefix))}
    foreign = {key for key in within if is_layer(key, rest[key]) and not key.startswith(region)}
    aside = {key: value for key, value in rest.items() if key not in foreign}
    return Layers(
        found=found,
        head=head,
        prefix=prefix,
        fresh=frozenset(fresh),
        missing=frozenset(missing - fresh),
        foreign=frozenset(foreign),
        misshapen=frozenset(misshapen),
        aside=_parts(aside, within, prefix),
        copies=copies,
        share=len(names.required & set(found)) / len(names.required),
    )


def _parts(keys: Collection[str], within: Collection[str], prefix: str) -> tuple[str, ...]:
    """Few words for many tensors: of a part beside the network its name, of counters within it the counter's."""
    parts: dict[str, list[str]] = {}
    for key in keys:
        parts.setdefault(key.rpartition(".")[2] if key in within else part_of(key, prefix), []).append(key)
    return tuple(part if len(found) > 1 else found[0] for part, found in parts.items())


def _current(names: _Names, key: str, prefix: str, *, numbered: bool) -> str:
    if not key.startswith(prefix):
        return key
    return prefix + names.own(key.removeprefix(prefix), numbered=numbered)


def _unwrapped(state: State) -> State:
    """Without torch's own wrappers, and with pruned weights made of what they consist of."""
    bare = {_AROUND.sub("", key): value for key, value in state.items()}
    for key in [key for key in bare if key.endswith("_orig") and f"{key.removesuffix('_orig')}_mask" in bare]:
        whole = key.removesuffix("_orig")
        bare[whole] = bare.pop(key) * bare.pop(f"{whole}_mask")
    return bare


def _ends(key: str) -> Iterator[str]:
    """``a.b.c``, ``b.c``, ``c``."""
    yield key
    yield from (key[dot.end() :] for dot in re.finditer(r"\.", key))


def _image_size(name: str, found: State) -> int | None:
    """The input side that the weights fit, from their position table and patch size; None where they fit any."""
    tables = [found[key] for key in family_of(name).sized_by if key in found]
    if [table.ndim for table in tables] != [3, 4]:
        return None
    positions, patches = tables
    return round((positions.shape[1] - 1) ** 0.5) * int(patches.shape[-1])


def _channels(name: str, found: State) -> int | None:
    """Of a classic's input, from its first convolution; None for torchvision's networks, which all take colour."""
    first = next((value for value in found.values() if value.ndim == 4), None)
    return int(first.shape[1]) if classic_of(name) and first is not None and first.shape[1] in (1, 3) else None
