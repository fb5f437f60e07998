"""Pictures as points in a plane, those that are alike near each other: UMAP (McInnes et al. 2018), repeatable.

    for layout in unfold(features, seed=0):   # N×2 every ten epochs, the last one is the result
        ...

The same features, seed and computer give the same layout to the bit: one generator of random numbers, and sums in one
order. Near means alike; how far islands lie from each other means nothing.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core import StorageError, cache_folder, write_atomically

NEIGHBOURS, DIMENSIONS, EPOCHS = 15, 50, 350
MOST_LAID_OUT = 10_000
"""Of more pictures a sample is laid out, and the others are placed among it."""
_EVERY = 10
STEPS = EPOCHS // _EVERY
"""Layouts that are handed over on the way."""
_VERSION = 2
"""Of the method: what another one laid out is not used."""
_A, _B = 1.93, 0.79
"""Of the curve 1 / (1 + a d^2b) that lets near points lie on each other: with 0.1 apart the map is less faithful."""
_NEGATIVES, _LARGEST_STEP, _REPULSION = 5, 4.0, 0.001
_ROWS = 1024
_PLACED_BY = 3


def unfold(features: np.ndarray, seed: int = 0, start: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Lay pictures out.

    Args:
        features: N×D, float16 or float32.
        seed: of everything random.
        start: N×2, an earlier layout of the same pictures to begin from.

    Yields:
        N×2 float32, every ten epochs; the last one is the result.
    """
    count = len(features)
    random = np.random.Generator(np.random.PCG64(seed))
    chosen = np.arange(count)
    if count > MOST_LAID_OUT:
        chosen = np.sort(random.permutation(count)[:MOST_LAID_OUT])
    points = _reduced(features, features[chosen])
    if count <= NEIGHBOURS + 1:  # too few for neighbours to say anything
        yield _two(points)
        return
    own = points[chosen]
    edges = _Edges.among(own)
    place = _two(own) if start is None else np.ascontiguousarray(start[chosen], np.float32)
    span = np.abs(place - place.mean(0)).max() or 1.0
    place = (place - place.mean(0)) * np.float32(10 / span)
    place += random.normal(0, 1e-4, place.shape).astype(np.float32)
    rest = _Rest.beside(points, chosen) if count > len(chosen) else None
    for epoch in range(EPOCHS):
        edges.pull(place, np.float32(1 - epoch / EPOCHS), epoch, random)
        if (epoch + 1) % _EVERY == 0:
            found = place.copy() if start is None else _turned_onto(place, start[chosen])
            yield found if rest is None else rest.with_these(found)


