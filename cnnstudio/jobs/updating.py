"""Whether there is a newer version: one request for its number, which says nothing of who asks or of their pictures.

Only when a person has agreed, and where neither the environment nor a policy file of the computer forbids it.
"""

import json
import logging
import os
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import platformdirs

from cnnstudio import __version__
from cnnstudio.core import FormatError, StopRequested, Watch, codec
from cnnstudio.core.fetching import fetch_briefly, is_web_address
from cnnstudio.jobs.specs.updates import Update, UpdatePolicy

ADDRESS = ""
"""Of the newest version's number; empty while there is no place where versions are published: then nobody is asked."""
OFF, MIRROR = "CNNSTUDIO_NO_UPDATE_CHECK", "CNNSTUDIO_UPDATE_ADDRESS"
_SECONDS, _MOST = 5.0, 4 << 20
_NUMBER = re.compile(r"\d{1,5}(\.\d{1,5}){0,3}")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What whoever looks after a computer has decided for everybody who uses it: ``policy.toml``."""

    updates: bool = True
    """Whether people may have the app look for new versions."""
    update_address: str = ""
    """To ask in place of the usual one."""


def policy_file() -> Path:
    """Where only an administrator can write, such as ``/etc/xdg/cnnstudio/policy.toml``."""
    return Path(platformdirs.site_config_dir("cnnstudio", appauthor=False)) / "policy.toml"


def update_policy() -> UpdatePolicy:
    """Whether it may be asked, and where; reads a small file."""
    policy = _policy()
    if os.environ.get(OFF, "") not in ("", "0") or policy is None or not policy.updates:
        return UpdatePolicy(why_not="Whoever looks after this computer has switched this off.")
    address = os.environ.get(MIRROR) or policy.update_address or ADDRESS
    if address and not is_web_address(address):
        return UpdatePolicy(why_not=f"The address for new versions that was set here is none of the web: {address}.")
    return UpdatePolicy(address=address)


def newer_version(watch: Watch) -> Update | None:
    """The newest version, where it is newer than this one. Whatever goes wrong is no news: None.

    Raises:
        StopRequested: a stop was asked for.
    """
    policy = update_policy()
    if not policy.address:
        return None
    try:
        agent = f"cnnstudio/{__version__}"
        text = fetch_briefly(policy.address, watch.control, agent=agent, seconds=_SECONDS, most=_MOST).decode()
        number = _number(codec.parsed(text, json.loads, "answer"))
    except StopRequested:
        raise
    except Exception as error:  # noqa: BLE001 - nobody asked for it just now, so nobody is told
        log.info("no answer about new versions: %r", error)
        return None
    return Update(version=number, how=how_to_update()) if _parts(number) > _parts(__version__) else None


def how_to_update() -> str:
    """The line for this kind of installation; it is only shown, never run."""
    prefix = Path(sys.prefix)
    if getattr(sys, "frozen", False):
        return "Download the new bundle, and put it in the place of this one."
    if (prefix / "uv-receipt.toml").is_file():
        return "uv tool upgrade cnnstudio"
    if (prefix / "pipx_metadata.json").is_file():
        return "pipx upgrade cnnstudio"
    if _from_sources():
        return f"In the folder of the sources: git pull && {sys.executable} -m pip install ."
    return f"{sys.executable} -m pip install --upgrade cnnstudio"


def _policy() -> Policy | None:
    """None where it cannot be read: somebody wanted to decide something."""
    file = policy_file()
    try:
        text = codec.bounded_text(file)
        return codec.from_plain(Policy, codec.parsed(text, tomllib.loads, file.name), what=file.name)
    except FileNotFoundError:
        return Policy()
    except (OSError, FormatError):
        return None


def _number(answer: Any) -> str:
    """From ``{"version": "1.2"}``, or with that below ``info`` as package indexes have it; final versions only."""
    number = answer.get("version") or answer["info"]["version"]
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise ValueError(f"no version: {number!r}")
    return number


def _parts(number: str) -> tuple[int, ...]:
    found = _NUMBER.match(number)
    parts = [int(part) for part in found[0].split(".")] if found else []
    return (*parts, *[0] * (4 - len(parts)))


def _from_sources() -> bool:
    try:
        told = distribution("cnnstudio").read_text("direct_url.json")
    except PackageNotFoundError:
        return True
    return told is not None and '"file:' in told
