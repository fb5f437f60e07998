"""What each finding means, in plain words."""

from dataclasses import dataclass

from cnnstudio.data.dataset import Finding, FindingKind


@dataclass(frozen=True, slots=True)
class Words:
    """One kind of finding."""

    title: str
    meaning: str
    """Why it matters, and what the app does about it."""


WORDS: dict[FindingKind, Words] = {
    "leakage": Words(
        "The same picture on both sides of the split",
        "The network is tested on pictures it has learned from, so its accuracy looks better than it is. Leaving out "
        "the copies outside training makes the number honest.",
    ),
    "torn-group": Words(
        "What belongs together is on both sides of the split",
        "By their names, such as the same patient or video. The network may know them again instead of what they show, "
        "and its accuracy looks better than it is.",
    ),
    "two-classes": Words(
        "The same picture in two classes",
        "One of the labels must be wrong, or the classes overlap. Only you can tell which: leave one out, or change "
        "its class.",
    ),
    "duplicate": Words(
        "The same file several times",
        "Copies teach nothing new and count several times. When the app draws the split, they stay on one side.",
    ),
    "near-duplicate": Words(
        "Pictures that look the same",
        "Resized, saved again or taken a moment later. When the app draws the split, it keeps them on one side.",
    ),
    "blank": Words("Pictures of one colour", "There is nothing to learn from them."),
    "tiny": Words(
        "Much smaller than the others", "They are blown up, and the network sees mostly blur. Often thumbnails."
    ),
    "thin": Words("Very long and thin", "The network sees only the square in the middle."),
    "huge": Words("Very large files", "They are read correctly, only slowly. Smaller copies train as well."),
    "wrong-extension": Words(
        "The name says another format",
        "They are read by their content, so nothing is lost; other programs may stumble.",
    ),
    "rotated": Words(
        "Turned by the camera's note", "They are shown and learned upright, as you see them, also when you predict."
    ),
    "grey": Words(
        "Grey among colour",
        "Fine where grey means nothing; if one class has more of them, the network learns that instead.",
    ),
    "small-class": Words(
        "Classes with few pictures",
        "Under 20 to learn from: their accuracy is mostly luck, and the results say how much. More pictures "
        "help more than any setting.",
    ),
    "unbalanced": Words(
        "Very uneven classes",
        "Guessing the largest class already looks good. The results show every class by itself; and small classes can "
        "count more in training, so that they are not given up for the large ones.",
    ),
}


def sentence(finding: Finding) -> str:
    """One line for a terminal, such as ``The same file several times: 4 pictures in 2 groups``."""
    words = WORDS[finding.kind]
    if finding.classes:
        return f"{words.title}: {', '.join(finding.classes)}."
    together = any(len(group) > 1 for group in finding.groups)
    groups = f" in {len(finding.groups)} group{'s' if len(finding.groups) > 1 else ''}" if together else ""
    return f"{words.title}: {finding.count:,} picture{'s' if finding.count > 1 else ''}{groups}."
