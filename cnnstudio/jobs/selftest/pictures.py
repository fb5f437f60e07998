"""Chapters about pictures: scanned, decided about, collected, sorted by hand, and the projects they are."""

import shutil
from pathlib import Path

from cnnstudio.data import AugmentSpec
from cnnstudio.data.second_look import Look
from cnnstudio.jobs import specs
from cnnstudio.jobs.selftest.scene import Scene, Steps

_EACH = (60, 12, 12)
"""Pictures of each class: as many of the first as a look for shortcuts needs."""
_FOLDER = "Blätter und Früchte 葉"


def pictures(scene: Scene) -> Steps:
    """Draw, scan, read names, vary."""
    scene.sample = yield specs.MakeSample()
    folder = _some_of(scene.sample, scene.place / _FOLDER)
    scene.dataset = yield specs.ScanFolder(folder=folder)
    yield specs.SortPaths(paths=(folder, scene.picture))
    yield specs.ExistingFolders(folders=(folder, folder / "none"))
    yield specs.MatchNames(names=("cat-01.jpg", "dog-02.jpg"), pattern=r"^([a-z]+)-")
    yield specs.DrawChanges(picture=scene.picture, changes=AugmentSpec(rotate_degrees=10), side=64, count=2)
    yield specs.LookForPractice(name="eurosat")
    yield specs.ForgetPractice(name="eurosat")


def decisions(scene: Scene) -> Steps:
    """Skip, merge, separate, take back, look twice; at the end all is as it was."""
    root, (first, second) = scene.folder, scene.dataset.classes[:2]
    before = yield specs.ReadDecisions(root=root)
    yield specs.Decide(root=root, names=(scene.name,), what="leave-out")
    yield specs.Decide(root=root, names=(scene.name,), what="use-again")
    yield specs.MergeClasses(root=root, merges=((first, second),))
    yield specs.SeparateClass(root=root, name=first)
    yield specs.TakeLook(root=root, look=Look(name=scene.name, label=first, verdict="right"))
    yield specs.ReadSecondLook(root=root)
    yield specs.TakeBackLook(root=root)
    yield specs.ReadProject(root=root)
    yield specs.Restore(root=root, curation=before)


def projects(scene: Scene) -> Steps:
    """Begin one, add pictures, move it."""
    yield specs.FindPlace()
    root = yield specs.BeginProject(place=scene.place, name="Neues Projekt")
    yield specs.AddPictures(pictures=(scene.picture,), folder=root / "a")
    yield specs.KeepFrame(pixels=scene.pixels, folder=root / "a", stem="recording", number=1)
    yield specs.CountCollected(root=root, names=("a",))
    moved = yield specs.RenameFolder(folder=root, name="Umbenannt")
    elsewhere = shutil.move(moved, scene.place / "anderswo")
    yield specs.FollowPictures(before=moved, now=Path(elsewhere))
    yield specs.NoteProject(dataset=scene.dataset, source=scene.folder)
    yield specs.ListProjects(roots=(scene.folder,))
    yield specs.KeepIn(kind="projects", folder=scene.place)


def sorting(scene: Scene) -> Steps:
    """Pictures without classes, grouped, sorted and copied."""
    heap = scene.place / "heap"
    heap.mkdir()
    for sample in scene.dataset.samples[::10]:
        shutil.copy(sample.path, heap)
    unsorted = yield specs.ListUnsorted(folder=heap)
    yield specs.GroupAlike(root=heap, names=unsorted.names, network="")
    classes = {name: name.partition("-")[0] for name in unsorted.names}
    yield specs.KeepSorting(root=heap, names=unsorted.names, classes=classes, skipped=frozenset())
    yield specs.CopySorted(root=heap, classes=classes, target=scene.place / "sorted")


def _some_of(sample: Path, folder: Path) -> Path:
    """A few pictures of a few classes."""
    for each, most in zip(sorted(path for path in sample.iterdir() if path.is_dir()), _EACH, strict=False):
        (folder / each.name).mkdir(parents=True)
        for picture in sorted(each.iterdir())[:most]:
            shutil.copy(picture, folder / each.name)
    return folder
