"""What averaging over the mirror image gains and costs, on the validation pictures of a run."""

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import open_frozen
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core import FormatError, RunError, StorageError, Watch, codec, compare_answers, sha256_of
from cnnstudio.data.reading import Skips
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.inference.mirror import MirrorAverage
from cnnstudio.jobs import specs
from cnnstudio.jobs.job import carry
from cnnstudio.jobs.specs.models import MirrorGain
from cnnstudio.networks.bundle import WEIGHTS_FILE
from cnnstudio.runs import open_run
from cnnstudio.training.base import load_base
from cnnstudio.training.loop import score_pictures
from cnnstudio.training.recipe import recipe_from_plain
from cnnstudio.training.recover import ensure_bundle

GAIN_FILE = "mirror.json"


def measure_mirror(job: specs.MeasureMirror, watch: Watch) -> MirrorGain:
    """As it was measured before, or measured now and kept; with the network that another run would continue.

    That one has not learned from the validation pictures.

    Raises:
        RunError: there is no run, or it has no validation pictures.
        StudioError: its network or pictures cannot be opened.
    """
    run = open_run(job.run)
    weights = sha256_of(ensure_bundle(job.run) / WEIGHTS_FILE)
    with suppress(OSError, FormatError):
        known = codec.load_json(job.run / GAIN_FILE, MirrorGain)
        if known.weights == weights:
            return known
    recipe = recipe_from_plain(run.record.recipe)
    dataset = load_samples(run.folder / SAMPLES_FILE, Path(recipe.dataset), run.record.classes, "stratified")
    samples = dataset.split("validation")
    if not samples:
        raise RunError(
            f"The run {run.record.name} has no validation pictures.", meaning="So nothing can be measured on them."
        )
    base = load_base(replace(recipe, start_from=str(run.folder), input_size=0, weights="auto"), dataset.classes, None)
    reading, device = Reading(watch.control, Skips(total=len(samples))), choose_device("auto")
    right, seconds = list[dict[Path, bool]](), list[float]()
    for network in (MirrorAverage(base.network).eval(), base.network.eval()):
        frozen = open_frozen(network, base.preprocess, device, "fp32")
        start = time.perf_counter()
        events = score_pictures(
            frozen, samples, base.preprocess, reading, split="validation", classes=len(dataset.classes)
        )
        scored = carry(events, watch.emit)
        seconds.append(time.perf_counter() - start)
        right.append({s.path: s.label == said for s, said in zip(scored.samples, scored.predicted, strict=True)})
    both = [sample for sample in samples if sample.path in right[0] and sample.path in right[1]]
    if not both:
        raise RunError(f"No validation picture of the run {run.record.name} can be read.", remedy="Put them back.")
    with_mirror, plain = ([each[sample.path] for sample in both] for each in right)
    groups = [sample.group for sample in both]
    gain = MirrorGain(
        found=compare_answers(with_mirror, plain, groups), times=seconds[0] / max(1e-9, seconds[1]), weights=weights
    )
    with suppress(StorageError):  # measured again next time
        codec.save_json(job.run / GAIN_FILE, gain)
    return gain
