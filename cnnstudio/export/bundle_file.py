"""A bundle that leaves as one file, ``NAME.cnnbundle``, verified as the folder that it is packed from."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import Watch, place_aside
from cnnstudio.export.formats import ExportReport
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.session import Session
from cnnstudio.networks.bundle_file import pack_bundle


def export_bundle_file(session: Session, out: Path, pictures: Sequence[Picture], watch: Watch) -> ExportReport:
    """Export a bundle as a file, with everything that the folder would hold.

    Args:
        session: the loaded model.
        out: the file to write; an earlier one is replaced once the new one is whole and verified.
        pictures: for the comparison, with their classes where those are known.
        watch: asked for a stop and told of the pictures done.

    Raises:
        ExportMismatch: loaded back, it does not give the same answers; nothing is written then.
        StorageError: the file cannot be written.
    """
    aside = place_aside(out.absolute())
    try:
        report = export_model(session, "bundle", aside, pictures, watch)
        pack_bundle(aside, out.absolute())
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return replace(
        report,
        path=out.absolute(),
        files=(out.absolute(),),
        snippet=f'cnnstudio predict "{out.name}" PICTURE',  # the folder's code needs the files that are packed in it
    )
