"""Jobs about the networks that a person builds of blocks: their files, here and anywhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import NetworkError, Watch, data_folder
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.networks.blocks import saved
from cnnstudio.networks.blocks.network_file import load_plan, save_plan
from cnnstudio.networks.blocks.saved import SavedNetwork
from cnnstudio.networks.blocks.values import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltNetworks:
    """What lies in the user's folder of networks."""

    networks: tuple[SavedNetwork, ...]
    """By name; also those that are not finished, which the catalogue lacks."""
    problems: tuple[str, ...] = ()
    """A sentence for each file that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBuilt(Job[BuiltNetworks]):
    """Read the networks that the user keeps."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True

    def handle(self, watch: Watch) -> BuiltNetworks:
        """A file that is none is a problem among the others."""
        watch.check()
        return BuiltNetworks(networks=saved.saved_networks(), problems=saved.unreadable_networks())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepNetwork(Job[SavedNetwork]):
    """Keep a network under its name, in place of one that had the name; the catalogue has it from then on."""

    lane: ClassVar[Lane] = "files"
    plan: Plan

    def handle(self, watch: Watch) -> SavedNetwork:
        """Raises StorageError when it cannot be written."""
        watch.check()
        return saved.save_network(self.plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNetwork(Job[bool]):
    """Delete a network that the user keeps, by its name or key; gives whether there was one."""

    lane: ClassVar[Lane] = "files"
    name: str

    def handle(self, watch: Watch) -> bool:
        """Raises StorageError when it may not be deleted."""
        watch.check()
        return saved.remove_network(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDraft(Job[None]):
    """Keep what is being built, so that it is there again when the window is opened again."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    plan: Plan

    def handle(self, watch: Watch) -> None:
        """Raises StorageError when it cannot be written."""
        watch.check()
        save_plan(self.plan, _draft())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDraft(Job[Plan | None]):
    """What was being built last; None where that is nothing one could go on with."""

    lane: ClassVar[Lane] = "files"

    def handle(self, watch: Watch) -> Plan | None:
        """Never fails: at worst one begins anew."""
        watch.check()
        try:
            return load_plan(_draft()) if _draft().is_file() else None
        except NetworkError:
            return None


def _draft() -> Path:
    return data_folder() / "network-draft.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNetworkFile(Job[Plan]):
    """Read a network file from anywhere."""

    lane: ClassVar[Lane] = "places"
    file: Path

    def handle(self, watch: Watch) -> Plan:
        """Raises NetworkError with what is wrong in it."""
        watch.check()
        return load_plan(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNetworkFile(Job[Path]):
    """Write a network file anywhere; gives it."""

    lane: ClassVar[Lane] = "copying"
    plan: Plan
    file: Path

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when it cannot be written."""
        watch.check()
        save_plan(self.plan, self.file)
        return self.file
