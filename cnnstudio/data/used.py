"""Which pictures a network has learned from or was chosen by, known again by place and by content."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from cnnstudio.core import ALONE, Control, read_csv, write_csv
from cnnstudio.data.contents import contents_of
from cnnstudio.data.dataset import Dataset, Sample
from cnnstudio.data.splits import groups_by_name

Use = Literal["learned", "chosen-by"]
Part = Literal["network", "head"]
ANCESTORS_FILE = "ancestors.csv"
"""In a run that continues others: what they used."""
USED_FILE = "trained-with.csv"
"""In a bundle: what its network has used in all."""
_COLUMNS = ["path", "content", "use", "part", "run"]


class UsedPicture(NamedTuple):
    """A picture that some training used."""

    path: str
    """Absolute; empty where names of files stay at home, as in a bundle."""
    content: str
    """See ``contents_of``; empty where it is not known."""
    use: Use
    part: Part
    """What was learned or chosen with it: the whole network, or its last layer alone."""
    run: str
    """Name of the run's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What is known of the trainings of a network."""

    pictures: tuple[UsedPicture, ...] = ()
    unknown: str = ""
    """An earlier run, or a bundle, of which nobody knows what it learned from; empty where all are known."""
    compared: int = 1
    """Of so many epochs the best was chosen, by the pictures that chose; 1 where none was."""

    def __or__(self, other: "Used") -> "Used":
        """Both, each picture once for each use: what the whole network learned counts before what its head did."""
        first = dict[tuple[str, str, Use], UsedPicture]()
        for picture in sorted((*self.pictures, *other.pictures), key=lambda each: each.part == "head"):
            first.setdefault((picture.path, picture.content, picture.use), picture)
        unknown, compared = self.unknown or other.unknown, max(self.compared, other.compared)
        return Used(pictures=tuple(first.values()), unknown=unknown, compared=compared)

    @property
    def by_network(self) -> "Used":
        """As a training of all of it uses what its parts have used before: so all of it has."""
        return replace(self, pictures=tuple(each._replace(part="network") for each in self.pictures))

    @property
    def below_head(self) -> "Used":
        """Of the layers below the last one, which are all that a file of weights gives to a network."""
        return replace(self, pictures=tuple(each for each in self.pictures if each.part == "network"))

    def among(self, dataset: Dataset, samples: Sequence[Sample], control: Control, *, chosen_by: bool) -> set[Path]:
        """Those of ``samples`` that were used, wherever they lay then; ``chosen_by`` counts both kinds as used.

        A picture that is kept together with a used one, such as a look-alike, counts as used.

        Raises:
            StopRequested: a stop was asked for.
        """
        uses = get_args(Use) if chosen_by else ("learned",)
        used = [picture for picture in self.pictures if picture.use in uses]
        if not used:
            return set()
        places, contents = {each.path for each in used} - {""}, {each.content for each in used} - {""}
        names, root = [dataset.name_of(sample.path) for sample in samples], dataset.root.resolve()
        known = {
            sample.path
            for sample, name, content in zip(samples, names, contents_of(dataset.root, names, control), strict=True)
            if content in contents or str(root / name) in places
        }
        mates = {path for group in _kept_together(dataset) if not known.isdisjoint(group) for path in group}
        return known | mates.intersection(sample.path for sample in samples) if known else known

    def taught_below_head(self, dataset: Dataset, control: Control) -> set[Path]:
        """Training pictures that layers below the last one have learned from, with those that belong to them.

        No cross-validation of a last layer says of them how new ones would do.

        Raises:
            StopRequested: a stop was asked for.
        """
        samples = dataset.split("train")
        known = self.below_head.among(dataset, samples, control, chosen_by=False)
        groups = {sample.group for sample in samples if sample.path in known} - {ALONE}
        return known | {sample.path for sample in samples if sample.group in groups}

    def save(self, file: Path, *, places: bool) -> None:
        """Write a table; without ``places`` for what leaves the house.

        Raises:
            StorageError: it cannot be written.
        """
        rows = self.pictures if places else (each._replace(path="", run="") for each in self.pictures)
        write_csv(file, [_COLUMNS, *rows])


def _kept_together(dataset: Dataset) -> Iterator[Iterable[Path]]:
    """Groups that a split of this folder does not part, as far as the scan has found them."""
    spec, samples = dataset.spec, dataset.samples
    copies = ("duplicate", "near-duplicate") if spec.copies_together else ()
    tables = ("kept-together", "torn-group") if spec.groups_together else ()
    for finding in dataset.findings:
        if finding.kind in (*copies, *tables):
            yield from finding.groups
    names = [dataset.name_of(sample.path) for sample in samples]
    for group in groups_by_name(names, spec.group_pattern):
        yield [samples[index].path for index in group]


def read_used(file: Path) -> Used:
    """What ``Used.save`` wrote.

    Raises:
        OSError, csv.Error, ValueError: the table is missing or damaged.
    """
    rows = read_csv(file)
    if (header := next(rows, None)) != _COLUMNS:
        raise ValueError(f"columns {header}")
    return Used(pictures=tuple(_checked(rows)))


def _checked(rows: Iterable[list[str]]) -> Iterator[UsedPicture]:
    for path, content, use, part, run in rows:
        if use not in get_args(Use) or part not in get_args(Part):
            raise csv.Error(f"{use}, {part}")
        yield UsedPicture(path, content, cast("Use", use), cast("Part", part), run)
