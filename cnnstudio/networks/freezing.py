"""Freeze what a training mode leaves alone, and keep frozen parts in eval while the rest trains."""

from dataclasses import dataclass

from torch import nn

from cnnstudio.core.errors import NetworkError
from cnnstudio.networks.head import auxiliary_head_names, head_name
from cnnstudio.networks.modes import MODES
from cnnstudio.networks.stages import by_stage, last_stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup:
    """Parameters that share a learning rate."""

    name: str
    """``head``, ``last-stage`` or ``backbone``."""
    depth: int = 0
    """0 for the head, 1 for the last stage, then one more for each stage further down."""
    parameters: tuple[str, ...]
    """Dotted names in the network."""


def apply_mode(network: nn.Module, mode: str) -> tuple[ParameterGroup, ...]:
    """Freeze what ``mode`` (see ``modes``) leaves alone; returns the trained groups, head first.

    Raises:
        NetworkError: there is no such mode.
    """
    if mode not in MODES:
        raise NetworkError(f"There is no training mode {mode}.", remedy=f"Choose one of {', '.join(MODES)}.")
    groups, trained = _groups(network), MODES[mode].trains
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(any(name in groups[group] for group in trained))
    found = [
        ParameterGroup(name=name, parameters=tuple(groups[name]), depth=depth)
        for depth, name in enumerate(("head", "last-stage"))
        if name in trained and groups[name]
    ]
    if "backbone" in trained:
        stages = by_stage(network, groups["backbone"])
        found += [ParameterGroup(name="backbone", parameters=names, depth=2 + i) for i, names in enumerate(stages)]
    return tuple(found)


def open_groups(network: nn.Module, groups: tuple[ParameterGroup, ...], depth: int) -> None:
    """Train the groups down to ``depth`` and freeze those further down, for gradual unfreezing."""
    parameters = dict(network.named_parameters())
    for group in groups:
        for name in group.parameters:
            parameters[name].requires_grad_(group.depth <= depth)


def set_train_mode(network: nn.Module) -> None:
    """Train mode, but frozen parts stay in eval: their batch norms keep their statistics, their dropout is off."""
    network.train()
    for module in network.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()
    _rest_idle_dropout(network)


def _rest_idle_dropout(module: nn.Module) -> None:
    """Turn off modules without parameters, such as dropout, that stand before the first trained layer."""
    begun = False
    for child in module.children():
        parameters = list(child.parameters())
        if not parameters:
            if not begun:
                child.eval()
            continue
        if child.training:
            _rest_idle_dropout(child)
            begun = True


def _groups(network: nn.Module) -> dict[str, list[str]]:
    heads = (head_name(network), *auxiliary_head_names(network))
    stage = last_stage(network)
    groups: dict[str, list[str]] = {"head": [], "last-stage": [], "backbone": []}
    for name, _ in network.named_parameters():
        groups[_group_of(name, heads, stage)].append(name)
    return groups


def _group_of(parameter: str, heads: tuple[str, ...], stage: tuple[str, ...]) -> str:
    for group, modules in (("head", heads), ("last-stage", stage)):
        if any(parameter.startswith(f"{module}.") for module in modules):
            return group
    return "backbone"
