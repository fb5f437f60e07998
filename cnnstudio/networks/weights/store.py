"""Where weights files lie on this computer, what the user said about it, and how they come here. No torch."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from cnnstudio.core import (
    FormatError,
    StorageError,
    Watch,
    WeightsError,
    codec,
    counted,
    download,
    load_sealed,
    paths,
    save_sealed,
)
from cnnstudio.core.atomic import sha256_of, storage_error
from cnnstudio.networks.kinds import network_title
from cnnstudio.networks.weights import packages

WEIGHTS_SUFFIXES = (".pth", ".pt", ".ckpt", ".safetensors")
_OTHER_SUFFIXES = (
    ".pth.tar", ".pt.tar", ".bin", ".pkl", ".torchscript", ".ptl", ".h5", ".hdf5", ".keras", ".onnx", ".tflite", ".pb",
    ".mlmodel", ".caffemodel", ".pdparams", ".params", ".gguf", ".engine", ".weights",
)  # fmt: skip
"""Of weights, too, or of networks of other libraries, which are named as what they are."""
MIRROR_VARIABLE = "CNNSTUDIO_WEIGHTS_MIRROR"
STARTER = "starter"
"""In recipes of earlier versions, which came with weights of their own."""
STARTER_FILE = "squeezenet1_1-starter-1b99087c.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsSources:
    """What a person chose, for the window and the command line alike."""

    folders: tuple[str, ...] = ()
    """Where else to look for weights files, such as a USB stick."""
    mirror: str = ""
    """Address that replaces everything but the file name of torchvision's; empty for torchvision's own."""

    def with_folder(self, folder: Path) -> "WeightsSources":
        """The same with one more folder, looked into first."""
        return replace(self, folders=tuple(dict.fromkeys([str(folder), *self.folders])))

    def without_folder(self, folder: str) -> "WeightsSources":
        """The same without that folder."""
        return replace(self, folders=tuple(path for path in self.folders if path != folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsReport:
    """A weights file that fits its network; one that does not is a WeightsError."""

    network: str
    file: Path
    classes: int
    """Outputs of the head in the file; 1000 for ImageNet, 0 without one."""
    keeps_head: bool
    """False when the file's head has another size and only the backbone can be used for ImageNet predictions."""
    note: str
    """What there is to say of it, in plain sentences."""
    class_names: tuple[str, ...] = ()
    """Of the outputs, where the file tells them."""


def report_on(path: Path, network: str = "", watch: Watch | None = None) -> WeightsReport:
    """What a file (or the one in a folder) holds; without a network's name, for whichever it fits.

    Raises:
        WeightsError: it is damaged, unsafe, or made for another network.
    """
    from cnnstudio.networks.builder import IMAGENET_CLASSES
    from cnnstudio.networks.weights.pretrained import identified

    if not path.is_file() and not path.is_dir():  # a device or a pipe might never end
        raise WeightsError(f"There is no weights file {path}.", remedy="Check the path, or choose the file again.")

    file, fitted = identified(path, network, watch)
    name, classes = fitted.network, fitted.outputs
    title = network_title(name)
    imagenet = classes == IMAGENET_CLASSES
    what = f"{file.path.name} fits {title}." if network else f"{file.path.name} holds weights for {title}."
    if imagenet:
        note = f"{what} It has {counted(classes, 'class', 'classes')}, as in ImageNet."
    elif classes:
        known = f" ({', '.join(fitted.class_names[:8])})" if fitted.class_names else ""
        note = (
            f"{what} It knows {counted(classes, 'class', 'classes')} of its own{known}. Training keeps everything "
            "below its last layer, which is replaced by one for your classes."
        )
    elif fitted.layers.head.names:
        note = f"{what} It is made to be trained on pictures of yours, and cannot predict before."
    else:
        note = f"{what} It has no last layer: it is made to be trained on pictures of yours."
    note = " ".join((note, *fitted.notes))
    return WeightsReport(
        network=name,
        file=file.path,
        classes=classes,
        keeps_head=imagenet,
        note=note,
        class_names=fitted.class_names,
    )


def starter_file(folders: Sequence[Path] = ()) -> Path:
    """The starter's file, where a person has kept it.

    Raises:
        WeightsError: it is not on this computer.
    """
    found = local_file(STARTER_FILE, folders)
    if found is None:
        raise WeightsError(
            "The starter weights are no longer part of CNN Studio.",
            meaning="EfficientNet-Lite 0 with its ImageNet weights has taken their place. A run that began with the "
            "starter and came to an end still predicts, can be exported and made better.",
            remedy="Start a new run. To resume or repeat this one, put the starter's file of the earlier version "
            f"({STARTER_FILE}) into a folder of weights.",
        )
    return found


