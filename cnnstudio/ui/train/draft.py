"""From what the form says, the open folder and the chosen network to a recipe. No widgets."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import RecipeError, pictures_in_classes
from cnnstudio.data import Dataset
from cnnstudio.jobs.specs import ScanFolder
from cnnstudio.networks import MODES, NetworkEntry
from cnnstudio.networks.catalogue.registry import built_entry
from cnnstudio.runs import Run
from cnnstudio.training.recipe import Recipe, complete, recorded_split
from cnnstudio.ui.state import Studio
from cnnstudio.ui.train.recipe_form import RecipeForm


class Draft:
    """The next training, as things stand."""

    def __init__(self, studio: Studio, form: RecipeForm) -> None:
        self._studio, self._form = studio, form
        studio.again_wanted.connect(self.take_run)

    def take_run(self, run: Run) -> None:
        """The next training is one of a run's network and kind: what was found out about it concerns no other."""
        recipe, chosen = run.record.recipe, self._studio.network
        if chosen is None or chosen.name != run.record.network:
            weights = str(recipe.get("weights") or "auto")
            self._studio.choose_network(run.record.network, None if weights == "auto" else Path(weights))
        mode = str(recipe.get("mode"))
        if mode in self._form.modes.possible:
            self._form.select_mode(mode)

    @property
    def possible(self) -> bool:
        """Whether there are a folder and a network."""
        return None not in (self._studio.dataset, self._studio.network)

    def recipe(self, start_from: str = "") -> Recipe | None:
        """The recipe; None while there is nothing to train on.

        Args:
            start_from: folder of the shown run, to continue it with its own network.

        Raises:
            RecipeError: a combination that cannot work, in plain words.
        """
        dataset, network = self._studio.dataset, self._studio.network
        run = self._studio.run if start_from else None
        if run is not None and self._studio.catalogue is not None:
            kept = built_entry(str(run.record.recipe.get("plan", "")))  # whatever became of its file
            network = self._studio.catalogue.find(run.record.network) or kept
        if dataset is None or network is None:
            return None
        recipe = self._completed(dataset, network, start_from)
        split = recorded_split(run.record.recipe) if run else None
        return replace(recipe, split=split) if split else recipe  # so that its test pictures stay what they are

    def recipes(self) -> dict[str, Recipe]:
        """Of every mode that can be trained, by its name."""
        dataset, network = self._studio.dataset, self._studio.network
        found: dict[str, Recipe] = {}
        if dataset is not None and network is not None:
            for mode in self._form.modes.possible:
                with suppress(RecipeError):
                    found[mode] = self._completed(dataset, network, mode=mode)
        return found

    @property
    def line(self) -> str:
        """Network, mode and what else there is to know, in one line."""
        network = self._studio.network
        return f"{network.title} · {self._form.summary}" if network is not None else ""

    @property
    def sentence(self) -> str:
        """What is trained on what, starting from what."""
        dataset, network = self._studio.dataset, self._studio.network
        if dataset is None or network is None:
            if dataset is not None:
                return "Reading the list of networks…"
            reads = self._studio.is_under_way(ScanFolder)
            return "The pictures are being checked…" if reads else "Open a folder of pictures first."
        what = f"{network.title} on {pictures_in_classes(len(dataset.split('train')), len(dataset.classes))}"
        if not MODES[self._form.mode].pretrained:
            size = self._form.input_size or network.scratch_size or (network.input_size if network.classic else 0)
            small = f"{what}, from random weights, seen at {size} × {size} px so that it is quick."
            return small if size else f"{what}, from random weights."
        if self._studio.weights is not None:
            return f"{what}, starting from {self._studio.weights.name}."
        later = "" if network.is_local else ", which are downloaded first"
        return f"{what}, starting from {_its_weights(network)}{later}."

    def _completed(self, dataset: Dataset, network: NetworkEntry, start_from: str = "", mode: str = "") -> Recipe:
        weights = str(self._studio.weights) if self._studio.weights else "auto"
        chosen = self._form.apply_to(str(dataset.root), network.name, weights, start_from, mode)
        return complete(chosen, dataset, lambda: network)


def _its_weights(network: NetworkEntry) -> str:
    entry = network.local_weights or network.default_weights
    return "its ImageNet weights" if entry is None or entry.acc1 is not None else "its published weights"
