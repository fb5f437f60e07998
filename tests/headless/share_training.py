"""Run by test_several_processes: one training from scratch, alone or as one of several; prints its history as JSON."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from cnnstudio.core import EpochDone
from cnnstudio.data.reading import Skips
from cnnstudio.data.scan import scan_folder
from cnnstudio.training.assembly import network_plan
from cnnstudio.training.base import load_base
from cnnstudio.training.loop import Checkpoints, Context, FitState, Plan, join, leave
from cnnstudio.training.loop.fit import fit
from cnnstudio.training.recipe import Recipe


def meet_with_trouble(plan: Plan, kind: str) -> None:
    """In this process only: less memory than the others have, or an error in the middle of an epoch."""
    real, calls = plan.forward, []

    def forward(inputs: torch.Tensor) -> Any:
        calls.append(1)
        if kind == "memory" and len(inputs) > 2:
            raise RuntimeError("MPS backend out of memory (a test)")
        if kind == "fail" and len(calls) == 3:
            raise OSError("a picture is gone (a test)")
        return real(inputs)

    plan.forward = forward


def learn(folder: Path, out: Path, balance: str, trouble: str = "", batch_size: str = "5") -> dict[str, Any] | None:
    """The history; None for all but the first process."""
    recipe = Recipe(
        dataset=str(folder), network="squeezenet1_0", mode="scratch", epochs=3, batch_size=int(batch_size),
        optimizer="sgd", learning_rate=0.003, input_size=48, precision="fp32", balance=balance, gradient_clip=1.0,
    ).resolved()  # fmt: skip
    dataset = scan_folder(folder, recipe.split)
    cpu = torch.device("cpu")
    world = join(cpu)
    if trouble == "vanish" and not world.is_first:  # for this process only
        gone = {sample.path for sample in dataset.split("train")[:3]}
        samples = (replace(s, path=Path("gone")) if s.path in gone else s for s in dataset.samples)
        dataset = replace(dataset, samples=tuple(samples))
    base = load_base(replace(recipe, seed=5), dataset.classes, None)
    base.network.classifier[0].p = 0.0  # each process would drop different features
    out.mkdir(exist_ok=True)
    context = Context(
        recipe=recipe, base=base, dataset=dataset, device=cpu, skips=Skips(total=99),
        checkpoints=Checkpoints(out, world), world=world,
    )  # fmt: skip
    plan = network_plan(context)
    if not world.is_first:
        meet_with_trouble(plan, trouble)
    epochs = [event for event in fit(plan, FitState()) if isinstance(event, EpochDone)]
    leave(world)
    if not world.is_first:
        return None
    total = sum(float(parameter.detach().double().square().sum()) for parameter in plan.model.parameters())
    history = [[e.train_loss, e.validation_loss, e.validation_accuracy, e.validation_images] for e in epochs]
    return {"history": history, "weights": total, "size": world.size}


if __name__ == "__main__":
    learned = learn(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
    if learned is not None:
        sys.stdout.write(json.dumps(learned) + "\n")
