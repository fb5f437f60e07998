"""Chapters about training: last layers, all layers, from scratch, continued, repeated, and the runs on the disk."""

from cnnstudio.jobs import specs
from cnnstudio.jobs.selftest.scene import CLASSIC, NETWORK, Scene, Steps
from cnnstudio.training.recipe import Recipe, recipe_from_plain


def training(scene: Scene) -> Steps:
    """One of each mode."""
    head = Recipe(dataset=str(scene.folder), network=NETWORK, mode="head")
    yield specs.EstimateRun(recipe=head, dataset=scene.dataset)
    scene.run = yield specs.FineTune(recipe=head)
    scratch = Recipe(dataset=str(scene.folder), network=CLASSIC, mode="scratch", epochs=1, input_size=48)
    scene.classic = yield specs.FineTune(recipe=scratch)
    yield specs.ResumeRun(run=scene.classic.folder, epochs=2)
    yield specs.FindRate(recipe=scratch)
    everything = Recipe(
        dataset=str(scene.folder),
        network=NETWORK,
        mode="all",
        start_from=str(scene.run.folder),
        epochs=1,
        input_size=96,
    )
    yield specs.FineTune(recipe=everything)
    last = yield specs.TrainRepeats(recipe=head, kind="seeds", count=2)
    first = next(run for run in (yield specs.ListRuns(folder=scene.folder)) if run.record.repeat and run != last)
    yield specs.DeleteRun(run=last)
    yield specs.ContinueRepeats(run=first.folder)


def runs(scene: Scene) -> Steps:
    """Listed, compared, renamed, deleted, and their recipes as files."""
    run = scene.run
    yield specs.LookAtTest(run=run.folder)
    found = yield specs.ListRuns(folder=scene.folder)
    other = next(each for each in found if each.record.repeat)
    yield specs.FindRuns()
    yield specs.ReadHistories(runs=(run.folder, scene.classic.folder))
    yield specs.CompareRuns(first=run.folder, second=other.folder)
    yield specs.SaveRecipe(recipe=recipe_from_plain(run.record.recipe), file=scene.out("recipe.toml"))
    yield specs.OpenRecipe(file=scene.out("recipe.toml"))
    yield specs.RenameRun(run=other, name="noch einer")


def scores(scene: Scene) -> Steps:
    """What was right, and what was not."""
    run = scene.run
    yield specs.CountFigures(record=run.record, split="validation")
    yield specs.TellBeside(score=run.record.scores["validation"])
    yield specs.FindMistakes(run=run.folder)
    yield specs.ReadPredictions(run=run.folder)
    yield specs.Summarise(run=run, split="validation", dataset=scene.dataset)
