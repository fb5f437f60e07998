"""What could be better in a plan that can be built, as the field advises, each with its mend. No torch."""

from collections.abc import Iterator
from dataclasses import replace

from cnnstudio.core import counted
from cnnstudio.networks.blocks.finding import Finding
from cnnstudio.networks.blocks.groups import step
from cnnstudio.networks.blocks.makers import SAME
from cnnstudio.networks.blocks.standing import Standing
from cnnstudio.networks.blocks.stopping import is_answer
from cnnstudio.networks.blocks.table import KINDS, made
from cnnstudio.networks.blocks.values import Block, Plan

WEIGHTS_PER_PICTURE = 1000
"""Beyond so many a network that is trained from scratch mostly learns its pictures by rote; ResNet-18 has 223 for each
picture of CIFAR-10."""
_USUAL_DROP, _MOST_DROP = 0.5, 0.6
_DEEP = 6
"""Layers with weights from which on sigmoid and tanh let gradients fade; LeNet-5 has five."""


def improvements(plan: Plan, stand: Standing, pictures: int | None) -> Iterator[Finding]:
    """The gravest first.

    Args:
        plan: that nothing stops.
        stand: the plan followed.
        pictures: there are to learn from; None where none are open.
    """
    yield from _linear_chains(plan)
    yield from _negative(plan)
    yield from _skipped(plan)
    yield from _fading(plan)
    yield from _short_sighted(plan, stand)
    yield from _many_weights(plan, stand, pictures)
    yield from _wide_windows(plan)
    yield from _much_dropped(plan)


def _linear_chains(plan: Plan) -> Iterator[Finding]:
    before: int | None = None  # the last block with weights that nothing has bent since
    for place, block in enumerate(plan.blocks):
        kind = KINDS[block.kind]
        if kind.weighty and not kind.opens_bent and before is not None:
            sentence = (
                f"Between block {before + 1} and block {place + 1} nothing is bent, so the two can do no more than one."
            )
            after = before + 2 if plan.blocks[before + 1].kind == "batch_norm" else before + 1
            yield Finding(kind="linear-chain", sentence=sentence, place=place, mend="Add a ReLU between them",
                          mended=plan.inserted(after, made("activation")))  # fmt: skip
        if kind.bends:
            before = None
        elif kind.weighty:
            before = place


def _negative(plan: Plan) -> Iterator[Finding]:
    positive = False
    for place, block in enumerate(plan.blocks):
        if block.kind == "stochastic_pooling" and not positive:
            yield Finding(kind="negative", sentence="Stochastic pooling draws by size, and takes values below 0 for 0.",
                          place=place, mend="Add a ReLU before it", mended=plan.inserted(place, made("activation"))
                          )  # fmt: skip
        if block.kind in ("activation", "residual", "inception"):
            positive = block.kind != "activation" or block.word("function") in ("relu", "sigmoid")
        elif not (block.kind.endswith("pooling") or block.kind == "dropout"):
            positive = False


def _skipped(plan: Plan) -> Iterator[Finding]:
    for place, block in enumerate(plan.blocks):
        stride, kernel = int(block.values.get("stride", 0)), int(block.values.get("kernel", 3))
        if stride > kernel:
            yield Finding(kind="skipped", place=place, mend=f"Make the stride {kernel}",
                          sentence=f"With steps of {stride} and a window of {kernel}, it never sees part of the maps.",
                          mended=plan.replaced(place, block.changed(stride=kernel)))  # fmt: skip


def _short_sighted(plan: Plan, stand: Standing) -> Iterator[Finding]:
    """Where places are averaged, no value has seen more than its own field, whatever comes later."""
    for place, block in enumerate(plan.blocks):
        if block.kind != "global_average_pooling" or place == 0:
            continue
        before = stand.stands[place - 1]
        if before.reach.whole or before.reach.height >= plan.input_size:
            continue
        seen = f"{before.reach.height} of {plan.input_size} pixels"
        more = (*step(min(2 * before.shape[0], 512)),)
        added = (*((made("max_pooling"),) if before.side > 3 else ()), *more)
        yield Finding(kind="short-sighted", place=place, mend="Add another stage before it",
                      sentence=f"Before it is averaged, each value sees {seen} across: parts, and not the whole thing.",
                      mended=plan.inserted(place, *added))  # fmt: skip