def load_sources() -> WeightsSources:
    """What was saved, or the defaults."""
    try:
        return codec.load_json(_file(), WeightsSources)
    except (OSError, FormatError):
        return WeightsSources()


def mirror() -> str:
    """The mirror in use: the environment variable CNNSTUDIO_WEIGHTS_MIRROR, or else the saved one."""
    return os.environ.get(MIRROR_VARIABLE) or load_sources().mirror


def save_sources(sources: WeightsSources) -> None:
    """Remember them.

    Raises:
        StorageError: the settings folder cannot be written.
    """
    codec.save_json(_file(), sources)


def is_network(name: str) -> bool:
    """Whether a file with this name holds weights or a network, of whatever library."""
    return name.lower().endswith((*WEIGHTS_SUFFIXES, *_OTHER_SUFFIXES))


def file_name(url: str) -> str:
    """The published file name, such as ``resnet18-f37072fd.pth``."""
    return urlsplit(url).path.rpartition("/")[2]


def expected_hash(name: str) -> str:
    """The first digits of the SHA-256 that published file names end in; all of it, where it is written down here."""
    return packages.sha256_of_file(name) or Path(name).stem.rpartition("-")[2]


def search_folders(folders: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Where weights are looked for, in that order: ``folders``, the user's, the downloads, torch's own cache."""
    chosen = [paths.expanded(folder) for folder in load_sources().folders]
    return (*folders, *chosen, paths.weights_folder(), _torch_hub_folder())


def local_file(url: str, folders: Sequence[Path] = ()) -> Path | None:
    """The published file, wherever it lies; only with the right hash, as remembered for its size and time."""
    name = file_name(url)
    packaged = packages.installed_file(url)
    for path in (*(folder / name for folder in search_folders(folders)), *([packaged] if packaged else [])):
        with suppress(OSError):  # a USB stick may be pulled out at any moment
            if path.is_file() and _hash_of(path).startswith(expected_hash(name)):
                return path
    return None


def download_weights(url: str, megabytes: float, watch: Watch | None = None, *, folder: Path | None = None) -> Path:
    """Fetch a weights file into ``folder`` (the user's weights folder) under its published name; see core.download.

    Args:
        url: its published address; a mirror (see ``mirror``) replaces everything but the file name.
        megabytes: the file's size as published, in units of 2**20 bytes.
        watch: asked for a stop all the time, and told of bytes done and in all (0 unknown).
        folder: where the file goes.

    Raises:
        DownloadError: offline, refused, stalled, cut off, or the content is not what its name promises.
        StorageError: the disk is full or may not be written to.
        WeightsError: they come as a Python package, which is not installed here, and there is no mirror.
    """
    name = file_name(url)
    address = mirror()
    if (package := packages.package_of(url)) and not address:
        raise packages.not_installed(package)
    wanted = download.Wanted(
        url=f"{address.rstrip('/')}/{name}" if address else url,
        target=(folder or paths.weights_folder()) / name,
        checksum=f"sha256:{expected_hash(name)}",
        megabytes=megabytes * 2**20 / 1e6,
        text="Downloading weights",
        missing=f"The weights {name} are not on this computer and could not be downloaded.",
        remedy="Or set a mirror in the weights settings, choose a weights file you have, or train from scratch.",
    )
    return download.download(wanted, watch or Watch())


def delete_download(name: str) -> bool:
    """Delete a downloaded file, whole or part; files in the user's own folders are never touched.

    Returns:
        Whether there was one.

    Raises:
        StorageError: the system refuses.
    """
    found = False
    for path in (paths.weights_folder() / name, paths.weights_folder() / f"{name}{download.PART_SUFFIX}"):
        try:
            path.unlink()
            found = True
        except FileNotFoundError:
            continue
        except OSError as error:
            raise storage_error(path, error) from error
    return found


def is_download(path: Path) -> bool:
    """Whether a file lies in the application's own folder, and so may be deleted by it."""
    return path.parent == paths.weights_folder()


def _file() -> Path:
    return paths.config_folder() / "weights.json"


def _torch_hub_folder() -> Path:
    home = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def _hash_of(path: Path) -> str:
    """SHA-256, remembered by size and modification time: listing 115 files must not read 35 GB every time."""
    remembered = paths.cache_folder() / "weights-hashes.json"
    stat = path.stat()
    key = f"{path.absolute()}|{stat.st_size}|{stat.st_mtime_ns}"
    known = load_sealed(remembered, remembered.name)
    known = known if isinstance(known, dict) else {}
    if not isinstance(known.get(key), str):
        known[key] = sha256_of(path)
        with suppress(StorageError):
            save_sealed(remembered, remembered.name, known)
    digest: str = known[key]
    return digest
