"""Networks tried one after the other; needs torch."""

from pathlib import Path

from cnnstudio.core import Event, Progressed, StopRequested, Warned, Watch, WeightsError
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import specs
from cnnstudio.jobs.job import StoppedWith
from cnnstudio.networks import NetworkEntry
from cnnstudio.networks.catalogue.registry import load_catalogue
from cnnstudio.networks.weights.pretrained import find_weights
from cnnstudio.runs import RECORD_FILE, open_run
from cnnstudio.training.recipe import recorded_split
from cnnstudio.understanding.auditions import Auditions
from cnnstudio.understanding.trying import Candidate, audition, some_of


def audition_networks(job: specs.AuditionNetworks, watch: Watch) -> Auditions:
    """The cheapest first, each handed over as it is through; a network that fails is said and passed over.

    Raises:
        StoppedWith: those that are through.
        WeightsError: no network is on this computer, or none of those that were asked for.
        DatasetError: the pictures cannot be read.
    """
    dataset = job.dataset
    if dataset is None:
        run = open_run(job.folder) if (job.folder / RECORD_FILE).is_file() else None
        folder: Path = run.record.dataset if run else job.folder
        dataset = open_dataset(folder, recorded_split(run.record.recipe) if run else None, watch=watch)
    candidates = _candidates(job.networks)
    samples = some_of(dataset)
    found = Auditions(results=(), waiting=len(candidates))
    for number, candidate in enumerate(candidates):
        told = Watch(watch.control, _named(watch, candidate.title, number, len(candidates)))
        try:
            watch.check()
            result = audition(candidate, samples, dataset, told)
        except StopRequested as stop:
            raise StoppedWith(found) from stop
        except WeightsError as error:
            watch.emit(Warned(problem=error.problem))
            continue
        found = found.with_(result)
        watch.partial(result)
    return found


def _candidates(wanted: tuple[str, ...]) -> list[Candidate]:
    entries = [entry for entry in load_catalogue(()).networks if not entry.classic and entry.is_local]
    entries = [entry for entry in entries if not wanted or entry.name in wanted]
    found = []
    for entry in sorted(entries, key=_cost):
        file = find_weights(entry.name)
        if file is not None:
            found.append(Candidate(entry.name, entry.title, file))
    if not found:
        raise WeightsError(
            "There is no network to try: none of them is on this computer.",
            remedy="Download some on the Network page, or import weights, then try again.",
        )
    return found


def _cost(entry: NetworkEntry) -> tuple[float, str]:
    return entry.gflops, entry.name


def _named(watch: Watch, title: str, number: int, total: int) -> "Say":
    return Say(watch, f"{title}, {number + 1} of {total}")


class Say:
    """Passes events on; progress says which network it is of."""

    def __init__(self, watch: Watch, name: str) -> None:
        self._watch, self._name = watch, name

    def __call__(self, event: Event) -> None:
        """Pass one on."""
        if isinstance(event, Progressed):
            self._watch.progress(event.done, event.total, f"{self._name}: {event.text}")
        else:
            self._watch.emit(event)
