"""What to do next, chosen from what is known of a run: a table of rules, the most worthwhile first. No torch.

A rule says a sentence where it has something to say and nothing else; three are shown. What was not computed yet offers
to be computed, after everything that is known. Test pictures decide nothing here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from cnnstudio.core import SplitScore, class_figures, counted, isolated, wilson_interval, worst_mix_ups
from cnnstudio.networks.modes import MODES
from cnnstudio.understanding.outcomes import Growth
from cnnstudio.understanding.stress.alarms import Shortcuts
from cnnstudio.understanding.stress.changes import BY_NAME
from cnnstudio.understanding.stress.results import Stress
from cnnstudio.understanding.sure.promise import Promise

Action = Literal[
    "second-look", "forecast", "add", "balance", "sure", "stress", "shortcuts", "mix-up", "better", "predict", "export",
]  # fmt: skip
_FEW_JUDGES = 60
"""Validation pictures below which the range is wider than most differences."""
_UNEVEN = 4
"""Times as many training pictures in the largest class as in the smallest, from which on that is told."""
_PART_OF_MISTAKES, _FEWEST_MIX_UPS = 0.12, 4
_GOOD = 0.97
_FEWEST_OF_CLASS = 5
_WIDE = 0.1
"""How far below its recall the range of a class may go before one says nothing of the class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of a run; None for what nobody computed yet."""

    score: SplitScore
    """On validation pictures, where there is one."""
    classes: tuple[str, ...]
    trained_on: tuple[int, ...]
    """Training pictures by class; empty where that is not known."""
    mode: str
    doubtful: int | None = None
    """Pictures worth a second look."""
    growth: Growth | None = None
    """What more pictures would bring."""
    promise: Promise | None = None
    """At nine correct answers in ten."""
    stress: Stress | None = None
    shortcuts: Shortcuts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A sentence, and a button."""

    sentence: str
    button: str
    action: Action
    about: tuple[str, ...] = ()
    """Names of the classes that it is about; of a stress test, the change."""


Rule = Callable[[Known], NextStep | None]


def next_steps(known: Known, most: int = 3) -> tuple[NextStep, ...]:
    """The steps that are most worth it, one for each thing that can be done."""
    chosen: list[NextStep] = []
    for step in _all(known):
        if step.action not in {each.action for each in chosen}:
            chosen.append(step)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _all(known: Known) -> Iterator[NextStep]:
    for rule in RULES:
        if (step := rule(known)) is not None:
            yield step


def _shortcut(known: Known) -> NextStep | None:
    alarms = [look for look in known.shortcuts.alarms if look.lost > 0] if known.shortcuts else []
    if not alarms:
        return None
    return NextStep(sentence=alarms[0].sentence, button="See the pictures", action="shortcuts", about=(alarms[0].name,))


def _few_judges(known: Known) -> NextStep | None:
    count = known.score.images
    if count >= _FEW_JUDGES or known.score.interval is None:
        return None
    low, high = (f"{100 * end:.0f} %" for end in known.score.interval)
    judges = counted(count, f"{known.score.split} picture")
    return NextStep(
        sentence=f"It is judged by {judges} only, so anything between {low} and {high} may be true: add pictures.",
        button="Add pictures…",
        action="add",
    )


def _doubtful(known: Known) -> NextStep | None:
    if not known.doubtful:
        return None
    return NextStep(
        sentence=counted(
            known.doubtful,
            "picture is worth a second look: the network is sure that it is of another class.",
            "pictures are worth a second look: the network is sure that they are of another class.",
        ),
        button="Take a second look",
        action="second-look",
    )


def _more_pictures(known: Known) -> NextStep | None:
    """Of the class that gains most, where that was forecast."""
    best = known.growth.next_class if known.growth is not None else None
    if known.growth is None or best is None:
        return None
    return NextStep(sentence=known.growth.sentence, button="See what more bring", action="forecast", about=(best.name,))


def _weak_class(known: Known) -> NextStep | None:
    """One that is recognised clearly worse than all together; where nothing was forecast, since that tells more."""
    if known.growth is not None:
        return None
    found = [
        each for each in class_figures(known.classes, known.score.confusion)
        if each.pictures >= _FEWEST_OF_CLASS and each.recall is not None
        and wilson_interval(each.right, each.pictures)[1] < known.score.accuracy
    ]  # fmt: skip
    if not found:
        return None
    worst = min(found, key=lambda each: each.recall or 0.0)
    own = known.trained_on[known.classes.index(worst.name)] if known.trained_on else 0
    learned = f", and learned from {counted(own, 'picture')}" if own else ""
    return NextStep(
        sentence=f"Hardest is {isolated(worst.name)}: it recognises {worst.right:,} of {worst.pictures:,}{learned}. "
        "More pictures help there most.",
        button="Ask how many",
        action="forecast",
        about=(worst.name,),
    )


