"""A linear head on cached features: a strong linear probe in seconds."""

import torch

from cnnstudio.networks.freezing import ParameterGroup
from cnnstudio.networks.head import set_head

GROUP = ParameterGroup(name="head", parameters=("linear.weight", "linear.bias"), decayed=frozenset({"linear.weight"}))
DROPOUT = 0.3


class LinearHead(torch.nn.Module):
    """Features N×D to logits N×classes: standardise, drop some features while training, one linear layer.

    Starts at zero, so that every class is equally likely and the first step already points the right way.
    """

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, size: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))
        self.dropout = torch.nn.Dropout(DROPOUT)
        self.linear = torch.nn.Linear(size, classes)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def standardise_by(self, features: torch.Tensor) -> None:
        """Take mean and deviation from the training features N×D."""
        self.mean.copy_(features.mean(0))
        self.deviation.copy_(features.std(0, correction=0).clamp_min(1e-6))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Logits N×classes."""
        return self.linear(self.dropout((features - self.mean) / self.deviation))

    def on_plain_features(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight classes×D and bias of the layer that does the same, the standardisation folded in."""
        weight = self.linear.weight.detach().double() / self.deviation
        bias = self.linear.bias.detach().double() - weight @ self.mean.double()
        return weight.float(), bias.float()

    def put_into(self, network: torch.nn.Module) -> None:
        """Write the head into the network's last layer."""
        set_head(network, *self.on_plain_features())
