"""What is exported: a network that gives probabilities, and the features that they are made of."""

import torch
from torch import nn

from cnnstudio.networks.head import head_layer


class Answering(nn.Module):
    """Images N×3×H×W to probabilities N×classes and features N×D, for eval mode; shares the network's weights."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The network's own steps, of which the input of the last layer is kept; a convolution's is averaged."""
        seen: list[torch.Tensor] = []
        noting = head_layer(self.network).register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        try:
            logits = self.network(images)
        finally:
            noting.remove()
        features = seen[0].mean((2, 3)) if seen[0].dim() == 4 else seen[0]
        return logits.softmax(1), features
