"""Every operation of the Lab against torch's own modules: sizes, values, cost, and the line of code that is shown."""

import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnstudio.lab import (
    MAX_CHAIN,
    BatchNorm,
    Convolution,
    Dropout,
    Pooling,
    Shape,
    each,
    kernel_of,
    mixing,
    own_kernels,
    problems_of,
    shapes_of,
    sliding_sum,
)  # fmt: skip
from cnnstudio.lab.applying import apply
from cnnstudio.lab.drawing import drawn
from cnnstudio.lab.seeing import seen
from cnnstudio.networks.blocks.modules import StochasticPool2d
from tests.lab import made

few = settings(deadline=None, max_examples=30)
some = settings(deadline=None, max_examples=60)
PICTURE = np.linspace(-1, 1, 2 * 3 * 9 * 10, dtype=np.float32).reshape(2, 3, 9, 10)[:, :, ::-1].copy()


def run(code, planes):
    """What a line of code makes of planes, in a namespace of its own."""
    names = {"torch": torch, "F": F, "x": torch.from_numpy(planes)}
    exec(code, names)
    return names["y"].numpy()


@st.composite
def applied(draw, kinds=made.operations):
    """An operation and what it is applied to."""
    planes = draw(made.pictures())
    return draw(kinds(planes.shape[1])), planes


