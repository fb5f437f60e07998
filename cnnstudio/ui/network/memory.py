"""The network that a person chose last: chosen again when its folder is opened again. No widgets."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6 import QtCore

from cnnstudio.core import Problem
from cnnstudio.jobs.specs import CheckWeights
from cnnstudio.networks import WeightsReport
from cnnstudio.ui.state import NetworkChoice, Studio


class NetworkMemory(QtCore.QObject):
    """Writes down every choice; makes the last one again, once, unless there is a newer one by then."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self._settled = False
        studio.network_chosen.connect(self._note)
        studio.catalogue_changed.connect(lambda _: self._recall())
        studio.dataset_changed.connect(lambda _: self._recall())

    @property
    def _folder(self) -> str:
        return str(self._studio.dataset.root) if self._studio.dataset is not None else ""

    def _note(self, network: str, weights: Path | None) -> None:
        self._settled = True
        choice = NetworkChoice(folder=self._folder, network=network, weights=str(weights or ""))
        if choice != self._studio.preferences.choice:
            self._studio.remember(replace(self._studio.preferences, choice=choice))

    def _recall(self) -> None:
        choice, catalogue = self._studio.preferences.choice, self._studio.catalogue
        if self._settled or choice is None or choice.folder != self._folder:
            return
        if catalogue is None or catalogue.find(choice.network) is None:
            return
        self._settled = True
        if not choice.weights:
            self._studio.choose_network(choice.network)
            return
        self._studio.submit(
            CheckWeights(network=choice.network, file=Path(choice.weights)),
            done=self._take,
            failed=partial(self._do_without, choice.network),
        )

    def _take(self, report: WeightsReport) -> None:
        self._studio.choose_network(report.network, report.file)

    def _do_without(self, network: str, problem: Problem) -> None:
        """The file is gone, or damaged by now: said, since another training would come of it."""
        self._studio.choose_network(network)
        self._studio.problem.emit(problem)
