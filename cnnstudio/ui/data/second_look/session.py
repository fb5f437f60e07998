"""Which doubtful picture comes next: follows from the ranking and the log of decisions alone. No widgets."""

from collections.abc import Sequence

from cnnstudio.core import counted
from cnnstudio.data.second_look import Look, Verdict
from cnnstudio.understanding.outcomes import Doubt, Doubts

ENOUGH = 20
"""Decisions in a row that changed nothing."""
_KEYS = "23456789abcdefghijklmnopqrstuvwy"
"""Of the classes in their order; 1 is the answer, X skips and Z takes back."""


class Session:
    """The doubts that a person is asked about, and where they are among them."""

    def __init__(self, doubts: Doubts, classes: Sequence[str], looks: Sequence[Look] = ()) -> None:
        self.doubts, self.classes = doubts, tuple(classes)
        self.looks: tuple[Look, ...] = ()
        self.goes_on = False
        """A person wants to see more after it was enough."""
        self.waiting: list[Doubt] = []
        self.follow(looks)

    def follow(self, looks: Sequence[Look]) -> None:
        """What was decided so far, also before this session."""
        self.looks = tuple(looks)
        last = {look.name: (place, look) for place, look in enumerate(self.looks)}
        asked = {doubt.name: doubt for doubt in self.doubts.strong}
        first = [doubt for doubt in asked.values() if doubt.name not in last]
        later = sorted(_later(last), key=lambda pair: pair[0])
        again = [asked.get(look.name) or _doubt_of(look) for _, look in later]
        self.waiting = first + again

    @property
    def current(self) -> Doubt | None:
        """The picture that is asked about."""
        return self.waiting[0] if self.waiting else None

    @property
    def is_enough(self) -> bool:
        """Whether the last ones were all correct, so that there is little left to find."""
        decided = [look for look in self.looks if look.verdict != "later"][-ENOUGH:]
        return not self.goes_on and len(decided) == ENOUGH and not any(look.changes for look in decided)

    def look(self, verdict: Verdict, to: str = "") -> Look | None:
        """The decision about the current picture; None where it changes nothing that it says."""
        doubt = self.current
        if doubt is None:
            return None
        if verdict == "class" and to == doubt.label:
            verdict, to = "right", ""
        return Look(
            name=doubt.name,
            label=doubt.label,
            verdict=verdict,
            to=to,
            answer=doubt.answer,
            p_label=doubt.p_label,
            p_answer=doubt.p_answer,
            split=doubt.split,
        )

    def class_of_key(self, key: str) -> str:
        """The class that a key gives; empty where it gives none."""
        if key == "1":
            return self.current.answer if self.current is not None else ""
        place = _KEYS.find(key) if len(key) == 1 else -1
        return self.classes[place] if 0 <= place < len(self.classes) else ""

    def keys(self) -> list[tuple[str, str]]:
        """Each key that gives a class, and the class."""
        return list(zip(_KEYS.upper(), self.classes, strict=False))

    def sentence(self) -> str:
        """Such as: 31 pictures decided: 5 with another class, 2 skipped."""
        last = {look.name: look for look in self.looks if look.verdict != "later"}.values()
        relabelled = sum(look.verdict == "class" for look in last)
        skipped = sum(look.verdict == "skip" for look in last)
        return f"{counted(len(last), 'picture')} decided: {relabelled:,} with another class, {skipped:,} skipped."

    def test_sentence(self) -> str:
        """What corrected labels of test pictures do to the score; empty where there are none."""
        last = {look.name: look for look in self.looks if look.verdict != "later" and look.split == "test"}.values()
        changed = [look for look in last if look.changes]
        if not changed or not self.doubts.tests:
            return ""
        wrong = {doubt.name for doubt in self.doubts.doubts if doubt.split == "test"} | {each.name for each in changed}
        tests = self.doubts.tests
        skipped = sum(look.verdict == "skip" for look in changed)
        mended = sum(look.verdict == "class" and look.to == look.answer for look in changed)
        right = tests - len(wrong)
        before, after = right / tests, (right + mended) / max(1, tests - skipped)
        flatters = "Labels that were corrected where the network disagreed flatter its test score."
        now, then = f"{100 * after:.1f} %", f"{100 * before:.1f} %"
        told = counted(len(changed), "changed picture is for testing", "changed pictures are for testing")
        told += f": of all that are, answers were {then} correct before the change, and are {now} now."
        return f"{told} {flatters}"


def _later(last: dict[str, tuple[int, Look]]) -> list[tuple[int, Look]]:
    return [(place, look) for place, look in last.values() if look.verdict == "later"]


def _doubt_of(look: Look) -> Doubt:
    """A picture that the ranking of today does not name any more."""
    return Doubt(
        name=look.name,
        label=look.label,
        answer=look.answer,
        p_label=look.p_label,
        p_answer=look.p_answer,
        split=look.split,
    )
