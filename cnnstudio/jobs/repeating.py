"""One recipe trained several times: with other seeds, or with another fold for validation."""

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast, get_args

from cnnstudio.core import RecipeError, RunError, Watch
from cnnstudio.data import Dataset, SplitSource
from cnnstudio.data.curation import project_folder
from cnnstudio.data.project import open_dataset
from cnnstudio.data.redraw import drawn_anew, draws_validation, fold_of
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import fine_tune, resume
from cnnstudio.runs import Run
from cnnstudio.runs.record import Repeat, RepeatKind
from cnnstudio.runs.repeats import read_repeats
from cnnstudio.training.recipe import MAX_SEED, Recipe, recipe_from_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """What all repeats have in common."""

    name: str
    kind: RepeatKind
    of: int
    recipe: Recipe
    """That of the first."""
    dataset: Dataset
    root: Path | None
    begun: dict[int, Run] = field(default_factory=dict)

    def recipe_of(self, number: int) -> tuple[Recipe, Dataset]:
        """Recipe and split of a repeat; the first of several seeds is what a single training would be."""
        if self.kind == "folds":
            dataset, seed = fold_of(self.dataset, self.of, number - 1), self.recipe.seed
        else:
            lost = number == 1 and bool(self.begun) and 1 not in self.begun  # with the validation that it had
            again = self.of if lost else number - 1
            again = 0 if self.recipe.start_from else again  # an earlier run has learned from the others
            dataset, seed = drawn_anew(self.dataset, again), (self.recipe.seed + number - 1) % (MAX_SEED + 1)
        return replace(self.recipe, seed=seed, split=dataset.spec), dataset


def train_repeats(job: specs.TrainRepeats, watch: Watch) -> Run:
    """Begin a group, and train all of it.

    Raises:
        RecipeError: the repeats would be the same, or would be judged by what an earlier run has learned from.
        StoppedWith, StudioError: as a single training.
    """
    recipe = job.recipe
    recipe.check_named()
    dataset = job.dataset or open_dataset(Path(recipe.dataset), recipe.split, watch=watch)
    _refuse_senseless(job.kind, recipe, dataset)
    group = _Group(
        name=secrets.token_hex(8),
        kind=job.kind,
        of=job.count,
        recipe=recipe,
        dataset=dataset,
        root=project_folder(Path(recipe.dataset)) if job.in_project else job.runs_root,
    )
    return _train(group, watch)


def continue_repeats(job: specs.ContinueRepeats, watch: Watch) -> Run:
    """Train what is left of a group, as it was begun.

    Raises:
        RunError: the run is a training by itself, or nothing is left.
        StoppedWith, StudioError: as a single training.
    """
    found = read_repeats(job.run)
    if found is None or found.is_complete:
        raise RunError("There is nothing left to train.", meaning="All repeats are finished.")
    first = found.runs[0]
    repeat, environment = first.record.repeat, first.record.environment
    assert repeat is not None
    recipe = recipe_from_plain(first.record.recipe)
    seed = recipe.seed if found.kind == "folds" else (recipe.seed - repeat.number + 1) % (MAX_SEED + 1)
    spec = replace(recipe.split, repeat=0, folds=0, fold=0)
    told = environment.get("split_source", "")
    source = cast("SplitSource", told if told in get_args(SplitSource) else "stratified")
    dataset = load_samples(first.folder / SAMPLES_FILE, Path(recipe.dataset), first.record.classes, source)
    group = _Group(
        name=found.group,
        kind=found.kind,
        of=found.of,
        recipe=replace(recipe, seed=seed, split=spec),
        dataset=replace(dataset, spec=spec, levels=recipe.levels),
        root=first.folder.absolute().parent,
        begun={run.record.repeat.number: run for run in found.runs if run.record.repeat is not None},
    )
    return _train(group, watch)


def _train(group: _Group, watch: Watch) -> Run:
    run: Run | None = None
    for number in range(1, group.of + 1):
        watch.check()
        begun = group.begun.get(number)
        if begun is not None and begun.record.state == "finished":
            run = begun
            continue
        if begun is not None and begun.can_resume:
            run = resume(specs.ResumeRun(run=begun.folder), watch)
        else:
            recipe, dataset = group.recipe_of(number)
            repeat = Repeat(group=group.name, kind=group.kind, number=number, of=group.of)
            job = specs.FineTune(recipe=recipe, dataset=dataset, runs_root=group.root, repeat=repeat)
            run = fine_tune(job, watch)
        watch.partial(run)
    assert run is not None
    return run


def _refuse_senseless(kind: RepeatKind, recipe: Recipe, dataset: Dataset) -> None:
    if kind == "folds":
        if recipe.start_from:
            raise RecipeError(
                "A training that continues an earlier run cannot be repeated with folds.",
                meaning="That run has learned from pictures that would be for validation.",
                remedy="Start from the pretrained weights, or repeat it with seeds.",
            )
        return
    drawn = draws_validation(dataset) and not recipe.start_from
    same = recipe.resolved().solves_head
    if same and not drawn:
        raise RecipeError(
            "Every seed would give the same result here.",
            meaning="A last layer that is solved for leaves nothing to chance, and the validation pictures are given.",
            remedy="Repeat it with folds.",
        )
