"""Levels of folders that could be the classes: the first one, and those below that may be meant as well."""

from collections.abc import Iterator, Sequence

from cnnstudio.data.layouts.folder_words import annotates, counts_up, holds_pictures, is_number, split_of, splits_among
from cnnstudio.data.layouts.reading import Place
from cnnstudio.data.layouts.survey import Survey, plain_name

_MOST = 0.8
"""Of the pictures must lie below a level that could be the classes."""


def levels_of(first: Sequence[Place], survey: Survey) -> list[list[Place]]:
    """The first level, and those below it that could be the classes as well.

    Args:
        first: folders beside each other, in one place or in several splits.
        survey: of the tree they are in.
    """
    level = list(first)
    levels, total = [level], sum(survey.count(place.tree) for place in first)
    starts_dull, are_numbers = is_dull(level_names(first)), all(is_number(place.label) for place in first)
    while True:
        above, level = level, [inner for place in level for inner in _below(place, survey)]
        names = level_names(level)
        if not level or sum(survey.count(place.tree) for place in level) < _MOST * total:
            return levels
        if len(names) < 2:
            continue
        if is_dull(names, numbers=not are_numbers):
            if not starts_dull:
                return levels
            continue
        if starts_dull or _come_again(above, survey) or _is_taxonomy(above, survey):
            levels.append(level)
        elif len(level) > len(above):
            return levels


def level_names(level: Sequence[Place]) -> set[str]:
    """Of the folders of one level."""
    return {place.label for place in level}


def is_dull(names: set[str], *, numbers: bool = False) -> bool:
    """Whether at least half of them are called by dates, parts or as what holds pictures."""
    dull = [
        name
        for name in names
        if holds_pictures(name)
        or annotates(name)
        or split_of(name)
        or (counts_up(name, individuals=True) and (numbers or not is_number(name)))
    ]
    return 2 * len(dull) >= len(names)


def _below(place: Place, survey: Survey) -> Iterator[Place]:
    """The folders in one; where these are only its splits, those in them."""
    kids = survey.kids(survey.inside(place.tree))
    splits = splits_among(kid.name for kid in kids)
    if "train" not in splits.values() or len(splits) < len(kids):
        yield from (Place(kid, kid.name, place.split) for kid in kids)
        return
    for kid in kids:
        if holder := survey.class_holder(kid):
            yield from (Place(inner, inner.name, splits[kid.name]) for inner in survey.kids(holder))


def _come_again(above: Sequence[Place], survey: Survey) -> bool:
    """Whether most names below a level are those of folders in several of its classes, or lie in own splits."""
    inside: dict[str, set[str]] = {}
    for place in above:
        for inner in _below(place, survey):
            if inner.split != place.split:
                return True
            inside.setdefault(plain_name(inner.label), set()).add(place.label)
    return 2 * sum(len(classes) > 1 for classes in inside.values()) >= len(inside)


def _is_taxonomy(above: Sequence[Place], survey: Survey) -> bool:
    """Whether each class holds nothing but folders with words for names."""
    kids = [survey.kids(survey.inside(place.tree)) for place in above]
    bare = all(own and not survey.inside(place.tree).own for place, own in zip(above, kids, strict=True))
    return (
        bare
        and not any(any(map(str.isdigit, kid.name)) for own in kids for kid in own)
        and sum(map(len, kids)) > len(above)
    )
