"""Pictures that a person sorts into classes here: the files stay where they are, the classes are decisions."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cnnstudio.core import Watch, counted, one_spelling, storage_error
from cnnstudio.data.archives.packed import opened_root
from cnnstudio.data.collect import free_name, names_of_folders
from cnnstudio.data.curation import Curation, load_curation, project_folder, save_curation
from cnnstudio.data.dataset import sample_key
from cnnstudio.data.layouts.listing import Listing, list_pictures
from cnnstudio.data.layouts.reading import BY_HAND
from cnnstudio.data.overview import COVERS, Overview, load_overview, save_cover, save_overview


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsorted:
    """Pictures of a folder without classes, and what was decided about them so far."""

    root: Path
    """The folder, or what an archive was unpacked to."""
    names: tuple[str, ...]
    """Of every picture, relative to the folder, with forward slashes."""
    classes: Mapping[str, str]
    """By name; of those that were sorted."""
    skipped: frozenset[str]


def unsorted_pictures(folder: Path, watch: Watch) -> Unsorted:
    """What there is to sort.

    Raises:
        DatasetError: an archive cannot be unpacked.
        OSError: the folder may not be opened.
        StopRequested: a stop was asked for.
    """
    root = opened_root(folder, watch)
    names = tuple(list_pictures(root, classes_from=BY_HAND, control=watch.control).names)
    decided, there = load_curation(root), set(names)
    classes = {name: own for name, own in decided.classes.items() if name in there}
    return Unsorted(root=root, names=names, classes=classes, skipped=frozenset(decided.left_out) & there)


def keep_sorting(pictures: Unsorted, opened: str) -> None:
    """Remember how pictures are sorted, and what a list of projects tells of it.

    Args:
        pictures: as sorted by now.
        opened: when; ISO 8601, UTC.

    Raises:
        NewerFormat, StorageError: then nothing changed.
    """
    before, there = load_curation(pictures.root), set(pictures.names)
    others = {name: own for name, own in before.classes.items() if name not in there}
    skipped = [name for name in before.left_out if name not in there] + sorted(pictures.skipped)
    after = replace(before, classes={**others, **pictures.classes}, left_out=tuple(skipped), classes_from=BY_HAND)
    if after != before:
        save_curation(pictures.root, after)
    folder = project_folder(pictures.root)
    known = load_overview(folder)
    if known is not None and not known.sorting:
        return
    paths = [pictures.root / name for name in pictures.names[:COVERS]]
    covers = tuple(sample_key(path).hex() for path in paths)
    if known is None or known.covers != covers:
        save_cover(folder, paths)
    sorted_so_far = len(pictures.classes)
    overview = Overview(root=str(pictures.root), opened=opened, pictures=sorted_so_far, covers=covers, sorting=True)
    save_overview(replace(overview, classes=len(set(pictures.classes.values()))), folder)


def sorted_by_hand(folder: Path, listing: Listing, decided: Curation) -> Listing:
    """Only what a person sorted; of the rest it is said how much there is.

    Pictures that were added to one of these classes later lie in a folder that is called like it.
    """
    known = {one_spelling(name): name for name in decided.classes.values()}
    kept, left = Listing(problems=listing.problems), 0
    for name in listing.names:
        own = decided.classes.get(name) or known.get(one_spelling(name.split("/")[0]) if "/" in name else "", "")
        if own:
            kept.add([name], own, None)
        elif name not in decided.left_out:
            left += 1
    if left:
        detail = f"{counted(left, 'picture is', 'pictures are')} not sorted yet, so the class is not known."
        kept.complain(folder, "outside-classes", detail)
    return kept


def copy_sorted(pictures: Unsorted, target: Path, watch: Watch) -> Path:
    """Copy what was sorted into a folder for each class; nothing that is there already is overwritten.

    Raises:
        StorageError: something cannot be read or written.
        StopRequested: a stop was asked for; what was copied stays.
    """
    classes = sorted(set(pictures.classes.values()))
    folders = dict(zip(classes, names_of_folders(classes), strict=True))
    for done, (name, own) in enumerate(pictures.classes.items()):
        watch.check()
        watch.progress(done, len(pictures.classes), "Copying the pictures")
        source, folder = pictures.root / name, target / folders[own]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, free_name(folder, source))
        except OSError as error:
            raise storage_error(folder, error) from error
    return target
