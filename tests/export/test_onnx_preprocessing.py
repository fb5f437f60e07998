"""The first part of an ONNX file sees a picture exactly as the app does."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnstudio.compute.engines import quiet_openvino
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.export.onnx.preprocessing import preprocessing, tall_ratio
from cnnstudio.networks.builder import network_names, preprocess_of

onnxruntime = pytest.importorskip("onnxruntime")
SMALL = [
    PreprocessSpec(resize=36, crop=32),
    PreprocessSpec(resize=37, crop=32, interpolation="bicubic"),
    PreprocessSpec(resize=40, crop=31, interpolation="nearest"),
]


def opened(spec):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    model = preprocessing(spec).SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def sessions():
    return {spec: opened(spec) for spec in SMALL}


def seen(session, pixels):
    return session.run(None, {"pictures": pixels[None]})[0][0]


def noise(width, height, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


@given(width=st.integers(8, 300), height=st.integers(8, 300), seed=st.integers(0, 9), spec=st.sampled_from(SMALL))
def test_pictures_of_any_size_are_made_as_the_app_makes_them(sessions, width, height, seed, spec):
    pixels = noise(width, height, seed)
    expected = resize_and_crop(Image.fromarray(pixels), spec)
    np.testing.assert_array_equal(seen(sessions[spec], pixels), expected)


@pytest.mark.parametrize("size", [(32, 36), (36, 36), (40, 400), (20, 500), (500, 20), (64, 129), (65, 130), (65, 131)])
def test_so_are_those_of_special_shapes(sessions, size):
    for spec in SMALL:
        np.testing.assert_array_equal(
            seen(sessions[spec], noise(*size)), resize_and_crop(Image.fromarray(noise(*size)), spec)
        )


def test_several_pictures_go_at_once(sessions):
    pixels = np.stack([noise(50, 70, seed) for seed in range(3)])
    found = sessions[SMALL[0]].run(None, {"pictures": pixels})[0]
    assert [each.tolist() for each in found] == [
        resize_and_crop(Image.fromarray(each), SMALL[0]).tolist() for each in pixels
    ]


def test_the_order_of_the_passes_is_that_of_this_pillow():
    assert tall_ratio() in (2, 100)


def published():
    """How every network that weights are published for wants its pictures, each way once."""
    specs = {preprocess_of(name) for name in network_names()}
    return sorted({PreprocessSpec(resize=s.resize, crop=s.crop, interpolation=s.interpolation) for s in specs}, key=str)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_sizes_are_made_as_the_app_makes_them_for_every_network():
    rng, specs = np.random.default_rng(0), published()
    opened_once = {spec: opened(spec) for spec in specs}
    for number in range(200):
        width, height = (int(np.exp(rng.uniform(np.log(8), np.log(3000)))) for _ in range(2))
        spec, pixels = specs[number % len(specs)], noise(width, height, number)
        if min(width, height) * 50 < max(width, height):
            continue  # the app refuses these
        found, expected = seen(opened_once[spec], pixels), resize_and_crop(Image.fromarray(pixels), spec)
        np.testing.assert_array_equal(found, expected, err_msg=f"{width} × {height}, {spec}")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_openvino_sees_them_within_two_levels():
    rng, specs, core = np.random.default_rng(1), published()[:4], quiet_openvino().Core()
    precise = {"INFERENCE_PRECISION_HINT": "f32"}
    opened_once = {
        spec: core.compile_model(core.read_model(preprocessing(spec).SerializeToString()), "CPU", precise)
        for spec in specs
    }
    for number in range(40):
        width, height = (int(np.exp(rng.uniform(np.log(8), np.log(1500)))) for _ in range(2))
        if min(width, height) * 50 < max(width, height):
            continue
        spec, pixels = specs[number % len(specs)], noise(width, height, number)
        differs = np.abs(
            opened_once[spec]([pixels[None]])[0][0].astype(int) - resize_and_crop(Image.fromarray(pixels), spec)
        )
        assert differs.max() <= 2, (width, height, spec)


def test_openvino_answers_its_first_picture_as_any_other():
    """In front of a network that takes colours apart, as one for grey pictures does."""
    import onnx

    openvino, helper = quiet_openvino(), onnx.helper
    nodes = [
        helper.make_node("Transpose", ["colours"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["real"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Split", ["real"], ["red", "green", "blue"], axis=1, num_outputs=3),
        helper.make_node("Add", ["red", "green"], ["both"]),
        helper.make_node("Sub", ["both", "blue"], ["grey"]),
    ]
    first = helper.make_tensor_value_info("colours", onnx.TensorProto.UINT8, ["batch", 32, 32, 3])
    last = helper.make_tensor_value_info("grey", onnx.TensorProto.FLOAT, ["batch", 1, 32, 32])
    before = preprocessing(PreprocessSpec(resize=32, crop=32))
    opsets, version = before.opset_import, before.ir_version
    network = helper.make_model(
        helper.make_graph(nodes, "n", [first], [last]), opset_imports=opsets, ir_version=version
    )
    whole = onnx.compose.merge_models(before, network, io_map=[("pixels", "colours")])
    opened = openvino.Core().compile_model(openvino.Core().read_model(whole.SerializeToString()), "CPU")
    answers = [opened([noise(40, 36, 0)[None]])[0].copy() for _ in range(2)]
    np.testing.assert_array_equal(*answers)


@pytest.mark.slow
def test_a_picture_of_twelve_megapixels_costs_at_most_three_times_as_much_as_in_pillow():
    spec, pixels = PreprocessSpec(resize=256, crop=224), noise(4000, 3000)
    picture, session = Image.fromarray(pixels), opened(spec)
    ratios = []
    for _ in range(9):  # in turns, by the processor's time: others may work beside
        start = time.process_time()
        seen(session, pixels)
        middle = time.process_time()
        resize_and_crop(picture, spec)
        ratios.append((middle - start) / (time.process_time() - middle))
    assert np.median(ratios) <= 3
