"""Networks that a person built: their files in the user's data folder, and which plan a key means. No torch.

A key ends in digits of the plan's content (``network_file.key_of``), so what is known of it stays true. Plans become
known by being read: from a file, or with a run or bundle that was trained with one.
"""

import logging
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cnnstudio.core import NetworkError, codec, data_folder, storage_error
from cnnstudio.core.paths import safe_file_name
from cnnstudio.networks.blocks.network_file import SUFFIX, composed, from_toml, key_of, load_plan, save_plan, to_toml
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.card import CARD_FILE, BundleCard
from cnnstudio.networks.names import own_title

log = logging.getLogger(__name__)
_MOST_FILES = 1000
_known: dict[str, Plan] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedNetwork:
    """A network file in the user's folder."""

    plan: Plan
    file: Path

    @property
    def key(self) -> str:
        """What it is called among networks."""
        return key_of(self.plan)


def networks_folder() -> Path:
    """Where networks that a person built are kept, a file each."""
    return data_folder() / "networks"


def saved_networks() -> tuple[SavedNetwork, ...]:
    """All that can be read, by name; a file that cannot is told in the log."""
    return tuple(sorted(_read(), key=lambda saved: saved.plan.name.lower()))


def unreadable_networks() -> tuple[str, ...]:
    """A sentence for each file in the folder that is no network."""
    return tuple(problem for file in _files() if (problem := _problem(file)))


def file_for(name: str) -> Path:
    """The file that a network of that name has, whatever that is called, or the one that it will have.

    Names that files cannot tell apart get a number.
    """
    if has := next((saved.file for saved in _read() if saved.plan.name == name), None):
        return has
    for number in count(1):
        stem = safe_file_name(name) + (f"-{number}" if number > 1 else "")
        file = networks_folder() / f"{stem}{SUFFIX}"
        if not file.exists() or _name_in(file) == name:
            return file
    raise AssertionError


def save_network(plan: Plan) -> SavedNetwork:
    """Keep a network under its name; one that was saved under the same name before is replaced.

    Raises:
        StorageError: the folder cannot be written to.
    """
    saved = SavedNetwork(plan=plan, file=file_for(plan.name))
    save_plan(plan, saved.file)
    remember(plan)
    return saved


def remove_network(name: str) -> bool:
    """Delete the file of a saved network, whether there was one; runs that used it keep their plan.

    Raises:
        StorageError: it may not be deleted.
    """
    file = file_for(own_title(name) or name)
    try:
        there = file.is_file()
        file.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(file, error) from error
    return there


def remember(plan: Plan) -> str:
    """Know a plan from now on by its key, which is returned.

    Raises:
        NetworkError: somebody made a plan whose key is that of another one, which chance does not.
    """
    key = key_of(plan)
    if _known.setdefault(key, plan) != plan:
        raise NetworkError(
            f"This network pretends to be another one that is called {plan.name}.", remedy="Give it another name."
        )
    return key


def remember_text(text: str) -> str:
    """As ``remember``, from the text of a network file.

    Raises:
        NetworkError: what is wrong in it.
    """
    return remember(from_toml(text))


def plan_of(key: str) -> Plan | None:
    """The plan that a key means; None for the name of another network, and for a plan that nobody showed."""
    if not own_title(key):
        return None
    if key not in _known:
        _read()
    return known_plan(key)


def known_plan(key: str) -> Plan | None:
    """As ``plan_of``, of plans that were read or shown before: the disk is not asked."""
    return _known.get(key)


def plan_text(key: str) -> str:
    """The network file that a key means, to travel with what was made with it; empty for any other network.

    Of a plan that was read or shown before; the disk is not asked.
    """
    plan = known_plan(key)
    return "" if plan is None else to_toml(plan)


def network_named(text: str) -> str:
    """What a person means by the name of a network: a network file, a saved network by its name, or any other name.

    Raises:
        NetworkError: the file is none.
    """
    path = Path(text)
    if path.suffix.lower() == SUFFIX:
        return remember(load_plan(path))
    saved = next((each for each in _read() if each.plan.name == composed(text)), None)
    return text if saved is None or _is_taken(text) else remember(saved.plan)


def _is_taken(name: str) -> bool:
    """Whether it is the name of a network that everybody has: what a script means by it may not depend on a folder."""
    from cnnstudio.networks.builder import all_names  # asks torchvision, and only where two have the name

    return name in all_names()


def plan_at(path: Path) -> Plan | None:
    """The plan in a network file, or in the folder of a run or bundle, which may have none.

    Raises:
        NetworkError: the file is none.
        FormatError: the bundle's card is none.
        OSError: it may not be read.
    """
    if not path.is_dir():
        return load_plan(path)
    card = next((file for file in (path / "bundle" / CARD_FILE, path / CARD_FILE) if file.is_file()), None)
    text = codec.load_json(card, BundleCard).plan if card is not None else ""
    return from_toml(text, path.name) if text else None


def unknown_plan(key: str) -> NetworkError:
    """Of a key whose plan is nowhere."""
    return NetworkError(
        f"The network {own_title(key)} is not on this computer as it was.",
        meaning="Its file was changed, renamed or deleted since.",
        remedy="Give its file, or choose a run that was trained with it: runs carry their network.",
        details=key,
    )


def _files() -> list[Path]:
    try:
        return sorted(networks_folder().glob(f"*{SUFFIX}"))[:_MOST_FILES]
    except OSError:
        return []


def _read() -> list[SavedNetwork]:
    found = []
    for file in _files():
        try:
            found.append(SavedNetwork(plan=load_plan(file), file=file))
            remember(found[-1].plan)
        except NetworkError as error:
            log.warning("%s is left out of the list of networks: %s", file, error)
    return found


def _name_in(file: Path) -> str:
    """What the network in a file is called; empty where it cannot be read, so that nobody replaces it."""
    try:
        return load_plan(file).name
    except NetworkError:
        return ""


def _problem(file: Path) -> str:
    try:
        load_plan(file)
    except NetworkError as error:
        return str(error)
    return ""
