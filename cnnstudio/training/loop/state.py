"""Where a training stands: the only mutable record of a run."""

from dataclasses import dataclass, fields

from cnnstudio.core.scores import SplitScore
from cnnstudio.training.recipe import Recipe


@dataclass(slots=True, kw_only=True)
class FitState:
    """Counts finished epochs and remembers the best one; travels inside every checkpoint."""

    epoch: int = 0
    """Finished epochs."""
    step: int = 0
    """Finished optimisation steps."""
    seconds: float = 0.0
    best_epoch: int = 0
    """0 is the start, before the first epoch."""
    best_validation: SplitScore | None = None
    best_train: SplitScore | None = None
    """Counted while training, so with augmentation and dropout."""
    lowest_loss: float = float("inf")
    epochs_without_gain: int = 0
    rate_scale: float = 1.0
    """One half after a training diverged once."""

    def become(self, other: "FitState") -> None:
        """Stand where another state stands."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))

    def finished(self, recipe: Recipe) -> bool:
        """All epochs are done, or patience is used up."""
        return self.epoch >= recipe.epochs or (0 < recipe.patience <= self.epochs_without_gain)

    def close_epoch(self, train: SplitScore, validation: SplitScore | None) -> bool:
        """Count an epoch; True when it is the best so far.

        The best has the highest validation accuracy, and of equal ones the lowest loss. Without a validation split the
        newest is the best: nothing honest could choose. Patience watches the validation loss.
        """
        self.epoch += 1
        if validation is None or _better(validation, self.best_validation):
            self.best_epoch, self.best_validation, self.best_train = self.epoch, validation, train
        if validation is not None:
            gained = validation.loss < self.lowest_loss
            self.lowest_loss = min(self.lowest_loss, validation.loss)
            self.epochs_without_gain = 0 if gained else self.epochs_without_gain + 1
        return self.best_epoch == self.epoch

    def open_with(self, validation: SplitScore) -> None:
        """Take the start, such as a trained head, as the one to beat."""
        self.best_validation, self.lowest_loss = validation, validation.loss


def _better(new: SplitScore, old: SplitScore | None) -> bool:
    return old is None or (new.accuracy, -new.loss) > (old.accuracy, -old.loss)
