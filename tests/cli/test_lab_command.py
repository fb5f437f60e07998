"""``lab`` in a terminal: sizes, operations in their order, the script, and what cannot be."""

import json

import numpy as np
import pytest
from PIL import Image

from cnnstudio.cli.main import main
from cnnstudio.lab import Activation, Pooling, each, gabor, kernel_of, mixed, mixing, own_kernels
from cnnstudio.lab.applying import apply
from cnnstudio.lab.drawing import planes_of
from cnnstudio.lab.pictures import drawn_picture


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(drawn_picture(48)).save(path)
    return path


def run(capsys, *words):
    code = main(["lab", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


def told(capsys, *words):
    code, out, err = run(capsys, *words, "--json")
    assert code == 0, err
    return json.loads(out)


def refused(capsys, *words):
    """A usage error: its last line."""
    with pytest.raises(SystemExit) as end:
        run(capsys, *words)
    assert end.value.code == 2
    return capsys.readouterr().err.strip().split("\n")[-1]


def test_sizes_in_every_direction(capsys):
    words = ["size", "--in", 224, "--kernel", 11, "--stride", 4, "--padding", 2]
    assert told(capsys, *words)["out"] == 55
    asked = told(capsys, "size", "--in", "?", *words[3:], "--out", 55)
    assert (asked["in"], asked["asked"], asked["values"]) == (223, "in", [223, 224, 225, 226])
    assert told(capsys, "size", "--kernel", 4, "--in", 32, "--stride", 2, "--padding", 1, "--transposed")["out"] == 64
    assert told(capsys, "size", "--pooling", "--in", 112, "--kernel", 3)["stride"] == 3
    assert told(capsys, "size", "--in", "224x160x9", "--kernel", 3, "--dims", 3)["out"] == [222, 158, 7]
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert "⌊(224 + 2·2 − 1·(11 − 1) − 1) / 4⌋ + 1 = 55" in out
    assert "55 × 55 is 3,025 values in every channel." in out
    code, _, err = run(capsys, "size", "--in", 5, "--kernel", 7)
    assert (code, "There are only 5 values" in err) == (1, True)
    code, _, err = run(capsys, "size", "--in", "5x6x7", "--kernel", 1)
    assert (code, "--in has 3 numbers" in err) == (1, True)
    assert "not a number such as 224" in refused(capsys, "size", "--in", "wide")
    assert "--output-padding is one of --transposed" in refused(capsys, *words, "--output-padding", 1)
    assert "--ceil is one of --pooling" in refused(capsys, *words, "--ceil")
    asked = told(capsys, "size", "--pooling", "--in", 224, "--kernel", "?", "--out", 112)
    assert (asked["kernel"], asked["stride"], asked["values"]) == (2, 2, [2]), "windows lie side by side"
    code, _, err = run(capsys, "size", "--in", "5x6", "--kernel", 1, "--dims", 1)
    assert "Give one." in err
    code, _, err = run(capsys, "size")
    assert "here input size, kernel and output size are not given" in err


def test_a_dense_layer_beside_a_convolution(capsys):
    assert told(capsys, "dense", "--neurons", 1024)["dense"] == 154_140_672
    assert "154,140,672" in run(capsys, "dense")[1]
    assert "between 1 and 10,000,000, not 0" in refused(capsys, "dense", "--neurons", 0)


def test_operations_are_applied_in_their_order_and_drawn(capsys, photo, tmp_path):
    out = tmp_path / "edges.png"
    words = ["apply", photo, "--op", "conv", "--kernel", "vertical-edge", "--padding", 1]
    words += [
        "--op",
        "activation",
        "--kind",
        "leaky_relu",
        "--slope",
        0.2,
        "--op",
        "pool",
        "--kernel",
        3,
        "--stride",
        2,
    ]
    said = told(capsys, *words, "--out", out, "--every")
    chain = [each(kernel_of("vertical-edge"), padding=1), Activation(kind="leaky_relu", slope=0.2),
             Pooling(kernel=3, stride=2)]  # fmt: skip
    tried = apply(chain, planes_of(drawn_picture(48)))
    assert [step["code"] for step in said["steps"]] == [step.code for step in tried.steps]
    assert [step["shape"] for step in said["steps"]] == [[3, 48, 48], [3, 48, 48], [3, 23, 23]]
    assert said["steps"][2]["receptive_field"] == [5, 5]
    assert (said["parameters"], said["multiplications"]) == (27, 27 * 48 * 48)
    for number, (path, step) in enumerate(zip(said["out"], tried.steps, strict=True), 1):
        assert path == str(tmp_path / f"edges-{number}.png")
        assert np.array_equal(np.asarray(Image.open(path)), step.drawn.pictures[0])
    code, text, _ = run(capsys, *words, "--out", out)
    assert code == 0
    assert np.array_equal(np.asarray(Image.open(out)), tried.steps[2].drawn.pictures[0])
    assert "Together 27 weights" in text


@pytest.mark.parametrize(
    ("words", "chain"),
    [
        ("--op conv --kernel gabor --angle 45 --side 5", [each(gabor(5, angle=45))]),
        ("--op conv --kernel 0,1;-1,0 --bias 0.5", [each(((0.0, 1.0), (-1.0, 0.0)), bias=(0.5,))]),
        ("--op conv --mix 1,0,0;0.3,0.6,0.1", [mixing([[1, 0, 0], [0.3, 0.6, 0.1]])]),
        ("--op conv --kernel box-blur --mix 0.3,0.6,0.1", [mixed(kernel_of("box-blur"), [[0.3, 0.6, 0.1]])]),
        ("--op conv --kernel sharpen --transposed --stride 2 --output-padding 1",
         [each(kernel_of("sharpen"), transposed=True, stride=2, output_padding=1)]),
        ("--op conv --kernel sharpen --kernel emboss --kernel identity",
         [own_kernels([kernel_of(name) for name in ("sharpen", "emboss", "identity")])]),
        ("--op separable --kernel box-blur --mix 1,1,1 --padding 1",
         [each(kernel_of("box-blur"), padding=1), mixing([[1, 1, 1]])]),
        ("--op conv --mix 1,0;0,1 --groups 2 --grey", None),
        ("--op pool --kind stochastic --training --seed 3", [Pooling(kind="stochastic", training=True, seed=3)]),
        ("--op pool --kind average --skip-padding --padding 1",
         [Pooling(kind="average", count_padding=False, padding=1)]),
    ],
)  # fmt: skip
def test_every_way_to_say_an_operation(capsys, photo, words, chain):
    if chain is None:
        code, _, err = run(capsys, "apply", photo, *words.split())
        assert (code, "cannot be put into" in err) == (1, True)
        return
    said = told(capsys, "apply", photo, *words.split())
    tried = apply(chain, planes_of(drawn_picture(48)))
    assert [step["code"] for step in said["steps"]] == [step.code for step in tried.steps]


def test_a_batch_is_normalised_together_and_lies_side_by_side(capsys, photo, tmp_path):
    out = tmp_path / "batch.png"
    said = told(capsys, "apply", photo, photo, "--size", 32, "--op", "batchnorm", "--eval", "--batches", 3,
                "--op", "dropout", "--share", 0.25, "--dims", 2, "--out", out)  # fmt: skip
    assert said["steps"][0]["shape"] == [3, 32, 32]
    assert "3 batches" in said["steps"][0]["note"]
    assert np.asarray(Image.open(out)).shape == (32, 66, 3)


def test_a_filter_of_a_network_is_a_kernel(capsys, photo):
    said = told(capsys, "apply", photo, "--op", "conv", "--network", "efficientnet_lite0", "--filter", 3)
    assert said["steps"][0]["shape"] == [1, 23, 23]
    assert "between 0 and 31" in refused(
        capsys, "apply", photo, "--op", "conv", "--network", "efficientnet_lite0", "--filter", 99
    )


def test_the_script_is_written(capsys, photo, tmp_path):
    script = tmp_path / "chain.py"
    told(capsys, "apply", photo, "--op", "conv", "--kernel", "emboss", "--op", "pool", "--script", script)
    text = script.read_text()
    compile(text, "chain.py", "exec")
    assert f"rgb({str(photo)!r})" in text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--kernel sharpen --op conv", "put it behind --op"),
        ("--op pool --slope 1", "pool has no --slope"),
        ("--op pool --kind average --dilation 2", "average pooling has no --dilation"),
        ("--op pool --kernel box-blur", "the side of the window"),
        ("--op pool --kernel 1,2", "the side of the window"),
        ("--op pool --kind smallest", "--kind is one of max"),
        ("--op activation --kind step", "--kind is one of relu"),
        ("--op conv", "it needs --kernel or --mix"),
        ("--op conv --kernel lines", "is no rows of numbers"),
        ("--op conv --kernel sharpen --padding-mode mirror", "is one of zeros"),
        ("--op conv --kernel sharpen --groups 3", "groups need --mix"),
        ("--op separable --kernel sharpen", "it needs --kernel for each channel alone"),
        ("--op dropout --dims 3", "--dims is 1 or 2"),
        ("--op dropout --training --eval", "not both"),
        ("--op conv --filter 1", "--network and --filter go together"),
        ("--op warp", "invalid choice"),
        ("--op pool --kernel inf", "a whole number"),
        ("--op pool --kernel nan", "a whole number"),
        ("--op pool --eval", "max pooling has no --eval"),
        ("--op pool --skip-padding", "max pooling has no --skip-padding"),
        ("--op activation --slope 0.1", "ReLU has no --slope"),
        ("--op conv --kernel sharpen --angle 45", "turns a Gabor kernel"),
        ("--op conv --kernel 1,2;3,4 --side 7", "--side is that of a preset"),
        ("--op conv --kernel gabor --wavelength nan", "--wavelength lies between"),
        ("--op conv --kernel gabor --wavelength inf", "--wavelength lies between"),
        ("--op conv --kernel gabor --angle nan", "--angle lies between"),
        ("--op conv --kernel sharpen --bias 1;2", "is no row of numbers"),
        ("--op conv --kernel sharpen --stride 1.5", "'1.5' is not a whole number"),
        ("--op pool --every", "--every needs --out"),
        ("--op pool --out result.jpg", "has to end in .png"),
        ("--op pool --script photo.jpg", "has to end in .py"),
    ],
)
def test_wrong_words_are_wrong_usage(capsys, photo, words, reason):
    assert reason in refused(capsys, "apply", photo, *words.split())


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--op conv --kernel sharpen --stride 0", "conv (--stride), cannot be applied. The stride must lie between"),
        ("--op pool --op conv --kernel box-blur --dilation 16", "Operation 2, conv (--kernel)"),
        ("--op conv --mix 1,0", "conv (--mix), cannot be applied"),
        ("--op conv --mix 1;1 --groups 2", "conv (--groups), cannot be applied"),
        ("--op conv --kernel sharpen --kernel emboss", "conv (--kernel), cannot be applied"),
        ("--op pool --kind stochastic --training --seed 2000000", "between 0 and 1,000,000."),
        ("--op conv --network nowhere.toml --filter 0", "There is no such file."),
        ("--op dropout --share 1.5", "The share must lie between 0 and 1."),
        ("--op batchnorm --dims 1", "need more than one picture"),
    ],
)
def test_bad_settings_are_a_sentence_with_their_operation(capsys, photo, words, reason):
    code, out, err = run(capsys, "apply", photo, *words.split())
    assert (code, out) == (1, "")
    assert reason in err
    assert "Traceback" not in err


