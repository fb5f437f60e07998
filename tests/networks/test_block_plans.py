"""Plans against torch: what is computed without it is what the built network has."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnnstudio.core import NetworkError
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.blocks.building import build
from cnnstudio.networks.blocks.findings import findings, stopping
from cnnstudio.networks.blocks.groups import CLASSIC_PLANS, EMPTY, GROUPS, group_for
from cnnstudio.networks.blocks.network_file import from_toml, is_name, key_of, load_plan, to_toml
from cnnstudio.networks.blocks.saved import remember
from cnnstudio.networks.blocks.standing import is_sized, module_name, standing
from cnnstudio.networks.blocks.table import KINDS, LAST, made
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.classics import CLASSICS
from tests.networks.test_classics import PARAMETERS

SLOW = {name for name in CLASSICS if name.startswith(("vgg", "resnet")) and name != "resnet18_small_se_sa"}
MANY = settings().max_examples // 2


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CLASSICS]
)
def test_the_plan_of_a_classic_builds_the_same_network(name):
    classic, plan = CLASSICS[name], from_toml(to_toml(CLASSIC_PLANS[name]))
    assert (plan.name, plan.channels, plan.input_size) == (classic.title, classic.channels, classic.input_size)
    theirs = classic.build(10, classic.channels, 32).eval()
    ours = build(plan, 10, classic.channels, 32).eval()
    state, names = theirs.state_dict(), list(ours.state_dict())
    ours.load_state_dict(dict(zip(names, state.values(), strict=True)))
    pictures = torch.randn(2, classic.channels, 32, 32)
    with torch.inference_mode():
        assert torch.equal(ours(pictures), theirs(pictures))
    assert standing(plan).parameters == sum(parameter.numel() for parameter in theirs.parameters())
    assert is_sized(plan) == classic.fixed
    assert [found.kind for found in findings(plan, classes=10)] == (["short-sighted"] if name == "gap_cnn" else [])


def test_every_classic_has_a_plan_with_its_parameters():
    assert {name: standing(plan, 10).parameters for name, plan in CLASSIC_PLANS.items()} == PARAMETERS


def blocks():
    def of(kind):
        def value(setting):
            if isinstance(setting.default, bool):
                return st.booleans()
            if setting.choices:
                return st.sampled_from(setting.choices)
            if isinstance(setting.default, float):
                return st.floats(setting.low, setting.high)
            high = min(int(setting.high), {"channels": 12, "layers": 3, "growth": 5, "outputs": 9}.get(setting.name, 5))
            special = [setting.special] if setting.word else []
            return st.sampled_from([*special, *range(int(setting.low), high + 1)])

        return st.builds(
            lambda **settings: made(kind.name, **settings), **{each.name: value(each) for each in kind.settings}
        )

    return st.one_of([of(kind) for kind in KINDS.values()])


PLANS = st.builds(
    lambda middle, size, channels: Plan(name="Any", blocks=(*middle, LAST), input_size=size, channels=channels),
    st.lists(blocks(), max_size=7),
    st.integers(16, 40),
    st.sampled_from([1, 3]),
)


@settings(max_examples=MANY, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(PLANS)
def test_what_stands_at_each_block_is_what_torch_has(plan):
    plan = mended(plan)
    network = build(plan, 4, plan.channels, plan.input_size).eval()
    seen = {}
    for place in range(len(plan.blocks)):
        module = network.get_submodule(module_name(plan, place))
        module.register_forward_hook(lambda _m, _i, out, place=place: seen.update({place: tuple(out.shape[1:])}))
    with torch.inference_mode():
        assert network(torch.rand(2, plan.channels, plan.input_size, plan.input_size)).shape == (2, 4)
    anatomy = dissect(remember(plan), classes=4)
    layers = {layer.name: layer for layer in anatomy.layers}
    for place, stand in enumerate(standing(plan, 4).stands):
        layer = layers[module_name(plan, place)]
        assert stand.shape == seen[place] == layer.output
        assert (stand.parameters, stand.multiplications) == (layer.parameters, layer.multiplications)
        assert stand.reach == layer.reach
    assert (standing(plan, 4).parameters, standing(plan, 4).multiplications) == (
        anatomy.parameters,
        anatomy.multiplications,
    )


def mended(plan):
    """The plan after clicking on every mend of what stops it."""
    for _ in range(40):
        if (found := stopping(plan)) is None:
            return plan
        assume(found.mended is not None)
        assert found.mended != plan
        plan = found.mended
    raise AssertionError(f"never mended: {to_toml(plan)}")


@given(PLANS)
def test_a_plan_comes_back_from_its_file(plan):
    again = from_toml(to_toml(plan))
    assert again == plan
    assert key_of(again) == key_of(plan)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("blocks = [\n@", "line 2, column 1"),
        ("blocks = []", "at least one block"),
        ('blocks = [\n { kind = "convolutoin" },\n]', r"block 1 \(line 2\): there is no kind convolutoin. Did you"),
        ('blocks = [\n { kind = "flatten" },\n { kind = "convolution", kernel = 99 },\n]',
         r"block 2 \(line 3\): kernel of convolution must lie between 1 and 15, not 99"),
        ('[[blocks]]\nkind = "convolution"\nkernal = 3', r"block 1 \(line 2\): convolution has no kernal; it has"),
        ('blocks = [{ kind = "dropout", p = true }]', "p of dropout must be a number"),
        ('blocks = [{ kind = "linear", outputs = "many" }]', 'must be a whole number, or be "classes"'),
        ('format_version = 9\nblocks = [{ kind = "flatten" }]', "newer CNN Studio"),
        ('blocks = [{ kind = "flatten" }]\ninput_size = 1e9', "input_size must be a whole number from 16 to 1,024"),
        ('blocks = [{ kind = "flatten" }]\nname = "../x"', "name must be"),
        ('blocks = [{ kind = "flatten" }]\nimport = "os"', "import is not known here"),
        ("a" + ".a" * 5000 + " = 1", "deeper, than any network file"),
        ("blocks = [" + "{}," * 900 + "]", "more than 200 blocks"),
        ("blocks = " + "[" * 300 + "]" * 300, "cannot be read"),
        (f"channels = {'9' * 9000}", "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_said_where_it_is(text, told):
    with pytest.raises(NetworkError, match=told):
        from_toml(text, "mine.toml")


@pytest.mark.parametrize("name", GROUPS)
def test_groups_double_the_channels(name):
    plan = EMPTY.inserted(0, *GROUPS["stage"].blocks(32))
    added = group_for(name, plan, 7)
    assert {block.values["channels"] for block in added if "channels" in block.values} <= {64}
    assert standing(plan.inserted(7, *added)).stands


def read(text):
    """The plan, or what is said of it."""
    try:
        return from_toml(text), ""
    except NetworkError as error:
        return None, str(error)


PIECES = [
    "{",
    "}",
    "[",
    "]",
    "=",
    ",",
    '"',
    "'''",
    "\n",
    ".",
    "#",
    "kind",
    "blocks",
    "1e309",
    "-1",
    "nan",
    "0x9",
    "true",
]


@given(
    st.sampled_from([to_toml(plan) for plan in CLASSIC_PLANS.values()]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=5)), max_size=6),
)
def test_whatever_a_file_holds_there_is_a_plan_or_a_sentence(text, changes):
    for place, gone, piece in changes:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + gone :]
    plan, told = read(text)
    assert len(told) < 2500
    if plan is not None:
        assert from_toml(to_toml(plan)) == plan
        findings(plan, classes=3, pictures=100)


TOML = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
BLOCKS = st.lists(
    st.dictionaries(st.sampled_from(["kind", "kernel", "channels", "p", "outputs", "x"]), TOML, max_size=4)
    | st.fixed_dictionaries({"kind": st.sampled_from(list(KINDS))}, optional={"kernel": TOML, "stride": TOML}),
    max_size=4,
)


@given(
    st.fixed_dictionaries(
        {"blocks": BLOCKS | TOML}, optional={"name": TOML, "input_size": TOML, "format_version": TOML}
    )
)
def test_values_of_any_type_are_a_plan_or_a_sentence(plain):
    plan, told = read(tomli_w.dumps(plain))
    assert (plan is None) == bool(told)
    if plan is not None:
        findings(plan)


def test_the_file_in_the_readme_is_one_that_nothing_is_wrong_with():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    plan = from_toml(readme.split("```toml\n")[1].split("```")[0])
    assert plan.name == "Leaf net"
    assert findings(plan, classes=10, pictures=3000) == ()


@pytest.mark.parametrize("name", ["मेरा नेटवर्क", "เครือข่าย", "שלום", "été"])
def test_names_of_every_language_are_names(tmp_path, name):
    file = tmp_path / "mine.toml"
    plan = replace(CLASSIC_PLANS["lenet5"], name=name)
    file.write_text("\N{ZERO WIDTH NO-BREAK SPACE}" + unicodedata.normalize("NFD", to_toml(plan)), encoding="utf-8")
    assert load_plan(file) == plan, "an editor's mark and letters taken apart change nothing"


@pytest.mark.parametrize("name", ["\u0301a", "a\u202eb", "e\u0301", "a/b"])
def test_names_that_would_look_like_another_are_none(name):
    assert not is_name(name)


def test_a_file_that_is_no_text_says_how_to_save_it(tmp_path):
    file = tmp_path / "mine.toml"
    with pytest.raises(NetworkError, match="There is no such file"):
        load_plan(file)
    file.write_text(to_toml(CLASSIC_PLANS["lenet5"]), encoding="utf-16")
    with pytest.raises(NetworkError, match="Save it as UTF-8"):
        load_plan(file)
