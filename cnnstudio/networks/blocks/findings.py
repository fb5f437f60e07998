"""What is wrong with a plan, or could be better: a sentence each, and the plan that mends it. No torch."""

from cnnstudio.networks.blocks.finding import Finding
from cnnstudio.networks.blocks.improving import improvements
from cnnstudio.networks.blocks.standing import standing
from cnnstudio.networks.blocks.stopping import stops
from cnnstudio.networks.blocks.values import Plan

__all__ = ["Finding", "findings", "stopping"]


def findings(plan: Plan, *, classes: int | None = None, pictures: int | None = None) -> tuple[Finding, ...]:
    """Everything there is to say, what stops it first.

    Args:
        plan: to look at.
        classes: of the open pictures, where some are open.
        pictures: for training, where some are open.
    """
    stand = standing(plan, classes or 10)
    return tuple(stops(plan, stand, classes)) or tuple(improvements(plan, stand, pictures))


def stopping(plan: Plan, classes: int | None = None) -> Finding | None:
    """What keeps a plan from being built for so many classes; None where nothing does."""
    return next(stops(plan, standing(plan, classes or 10), classes), None)
