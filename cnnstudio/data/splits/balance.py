"""Classes of very different size: weights for the loss, or pictures drawn equally often per class."""

import numpy as np


def class_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Weight per class, float32, so that every class counts alike; their mean over the pictures is 1.

    Args:
        labels: class index of each training picture, N.
        classes: number of classes; those without pictures weigh 0.
    """
    counts = np.bincount(labels, minlength=classes)
    present = np.count_nonzero(counts)
    weights = np.divide(len(labels), present * counts, out=np.zeros(classes), where=counts > 0)
    return weights.astype(np.float32)


def balanced_order(labels: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Indices for one epoch, as many as pictures, in which every class is about equally frequent.

    Pictures of small classes come up several times, those of large ones not in every epoch.
    """
    rng = np.random.default_rng([seed, epoch, 3])
    order = np.empty(len(labels), dtype=np.int64)
    by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    drawn = rng.permutation(np.arange(len(labels)) % len(by_class))
    for number, members in enumerate(by_class):
        places = np.flatnonzero(drawn == number)
        rounds = -(-len(places) // len(members))
        order[places] = np.concatenate([rng.permutation(members) for _ in range(rounds)])[: len(places)]
    return order
