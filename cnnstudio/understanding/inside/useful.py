"""Where in one's own pictures a channel is of most use: what it adds to the answer, in place of how active it is.

Achtibat et al. 2023 call this relevance maximisation: a channel may be most active where it says little of the classes,
and its crops by contribution show what it is used for.
"""

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import normalised
from cnnstudio.inference.session import Session
from cnnstudio.networks.stages import as_maps
from cnnstudio.understanding.taps import traced

_BATCH = 8


class Contributions:
    """A network, way back included, as a pass over pictures asks for it: see ``compute.engines.FrozenNetwork``.

    Gives N×(ΣC)×3: what every channel of some layers adds to the answer that the picture gets, where it adds most, and
    the first once more, as the lowest value.
    """

    precision, engine, batch_size, in_flight = "fp32", "torch", _BATCH, 1

    def __init__(self, session: Session, layers: Sequence[str]) -> None:
        self._device = choose_device("auto")
        with session.lock:
            network = copy.deepcopy(session.network)
        self._network = network.eval().requires_grad_(requires_grad=False).to(self._device)
        self._spec, self._layers = session.preprocess, tuple(layers)

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """Computed at once, for N×crop×crop×3 uint8."""
        values = self._computed(torch.from_numpy(pixels).to(self._device))
        return lambda: values

    @torch.no_grad()
    def _computed(self, pixels: torch.Tensor) -> torch.Tensor:
        inputs = normalised(pixels, self._spec).contiguous()
        with traced(self._network, self._layers) as found:
            logits = self._network(inputs)
            outputs = [found[name] for name in self._layers]
            slopes = torch.autograd.grad(logits.max(1).values.sum(), outputs, allow_unused=True)
        return torch.cat([self._peaks(each, slope) for each, slope in zip(outputs, slopes, strict=True)], 1).cpu()

    def _peaks(self, output: torch.Tensor, slope: torch.Tensor | None) -> torch.Tensor:
        """N×C×3; of a layer that the answer does not hang on, nothing."""
        added = output.detach() * (torch.zeros_like(output) if slope is None else slope)
        maps = as_maps(added, self._network)
        assert maps is not None, "layers without maps are refused before"
        flat = maps.flatten(2)
        total = flat.sum(2)
        return torch.stack([total, flat.argmax(2).to(total.dtype), total], 2)
