"""What a run is, as values. No torch; the recipe is an opaque JSON object here."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cnnstudio.core import SplitScore, codec, counted, mix_sentence, wilson_interval

RunState = Literal["running", "finished", "stopped", "failed", "interrupted"]
_MANY, _SEVERAL = 1 << 40, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The process that writes a run; with the boot, since process numbers are used again."""

    pid: int
    boot: str


RepeatKind = Literal["seeds", "folds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Which of several trainings by one recipe a run is, that are told together as mean and spread."""

    group: str
    """The same in all of them, and in no others."""
    kind: RepeatKind
    number: int
    """From 1."""
    of: int

    @property
    def words(self) -> str:
        """Such as: fold 2 of 5."""
        return f"{'fold' if self.kind == 'folds' else 'seed'} {self.number} of {self.of}"


def _with_what_scores_are(content: codec.Plain) -> codec.Plain:
    """Version 1 did not say which scores were counted while training, and which chose the best epoch."""
    scores = {split: dict(score) for split, score in content["scores"].items()}
    if "train" in scores:
        exact = content["recipe"].get("mode") == "head" and content["state"] == "finished"
        scores["train"] |= {"interval": None, "origin": "finished" if exact else "while-training"}
    if "validation" in scores:
        own, among = scores["validation"], max(1, content["epochs_done"])
        own |= {
            "chosen_among": among,
            "interval": wilson_interval(round(own["accuracy"] * own["images"]), own["images"], among),
        }
    return {**content, "scores": scores}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestry:
    """What earlier runs, which a run continues, mean for its scores."""

    uncounted: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By split: how many pictures do not count since earlier runs have used them, and how many the split had."""
    unknown: str = ""
    """An earlier run, or a bundle, of which nobody knows what it learned from; empty where all are known."""
    compared: int = 1
    """Among so many epochs of earlier runs its validation pictures have chosen before; 1 where they have not."""

    def sentences(self) -> Iterator[str]:
        """What there is to say beside the scores."""
        for split, (used, count) in self.uncounted.items():
            did = "learned from or chose by" if split == "test" else "learned from"
            pictures = counted(count, "training picture" if split == "train" else f"{split} picture")
            yield f"{used:,} of the {pictures} do not count, since earlier runs {did} them."
        if self.compared > 1:
            epochs = counted(self.compared, "epoch")
            yield f"Its validation pictures have chosen the best of {epochs} of earlier runs before."
        if self.unknown:
            yield (
                f"It is not known which pictures {self.unknown} learned from, which this run continues, so its scores "
                "may be better than on new pictures."
            )


@codec.versioned(_with_what_scores_are)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The content of ``run.json``."""

    name: str
    """For people; the folder keeps its name when this changes."""
    state: RunState
    created: str
    """ISO 8601, UTC."""
    network: str
    classes: tuple[str, ...]
    recipe: dict[str, Any]
    dataset_hash: str
    environment: dict[str, str] = field(default_factory=dict)
    owner: Owner | None = None
    epochs_done: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    scores: dict[str, SplitScore] = field(default_factory=dict)
    """By split: train, validation, test; only splits that were scored."""
    skipped_images: int = 0
    problem: str = ""
    """Why it failed, as one sentence."""
    test_looks: int = 0
    """How often its test score was shown to somebody."""
    ancestry: Ancestry | None = None
    """Of a run that continues another; None for others, and where a version made it that did not compare pictures."""
    refit_head: bool = False
    """Whether no epoch was better than the start, and the last layer was solved for again, with validation pictures."""
    repeat: Repeat | None = None
    """None for a training by itself."""

    def faults(self) -> Iterator[str]:
        """What cannot be, in a file that nobody vouches for: whoever shows a run relies on it."""
        if not (math.isfinite(self.seconds) and self.seconds >= 0):
            yield f"seconds {self.seconds}"
        counts = (self.epochs_done, self.best_epoch, self.skipped_images, self.test_looks)
        if not all(0 <= count < _MANY for count in counts):
            yield f"a count of {', '.join(map(str, counts))}"
        if self.repeat is not None and not 1 <= self.repeat.number <= self.repeat.of <= _MANY:
            yield f"repeat {self.repeat.number} of {self.repeat.of}"
        for name, score in self.scores.items():
            sides = {len(score.confusion), *map(len, score.confusion)}
            sound = 0 <= score.accuracy <= 1 and score.loss >= 0
            if sides != {len(self.classes)} or not sound:
                yield f"score of {name}"

    @property
    def dated_name(self) -> str:
        """Its name with month, day and time, since names repeat."""
        return f"{self.name} · {self.created[5:16].replace('T', ' ')}"

    @property
    def is_doubtful(self) -> bool:
        """Whether earlier runs may have learned from the pictures that it was scored on."""
        return bool(self.ancestry.unknown if self.ancestry else self.scores and self.recipe.get("start_from"))

    @property
    def caveats(self) -> tuple[str, ...]:
        """Sentences that belong beside its scores."""
        if self.ancestry is not None:
            return tuple(self.ancestry.sentences())
        if self.is_doubtful:
            return (
                "This run continues another one, and a version of CNN Studio scored it that did not check whether that "
                "one had learned from the same pictures. To know, score it again with: cnnstudio evaluate RUN FOLDER",
            )
        return ()

    @property
    def solved_head(self) -> bool:
        """Whether its last layer alone was learned, and solved for: without epochs, by cross-validation."""
        return self.recipe.get("head_solver") == "regression" and not self.recipe.get("epochs")

    @property
    def cross_validated(self) -> bool:
        """Whether the last layer that predicts has learned from validation pictures, too, and others answered them."""
        return self.solved_head or self.refit_head

    @property
    def chosen(self) -> str:
        """How its weights were chosen, in words without a full stop."""
        taught = self.ancestry is not None and "train" in self.ancestry.uncounted
        if self.solved_head and self.state == "finished" and "train" not in self.scores and not taught:
            return "Its strength is the usual one: no class has two pictures apart that could choose it"
        if self.solved_head:
            return "Chosen by cross-validation"
        if self.best_epoch and self._nothing_chose:
            return f"The last of its {counted(self.epochs_done, 'epoch')} counts"
        if self.best_epoch:
            return f"Best epoch: {self.best_epoch} of {self.epochs_done}"
        if self.refit_head:
            return (
                "No epoch was clearly better than the start on validation pictures, so the last layer alone is new, "
                "and has learned from them, too"
            )
        if self.epochs_done:
            return "No epoch was clearly better than the start on validation pictures, so the start is kept"
        return "The start is kept, since no epoch was finished"

    @property
    def _nothing_chose(self) -> bool:
        """Whether the last epoch was taken whatever it was: a last layer's, or where no pictures could choose."""
        if self.best_epoch != self.epochs_done:
            return False
        judged, before = self.scores.get("validation"), self.ancestry.compared if self.ancestry else 1
        return judged is None or (self.recipe.get("mode") == "head" and judged.chosen_among == before)

    @property
    def every_picture(self) -> str:
        """The sentence of a last layer that was solved for, over all pictures that may have taught it."""
        parts = [self.scores[split] for split in ("train", "validation") if split in self.scores]
        if not self.cross_validated or not parts:
            return ""
        right, images = sum(round(each.accuracy * each.images) for each in parts), sum(each.images for each in parts)
        splits = " and ".join("training" if each.split == "train" else each.split for each in parts)
        pictures = counted(images, f"{splits} picture")
        share = f"{100 * right / max(1, images):.1f} %"
        return f"{right:,} of {pictures} correct ({share}), each answered by a last layer that did not learn from it."

    @property
    def told_score(self) -> SplitScore | None:
        """The score that runs are compared by: on validation pictures, so that test pictures choose nothing."""
        return self.scores.get("validation") or self.scores.get("test")

    def looks_sentence(self, runs: int) -> str:
        """How often its test score was seen; empty before the first time.

        Args:
            runs: of how many runs on the same pictures the test scores were seen.
        """
        if not self.test_looks:
            return ""
        often = "once" if self.test_looks == 1 else counted(self.test_looks, "time")
        seen = f"Its test score was seen {often}."
        if runs < _SEVERAL:
            return seen
        return (
            f"{seen} Those of {counted(runs, 'run')} on these pictures were seen: the best of them would look better "
            "than it is, so choose by validation."
        )

    @property
    def mix_sentence(self) -> str:
        """That validation and test are not to be compared by accuracy; empty where they may be."""
        validation, test = self.scores.get("validation"), self.scores.get("test")
        return mix_sentence(self.classes, validation, test) if validation and test else ""

    @property
    def dataset(self) -> Path:
        """The folder of pictures it was trained on."""
        return Path(str(self.recipe.get("dataset", "")))
