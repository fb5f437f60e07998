"""What each kind of finding says to a person, in the window and in a terminal."""

from dataclasses import dataclass

from cnnstudio.core import counted, isolated
from cnnstudio.data.dataset import Finding, FindingKind


@dataclass(frozen=True, slots=True)
class Words:
    """One kind of finding."""

    title: str
    meaning: str
    """Why it matters, and what the app does about it."""
    one: str = ""
    """What is counted, in a line that names several kinds; empty where nothing has to be done."""
    many: str = ""


WORDS: dict[FindingKind, Words] = {
    "leakage": Words(
        "The same picture on both sides of the split",
        "The network is tested on pictures it has learned from, so its accuracy looks better than it is. "
        "Skipping the copies outside training makes the number honest.",
        one="picture on both sides of the split",
        many="pictures on both sides of the split",
    ),
    "torn-group": Words(
        "What belongs together is on both sides of the split",
        "By their names or a table, such as the same patient or video. The network may recognise these instead of "
        "what the pictures show, and its accuracy looks better than it is.",
        one="picture of a group on both sides of the split",
        many="pictures of groups on both sides of the split",
    ),
    "alike-classes": Words(
        "Classes that are spelt almost alike",
        "They differ only in upper and lower case, blanks or hyphens, or one is called as a copy of another. If they "
        "are one class, the network is taught to tell apart what looks the same: merge them. Your folders and tables "
        "stay as they are.",
        one="class spelt almost like another",
        many="classes spelt almost alike",
    ),
    "two-classes": Words(
        "The same picture in two classes",
        "One of the labels must be wrong, or the classes overlap. Only you can tell which: skip one, or "
        "change its class.",
        one="picture in two classes",
        many="pictures in two classes",
    ),
    "duplicate": Words(
        "The same file several times",
        "Copies teach nothing new and count several times. When CNN Studio makes the split, they stay on one side.",
        one="copy",
        many="copies",
    ),
    "near-duplicate": Words(
        "Pictures that look the same",
        "Resized, saved again or taken a moment later. When CNN Studio makes the split, they stay on one side.",
        one="look-alike",
        many="look-alikes",
    ),
    "blank": Words(
        "Pictures of one colour",
        "There is nothing to learn from them.",
        one="picture of one colour",
        many="pictures of one colour",
    ),
    "tiny": Words(
        "Much smaller than the others",
        "They are enlarged, and the network sees mostly blur. Often thumbnails.",
        one="very small picture",
        many="very small pictures",
    ),
    "thin": Words(
        "Very long and thin",
        "The network sees only the square in the middle.",
        one="very thin picture",
        many="very thin pictures",
    ),
    "huge": Words("Very large files", "They are read correctly, only slowly. Smaller copies train as well."),
    "levels": Words(
        "Values that use part of their range",
        "All of them are read by one scale, the same in training, prediction and export, so that they are not too "
        "dark to see anything. What lies beyond it becomes black or white.",
    ),
    "bands": Words(
        "More than three bands",
        "Their first three are used as red, green and blue; the others, such as infrared, are not seen. Save the "
        "bands that matter as pictures of three bands if these are others.",
        one="picture of more than three bands",
        many="pictures of more than three bands",
    ),
    "frames": Words(
        "Several pages or frames",
        "Only the first one is used. Save the others as pictures of their own if they should count.",
        one="picture of several pages",
        many="pictures of several pages",
    ),
    "wrong-extension": Words(
        "File name ending of another format",
        "They are read by their content, so nothing is lost; other programs may not open them.",
    ),
    "rotated": Words(
        "Rotated by the camera (no action needed)",
        "They are shown and learned upright, as you see them, also when you predict.",
    ),
    "grey": Words(
        "A few black-and-white pictures",
        "Harmless unless one class has more of them: then the network learns “grey” instead of the object.",
        one="black-and-white picture",
        many="black-and-white pictures",
    ),
    "small-class": Words(
        "Classes with few pictures",
        "Fewer than 20 to learn from: their accuracy is mostly luck, and the results say how much. More "
        "pictures help more than any setting.",
        one="class with few pictures",
        many="classes with few pictures",
    ),
    "kept-together": Words(
        "What belongs together stays on one side of the split",
        "A column of your table says so, such as a patient: the network is tested on others than it learned from, so "
        "that its accuracy holds for new ones. No action needed; “Change…” beside the split, below the pictures, "
        "switches it off.",
    ),
    "unbalanced": Words(
        "Very uneven classes",
        "Always guessing the largest class would already score high. Check the score of each class. "
        "Training can balance the classes, so that small ones are not given up for large ones.",
        one="very uneven class",
        many="very uneven classes",
    ),
}


def sentence(finding: Finding) -> str:
    """One line for a terminal, such as ``The same file several times: 4 pictures in 2 groups``."""
    words = WORDS[finding.kind]
    if finding.classes:
        return f"{words.title}: {classes_in_words(finding)}."
    pictures = counted(finding.count, "picture")
    if finding.column:
        return f"{words.title} ({finding.column}): {pictures} in {counted(len(finding.groups), 'group')}."
    if any(len(group) > 1 for group in finding.groups):
        return f"{words.title}: {pictures} in {counted(len(finding.groups), 'group')}."
    note = f" {finding.note}" if finding.note else ""
    return f"{words.title}: {pictures}.{note}"


def brief(finding: Finding) -> str:
    """A few words among those of other kinds, such as ``189 copies``; empty where nothing has to be done."""
    words = WORDS[finding.kind]
    return counted(len(finding.spare) or finding.count, words.one, words.many) if words.one else ""


def classes_in_words(finding: Finding) -> str:
    """The classes that it is about, such as ``Cat, cat``, or with their likes, such as ``Cat = cat, Dog = dog``."""
    if not finding.merges:
        return ", ".join(map(isolated, finding.classes))
    targets = dict(finding.merges)
    return "".join(f"{' = ' if name in targets else ', '}{isolated(name)}" for name in finding.classes).removeprefix(
        ", "
    )