def _many_weights(plan: Plan, stand: Standing, pictures: int | None) -> Iterator[Finding]:
    if not pictures or stand.parameters <= WEIGHTS_PER_PICTURE * pictures:
        return
    place = max(range(len(stand.stands)), key=lambda i: stand.stands[i].parameters)
    sentence = (
        f"{stand.parameters:,} weights are more than {counted(pictures, 'picture')} can teach: about "
        f"{stand.parameters / pictures:,.0f} for each. It will know the training pictures and few others."
    )
    flat = next((i for i, block in enumerate(plan.blocks[:place]) if block.kind == "flatten"), None)
    if flat is not None and stand.stands[place].parameters > stand.parameters / 2:
        mended = plan.replaced(flat, made("global_average_pooling"))
        yield Finding(kind="many-weights", sentence=sentence, place=place, mended=mended,
                      mend="Average each map instead of laying it out")  # fmt: skip
    else:
        yield Finding(kind="many-weights", sentence=sentence, mended=_halved(plan), mend="Halve all channels")


def _halved(plan: Plan) -> Plan:
    """With half of the channels in every block that has some of its own."""

    def half(block: Block) -> Block:
        names = ("channels", "growth", "one", "reduce_3", "three", "reduce_5", "five", "pool")
        told = {name: max(1, int(block.values[name]) // 2) for name in names if name in block.values}
        if block.kind == "linear" and not is_answer(block):
            told["outputs"] = max(1, block.number("outputs") // 2)
        return block.changed(**told)

    return replace(plan, blocks=tuple(half(block) for block in plan.blocks))


def _wide_windows(plan: Plan) -> Iterator[Finding]:
    """The first layer may look wide: it has few channels to look at."""
    seen = False
    for place, block in enumerate(plan.blocks):
        wide = block.kind == "convolution" and block.number("kernel") in (5, 7)
        plain = wide and all(block.number(name) == 1 for name in ("stride", "dilation", "groups"))
        if seen and plain and block.number("padding") == SAME:
            kernel = block.number("kernel")
            times = kernel // 2
            small = block.changed(kernel=3)
            chain = [part for _ in range(times - 1) for part in (small, made("activation"))]
            yield Finding(kind="wide-window", place=place, mend=f"Take {times} of 3 × 3 with ReLU between them",
                          sentence=f"{times} windows of 3 × 3 see as far as one of {kernel} × {kernel}, with "
                          f"{100 - 900 * times / kernel**2:.0f} % fewer weights where channels stay as many.",
                          mended=plan.replaced(place, small).inserted(place, *chain))  # fmt: skip
        seen = seen or KINDS[block.kind].weighty


def _much_dropped(plan: Plan) -> Iterator[Finding]:
    for place, block in enumerate(plan.blocks):
        if block.kind == "dropout" and block.share("p") > _MOST_DROP:
            yield Finding(kind="much-dropped", place=place, mend=f"Drop {_USUAL_DROP:g}",
                          sentence=f"It drops {100 * block.share('p'):.0f} % of what came so far; 25 to 50 % is usual.",
                          mended=plan.replaced(place, block.changed(p=_USUAL_DROP)))  # fmt: skip


def _fading(plan: Plan) -> Iterator[Finding]:
    if sum(KINDS[block.kind].weighty for block in plan.blocks) < _DEEP:
        return
    places = [i for i, block in enumerate(plan.blocks) if block.values.get("function") in ("sigmoid", "tanh")]
    if places:
        relu = tuple(made("activation") if i in places else block for i, block in enumerate(plan.blocks))
        name = plan.blocks[places[0]].word("function")
        yield Finding(kind="fading", place=places[0], mend="Take ReLU everywhere", mended=replace(plan, blocks=relu),
                      sentence=f"Behind {name} gradients become smaller layer by layer: in a network of this depth the "
                      "first layers hardly learn.")  # fmt: skip
