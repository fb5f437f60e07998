"""What belongs together, from pairs that do."""

from collections import defaultdict
from collections.abc import Iterable


def connected(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected parts of 0 … count - 1, single ones included, each and all in ascending order (union-find)."""
    parent = list(range(count))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    parts: dict[int, list[int]] = defaultdict(list)
    for item in range(count):
        parts[root(item)].append(item)
    return list(parts.values())
