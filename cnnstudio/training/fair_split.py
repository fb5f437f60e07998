"""A split whose pictures count fairly for a network that earlier runs have trained."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from cnnstudio.core import FormatError, Problem, RecipeError, RunError, Warned, Watch, counted
from cnnstudio.data import Dataset, Split
from cnnstudio.data.contents import contents_of
from cnnstudio.data.samples import DAMAGE, SAMPLES_FILE, read_samples
from cnnstudio.data.used import ANCESTORS_FILE, Used
from cnnstudio.networks.weights.pretrained import WeightsFile
from cnnstudio.runs import Ancestry, Run, open_run
from cnnstudio.training.lineage import Trail
from cnnstudio.training.recipe import Recipe, recorded_split

FEWEST = 5
"""Pictures that must be left to choose or to judge by, where earlier runs have used the others."""
_DRAWN: dict[str, tuple[Split, ...]] = {
    "stratified": ("train", "validation", "test"), "validation-drawn": ("train", "validation"), "folders": (),
}  # fmt: skip
"""Between which splits pictures may be moved: never out of those that the folder itself has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the network of a training was trained with before it."""

    used: Used = field(default_factory=Used)
    ancestry: Ancestry | None = None
    """None where it was not trained by us."""

    def save(self, run: Path) -> None:
        """Note it in the run's folder, where there is something to note, so that earlier runs may be deleted.

        Raises:
            StorageError: it cannot be written.
        """
        if self.ancestry is not None and not (run / ANCESTORS_FILE).exists():
            self.used.save(run / ANCESTORS_FILE, places=True)


def fair_start(dataset: Dataset, recipe: Recipe, weights: WeightsFile | None, watch: Watch) -> tuple[Dataset, Before]:
    """The pictures that count for the network a recipe starts from, and what is known of it; see ``without_used``."""
    start = {"start_from": recipe.start_from, "weights": str(weights.path) if weights else "none"}
    used = Trail(control=watch.control, pictures=dataset.root).before(start)
    if not recipe.start_from and used == Used():
        return dataset, Before()
    dataset, ancestry = without_used(dataset, used, watch, cross_validated=recipe.resolved().solves_head)
    return dataset, Before(used=used, ancestry=ancestry)


def as_before(dataset: Dataset, recipe: Recipe, watch: Watch) -> Dataset:
    """The pictures split as the run had them that a recipe continues, where it asks for the same split; others stay.

    That run's test pictures stay test pictures so, whatever was split again or moved since.

    Args:
        dataset: as it is split now.
        recipe: says which run, and which split.
        watch: told how many are elsewhere now.

    Raises:
        StopRequested: a stop was asked for.
    """
    movable, earlier, asked = _DRAWN[dataset.split_source], Path(recipe.start_from), recipe.split
    if not recipe.start_from or not movable:
        return dataset
    run = _run(earlier)
    if run is None or recorded_split(run.record.recipe) != asked:
        return dataset
    try:
        rows = list(read_samples(earlier / SAMPLES_FILE))
    except DAMAGE:
        return dataset
    names = [dataset.name_of(sample.path) for sample in dataset.samples]
    contents = contents_of(dataset.root, names, watch.control)
    by_content = {row.content: row.split for row in rows if row.content}
    same_folder = run.record.dataset.resolve() == dataset.root.resolve()
    by_name = {row.name: row.split for row in rows} if same_folder else {}
    samples, moved = [], 0
    for sample, name, content in zip(dataset.samples, names, contents, strict=True):
        split = by_content.get(content) or by_name.get(name, sample.split)
        if split != sample.split and {split, sample.split} <= set(movable):
            sample, moved = replace(sample, split=split), moved + 1
        samples.append(sample)
    if moved:
        elsewhere = counted(moved, "picture is", "pictures are")
        title = (
            f"The split is that of the earlier run {run.record.name}: {elsewhere} in other splits than in the folder's "
            "split of today."
        )
        meaning = "So what was kept for testing then is what tests now."
        watch.emit(Warned(problem=Problem(kind="split", title=title, meaning=meaning)))
    return replace(dataset, samples=tuple(samples), spec=asked)


def without_used(dataset: Dataset, used: Used, watch: Watch, *, cross_validated: bool) -> tuple[Dataset, Ancestry]:
    """Leave out what does not count any more.

    Those are validation pictures that earlier runs learned from, and test pictures that they learned from or chose by.
    Training pictures stay, and those that taught the layers below a last layer are counted where that is answered out
    of fold.

    Args:
        dataset: as it is to be trained on.
        used: by the network that it starts from.
        watch: told how many do not count, or that it is not known.
        cross_validated: whether training pictures get answers that are to say something of new ones.

    Returns:
        The others, and what there is to say of it.

    Raises:
        RecipeError: too few are left.
        StopRequested: a stop was asked for.
    """
    gone, uncounted = set[Path](), dict[str, tuple[int, int]]()
    for split in ("validation", "test"):
        samples = dataset.split(split)
        known = used.among(dataset, samples, watch.control, chosen_by=split == "test")
        if known:
            uncounted[split] = len(known), len(samples)
            gone |= known
    if cross_validated and (taught := used.taught_below_head(dataset, watch.control)):
        uncounted["train"] = len(taught), len(dataset.split("train"))
    judges = [sample for sample in dataset.split("validation") if sample.path not in gone]
    chose = used.compared > 1 and bool(used.among(dataset, judges, watch.control, chosen_by=True))
    ancestry = Ancestry(uncounted=uncounted, unknown=used.unknown, compared=used.compared if chose else 1)
    for sentence in _too_few(ancestry):
        raise RecipeError(
            sentence,
            meaning="How many of them are correct would say little about new pictures.",
            remedy="Split the pictures as the earlier run did, or start from the pretrained weights.",
        )
    for sentence in ancestry.sentences():
        watch.emit(Warned(problem=Problem(kind="trained-with", title=sentence)))
    return replace(dataset, samples=tuple(each for each in dataset.samples if each.path not in gone)), ancestry


def _too_few(ancestry: Ancestry) -> Iterator[str]:
    for split, (used, count) in ancestry.uncounted.items():
        if split != "train" and count - used < FEWEST:
            pictures = counted(count, f"{split} picture")
            yield f"Too few are left of the {pictures}: earlier runs have used {used:,}."


def _run(folder: Path) -> Run | None:
    try:
        return open_run(folder)
    except (FormatError, RunError):
        return None