def _uneven(known: Known) -> NextStep | None:
    sizes = [size for size in known.trained_on if size]
    if len(sizes) < 2 or max(sizes) < _UNEVEN * min(sizes):
        return None
    small = known.classes[known.trained_on.index(min(sizes))]
    large = known.classes[known.trained_on.index(max(sizes))]
    if known.score.balanced_accuracy >= known.score.accuracy - 0.02:
        return None
    return NextStep(
        sentence=f"The classes are uneven: {isolated(large)} has {counted(max(sizes), 'training picture')}, "
        f"{isolated(small)} {min(sizes):,}. Let small ones count more.",
        button="Train that way",
        action="balance",
        about=(small,),
    )


def _mix_up(known: Known) -> NextStep | None:
    wrong = known.score.images - known.score.right
    worst = next(iter(worst_mix_ups(known.score.confusion, 1)), None)
    if worst is None or worst.count < max(_FEWEST_MIX_UPS, _PART_OF_MISTAKES * wrong):
        return None
    true, predicted = known.classes[worst.true], known.classes[worst.predicted]
    return NextStep(
        sentence=f"{counted(worst.count, 'time')} of {counted(wrong, 'mistake')} it says {isolated(predicted)} for "
        f"{isolated(true)}: see whether a person could tell them apart.",
        button="See these pictures",
        action="mix-up",
        about=(true, predicted),
    )


def _worse_pictures(known: Known) -> NextStep | None:
    worst = known.stress.worst() if known.stress is not None else None
    curve = known.stress.curve(worst[0]) if known.stress is not None and worst is not None else None
    if known.stress is None or worst is None or curve is None:
        return None
    step, plain = curve.steps[worst[1]], curve.steps[0]
    shares = [f"{100 * known.stress.share(each):.0f} %" for each in (step, plain)]
    return NextStep(
        sentence=f"With {BY_NAME[worst[0]].told(step.strength)}, {shares[0]} are correct; as they are, {shares[1]}. If "
        "your pictures may be like that, train with it.",
        button="See the stress test",
        action="stress",
        about=(worst[0],),
    )


def _sure(known: Known) -> NextStep | None:
    found = known.promise
    if found is None or known.score.accuracy >= _GOOD:
        return None
    target = f"{100 * found.target:.0f} %"
    if found.threshold is None:
        return NextStep(
            sentence=f"{target} correct answers cannot be promised yet, whatever it leaves unanswered.",
            button="See how sure it is",
            action="sure",
        )
    if found.answers > 1 - _WIDE / 2:
        return None
    return NextStep(
        sentence=f"It can keep a promise of {target} correct answers, if it answers only when it is sure: "
        f"{100 * found.answers:.0f} % of pictures.",
        button="Choose how sure",
        action="sure",
    )


def _better(known: Known) -> NextStep | None:
    mode = MODES.get(known.mode)
    if mode is None or mode.on != "features" or known.score.accuracy >= _GOOD:
        return None
    return NextStep(
        sentence="Only its last layer has learned your classes; when the last layers learn, too, it is often better.",
        button="Improve it",
        action="better",
    )


def _not_looked(known: Known) -> NextStep | None:
    if known.shortcuts is not None:
        return None
    return NextStep(
        sentence="Nobody has looked yet whether it recognises a class by a mark or a corner instead of the object.",
        button="Look for shortcuts",
        action="shortcuts",
    )


def _not_tested(known: Known) -> NextStep | None:
    if known.stress is not None:
        return None
    return NextStep(
        sentence="What darker, blurred or smaller pictures do to it was not tested yet.",
        button="Test it",
        action="stress",
    )


def _try(known: Known) -> NextStep | None:
    return NextStep(
        sentence="See what it answers for pictures that are in no folder yet, such as your newest ones.",
        button="Try it on pictures",
        action="predict",
    )


def _export(known: Known) -> NextStep | None:
    return NextStep(
        sentence="When it is good enough, take it where it is needed: a file that works without CNN Studio.",
        button="Export it",
        action="export",
    )


RULES: Sequence[Rule] = (
    _shortcut, _few_judges, _doubtful, _more_pictures, _weak_class, _uneven, _worse_pictures, _mix_up, _better, _sure,
    _not_looked, _not_tested, _try, _export,
)  # fmt: skip
"""From what makes a score worthless to what is nice to have."""
