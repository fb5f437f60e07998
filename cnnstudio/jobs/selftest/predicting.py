"""Chapters about predictions, exports and the Lab."""

from cnnstudio.export.formats import FORMATS
from cnnstudio.inference.folder.results import TableSpec
from cnnstudio.inference.sorting.results import SortSpec
from cnnstudio.jobs import specs
from cnnstudio.jobs.selftest.scene import Endless, Scene, Steps
from cnnstudio.lab import each, kernel_of
from cnnstudio.networks import ModelRef

_HEAD_OF_A_FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)


def predicting(scene: Scene) -> Steps:
    """Files, frames, folders."""
    model, pictures = scene.model, tuple(sample.path for sample in scene.dataset.samples[:4])
    info = yield specs.DescribeModel(model=model)
    answers = yield specs.Predict(model=model, images=pictures)
    yield specs.PredictFrame(model=model, pixels=scene.pixels)
    yield specs.SaveAnswers(file=scene.out("answers.csv"), answers=answers)
    yield specs.KeepPasted(pixels=scene.pixels)
    film = scene.out("film.mp4")
    film.write_bytes(_HEAD_OF_A_FILM)
    yield specs.CheckFilm(file=film)
    yield specs.Evaluate(model=model, folder=scene.folder, split="all")
    yield specs.MeasureMirror(run=scene.run.folder)
    yield specs.ShowMaps(model=model, image=scene.picture, layer=info.layers[-1].name)


def folders(scene: Scene) -> Steps:
    """A folder into a table, sorted by answers and back, watched, as embeddings; and other programs that ask."""
    model, table = scene.model, TableSpec(file=scene.out("answers of a folder.csv"))
    yield specs.PredictFolder(model=model, images=(scene.folder,), table=table)
    yield specs.FindTable(folder=scene.folder, model=model.source)
    yield specs.LookAtTable(file=table.file)
    yield specs.FindUnsure(table=table.file)
    sorting = SortSpec(folder=scene.folder, out=scene.out("sorted by answers"))
    plan = yield specs.PlanSorting(model=model, sorting=sorting)
    yield specs.SortPictures(plan=plan)
    yield specs.UndoSorting(out=sorting.out)
    yield specs.EmbedFolder(model=model, folder=scene.folder, out=scene.out("embeddings"))
    yield Endless(specs.WatchFolder(model=model, folder=scene.folder))
    yield Endless(specs.ServeModel(model=model, port=0))


def exporting(scene: Scene) -> Steps:
    """Every format of the table, of a network of torchvision's kind and of one that is defined here."""
    yield specs.LookAtExport(run=scene.run.folder)
    yield specs.FindExported(run=scene.run.folder, name="bundle")
    for name in (kind.name for kind in FORMATS.values() if not kind.missing()):
        for run in (scene.run, scene.classic):
            out = scene.out(f"{name} of {run.record.network}")
            yield specs.ExportModel(model=ModelRef(source=str(run.folder)), format=name, out=out)
    weights = next(scene.out(f"state-dict of {scene.classic.record.network}").rglob("*.pth"))
    yield specs.CheckWeights(file=weights)


def lab(scene: Scene) -> Steps:
    """Operations on a picture of one's own, with kernels of a network."""
    pixels = yield specs.OpenForLab(pictures=(scene.picture,), side=48)
    yield specs.TakeFilters(model=scene.model)
    yield specs.TryOperations(pixels=pixels, operations=(each(kernel_of("sharpen")),))
    yield specs.SaveTable(file=scene.out("table.csv"), rows=(("a", "b"), (1, 2)))
    yield specs.SavePicture(file=scene.out("picture.png"), pixels=scene.pixels)


def leaving(scene: Scene) -> Steps:
    """What is done last: caches emptied."""
    yield specs.ClearCache(parts=("thumbnails", "pasted"))
