"""The calculator of sizes against torch in one, two and three dimensions, and against looking through all numbers."""

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnstudio.lab.dense import DenseOrConvolution
from cnnstudio.lab.sizes import Axis, SizeQuestion, solve

MODULES = {
    "convolution": (nn.Conv1d, nn.Conv2d, nn.Conv3d),
    "transposed": (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
    "pooling": (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d),
}
UNKNOWNS = ("size", "kernel", "stride", "padding", "dilation", "output_padding", "out")


@st.composite
def axes(draw):
    kind = draw(st.sampled_from(tuple(MODULES)))
    small = st.integers(1, 5)
    return Axis(
        kind=kind, size=draw(st.integers(1, 20)), kernel=draw(small), stride=draw(small),
        padding=draw(st.integers(0, 4)), dilation=draw(st.integers(1, 3)),
        output_padding=draw(st.integers(0, 4)) if kind == "transposed" else 0,
        ceil=draw(st.booleans()) if kind == "pooling" else False,
    )  # fmt: skip


def size_in_torch(axis, dims):
    """What the module gives, or None where it gives nothing."""
    settings_ = {name: getattr(axis, name) for name in ("stride", "padding", "dilation")}
    make = MODULES[axis.kind][dims - 1]
    try:
        if axis.kind == "pooling":
            module = make(axis.kernel, ceil_mode=axis.ceil, **settings_)
        elif axis.kind == "transposed":
            module = make(1, 1, axis.kernel, output_padding=axis.output_padding, **settings_)
        else:
            module = make(1, 1, axis.kernel, **settings_)
        sizes = set(module(torch.empty(1, 1, *(axis.size,) * dims)).shape[2:])
    except RuntimeError:
        return None
    return sizes.pop() or None


@settings(deadline=None, max_examples=80)
@given(axes(), st.sampled_from((1, 2, 3)))
def test_sizes_are_torchs_in_one_two_and_three_dimensions(axis, dims):
    expected = size_in_torch(axis, dims)
    question = SizeQuestion(**dataclasses.asdict(axis))
    answer = solve(question)
    assert answer.unknown == "out"
    assert answer.values == (() if expected is None else (expected,))
    assert bool(answer.reason) == (expected is None)
    if expected:
        assert answer.formula.endswith(f"= {expected}")
        assert eval_formula(answer.formula) == expected


def eval_formula(formula):
    """The formula as a calculator would work it out."""
    left = formula.rpartition(" = ")[0].replace("·", "*").replace("−", "-").replace(",", "")
    if left[0] not in "⌊⌈":
        return eval(left)
    inner, rest = left[1:].replace("⌉", "⌋").split("⌋")
    numerator, stride = inner.rsplit(" / ", 1)
    whole = eval(numerator) // int(stride) if formula[0] == "⌊" else -(-eval(numerator) // int(stride))
    return eval(f"{whole}{rest}")


@settings(deadline=None, max_examples=25)
@given(axes(), st.sampled_from(UNKNOWNS[:-1]), st.integers(1, 40))
def test_any_number_follows_from_the_others(axis, unknown, wanted):
    """All that fit are found, and only these."""
    if unknown == "output_padding" and axis.kind != "transposed":
        return
    answer = solve(dataclasses.replace(SizeQuestion(**dataclasses.asdict(axis)), **{unknown: None}, out=wanted))
    tried = [dataclasses.replace(axis, **{unknown: value}) for value in range(0, 260)]
    fitting = [getattr(each, unknown) for each in tried if not each.why_impossible() and each.count() == wanted]
    assert [value for value in answer.values if value < 260] == fitting
    assert bool(answer.reason) != bool(answer.values)
    assert answer.unknown == unknown
    if answer.values:
        assert answer.out == wanted
        assert answer.formula.endswith(f"= {wanted}")


@pytest.mark.parametrize(
    ("question", "out"),
    [
        ({"size": 32, "kernel": 3, "padding": 1}, 32),
        ({"size": 32, "kernel": 3, "padding": 1, "stride": 2}, 16),
        ({"size": 5, "kernel": 3}, 3),
        ({"size": 5, "kernel": 3, "stride": 2, "padding": 1}, 3),
        ({"size": 64, "kernel": 5, "stride": 2, "padding": 2}, 32),
        ({"size": 224, "kernel": 11, "stride": 4, "padding": 2}, 55),
    ],
)
def test_sizes_that_people_know(question, out):
    assert solve(SizeQuestion(**question)).values == (out,)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"size": 5, "kernel": 7}, "There are only 5 values, and a kernel of 7 covers 7."),
        ({"size": 1, "kernel": 3}, "There is only 1 value, and a kernel of 3 covers 3."),
        ({"size": 5, "kernel": 4, "dilation": 3, "padding": 1},
         "There are only 7 values with a padding of 1, and a kernel of 4 with dilation 3 covers 10."),
        ({"size": 5}, "One number can be found from all others; here kernel and output size are not given."),
        ({"size": 0, "kernel": 1}, "The input size lies between 1 and 1,000,000."),
        ({"size": 224, "kernel": 11, "stride": 4, "padding": 2, "out": 56}, "It gives 55, not 56."),
        ({"size": 224, "kernel": None, "stride": 100, "out": 4},
         "No kernel gives 4: kernel 1 gives 3."),
        ({"size": 10, "kernel": 3, "out": 0, "stride": None}, "The output size lies between 1 and 1,000,000."),
        ({"kind": "pooling", "size": 8, "kernel": 3, "padding": 2},
         "Pooling takes at most half of its kernel as padding, here 1."),
        ({"kind": "transposed", "size": 2, "kernel": 2, "padding": 4},
         "The padding of 4 takes everything away: (2 − 1)·1 − 2·4 + 1·(2 − 1) + 0 + 1 = −5."),
        ({"kind": "transposed", "size": 8, "kernel": 3, "stride": 2, "output_padding": 2},
         "The output padding is smaller than the stride or the dilation, here at most 1."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(question, reason):
    answer = solve(SizeQuestion(**question))
    assert (answer.values, answer.reason) == ((), reason)


@settings(deadline=None, max_examples=80)
@given(
    st.builds(
        SizeQuestion,
        kind=st.sampled_from(tuple(MODULES)),
        **{
            name: st.one_of(st.none(), st.sampled_from([-5, 0, 1, 3, 100, 10**12]), st.integers(0, 9))
            for name in UNKNOWNS
        },
        ceil=st.booleans(),
    )
)
def test_every_question_has_an_answer_or_a_reason(question):
    answer = solve(question)
    assert bool(answer.values) != bool(answer.reason)


def test_a_dense_layer_of_a_photograph_has_154_million_weights():
    known = DenseOrConvolution()
    layer, convolution = nn.Linear(224 * 224 * 3, 1024, device="meta"), nn.Conv2d(3, 16, 3, device="meta")
    assert known.dense == layer.weight.numel() == 154_140_672
    assert known.convolution == convolution.weight.numel() == 432
    assert "154,140,672" in known.sentences()[0]
    assert [problem.field for problem in DenseOrConvolution(neurons=0, kernel=-1).problems()] == ["neurons", "kernel"]
