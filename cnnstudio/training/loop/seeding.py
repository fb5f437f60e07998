"""One seed for everything: shuffling, augmentation, dropout, fresh weights."""

import numpy as np
import torch


def seed_epoch(seed: int, epoch: int) -> None:
    """Seed torch's own generator (dropout) for one epoch, so that a resumed run draws what an unbroken one draws."""
    state = np.random.SeedSequence([seed, epoch, 1]).generate_state(1)[0]
    torch.manual_seed(int(state))


def shuffled(count: int, seed: int, epoch: int) -> np.ndarray:
    """A permutation of ``range(count)`` that depends on seed and epoch alone."""
    return np.random.default_rng([seed, epoch, 0]).permutation(count)
