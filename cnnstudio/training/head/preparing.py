"""The last layer that a training of more layers starts from."""

from collections.abc import Generator
from dataclasses import replace

from cnnstudio.core import Event, Progressed, StrengthTried, Warned
from cnnstudio.training.assembly import FrozenPart, head_plan
from cnnstudio.training.head.regression import Solved
from cnnstudio.training.head.solving import solved_on
from cnnstudio.training.loop import SECONDS_BETWEEN, Checkpoints, Context, FitState
from cnnstudio.training.loop.fit import fit
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.recover import load_trained


def prepare_head(context: Context) -> Generator[Event, None, None]:
    """Put a last layer on the frozen features into the network, so that a random one does not tear up what it knows.

    It has learned from training pictures alone, and they alone chose its strength: validation is for the epochs to
    come. Linear probing, then fine-tuning: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features".
    """
    if context.recipe.head_solver != "regression":
        yield from _in_epochs(context)
        return
    features = yield from FrozenPart(context=context).features(("train",))
    solving = solved_on(context, features)
    while True:
        try:
            event = next(solving)
        except StopIteration as end:
            solved: Solved = end.value
            break
        if not isinstance(event, StrengthTried):  # of the run itself there are none
            yield event
    solved.head.put_into(context.base.network)


def _in_epochs(context: Context) -> Generator[Event, None, None]:
    """As runs did that were begun before last layers were solved for."""
    asked = context.recipe
    recipe = Recipe(
        dataset=asked.dataset,
        network=asked.network,
        seed=asked.seed,
        balance=asked.balance,
        augment=asked.augment,
        frozen_precision=asked.frozen,
        head_solver="epochs",
    ).resolved()
    features = yield from FrozenPart(context=context).features(("train", "validation"))
    checkpoints = Checkpoints(context.checkpoints.folder / "head", context.world, SECONDS_BETWEEN)
    yield from checkpoints.settle()
    context = replace(context, recipe=recipe, checkpoints=checkpoints)
    plan = head_plan(context, features["train"], features.get("validation"))
    state = FitState()
    for event in fit(plan, state):
        if isinstance(event, Warned):
            yield event
        else:
            yield Progressed(done=state.epoch, total=recipe.epochs, text="Preparing the last layer")
    # every process takes the first one's, which may be the only one that sees the file already
    best = context.world.from_first(checkpoints.load_best() if context.world.is_first else None)
    load_trained(context.base.network, best)
