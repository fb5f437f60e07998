"""Licences of what the program is made of: as a bundle lists them, else from the metadata of installed packages."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from cnnstudio.core import Watch, codec, paths
from cnnstudio.jobs.specs.licences import Licences, Part

LISTED = ("licences", "licences.json")
"""The resource that a bundle has; see packaging/licences.py."""
_TEXTS = re.compile(
    r"(^|/)((licen[cs]e|copying|notice|authors|copyright)[^/]*|[^/]*third.?party[^/]*|licen[cs](es|ing)/.*)$",
    re.IGNORECASE,
)
_REQUIREMENT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST = 2_000_000
_LONGEST_NAME = 200
"""Some packages put the whole text in the place of a name."""
_CLASSIFIER = "License :: OSI Approved :: "


def read_licences(watch: Watch) -> Licences:
    """See ``specs.ReadLicences``."""
    listed = paths.resource(*LISTED)
    if listed.is_file():
        return codec.load_json(listed, Licences)
    parts = []
    for package in closure("cnnstudio"):
        watch.check()
        parts.append(part_of(package))
    return Licences(parts=tuple(sorted(parts, key=lambda part: part.name.lower())))


def closure(name: str) -> Iterator[Distribution]:
    """A package and what it asks for, as far as it is installed."""
    waiting, seen = [name], set[str]()
    while waiting:
        asked = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if asked in seen:
            continue
        seen.add(asked)
        try:
            found = distribution(asked)
        except PackageNotFoundError:  # for another system, or an extra
            continue
        yield found
        matches = (_REQUIREMENT.match(each) for each in found.requires or () if "extra ==" not in each)
        waiting += [match[0] for match in matches if match]


def part_of(package: Distribution) -> Part:
    """A package as its metadata describes it."""
    about = package.metadata
    links = dict(each.split(", ", 1) for each in about.get_all("Project-URL", []) if ", " in each)
    source = next((links[key] for key in ("Source", "Repository", "Source Code", "Homepage") if key in links), "")
    return Part(
        name=about["Name"],
        version=package.version,
        licence=licence_of(package),
        source=source or _said(package, "Home-page"),
        text="\n\n".join(texts_of(package)),
    )


def licence_of(package: Distribution) -> str:
    """As it says: an expression, else a short name, else what it is filed under."""
    said = _said(package, "License-Expression") or _said(package, "License")
    if said and said != "UNKNOWN" and "\n" not in said and len(said) < _LONGEST_NAME:
        return said
    filed = [
        each.removeprefix(_CLASSIFIER)
        for each in package.metadata.get_all("Classifier", [])
        if each.startswith(_CLASSIFIER)
    ]
    return " and ".join(filed)


def _said(package: Distribution, key: str) -> str:
    """The value of a key of the metadata, which few have all of."""
    return next(iter(package.metadata.get_all(key, [])), "")


def texts_of(package: Distribution) -> Iterator[str]:
    """Of its licences and notices, as they lie beside its metadata or in it."""
    for file in sorted(package.files or (), key=str):
        if _TEXTS.search(file.as_posix()) and file.suffix.lower() in {"", ".txt", ".md", ".rst", ".apache", ".bsd"}:
            place = Path(str(package.locate_file(file)))
            if place.is_file() and place.stat().st_size < _LONGEST:
                yield place.read_text(encoding="utf-8", errors="replace").strip()
