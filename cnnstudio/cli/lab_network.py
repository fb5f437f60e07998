"""``lab network``: a network of blocks as a table, as a file that a person can read, and as Python."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.numbers import between
from cnnstudio.cli.outputs import ending
from cnnstudio.cli.report import Report
from cnnstudio.core import NetworkError, Watch
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks.blocks.findings import Finding, findings
from cnnstudio.networks.blocks.groups import CLASSIC_PLANS
from cnnstudio.networks.blocks.network_file import SUFFIX, to_toml
from cnnstudio.networks.blocks.saved import network_named, plan_at, plan_of, remember
from cnnstudio.networks.blocks.source import source
from cnnstudio.networks.blocks.standing import Standing, standing
from cnnstudio.networks.blocks.stopping import own_outputs
from cnnstudio.networks.blocks.table import KINDS
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.blocks.words import sentence, shape_words, summary
from cnnstudio.networks.names import did_you_mean, near_names


def add_command(rooms: Any) -> None:
    """Add ``lab network``."""
    parser = add_parser(
        rooms, "network", _network, "show the blocks of a network, check a network file, or write a classic as one",
        "cnnstudio lab network lenet5 --out mine.toml",
    )  # fmt: skip
    add = parser.add_argument
    add(
        "network",
        metavar="NAME|FILE",
        help="a network file, a network that you built, a run or bundle of one, or a "
        f"classic: {', '.join(CLASSIC_PLANS)}",
    )
    add("--out", type=ending(SUFFIX), metavar="FILE.toml", help="network file to write")
    add("--save", action="store_true", help="keep it among your networks, under its name")
    add("--source", action="store_true", help="print it as Python for torch in place of the table")
    add("--classes", type=between(1, 100_000), metavar="N", help="outputs (default 10, or as many as the file says)")
    add("--pictures", type=between(1, 100_000_000), metavar="N", help="so many there are to learn from, for the advice")


def _network(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    plan = _plan(options.network)
    classes = options.classes or own_outputs(plan) or 10
    stood = standing(plan, classes)
    found = findings(plan, classes=options.classes, pictures=options.pictures)
    text = "\n".join([*_table(plan, stood), *(f"- {sentence(each)}" for each in found)])
    told = {**_plain(plan, stood, found), "out": str(options.out) if options.out else None}
    if options.source:
        if stopping := next((each for each in found if each.stops), None):
            raise NetworkError(f"{plan.name} cannot be built.", meaning=sentence(stopping))
        text = told["source"] = source(plan, classes).rstrip()
    notes = []
    if options.out:
        file = run_inline(specs.WriteNetworkFile(plan=plan, file=options.out), watch)
        notes.append(f"Network file: {file}. Train it with: cnnstudio train photos --mode scratch --model {file}")
    if options.save:
        notes.append(f"Kept among your networks: {run_inline(specs.KeepNetwork(plan=plan), watch).file}")
    report.result(text, told)
    for note in notes:  # beside the result, which may be Python that goes into a file
        report.note(note)
    return 1 if any(each.stops for each in found) else 0


def _plan(name: str) -> Plan:
    if name in CLASSIC_PLANS:
        return CLASSIC_PLANS[name]
    plan = plan_at(Path(name)) if Path(name).is_dir() else plan_of(network_named(name))
    if plan is None:
        raise NetworkError(
            f"{name} is not built of blocks.",
            meaning=did_you_mean(near_names(name, CLASSIC_PLANS))
            or f"Those that are: {', '.join(CLASSIC_PLANS)}, the networks that you built, and network files.",
            remedy="Give one of these, or the path of a file that ends in .toml.",
        )
    return plan


def _table(plan: Plan, stood: Standing) -> list[str]:
    rows = [f"{'':3} {'block':32} {'':44} {'output':>16} {'weights':>12} {'MMACs':>9}  sees"]
    rows.append(f"{'':3} {'Picture':32} {'':44} {shape_words((plan.channels, plan.input_size, plan.input_size)):>16}")
    for number, block in enumerate(plan.blocks):
        row = f"{number + 1:3} {KINDS[block.kind].title:32} {summary(block):44}"
        if number < len(stood.stands):
            stand = stood.stands[number]
            row += f" {shape_words(stand.shape):>16} {stand.parameters:>12,} {stand.multiplications / 1e6:>9,.1f}"
            row += f"  {stand.reach.in_words()}"
        rows.append(row.rstrip())
    if stood.broken is None:
        rows.append(
            f"{plan.name}: {stood.parameters:,} weights, {stood.multiplications / 1e9:.3f} GMACs (billion "
            f"multiply-adds) for a picture of {plan.input_size} × {plan.input_size} px."
        )
    return rows


def _plain(plan: Plan, stood: Standing, found: tuple[Finding, ...]) -> dict[str, Any]:
    """``network`` is its key, under which the catalogue has it; a block that cannot be built has no figures."""
    blocks: list[dict[str, Any]] = [{"kind": block.kind, **dict(block.settings)} for block in plan.blocks]
    for told, stand in zip(blocks, stood.stands, strict=False):
        told |= {"output": list(stand.shape), "parameters": stand.parameters, "sees": stand.reach.in_words()}
        told["multiplications"] = stand.multiplications
    return {
        "network": remember(plan),
        "name": plan.name,
        "input_size": plan.input_size,
        "channels": plan.channels,
        "parameters": stood.parameters,
        "multiplications": stood.multiplications,
        "blocks": blocks,
        "findings": [
            {"kind": each.kind, "block": each.place, "stops": each.stops, "sentence": each.sentence, "mend": each.mend}
            for each in found
        ],
        "file": to_toml(plan),
    }
