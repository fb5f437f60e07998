"""Chapters about predictions, exports and the Lab."""

from cnnstudio.export.formats import FORMATS
from cnnstudio.jobs import specs
from cnnstudio.jobs.selftest.scene import Scene, Steps
from cnnstudio.lab import each, kernel_of
from cnnstudio.networks import ModelRef


def predicting(scene: Scene) -> Steps:
    """Files, frames, folders."""
    model, pictures = scene.model, tuple(sample.path for sample in scene.dataset.samples[:4])
    info = yield specs.DescribeModel(model=model)
    answers = yield specs.Predict(model=model, images=pictures)
    yield specs.PredictFrame(model=model, pixels=scene.pixels)
    yield specs.SaveAnswers(file=scene.out("answers.csv"), answers=answers)
    yield specs.KeepPasted(pixels=scene.pixels)
    yield specs.Evaluate(model=model, folder=scene.folder, split="all")
    yield specs.MeasureMirror(run=scene.run.folder)
    yield specs.ShowMaps(model=model, image=scene.picture, layer=info.layers[-1].name)


def exporting(scene: Scene) -> Steps:
    """Every format of the table, of a network of torchvision's kind and of one that is defined here."""
    yield specs.LookAtExport(run=scene.run.folder)
    for name in FORMATS:
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
