"""Whether a picture should be answered at all, computed along with the answer."""

import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnstudio.core import CheckpointDamaged, FormatError, RunError
from cnnstudio.inference.mirror import MirrorAverage
from cnnstudio.networks.head import WithFeatures, feature_size, has_original_head
from cnnstudio.networks.refusal import REFUSAL_FILE, Judged, Refusal, load_refusal
from cnnstudio.runs import answered_names, open_run


class MirrorWithFeatures(nn.Module):
    """As ``WithFeatures`` of the picture as it is, and behind that the logits averaged over the mirror image."""

    def __init__(self, mirror: MirrorAverage) -> None:
        super().__init__()
        self.plain = WithFeatures(mirror.network)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """N×C×H×W to N×(D + 2 classes)."""
        first, second = self.plain(pictures), self.plain(pictures.flip(3))
        both = [each[:, self.plain.size :].log_softmax(1) for each in (first, second)]
        return torch.cat([first, torch.stack(both).logsumexp(0) - math.log(2)], 1)


def answering(network: nn.Module, refusal: Refusal | None) -> nn.Module:
    """What computes the answers, and what it takes to judge the pictures where they are judged."""
    if refusal is None:
        return network
    return MirrorWithFeatures(network) if isinstance(network, MirrorAverage) else WithFeatures(network)


def parted(values: torch.Tensor, refusal: Refusal | None, classes: int) -> tuple[np.ndarray, Judged | None]:
    """Probabilities N×classes float32 of what ``answering`` gave, and the judgement of the pictures."""
    probabilities: np.ndarray = values[:, -classes:].softmax(1).numpy()
    if refusal is None:
        return probabilities, None
    size = refusal.features.shape[1]
    features, logits = values[:, :size].numpy(), values[:, size : size + classes].numpy()
    return probabilities, refusal.judge(np.nan_to_num(features), np.nan_to_num(logits))


def open_refusal(bundle: Path, network: nn.Module) -> Refusal | None:
    """What a bundle has to judge pictures by; None where it has nothing, or its answers are not linear in features.

    Raises:
        CheckpointDamaged: it is damaged.
    """
    if has_original_head(network):
        return None
    try:
        return load_refusal(bundle, feature_size(network))
    except (FormatError, OSError) as error:
        raise CheckpointDamaged(
            f"The trained network in {bundle} is damaged: {REFUSAL_FILE} cannot be read.",
            remedy="Use another run, or export it again.",
            details=repr(error),
        ) from error


def compared_pictures(run: Path, refusal: Refusal) -> dict[int, Path]:
    """Those that pictures are compared with, by place; none of a bundle elsewhere: names of files stay at home."""
    try:
        root, names = open_run(run).record.dataset, answered_names(run)
    except (OSError, FormatError, RunError):
        return {}
    return {place: root / names[place] for place in refusal.places.tolist() if 0 <= place < len(names)}
