"""Download torchvision's weights, or those of a mirror under torchvision's names."""

from pathlib import Path

from cnnstudio.core.atomic import sha256_of
from cnnstudio.core.control import Control
from cnnstudio.core.download import Progress, Wanted, download
from cnnstudio.core.paths import weights_folder
from cnnstudio.networks.weights.store import expected_hash, file_name, mirror


def download_weights(
    url: str, *, folder: Path | None = None, control: Control | None = None, progress: Progress | None = None
) -> Path:
    """Fetch a weights file into ``folder`` (the user's weights folder) under torchvision's name; see core.download.

    Args:
        url: torchvision's address; a mirror (see ``weights_store``) replaces everything but the file name.
        folder: where the file goes.
        control: asked for a stop between chunks.
        progress: called with bytes done, bytes in all (0 unknown), and what is being done.

    Raises:
        DownloadError: offline, refused, stalled, cut off, or the content is not what its name promises.
        StorageError: the disk is full or may not be written to.
    """
    name = file_name(url)
    address = mirror()
    wanted = Wanted(
        url=f"{address.rstrip('/')}/{name}" if address else url,
        target=(folder or weights_folder()) / name,
        is_whole=lambda path: sha256_of(path).startswith(expected_hash(name)),
        text="Downloading weights",
        missing=f"The weights {name} are not on this computer and could not be downloaded.",
        remedy="set a mirror in the weights settings, choose a weights file you have, or train from scratch.",
    )
    return download(wanted, control=control, progress=progress)
