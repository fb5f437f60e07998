"""One epoch after the other."""

from cnnstudio.training.loop.batches import Batch, FeatureBatches, cut
from cnnstudio.training.loop.checkpoint import (
    FORMAT, Checkpoint, FitState, Part, not_of_this_run, put_weights, read_checkpoint, trained_names,
)  # fmt: skip
from cnnstudio.training.loop.checkpoint_folder import SECONDS_BETWEEN, Checkpoints
from cnnstudio.training.loop.distributed import ALONE, World, join, leave, open_fabric
from cnnstudio.training.loop.head import GROUP, LinearHead
from cnnstudio.training.loop.optimizer import make_optimizer
from cnnstudio.training.loop.plan import Context, Plan
from cnnstudio.training.loop.scoring import ScoreCounter, score_pictures
from cnnstudio.training.loop.step import stoppable, train_step

__all__ = [
    "ALONE", "FORMAT", "GROUP", "SECONDS_BETWEEN", "Batch", "Checkpoint", "Checkpoints", "Context", "FeatureBatches",
    "FitState", "LinearHead", "Part", "Plan", "ScoreCounter", "World", "cut", "join", "leave", "make_optimizer",
    "not_of_this_run", "open_fabric", "put_weights", "read_checkpoint", "score_pictures",
    "stoppable", "train_step", "trained_names",
]  # fmt: skip
