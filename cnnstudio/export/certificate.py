"""What an export proves: the exported file's answers beside the app's own, on the user's pictures. No torch."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from cnnstudio.core import Comparison, counted

CERTIFICATE_FILE = "certificate.json"
VERIFICATION_FILE = "verification.json"
"""What exports of earlier versions have in its place."""
MOST_PICTURES, FEWEST_PICTURES = 500, 16
Verdict = Literal["pass", "fail", "unverified"]
DRAWN = "drawn"
_TINY = 1e-12
_BUSY = 0.15
"""Share of the cores in the hands of other programs, from which on a speed is said to be uncertain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How far the answers of an export may be from the app's."""

    max_dp: float | None = 1e-4
    """Of any probability; None where only first answers count."""
    same: float = 1.0
    """The share of pictures whose first answer has to be the same, in [0, 1]."""
    tied: float = 2e-4
    """Pictures whose two best probabilities differ by no more than this may change their first answer."""
    points: float | None = None
    """So many points of accuracy may be lost at most, and not clearly; None where that is not asked."""


HALF = Limit(max_dp=1e-2, same=0.99, tied=0.0)
"""Of weights that are stored in half the size."""
EIGHT_BITS = Limit(max_dp=None, same=0.95, tied=0.0, points=1.0)
"""Of networks that compute with 8 bits."""
SINGLE_STEPS = Limit(max_dp=5e-3, tied=1e-2)
"""Of engines that may read a picture one of 255 levels otherwise; two classes may come nearer by as much each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast something answers on this computer, from the picture's file to the answer."""

    ms_one: float
    """Median of one picture at a time, once warm."""
    pictures_per_s: float
    """Over all the pictures that were compared."""
    load_s: float
    """Until it can answer."""
    threads: int
    """It may compute with; of the app, for a picture that comes alone."""


class Hits(NamedTuple):
    """Correct first answers."""

    right: int
    pictures: int
    low: float
    """95 % interval of the share on new pictures."""
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often the app and the export are correct on the same labelled pictures."""

    split: str
    """``train`` where the network has learned from them: then it promises nothing about new pictures."""
    app: Hits
    export: Hits
    comparison: Comparison
    """First is the export. ``p_value`` is McNemar's, exact, where pictures stand for themselves."""

    @property
    def judged(self) -> str:
        """How many pictures of which split, in words."""
        return counted(self.app.pictures, f"{'training' if self.split == 'train' else self.split} picture")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found when the exported file answered the same pictures as the app."""

    engine: str
    """That ran the export, such as ``onnxruntime``."""
    version: str
    app_engine: str
    """That the app answered these pictures with, with its version."""
    app_engine_of_one: str
    """That the app answers a picture with that comes alone, which is the one that was timed."""
    top1_same: int
    """Pictures with the same first answer."""
    tied: int
    """Of the others, those whose two best answers were too near to each other to count; see ``Limit.tied``."""
    max_dp: float
    """Largest difference of any probability."""
    mean_dp: float
    """Mean over the pictures of each one's largest."""
    worst: str
    """The picture with the largest: its name, with its folder where it is one of the run's."""
    changed: tuple[str, ...] = ()
    """Names of the first pictures with another first answer."""
    unread: int = 0
    """Pictures that the export cannot read without a package more."""
    accuracy: Accuracy | None = None
    """None where no labelled picture was among them."""
    speed: Speed
    app_speed: Speed
    others: float = 0.0
    """The share of this computer's cores that other programs took meanwhile: beside them speeds tell little."""

    @property
    def busy(self) -> bool:
        """Whether they took so much that the speeds are uncertain."""
        return self.others > _BUSY


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Written beside every export as ``certificate.json``, and in plain words in its README."""

    format: str
    options: dict[str, bool] = field(default_factory=dict)
    verdict: Verdict
    limit: Limit
    pictures: int
    """That were compared."""
    pictures_from: dict[str, int]
    """How many of them are from where: ``validation``, ``train``, ``given`` by whoever exported, or ``drawn``."""
    bytes: int
    """Of all files of the export."""
    checked: Checked | None = None
    """None where nothing here can run it."""
    unverified: str = ""
    """Why nothing was compared, in a sentence."""
    notes: tuple[str, ...] = ()
    """What else there is to know of it, in sentences."""
    made_by: str = ""
    created: str = ""
    """ISO 8601, UTC."""
    sha256: dict[str, str] = field(default_factory=dict)
    """Of every other file of the export, by its path in it."""

    @property
    def drawn(self) -> bool:
        """Whether there were no pictures of the user's."""
        return set(self.pictures_from) == {DRAWN}


def beyond(limit: Limit, checked: Checked, pictures: int) -> str:
    """In which way an export is beyond its limit, in words; empty where it is within."""
    if limit.max_dp is not None and not checked.max_dp <= limit.max_dp:
        return f"a probability differs by {checked.max_dp:.2g} ({checked.worst}); at most {limit.max_dp:g} is allowed"
    same = checked.top1_same + checked.tied
    if same < limit.same * pictures - _TINY:
        changed = counted(pictures - same, "picture")
        return f"the answer changed for {changed} of {pictures:,} ({', '.join(checked.changed)})"
    if limit.points is not None and checked.accuracy is not None:
        found = checked.accuracy.comparison
        lost = -100 * found.difference
        if lost > limit.points or (lost > 0 and found.p_value < 0.05):
            app, export = checked.accuracy.app, checked.accuracy.export
            return (
                f"it is correct for {export.right:,} of {checked.accuracy.judged} and the app for {app.right:,}: "
                f"{lost:.1f} points were lost"
            )
    return ""