def _turned_onto(place: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Moved, turned and enlarged as a whole so that the points lie as near as they can to where they began.

    All of it drifts on the way, and none of that means anything (Procrustes).
    """
    points, wanted = place - place.mean(0), start - start.mean(0)
    left, sizes, right = np.linalg.svd(points.T @ wanted)
    scale = sizes.sum() / max(float((points**2).sum()), 1e-12)
    found: np.ndarray = (scale * points @ left @ right + start.mean(0)).astype(np.float32)
    return found


def carried_over(
    names: Sequence[str], places: np.ndarray, features: np.ndarray, onto: Sequence[str]
) -> np.ndarray | None:
    """Where to begin with pictures that an earlier network laid out: at their places, and new ones among their like.

    Args:
        names: M, of the pictures that were laid out.
        places: M×2 float32.
        features: N×D, what the network that is laid out now makes of its pictures.
        onto: N, their names.

    Returns:
        N×2 float32; None where not even half of the pictures are the same.
    """
    known = {name: row for row, name in enumerate(names)}
    rows = np.array([known.get(name, -1) for name in onto], np.int64)
    there, new = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
    if 2 * len(there) < len(rows) or not len(there):
        return None
    start = np.zeros((len(rows), 2), np.float32)
    start[there] = places[rows[there]]
    if len(new):
        points = _reduced(features, features[:: -(-len(features) // MOST_LAID_OUT)])
        near, _ = nearest(points[new], points[there], _PLACED_BY)
        start[new] = start[there][near].mean(1)
    return start


def kept_layout(features: np.ndarray, start: np.ndarray | None = None) -> np.ndarray | None:
    """N×2 as it was laid out before, from the same start; None where it was not, or is damaged."""
    try:
        content = np.load(_file(features, start), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = content.dtype == np.float32 and content.shape == (len(features), 2) and bool(np.isfinite(content).all())
    return content if fits else None


def keep_layout(features: np.ndarray, place: np.ndarray, start: np.ndarray | None = None) -> None:
    """Remember a layout; a disk that refuses costs some seconds the next time."""
    content = io.BytesIO()
    np.save(content, place, allow_pickle=False)
    with suppress(StorageError):
        write_atomically(_file(features, start), content.getvalue())


def _file(features: np.ndarray, start: np.ndarray | None) -> Path:
    digest = hashlib.blake2b(np.ascontiguousarray(features).view(np.uint8).data, digest_size=12)
    if start is not None:
        digest.update(np.ascontiguousarray(start).view(np.uint8).data)
    return cache_folder() / f"map-{_VERSION}-{digest.hexdigest()}.npy"


@dataclass(slots=True, eq=False)
class _Edges:
    """Who pulls whom, and how often: in both directions, by how surely they are neighbours."""

    heads: np.ndarray
    tails: np.ndarray
    rate: np.ndarray
    """How often in an epoch, in (0, 1]."""

    @classmethod
    def among(cls, points: np.ndarray) -> "_Edges":
        count = len(points)
        near, far = nearest(points, points, NEIGHBOURS + 1)
        near, far = near[:, 1:], far[:, 1:]  # without themselves
        weight = _sure(far)
        heads, tails = np.repeat(np.arange(count), NEIGHBOURS), near.ravel()
        there, back = heads * count + tails, tails * count + heads
        keys, inverse = np.unique(np.concatenate([there, back]), return_inverse=True)
        one, other = np.zeros(len(keys)), np.zeros(len(keys))
        one[inverse[: len(there)]] = weight.ravel()
        other[inverse[len(there) :]] = weight.ravel()
        union = one + other - one * other
        rate = union / union.max()
        kept = rate >= 1 / EPOCHS
        return cls(keys[kept] // count, keys[kept] % count, rate[kept])

    def pull(self, place: np.ndarray, step: np.float32, epoch: int, random: np.random.Generator) -> None:
        """One epoch, all at once: neighbours attract, and a few others chosen at random are pushed away."""
        due = np.floor(self.rate * (epoch + 1)) > np.floor(self.rate * epoch)
        heads, tails = self.heads[due], self.tails[due]
        apart = place[heads] - place[tails]
        square = np.einsum("ij,ij->i", apart, apart)
        power = np.power(square, np.float32(_B))
        force = (
            np.float32(-2 * _A * _B) * power / (np.maximum(square, np.float32(1e-12)) * (1 + np.float32(_A) * power))
        )
        pulls = np.clip(force[:, None] * apart, -_LARGEST_STEP, _LARGEST_STEP)
        pushed = np.repeat(heads, _NEGATIVES)
        others = random.integers(0, len(place), len(pushed))
        away = place[pushed] - place[others]
        square = np.einsum("ij,ij->i", away, away)
        power = np.power(square, np.float32(_B))
        force = np.float32(2 * _B) / ((np.float32(_REPULSION) + square) * (1 + np.float32(_A) * power))
        pushes = np.clip(force[:, None] * away, -_LARGEST_STEP, _LARGEST_STEP)
        size = len(place)
        for axis in (0, 1):  # bincount adds in one order, whatever the number of threads
            moved = np.bincount(heads, pulls[:, axis], size) - np.bincount(tails, pulls[:, axis], size)
            moved += np.bincount(pushed, pushes[:, axis], size)
            place[:, axis] += step * moved.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Rest:
    """Pictures that are placed in the middle of those of the sample that are most like them."""

    chosen: np.ndarray
    others: np.ndarray
    near: np.ndarray

    @classmethod
    def beside(cls, points: np.ndarray, chosen: np.ndarray) -> "_Rest":
        others = np.setdiff1d(np.arange(len(points)), chosen)
        near, _ = nearest(points[others], points[chosen], _PLACED_BY)
        return cls(chosen, others, near)

    def with_these(self, place: np.ndarray) -> np.ndarray:
        whole = np.empty((len(self.chosen) + len(self.others), 2), np.float32)
        whole[self.chosen] = place
        whole[self.others] = place[self.near].mean(1)
        return whole


def nearest(points: np.ndarray, among: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest rows of ``among`` for each of ``points``, and how far they are: exact, M×count, the nearest first."""
    count = min(count, len(among))
    near = np.empty((len(points), count), np.int64)
    far = np.empty((len(points), count), np.float32)
    lengths = np.einsum("ij,ij->i", among, among)
    for start in range(0, len(points), _ROWS):
        some = points[start : start + _ROWS]
        square = lengths[None] - 2 * (some @ among.T) + np.einsum("ij,ij->i", some, some)[:, None]
        best = np.argpartition(square, count - 1, axis=1)[:, :count]
        order = np.lexsort((best, np.take_along_axis(square, best, 1)), axis=1)
        best = np.take_along_axis(best, order, 1)
        near[start : start + _ROWS] = best
        far[start : start + _ROWS] = np.sqrt(np.maximum(np.take_along_axis(square, best, 1), 0))
    return near, far


def _reduced(features: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Of length one, then the directions in which a sample differs most, each with its largest entry above zero.

    In pieces, since all of them in float64 would take more memory than the features themselves.
    """
    total = np.zeros(features.shape[1])
    products = np.zeros((features.shape[1], features.shape[1]))
    for values in _of_length_one(sample):
        total += values.sum(0)
        products += values.T @ values
    mean = total / max(1, len(sample))
    _, directions = np.linalg.eigh(products - len(sample) * np.outer(mean, mean))
    directions = directions[:, ::-1][:, :DIMENSIONS]
    largest = np.abs(directions).argmax(0)
    directions = directions * np.sign(directions[largest, np.arange(directions.shape[1])])
    found = [((values - mean) @ directions).astype(np.float32) for values in _of_length_one(features)]
    return np.concatenate(found) if found else np.zeros((0, directions.shape[1]), np.float32)


def _of_length_one(features: np.ndarray) -> Iterator[np.ndarray]:
    """The same, so many rows at a time, float64."""
    for start in range(0, len(features), _ROWS):
        values = features[start : start + _ROWS].astype(np.float64)
        yield values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)


def _two(points: np.ndarray) -> np.ndarray:
    """The first two directions, N×2."""
    return np.pad(points, ((0, 0), (0, max(0, 2 - points.shape[1]))))[:, :2].copy()


def _sure(far: np.ndarray) -> np.ndarray:
    """How surely each of the nearest is a neighbour: everybody has log2(k) of them in sum, found by bisection."""
    wanted, closest = np.log2(far.shape[1]), far[:, :1]
    low, high = np.zeros(len(far)), np.full(len(far), np.inf)
    width = np.ones(len(far))
    beyond = np.maximum(far - closest, 0).astype(np.float64)
    for _ in range(64):
        more = np.exp(-beyond / width[:, None]).sum(1) > wanted
        high, low = np.where(more, width, high), np.where(more, low, width)
        width = np.where(np.isinf(high), width * 2, (low + high) / 2)
    width = np.maximum(width, 1e-3 * far.mean())
    return np.exp(-beyond / width[:, None])
