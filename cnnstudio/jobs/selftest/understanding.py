"""Chapters about what a network learned, gets wrong and looks at."""

from cnnstudio.jobs import specs
from cnnstudio.jobs.selftest.scene import Scene, Steps
from cnnstudio.understanding.stress.changes import CHANGES


def trust(scene: Scene) -> Steps:
    """How sure, how careful, how robust."""
    run = scene.run.folder
    yield specs.GatherAnswers(run=run)
    yield specs.BeCareful(run=run, careful=0.5)
    sure = yield specs.LookHowSure(run=run)
    yield specs.PromiseShare(run=run, target=0.9)
    yield specs.CountOverlooked(evidence=sure.evidence, label=0, times=2.0)
    yield specs.TestStress(run=run, most=6, changes=(CHANGES[0].name,))
    yield specs.LookForShortcuts(run=run)
    yield specs.ReadTests(run=run)
    yield specs.ChangePicture(run=run, picture=scene.picture, change=CHANGES[0].name, strength=CHANGES[0].strengths[1])


def labels(scene: Scene) -> Steps:
    """Doubtful labels, more pictures, a map of all."""
    run = scene.run.folder
    yield specs.FindDoubts(run=run, dataset=scene.dataset)
    yield specs.CountDoubtful(run=run, dataset=scene.dataset)
    yield specs.ForecastGrowth(run=run, dataset=scene.dataset)
    yield specs.LayOutPictures(run=run)


def why(scene: Scene) -> Steps:
    """What speaks for an answer."""
    model, picture = scene.model, scene.picture
    yield specs.ExplainAnswer(model=model, image=picture)
    yield specs.ExplainFrame(model=model, pixels=scene.pixels)
    yield specs.FindAlike(run=scene.run.folder, image=picture)
    yield specs.CoverPart(model=model, image=picture, box=(0.2, 0.2, 0.5, 0.5))
    yield specs.CoverSquares(model=model, image=picture)


def inside(scene: Scene) -> Steps:
    """Channels that decide, and what excites them."""
    model, picture = scene.model, scene.picture
    ranking = yield specs.RankChannels(model=model, image=picture)
    layer = ranking.maps.layer
    yield specs.RankBeside(model=model, image=picture, layer=layer, most=1)
    yield specs.SwitchOff(model=model, image=picture, layer=layer, channels=ranking.order[:2])
    excited = yield specs.FindExciting(run=scene.run.folder, layers=(layer,))
    yield specs.ShowCrops(model=model, excited=excited, layer=layer, channels=(0,))
    yield specs.ShowFilters(model=model)
    yield specs.CompareBefore(model=model, image=picture, layer=layer)