def test_a_picture_is_never_written_over(capsys, photo, tmp_path):
    before = photo.read_bytes()
    ways = ([photo, "--op", "pool", "--out", photo], [photo, photo, "--op", "pool", "--out", photo])
    linked = tmp_path / "again-1.png"
    linked.symlink_to(photo)
    for words in (*ways, [photo, "--op", "pool", "--out", tmp_path / "again.png", "--every"]):
        code, _, err = run(capsys, "apply", *words)
        assert (code, "is the picture itself" in err) == (1, True)
    for words in (["why", "nowhere", photo], ["maps", "nowhere", photo, "--layer", "features"]):
        assert main([*map(str, words), "--out", str(photo)]) == 1
        assert "is the picture itself" in capsys.readouterr().err
    assert photo.read_bytes() == before


def test_nothing_is_minus_nothing_in_the_code(capsys, photo):
    ways = ["--kernel sharpen --mix 1,0,0", "--kernel gabor --side 31 --wavelength 4"]
    for words in ways:
        assert "-0.0," not in told(capsys, "apply", photo, "--op", "conv", *words.split())["steps"][0]["code"]


def test_what_was_written_is_told(capsys, photo, tmp_path):
    out, script = tmp_path / "result.png", tmp_path / "chain.py"
    words = (photo, "--op", "activation", "--kind", "leaky-relu", "--out", out, "--script", script)
    said = told(capsys, "apply", *words)
    assert (said["out"], said["script"]) == ([str(out)], str(script))
    shown = run(capsys, "apply", *words)[1]
    assert all(f"Written: {file}" in shown for file in (out, script))


def test_a_script_that_would_see_another_picture_is_not_written(capsys, tmp_path):
    deep, out, script = (tmp_path / name for name in ("deep.png", "out.png", "chain.py"))
    Image.fromarray(np.full((9, 9), 40_000, np.uint16)).save(deep)
    code, _, err = run(capsys, "apply", deep, "--op", "pool", "--out", out, "--script", script)
    assert (code, "more than 8 bits" in err, out.exists(), script.exists()) == (1, True, False, False)