@some
@given(applied())
def test_sizes_values_and_cost_are_those_of_torchs_modules(case):
    operation, planes = case
    assume(not isinstance(operation, BatchNorm) and getattr(operation, "kind", "") != "stochastic")
    module, picture = made.module_of(operation, planes.shape[1]), torch.from_numpy(planes)
    torch.manual_seed(getattr(operation, "seed", 0))
    tried = apply([operation], planes)
    if tried.problems:  # torch says so, too, or nothing is left
        with pytest.raises((RuntimeError, ValueError, AssertionError)):
            assert module(picture).numel()
        return
    (step,) = tried.steps
    with torch.no_grad():
        expected = module(picture).numpy()
    np.testing.assert_allclose(step.planes, expected, rtol=0, atol=1e-6)
    assert step.shape == Shape(*expected.shape) == shapes_of([operation], Shape(*planes.shape))[0]
    assert step.parameters == sum(parameter.numel() for parameter in module.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(picture[:1])
    assert step.multiplications == counter.get_total_flops() // 2


@some
@given(applied())
def test_the_line_of_code_reproduces_the_picture_bit_for_bit(case):
    operation, planes = case
    tried = apply([operation], planes)
    assume(tried.steps)
    again = run(tried.steps[0].code, planes)
    np.testing.assert_array_equal(again, tried.steps[0].planes, strict=True)
    np.testing.assert_array_equal(drawn(again).pictures, tried.steps[0].drawn.pictures)
    assert "\n" not in tried.steps[0].code


@some
@given(st.lists(made.nonsense(), min_size=1, max_size=3), made.pictures())
def test_no_setting_raises_anything(operations, planes):
    tried = apply(operations, planes)
    assert len(tried.steps) == len(operations) or tried.problems
    for problem in tried.problems:
        assert problem.step == len(tried.steps)
        assert problem.sentence.endswith(".")
        names = {field.name for field in dataclasses.fields(operations[problem.step])}
        assert problem.field in names | {""}
    assert problems_of(operations, Shape(*planes.shape)) == tried.problems


@some
@given(applied(lambda channels: st.one_of(made.convolutions(channels), made.poolings())), st.data())
def test_the_sliding_sum_is_the_output(case, data):
    operation, planes = case
    tried = apply([operation], planes)
    assume(tried.steps)
    result = tried.steps[0].planes
    number, channel, row, column = (data.draw(st.integers(0, size - 1)) for size in result.shape)
    value = float(result[number, channel, row, column])
    slide = sliding_sum(operation, planes[number], channel, row, column, made=value)
    assert slide.total == pytest.approx(value, abs=2e-6)
    assert slide.values.shape == slide.weights.shape == slide.products.shape
    assert slide.values.shape == (len(slide.channels), len(slide.rows), len(slide.columns))
    assert slide.in_padding.shape == slide.values.shape[1:]
    zero = getattr(operation, "padding_mode", "zeros") == "zeros"
    for i, y in enumerate(slide.rows):
        for j, x in enumerate(slide.columns):
            if not slide.in_padding[i, j] and getattr(operation, "kind", "") != "stochastic":
                np.testing.assert_array_equal(slide.values[:, i, j], planes[number, list(slide.channels), y, x])
            elif zero and slide.in_padding[i, j]:
                assert not slide.values[:, i, j].any()


def test_no_output_no_sum():
    operation = each(kernel_of("sharpen"))
    with pytest.raises(IndexError):
        sliding_sum(operation, PICTURE[0], 0, 7, 0)
    assert sliding_sum(Dropout(), PICTURE[0], 0, 0, 0) is None


@few
@given(made.pictures(), made.poolings(("stochastic",)))
def test_stochastic_pooling_draws_from_its_window(planes, pooling):
    drawing = dataclasses.replace(pooling, training=True)
    tried, mean = apply([drawing], planes), apply([dataclasses.replace(pooling, training=False)], planes)
    assume(tried.steps)
    step, padding = pooling.step, pooling.padding
    padded = np.pad(np.maximum(planes, 0), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for number, channel, row, column in np.ndindex(*tried.steps[0].planes.shape):
        window = padded[number, channel, row * step :, column * step :][: pooling.kernel, : pooling.kernel]
        assert tried.steps[0].planes[number, channel, row, column] in window
        total = float(window.sum(dtype=np.float64))
        weighted = float((window.astype(np.float64) ** 2).sum()) / total if total else 0.0
        assert mean.steps[0].planes[number, channel, row, column] == pytest.approx(weighted, abs=1e-6)
    if not padding:  # the block of networks that a person builds is the same
        block = StochasticPool2d(pooling.kernel, step).eval()(torch.from_numpy(planes)).numpy()
        np.testing.assert_allclose(mean.steps[0].planes, block, rtol=0, atol=1e-6)


def test_the_mean_of_stochastic_draws_is_the_value_of_eval_mode():
    """As often as each value's share: 4,000 draws lie within four standard errors of the weighted mean."""
    window = np.array([[0.1, 0.2], [0.3, 0.9]], np.float32)
    planes = np.tile(window, (1, 1, 40, 100))
    (mean,) = apply([Pooling(kind="stochastic")], planes).steps
    (draw,) = apply([Pooling(kind="stochastic", training=True, seed=3)], planes).steps
    (other,) = apply([Pooling(kind="stochastic", training=True, seed=4)], planes).steps
    expected = float((window**2).sum() / window.sum())
    assert mean.planes[0, 0, 0, 0] == pytest.approx(expected, abs=1e-6)
    values = draw.planes.astype(np.float64)
    assert abs(values.mean() - expected) < 4 * values.std() / np.sqrt(values.size)
    for value in window.flat:
        share, seen = value / window.sum(), np.isclose(values, value).mean()
        assert abs(seen - share) < 4 * np.sqrt(share * (1 - share) / values.size)
    assert not np.array_equal(draw.planes, other.planes)


@few
@given(made.pictures(batch=4), st.sampled_from((1, 2)), st.integers(0, 4), st.booleans(), st.floats(0.05, 1))
def test_batch_normalisation_is_torchs_module_after_as_many_batches(planes, dims, batches, training, momentum):
    operation = BatchNorm(dims=dims, training=training, batches=batches, momentum=momentum)
    compared = planes.shape[0] * (planes[0, 0].size if dims == 2 else 1)
    given_, module = torch.from_numpy(planes), nn.BatchNorm2d(planes.shape[1], momentum=momentum)
    if dims == 1:
        given_, module = given_.flatten(1), nn.BatchNorm1d(planes[0].size, momentum=momentum)
    tried = apply([operation], planes)
    if compared < 2 and (training or batches):
        assert [problem.field for problem in tried.problems] == ["dims"]
        return
    for _ in range(batches):
        module(given_)
    with torch.no_grad():
        expected = module.train(training)(given_).view(planes.shape).numpy()
    np.testing.assert_allclose(tried.steps[0].planes, expected, atol=2e-5, rtol=1e-5)
    assert tried.steps[0].parameters == sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("dims", [1, 2])
def test_dropout_draws_nothing_from_what_a_training_draws_from(dims):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    apply([Dropout(dims=dims, seed=1), Pooling(kind="stochastic", training=True)], PICTURE)
    assert torch.equal(before, torch.get_rng_state())


@few
@given(st.data())
def test_a_value_sees_what_a_gradient_reaches(data):
    """Chains of convolutions and poolings, all weights positive, far from the edges."""
    kinds = st.one_of(
        st.builds(
            Convolution,
            kernels=st.tuples(st.integers(1, 4), st.integers(1, 4)).map(lambda s: ((((1.0,) * s[1],) * s[0],),)),
            stride=st.integers(1, 2),
            dilation=st.integers(1, 2),
        ),
        st.builds(Pooling, kind=st.just("average"), kernel=st.integers(1, 3), stride=st.integers(0, 2)),
    )
    chain = data.draw(st.lists(kinds, min_size=1, max_size=3))
    planes = np.ones((1, 1, 120, 120), np.float32)
    steps = apply(chain, planes).steps
    assert len(steps) == len(chain)
    picture = torch.ones(1, 1, 120, 120, requires_grad=True)
    values = picture
    for operation in chain:
        values = made.module_of(operation, 1)(values)
    (gradient,) = torch.autograd.grad(values[0, 0, values.shape[2] // 2, values.shape[3] // 2], picture)
    rows, columns = (int(np.ptp(np.flatnonzero(gradient[0, 0].abs().sum(axis)))) + 1 for axis in (1, 0))
    assert (steps[-1].reach.height, steps[-1].reach.width) == (rows, columns)


@few
@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2))
def test_a_transposed_convolution_sees_what_a_gradient_reaches(side, stride, dilation, padding):
    kernel = (((1.0,) * side,) * side,)
    operation = Convolution(
        kernels=(kernel,), groups=1, transposed=True, stride=stride, dilation=dilation, padding=padding
    )
    planes = np.ones((1, 1, 60, 20), np.float32)
    (step,) = apply([operation], planes).steps
    picture = torch.ones(1, 1, 60, 20, requires_grad=True)
    values = made.module_of(operation, 1)(picture)
    middle, widest = values.shape[2] // 2, 0
    for place in range(middle, middle + stride):  # they take turns
        (gradient,) = torch.autograd.grad(values[0, 0, place].sum(), picture, retain_graph=True)
        reached = np.flatnonzero(gradient[0, 0].abs().sum(1))
        widest = max(widest, int(np.ptp(reached)) + 1 if len(reached) else 0)
    assert step.reach.height == max(1, widest)


@few
@given(st.data())
def test_the_places_that_a_value_sees_are_those_that_a_gradient_reaches(data):
    """Also behind transposed convolutions, where neighbours take turns."""
    sides, strides = st.tuples(st.integers(1, 4), st.integers(1, 3)), st.integers(1, 3)
    kernels = sides.map(lambda s: ((((1.0,) * s[1],) * s[0],),))
    kinds = st.one_of(
        st.builds(Convolution, kernels=kernels, stride=strides, dilation=st.integers(1, 2), padding=st.integers(0, 1)),
        st.builds(Convolution, kernels=kernels, stride=strides, transposed=st.sampled_from((True,)), groups=st.just(1)),
        st.builds(Pooling, kind=st.just("average"), kernel=st.integers(1, 3)),
        st.builds(Pooling, kind=st.just("adaptive-average"), rows=st.integers(2, 9), columns=st.integers(2, 9)),
    )
    chain = data.draw(st.lists(kinds, min_size=1, max_size=3))
    shape = Shape(1, 1, 40, 34)
    assume(not problems_of(chain, shape))
    picture = torch.ones(1, 1, 40, 34, requires_grad=True)
    values = picture
    for operation in chain:
        values = made.module_of(operation, 1)(values)
    row, column = (data.draw(st.integers(0, size - 1)) for size in values.shape[2:])
    if not values.requires_grad:
        return
    (gradient,) = torch.autograd.grad(values[0, 0, row, column], picture)
    for axis, found in enumerate(seen(chain, shape, row, column)):
        reached = np.flatnonzero(gradient[0, 0].abs().sum(1 - axis))
        assert set(reached) <= set(found)
        if len(reached) and found[0] > 4 and found[-1] < (36, 30)[axis]:  # no edge has cut anything off
            assert (found[0], found[-1]) == (reached[0], reached[-1])


def test_behind_a_transposed_convolution_the_widest_view_counts():
    """Dilated by 2 at stride 2, every second row sees five values and the others none; the formula has 5.5."""
    column = Convolution(kernels=((((1.0,),) * 5,),), groups=1, transposed=True, stride=2, dilation=2)
    pair = each(((1.0,), (1.0,)))
    (_, step) = apply([column, pair], np.ones((1, 1, 30, 8), np.float32)).steps
    assert (step.reach.height, step.reach.width) == (5, 1)


def test_two_small_kernels_see_as_far_as_a_large_one_with_fewer_weights():
    small = [each(kernel_of("box-blur"), padding=1)] * 2
    large = [each(kernel_of("box-blur", 5), padding=2)]
    two, one = apply(small, PICTURE[:, :1]).steps, apply(large, PICTURE[:, :1]).steps
    assert two[-1].reach == one[-1].reach
    assert sum(step.parameters for step in two) == 18
    assert one[0].parameters == 25
    assert [step.shape for step in two] == [Shape(2, 1, 9, 10)] * 2


def test_depthwise_separable_costs_what_the_literature_says():
    depthwise = own_kernels([kernel_of("identity")] * 32, padding=1, bias=(0.0,))
    pointwise = mixing([[0.0] * 32] * 64, bias=(0.0,))
    plain = Convolution(kernels=((kernel_of("identity"),) * 32,) * 64, groups=1, bias=(0.0,), padding=1)
    shape = Shape(1, 32, 8, 8)
    assert depthwise.parameters(shape) + pointwise.parameters(shape) == 2_432
    assert plain.parameters(shape) == 18_496


def test_a_chain_stops_where_it_cannot_go_further():
    blur = each(kernel_of("box-blur", 5))
    tried = apply([blur, blur, blur], PICTURE)
    assert [step.shape.height for step in tried.steps] == [5, 1]
    assert [(problem.step, problem.field) for problem in tried.problems] == [(2, "kernels")]
    assert "covers 5" in tried.problems[0].sentence
    many = apply([each(kernel_of("identity"), padding=1)] * (MAX_CHAIN + 1), PICTURE)
    assert len(many.steps) == MAX_CHAIN
    assert "at most 8" in many.problems[0].sentence


@pytest.mark.parametrize(
    ("operation", "field", "words"),
    [
        (each(kernel_of("box-blur", 7), dilation=2), "kernels", "a kernel of 7 with dilation 2 covers 13"),
        (Convolution(kernels=((kernel_of("identity"),),) * 2, groups=2), "groups", "3 channels cannot be put into 2"),
        (mixing([[1.0, 1.0]]), "kernels", "made for 2 channels, and not for 3"),
        (each(kernel_of("identity"), padding=9, padding_mode="reflect"), "padding", "at most 8 for 9 × 10 px"),
        (each(kernel_of("identity"), stride=0), "stride", "between 1 and 16"),
        (each(((1.0, 2.0), (1.0,))), "kernels", "as many numbers"),
        (each(((float("nan"),),)), "kernels", "between -1000 and 1000"),
        (each(kernel_of("identity"), bias=(1.0, 2.0)), "bias", "or one for each, which is 3 here"),
        (Pooling(kernel=3, padding=2), "padding", "half of its kernel"),
        (BatchNorm(dims=2, batches=-1, training=False), "batches", "between 0 and 1,000"),
        (Convolution(kernels=((((1.0,),),),), transposed=True, padding=20), "padding", "takes everything away"),
    ],
)  # fmt: skip
def test_bad_settings_are_sentences_beside_their_field(operation, field, words):
    tried = apply([operation], PICTURE)
    assert tried.steps == ()
    assert [problem.field for problem in tried.problems] == [field]
    assert words in tried.problems[0].sentence


def test_what_is_too_large_is_said_before_it_is_computed():
    large = Convolution(kernels=((((1.0,),),),), transposed=True, stride=16)
    tried = apply([large] * 4, PICTURE[:1, :1])
    assert len(tried.steps) == 2
    assert "too large to be shown" in tried.problems[0].sentence
