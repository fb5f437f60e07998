"""Networks that are defined here and trained from scratch, by name: the classics, and those that a person built."""

from functools import partial

from cnnstudio.networks.blocks.building import build
from cnnstudio.networks.blocks.saved import plan_of
from cnnstudio.networks.blocks.standing import is_sized, smallest_input
from cnnstudio.networks.classics import CLASSICS, Classic


def classic_of(name: str) -> Classic | None:
    """What there is to know of such a network; None for torchvision's and for names of none."""
    if name in CLASSICS:
        return CLASSICS[name]
    plan = plan_of(name)
    if plan is None:
        return None
    return Classic(
        title=plan.name,
        build=partial(build, plan),
        input_size=plan.input_size,
        min_size=smallest_input(plan),
        channels=plan.channels,
        fixed=is_sized(plan),
    )
