"""Scores in sentences, the same in the window, the terminal and the notes of an export. No torch."""

from collections.abc import Sequence

from cnnstudio.core.names import isolated
from cnnstudio.core.scores import Confusion, FolderScore, SplitScore, worst_mix_ups
from cnnstudio.core.words import counted

_FEWER_GROUPS = 0.95
"""So many groups to a picture, or more, and the sentence does not speak of them; the range always knows them."""
_OTHER_MIX = 0.1
"""Difference in a class's share of two splits from which on they are said to differ."""
INTERVAL_MEANING = (
    "The range is a 95 % interval: it follows from the number of pictures, and holds for new pictures that are like "
    "these. More pictures make it narrower."
)
GROUPS_MEANING = "Pictures that look alike or belong together are one group, and tell about as much as one picture."


def right_sentence(score: SplitScore) -> str:
    """Such as: 270 of 372 test pictures correct (72.6 %), between 67.9 % and 76.8 % on new pictures.

    Pictures that were learned from say nothing about new ones, so their sentence has no range.
    """
    percent, right = f"{100 * score.accuracy:.1f} %", round(score.accuracy * score.images)
    if score.origin == "while-training":
        answers = counted(score.images, "answer")
        return (
            f"{right:,} of {answers} correct ({percent}) while training: on varied pictures, by weights that changed "
            "from step to step."
        )
    pictures = counted(score.images, "picture" if score.split == "all" else f"{score.split} picture")
    if 0 < score.groups < _FEWER_GROUPS * score.images:
        pictures = f"{pictures} in {counted(score.groups, 'group')}"
    if isinstance(score, FolderScore) and score.learned:
        return (
            f"{right:,} of {pictures} correct ({percent}). The network was trained with {score.learned:,} of them, so "
            "this says little about new pictures."
        )
    if isinstance(score, FolderScore) and score.unknown:
        return (
            f"{right:,} of {pictures} correct ({percent}). It is not known which pictures {score.unknown} learned "
            "from, so this may be better than on new pictures."
        )
    if not score.is_fair or score.interval is None:
        return f"{right:,} of {pictures} correct ({percent})."
    low, high = (100 * value for value in score.interval)
    sentence = f"{right:,} of {pictures} correct ({percent}), between {low:.1f} % and {high:.1f} % on new pictures."
    if score.chosen_among > 1:
        epochs = counted(score.chosen_among, "epoch")
        return f"{sentence} These pictures chose the best of {epochs}, so expect slightly less."
    return sentence


def beside_sentence(score: SplitScore) -> str:
    """What else has to be known of an accuracy: that of all classes alike, and that of answering without looking."""
    top5 = score.top5_accuracy
    sentences = (
        f"With every class counted alike: {100 * score.balanced_accuracy:.1f} % (balanced accuracy).",
        f"Always answering with the most frequent class: {100 * score.majority_share:.1f} %.",
        "" if top5 is None else f"The correct class was among the first five for {100 * top5:.1f} %.",
    )
    return " ".join(filter(None, sentences))


def range_meaning(score: SplitScore) -> str:
    """What the range in a score's sentence is; empty where it has none."""
    if not score.is_fair or score.interval is None:
        return ""
    groups = GROUPS_MEANING if 0 < score.groups < score.images else ""
    chosen = (
        "Its lower end allows for the choice: it holds for every one of the epochs at once."
        if score.chosen_among > 1
        else ""
    )
    return " ".join(filter(None, (INTERVAL_MEANING, groups, chosen)))


def told(score: SplitScore) -> str:
    """Everything about a score, for one look, as in a terminal."""
    return "\n".join(filter(None, (right_sentence(score), beside_sentence(score), range_meaning(score))))


def mix_up_sentences(classes: Sequence[str], confusion: Confusion) -> list[str]:
    """The most frequent mistakes, one sentence each, such as: green → blue, 3 times."""
    return [
        f"{isolated(classes[mix_up.true])} → {isolated(classes[mix_up.predicted])}, {counted(mix_up.count, 'time')}"
        for mix_up in worst_mix_ups(confusion)
    ]


def mix_sentence(classes: Sequence[str], one: SplitScore, other: SplitScore) -> str:
    """The class whose share differs most between two splits, where that makes their accuracies incomparable."""
    shares = [[sum(row) / max(1, score.images) for row in score.confusion] for score in (one, other)]
    differences = [abs(first - second) for first, second in zip(*shares, strict=True)]
    most = max(range(len(classes)), key=differences.__getitem__)
    if differences[most] < _OTHER_MIX:
        return ""
    first, second = (100 * own[most] for own in shares)
    name = isolated(classes[most])
    return (
        f"Their classes are mixed differently ({name}: {first:.0f} % of {one.split}, {second:.0f} % of "
        f"{other.split}), so compare {one.split} and {other.split} by balanced accuracy."
    )
