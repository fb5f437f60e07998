"""Answers averaged over a picture and its mirror image: a little surer, for twice the work."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from cnnstudio.inference.session import Session

_MIRRORED = "mirrored"


class MirrorAverage(nn.Module):
    """Logits whose softmax is the mean of a network's two; Simonyan & Zisserman 2014 average both in this way."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """N×C×H×W to logarithms of probabilities N×classes."""
        both = [self.network(each).log_softmax(1) for each in (pictures, pictures.flip(3))]
        return torch.stack(both).logsumexp(0) - torch.log(torch.tensor(2.0))


def averaged(session: Session) -> Session:
    """The same model with answers averaged over the mirror image; made once for each model."""
    with session.lock:
        found = session.variants.get(_MIRRORED)
        if found is None:
            network = MirrorAverage(session.network).eval()
            found = session.variants[_MIRRORED] = replace(session, network=network, engines={}, variants={})
    return found
