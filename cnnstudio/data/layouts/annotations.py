"""Masks and other annotations beside photographs, so that they are never learned from as pictures or classes."""

import re
from collections.abc import Iterator, Sequence

from cnnstudio.data.layouts.folder import Tree
from cnnstudio.data.layouts.folder_words import goes_with_others, holds_pictures, splits_among
from cnnstudio.data.reading import suffix_of

_SHARE = 0.8
"""Of the stems of a folder of masks are those of photographs."""
_END = re.compile(
    r"[ _.\-]*(masks?|seg|segmentations?|gt|ground[ _\-]?truth|trimaps?|annotations?|labels?|depth|heatmaps?)"
    r"([ _\-]?\d+)?$",
    re.IGNORECASE,
)
"""What is put behind a photograph's name."""
_LEAST = 2
_BOXES = {".txt": "YOLO", ".xml": "Pascal VOC", ".json": "LabelMe"}
_COCO = re.compile(r"(^|[_.])(instances?|annotations?|coco|captions?|person_keypoints|panoptic|stuff)([_.]|$)", re.I)


def masks_among(names: Sequence[str]) -> frozenset[str]:
    """Files called as others in the same folder, with such as ``_mask`` behind; these are no pictures to learn from."""
    ends = {name: _END.sub("", stem) for name in names if _END.search(stem := _stem(name))}
    if len(ends) < _LEAST:
        return frozenset()
    stems = {_stem(name) for name in names if name not in ends}
    found = [name for name, start in ends.items() if start in stems]
    return frozenset(found) if len(found) >= _LEAST and len(found) >= _SHARE * len(ends) else frozenset()


def paired(tree: Tree, kids: Sequence[Tree]) -> list[Tree]:
    """Those of a folder's folders that are called as annotations, and whose files are called as photographs beside."""
    named = [kid for kid in kids if goes_with_others(kid.name)]
    beside = [kid for kid in kids if kid not in named]
    if not named or not (beside or tree.own):
        return []
    splits = splits_among(kid.name for kid in beside)
    lone = [kid for kid in beside if not holds_pictures(kid.name) and kid.name not in splits]
    if len(lone) == len(beside) == 1 and not tree.own and not any(kid.count for kid in lone[0].inner):
        return []  # two folders of equal right, such as mask and bare
    stems = {_stem(name) for name in tree.pictures}
    stems.update(_stem(name) for kid in beside for each in kid.below() for name in each.pictures)
    return [kid for kid in named if _covered(kid, stems)]


def boxes_in(tree: Tree, most: int = 400) -> Iterator[tuple[str, str]]:
    """Formats of annotations for parts of pictures that lie in a folder, and where: ``("COCO", "annotations/a.json")``.

    Known by names alone: a text, XML or JSON file for each picture, or one JSON called as they are called.
    """
    stems = {_stem(name) for each in tree.below() for name in each.pictures}
    said: set[str] = set()
    for each in tree.below():
        others = [name for name in each.folder.files if suffix_of(name) in _BOXES][:most]
        for suffix, format_name in _BOXES.items():
            own = [name for name in others if suffix_of(name) == suffix]
            fit = [name for name in own if _stem(name) in stems]
            where = each.folder.start.removesuffix("/") or tree.name
            if suffix == ".json" and (coco := [name for name in own if _COCO.search(name)]) and len(fit) < _LEAST:
                format_name, fit, where = "COCO", [coco[0]] * _LEAST, each.folder.start + coco[0]
            if len(fit) >= min(_LEAST, max(1, len(stems))) and format_name not in said:
                said.add(format_name)
                yield format_name, where


def _covered(kid: Tree, stems: set[str]) -> bool:
    own = [_stem(name) for each in kid.below() for name in each.pictures]
    found = sum(stem in stems or _END.sub("", stem) in stems for stem in own)
    return found >= _SHARE * len(own)


def _stem(name: str) -> str:
    return name[: len(name) - len(suffix_of(name))]
