"""The modules of blocks that torch.nn lacks; their text goes along with exports, so they need torch alone."""

import torch
from torch import nn


class ResidualBlock(nn.Module):
    """Adds what ``main`` finds to its input (He et al. 2015); ``shortcut`` fits the input where shapes differ."""

    def __init__(self, main: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.main = main
        self.shortcut = shortcut
        self.relu = nn.ReLU()

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to maps."""
        out: torch.Tensor = self.relu(self.main(maps) + self.shortcut(maps))
        return out


class DenseBlock(nn.Sequential):
    """Puts the maps that each layer finds beside those that it was given (Huang et al. 2016)."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to more maps of the same size."""
        for layer in self:
            maps = torch.cat([maps, layer(maps)], 1)
        return maps


class Branches(nn.Module):
    """Shows all branches the same maps and puts what they find side by side (Szegedy et al. 2014)."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to maps."""
        return torch.cat([branch(maps) for branch in self.branches], 1)


class StochasticPool2d(nn.Module):
    """Stochastic pooling as Zeiler & Fergus 2013 define it.

    While training, it draws one value of each window with a probability proportional to the value; in eval mode, it
    takes the mean of the values weighted by these probabilities. Values below 0 count as 0, and a window of these
    gives 0. In half precision squares and chances are float32 all the same: 256 squared is no float16 any more.
    """

    def __init__(self, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to smaller maps."""
        maps = maps.clamp(min=0)
        if self.training:
            return self._drawn(maps)
        wide = maps.to(torch.promote_types(maps.dtype, torch.float32))
        mean = nn.functional.avg_pool2d(wide, self.kernel_size, self.stride)
        squares = nn.functional.avg_pool2d(wide * wide, self.kernel_size, self.stride)
        return (squares / (mean + (mean == 0))).to(maps.dtype)

    def _drawn(self, maps: torch.Tensor) -> torch.Tensor:
        size, step = self.kernel_size, self.stride
        windows = maps.unfold(2, size, step).unfold(3, size, step).flatten(4)
        # The largest of value / Exp(1) falls on each value with a probability proportional to it.
        chance = torch.empty_like(windows, dtype=torch.promote_types(maps.dtype, torch.float32)).exponential_()
        race = windows.detach() / chance
        return windows.gather(4, race.argmax(4, keepdim=True)).squeeze(4)

    def extra_repr(self) -> str:
        """As torch's poolings say it."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}"


class BuiltNetwork(nn.Module):
    """``features`` N×C×H×W to maps, ``classifier`` from these to logits N×classes."""

    def __init__(self, features: nn.Sequential, classifier: nn.Sequential, channels: int, fixed_size: int) -> None:
        super().__init__()
        self.input_channels = channels
        """Of the pictures that it takes."""
        if fixed_size:
            self.image_size = fixed_size
            """Side of the input in pixels, where the linear layers fit no other."""
        self.features = features
        self.classifier = classifier

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images N×C×H×W to logits N×classes."""
        logits: torch.Tensor = self.classifier(self.features(images))
        return logits
