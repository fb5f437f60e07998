"""Which pictures of a folder are not independent of each other, and so count for less than as many others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnstudio.core import ALONE
from cnnstudio.data.checks.findings import Copies
from cnnstudio.data.dataset import SplitSpec
from cnnstudio.data.layouts.listing import Listing
from cnnstudio.data.splits import groups_by_name, joined


@dataclass(frozen=True, slots=True)
class Together:
    """Groups of places among the pictures that are used, by what says that they belong together."""

    count: int
    """Pictures that are used."""
    alike: list[list[int]]
    by_table: list[list[int]]
    by_name: list[list[int]]

    @classmethod
    def among(cls, rows: Sequence[int], listing: Listing, copies: Copies, spec: SplitSpec) -> "Together":
        """Find them.

        Args:
            rows: of the pictures that are used, among all that are listed.
            listing: names, and what a table says.
            copies: rows that look alike.
            spec: the pattern for names.
        """
        names = [listing.names[row] for row in rows]
        place = {row: place for place, row in enumerate(rows)} if copies.exact or copies.near else {}
        alike = ([place[row] for row in group if row in place] for group in (*copies.exact, *copies.near))
        return cls(
            count=len(rows),
            alike=[group for group in alike if len(group) > 1],
            by_table=listing.groups_of(names),
            by_name=groups_by_name(names, spec.group_pattern),
        )

    def numbers(self) -> list[int]:
        """Of each place the number of its group, whether or not the split keeps it together; ``ALONE`` without one."""
        leader = joined(self.count, (*self.alike, *self.by_table, *self.by_name))
        sizes = np.bincount(leader, minlength=self.count)
        return list(np.where(sizes[leader] > 1, leader, ALONE).tolist())
