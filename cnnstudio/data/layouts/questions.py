"""What a person is asked, or told, where a folder does not say by itself what its classes are."""

import os
from itertools import islice
from pathlib import Path

from cnnstudio.core import Choice, ClassesUnclear, DatasetError, LabelsInNames, PicturesUnsorted, counted, paths
from cnnstudio.data.layouts.annotations import boxes_in
from cnnstudio.data.layouts.folder import Tree
from cnnstudio.data.layouts.folder_words import annotates
from cnnstudio.data.layouts.name_labels import classes_in_words
from cnnstudio.data.layouts.reading import Layout, listed
from cnnstudio.data.reading import is_picture

_TRIED = 200
"""Entries of a folder that are looked at for a hint."""
_PARTS = "Boxes and outlines say where something is on a picture; CNN Studio learns what a whole picture shows."


def question(tree: Tree, layout: Layout) -> ClassesUnclear | None:
    """Which of several readings is meant, each with its classes and counts; None where there is no reading.

    Args:
        tree: the folder a person chose.
        layout: is not certain.
    """
    if not layout.readings:
        return None
    name = tree.name
    choices = tuple(Choice(key=each.key, text=each.in_words(layout.reasons)) for each in layout.readings)
    first = layout.readings[0]
    if len(choices) == 1 and first.labels:
        return LabelsInNames(
            f"The pictures in {name} are not in class folders, but their names look like labels.",
            meaning=f"{classes_in_words(first.labels.counts)}.",
            remedy="Use the names as classes, or make one subfolder per class.",
            choices=choices,
        )
    if len(choices) == 1:
        return ClassesUnclear(
            f"Folders in {name} are not called as classes usually are.",
            meaning=f"Their classes would be {choices[0].text}.",
            remedy="Use them as classes if they are, or make one subfolder per class.",
            choices=choices,
        )
    return ClassesUnclear(
        f"Which folders in {name} are the classes?"
        if not any(each.labels for each in layout.readings)
        else f"What are the classes of {name}?",
        meaning=f"They could be {'; or '.join(choice.text for choice in choices)}.",
        remedy="Choose one; the choice is remembered. To use only a part of the pictures, open the folder they are in.",
        choices=choices,
    )


def unlabelled(tree: Tree, layout: Layout) -> DatasetError | None:
    """Why there is nothing to learn from, where the pictures are there; None where they are not.

    Args:
        tree: the folder a person chose.
        layout: has no reading.
    """
    name = tree.name
    heaps = [each for each in tree.below() if each.pictures and each not in layout.reasons]
    remedy = "Make a subfolder per class, or add a table (CSV) of file names and labels."
    if boxes := list(boxes_in(tree)):
        said = " and ".join(f"{where} ({kind})" for kind, where in boxes)
        return DatasetError(
            f"The pictures in {name} are labelled for finding objects, not as whole pictures: {said}.",
            meaning=_PARTS,
            remedy=remedy,
        )
    if masks := next((each.name for each in layout.reasons if annotates(each.name)), ""):
        return DatasetError(
            f"The pictures in {name} come with masks ({masks}), not with a class each.",
            meaning=_PARTS,
            remedy=remedy,
        )
    if len(heaps) < 2:
        return None
    places = " and ".join([each.name for each in heaps[:4]] + [f"{len(heaps) - 4:,} more"] * (len(heaps) > 4))
    pictures = counted(sum(each.own for each in heaps), "picture is", "pictures are")
    return PicturesUnsorted(
        f"Nothing in {name} says what is on its pictures.",
        meaning=f"{pictures} in {places}, with no folder per class inside, no table of labels beside, and no labels in "
        "their names.",
        remedy="Make a subfolder per class in each of them, or add a table (CSV) of file names and labels.",
    )


def better_folder(root: Path) -> str:
    """A sentence that names the folder above, where the one that a person chose looks like one class beside others.

    Empty where it does not, or where the folder above is a person's home or a whole drive.
    """
    root = root.absolute()
    above = root.parent
    if above in (Path.home(), Path(above.anchor), paths.unpacked_folder()):
        return ""
    try:
        with os.scandir(above) as entries:
            beside = sorted(entry.name for entry in islice(entries, _TRIED) if entry.is_dir() and _has_pictures(entry))
    except OSError:
        return ""
    others = [name for name in beside if name != root.name and not name.startswith(".")]
    if root.name not in beside or not others:
        return ""
    return f"If {root.name} is one class, open {above.name} instead, which also holds {listed(others)}."


def _has_pictures(folder: os.DirEntry[str]) -> bool:
    with os.scandir(folder.path) as entries:
        return any(is_picture(entry.name) for entry in islice(entries, _TRIED))
