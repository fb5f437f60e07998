"""What there is to say of a family of networks: for people, for building, and about its modules. No torch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cnnstudio.networks.names import own_title

OWN = "Your networks"
"""Title of the family of those that a person built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """How torchvision puts a network together; families that share a class share this value."""

    of: str = ""
    """Name of that class, such as ``ResNet``; empty where nothing below needs to be told."""
    trunk: str = "features"
    """Dotted name of the module whose children are the blocks; empty where they are the network's own."""
    last_stage: tuple[str, ...] = ()
    """Dotted names, where the stages have names; else the last stage begins where the maps last become smaller."""
    last_blocks: float = 0.0
    """The last stage as so many blocks with weights, or as a share of them below 1; 0 is neither."""
    maps: Literal["channels-first", "channels-last", "tokens"] = "channels-first"
    """How a layer's output lies: N×C×H×W, N×H×W×C, or N×L×D with a class token in front."""
    auxiliary: tuple[str, ...] = ()
    """Dotted names of the last layers of auxiliary heads, which are used while training only."""
    dropped: str = ""
    """Module behind the last layer that a fine-tuned head goes without, so that it is linear on pooled features."""

    @property
    def auxiliary_parts(self) -> tuple[str, ...]:
        """The network's children that hold the auxiliary heads; a weights file may lack them."""
        return tuple(name.partition(".")[0] for name in self.auxiliary)


def spell(rest: str) -> str:
    """``b0`` stays, ``x_1_6gf`` → ``x 1.6gf``: how a name goes on in most families."""
    return re.sub(r"(?<=\d)_(?=\d+(?:gf)?$)", ".", rest).replace("_", " ")


def capital(rest: str) -> str:
    """``y_1_6gf`` → ``Y 1.6GF``."""
    return spell(rest).upper()


def with_batch_norm(rest: str) -> str:
    """``16_bn`` → ``16 with batch norm``."""
    return spell(rest).replace(" bn", " with batch norm")


def widened(rest: str) -> str:
    """``50_2`` → ``50-2``."""
    return rest.replace("_", "-")


def patches(rest: str) -> str:
    """``b_16`` → ``B/16``."""
    size, _, pixels = rest.partition("_")
    return f"{size.upper()}/{pixels}" if pixels else rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Networks built on the same idea."""

    title: str
    """Such as ``ResNet``; what ``NetworkEntry.family`` says."""
    stems: Mapping[str, str]
    """How builder names begin, each with how the titles of those networks begin; one with ``-`` at its end is joined
    to what follows."""
    spelling: Callable[[str], str] = spell
    """From the rest of a builder's name to the rest of its title."""
    year: int = 0
    """Of the paper."""
    paper: str = ""
    """Authors and title."""
    url: str = ""
    idea: str = ""
    """What it brought, in one plain sentence."""
    history: str = ""
    """Its place in the ImageNet contest, where it had one; errors are top-5."""
    exact_size: bool = False
    """Whether it takes pictures of its weights' input size only: a position table, or windows that have to fit."""
    sized_by: tuple[str, ...] = ()
    """Where the weights fit one input size, which is told when the network is built (``image_size``): the names of
    their position table 1×L×D and patch convolution D×3×P×P, from which it can be read."""
    smallest_to_train: int = 0
    """Side in pixels below which its auxiliary head has no room for its layers; 0 is what the weights say."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """For the constructor: what the published weights were made with. ``init_weights`` is given as it is wanted."""
    state_version: int = 0
    """Version that torchvision wants to see in a state_dict, and that a plain dict of tensors lacks; 0 is none."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Pattern and replacement for names in weights files that torchvision serves from before it renamed layers."""
    head_lines: tuple[str, ...] = ()
    """Python that turns torchvision's ``network`` into one with the head that was fine-tuned, where they differ."""
    structure: Structure = Structure()

    def stem_of(self, name: str) -> str:
        """The longest of its stems that a builder's name begins with as a whole word; empty where none is."""
        found = [stem for stem in self.stems if re.match(rf"{re.escape(stem)}(?![a-z])", name)]
        return max(found, key=len, default="")

    def title_of(self, name: str) -> str:
        """``resnet18`` → ``ResNet-18``, ``vit_b_16`` → ``ViT-B/16``, ``regnet_y_1_6gf`` → ``RegNet Y 1.6GF``."""
        stem = self.stem_of(name)
        start, rest = self.stems.get(stem, ""), self.spelling(name.removeprefix(stem).strip("_"))
        return f"{start}{'' if start.endswith('-') else ' '}{rest}".strip(" -")

    def constructor_options(self, *, image_size: int | None = None, init_weights: bool = False) -> dict[str, Any]:
        """Keyword arguments for torchvision's builder.

        Args:
            image_size: side of the input in pixels; only families with ``sized_by`` are told.
            init_weights: whether the constructor fills the weights, where it can be told not to.
        """
        told = {"image_size": image_size} if image_size and self.sized_by else {}
        asked = {"init_weights": init_weights} if "init_weights" in self.options else {}
        return {**told, **self.options, **asked}

    @property
    def shrinks(self) -> bool:
        """Whether it can be trained from scratch on smaller pictures than its weights were made for."""
        return not self.exact_size and not self.smallest_to_train


def own_family(name: str) -> Family:
    """The family of a network that somebody built of blocks, by its key."""
    return Family(
        title=OWN, stems={name: own_title(name)}, idea="Built of blocks, by you or by whoever gave you its file."
    )
