"""The export folder: built aside, opened again, compared with the app on pictures, and only then moved into place."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from cnnstudio import __version__
from cnnstudio.core import (
    ExportMismatch,
    NetworkError,
    StorageError,
    Watch,
    atomic,
    codec,
    place_aside,
    real_place,
    replace_folder,
)
from cnnstudio.data.practice.sample_dataset import draw_example
from cnnstudio.data.used import USED_FILE
from cnnstudio.export.certificate import (
    CERTIFICATE_FILE,
    DRAWN,
    FEWEST_PICTURES,
    VERIFICATION_FILE,
    Certificate,
    beyond,
)  # fmt: skip
from cnnstudio.export.certificate_words import certificate_text
from cnnstudio.export.companions import COMPANION_FILES, NOTE_FILE
from cnnstudio.export.formats import AS_IT_IS, FORMATS, ExportOptions, ExportReport, Format, Source
from cnnstudio.export.proving import (
    AppAnswers,
    NothingRead,
    Picture,
    answer_with_app,
    as_png,
    check_answers,
    mismatch,
)  # fmt: skip
from cnnstudio.inference.session import Session
from cnnstudio.networks.bundle import MANIFEST_FILE
from cnnstudio.networks.card import CARD_FILE
from cnnstudio.networks.refusal import REFUSAL_FILE

_LARGEST_NOTE = 1 << 20
_WITHOUT_DIGEST = (CARD_FILE, MANIFEST_FILE)
"""Of a bundle: the first exports did not note theirs."""
_COMPILED = "__pycache__/"
"""What Python keeps of scripts that have run."""
_AS_PNG = (
    "As they are, it can read none of your pictures on this computer, so they were written as PNG and compared so: "
    "who uses it with such pictures has to do the same."
)
_EXAMINED = 3
"""Pictures that more is checked with than answers."""


def export_model(
    session: Session,
    format_name: str,
    out: Path,
    pictures: Sequence[Picture],
    watch: Watch,
    options: ExportOptions = AS_IT_IS,
) -> ExportReport:
    """Export a model and prove that it answers as the app does.

    Args:
        session: the loaded model.
        format_name: one of ``FORMATS``.
        out: the folder to make; an earlier export there is replaced, anything else is not touched.
        pictures: real ones for the comparison.
        watch: asked for a stop and told of the pictures done.
        options: see there; the format has to know them.

    Raises:
        ExportMismatch: it does not give the same answers; nothing is put in place then.
        StorageError: the folder cannot be written, or holds something else.
        NetworkError: there is no such format, or it cannot be made here or of this network.
        StopRequested: a stop was asked for; nothing is put in place.
    """
    kind, out = _kind(format_name, options), real_place(out.absolute())
    aside, source = place_aside(out), Source(session=session, options=options)
    _refuse_foreign(out)
    try:
        snippet, certificate = _written(kind, source, aside, pictures, watch)
        _note(aside, certificate)
        watch.check()
        _refuse_foreign(out)  # a minute may have passed
        replace_folder(aside, out)
    except OSError as error:
        raise atomic.storage_error(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    checked = certificate.checked
    return ExportReport(
        path=out,
        files=tuple(sorted(out.iterdir())),
        images_checked=certificate.pictures,
        drawn=certificate.drawn,
        largest_difference=checked.max_dp if checked is not None else None,
        snippet=snippet,
        certificate=certificate,
    )


def _written(
    kind: Format, source: Source, aside: Path, pictures: Sequence[Picture], watch: Watch
) -> tuple[str, Certificate]:
    """Written and certified, in as many tries as the format has."""
    while True:
        aside.mkdir(parents=True)
        watch.check()
        watch.progress(0, 0, "Writing the export")
        try:
            snippet = kind.write(source, aside, watch)
            return snippet, kind.certified(aside, _certify(kind, source, aside, pictures, watch))
        except ExportMismatch as error:
            source = replace(source, attempt=source.attempt + 1)
            if source.attempt == kind.tries:
                raise kind.refused(error) from error
            shutil.rmtree(aside)


def _kind(name: str, options: ExportOptions) -> Format:
    if name not in FORMATS:
        raise NetworkError(f"There is no export format called {name}.", remedy=f"Use: {', '.join(FORMATS)}.")
    kind = FORMATS[name]
    if unknown := [option for option in options.chosen if option not in kind.knows]:
        able = [each.name for each in FORMATS.values() if set(unknown) <= each.knows]
        raise NetworkError(
            f"The format {name} has no option called {unknown[0]}.",
            remedy=f"Formats that have it: {', '.join(able)}." if able else "",
        )
    if why := kind.missing():
        remedy = f'Install what it needs: pip install "cnnstudio[{kind.extra}]"' if kind.extra else ""
        raise NetworkError(why, remedy=remedy)
    return kind


def _certify(kind: Format, source: Source, folder: Path, pictures: Sequence[Picture], watch: Watch) -> Certificate:
    """Compare, and refuse what is beyond the limit."""
    limit = kind.limit(source.options)
    certificate = Certificate(
        format=kind.name,
        options=dict.fromkeys(source.options.chosen, True),
        verdict="unverified",
        limit=limit,
        pictures=0,
        pictures_from={},
        bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        unverified=kind.unverified(),
        notes=kind.notes(source.options),
        made_by=f"CNN Studio {__version__}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    if certificate.unverified:
        kind.examine(source, folder, [picture.path for picture in pictures[:_EXAMINED]], watch)
        return certificate
    with ExitStack() as held:
        app = _app_answers(source.session, pictures, held, watch)
        kind.examine(source, folder, [picture.path for picture in app.pictures[:_EXAMINED]], watch)
        try:
            checked = check_answers(kind, source, folder, app, watch)
        except NothingRead:
            place = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="cnnstudio-")))
            app = answer_with_app(source.session, as_png(source.session, app.pictures, place, watch), watch)
            checked = check_answers(kind, source, folder, app, watch)
            certificate = replace(certificate, notes=(*certificate.notes, _AS_PNG))
    if problem := beyond(limit, checked, len(app.pictures) - checked.unread):
        raise mismatch(problem)
    return replace(certificate, verdict="pass", pictures=len(app.pictures), pictures_from=app.origins, checked=checked)


def _app_answers(session: Session, pictures: Sequence[Picture], held: ExitStack, watch: Watch) -> AppAnswers:
    """On drawn examples where none of the pictures can be read; these lie there until ``held`` ends."""
    if (app := answer_with_app(session, pictures, watch)).pictures:
        return app
    place = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="cnnstudio-")))
    drawn = [Picture(place / f"example {number + 1}.png", DRAWN) for number in range(FEWEST_PICTURES)]
    for number, picture in enumerate(drawn):
        draw_example(number).save(picture.path)
    return answer_with_app(session, drawn, watch)


def _note(folder: Path, certificate: Certificate) -> None:
    """The certificate, in words and in full, with the digest of every file: only what still has it is ever replaced."""
    readme = folder / NOTE_FILE
    before = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    atomic.write_text_atomically(readme, f"{before}\n{certificate_text(certificate)}".lstrip("\n"))
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    digests = {file.relative_to(folder).as_posix(): atomic.sha256_of(file) for file in files}
    codec.save_json(folder / CERTIFICATE_FILE, replace(certificate, sha256=digests))


def _refuse_foreign(out: Path) -> None:
    """Raise StorageError unless ``out`` is new, empty, or holds an earlier export and nothing else."""
    if out.exists() and not out.is_dir():
        raise StorageError(f"{out} is a file.", remedy="Choose a folder to export to.")
    names = sorted(_names(out)) if out.is_dir() else []
    if not names:
        return
    digests = _digests(out)
    changed = [name for name in names if not _is_ours(out, name, digests)]
    if changed:
        why = "was changed after the earlier export" if changed[0] in digests else "is no part of an earlier export"
        raise StorageError(
            f"The folder {out} is not empty: there is {changed[0]}, which {why}.",
            meaning="Nothing in it was touched.",
            remedy="Choose a new folder.",
        )


def _names(folder: Path, inside: str = "") -> Iterator[str]:
    """Paths of all that is in a folder, in it; a link and an empty folder stand for themselves."""
    for path in folder.iterdir():
        within = list(_names(path, f"{inside}{path.name}/")) if path.is_dir() and not path.is_symlink() else []
        yield from within or [f"{inside}{path.name}"]


def _is_ours(folder: Path, name: str, digests: dict[str, str]) -> bool:
    """Whether a file is one that exports have, and as it was written. Older exports noted only the weights' digest."""
    file = folder / name
    known = {CERTIFICATE_FILE, VERIFICATION_FILE, USED_FILE, REFUSAL_FILE, *COMPANION_FILES}
    sums = {atomic.checksum_path(folder / each).name for each in digests}
    by_name = name in known | sums or name.startswith(_COMPILED)
    if not by_name and not any(_matches(name, pattern) for kind in FORMATS.values() for pattern in kind.files):
        return False
    if file.is_symlink() or not file.is_file():
        return False
    if name.startswith(_COMPILED):  # where its script has run
        return f"{file.name.partition('.')[0]}.py" in digests and file.suffix == ".pyc"
    if name in digests:
        return atomic.sha256_of(file) == digests[name]
    return bool(digests) and (by_name or name in _WITHOUT_DIGEST)


def _matches(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)


def _digests(folder: Path) -> dict[str, str]:
    """By path in the folder, what an earlier export noted there; empty where there is none."""
    for name in (CERTIFICATE_FILE, VERIFICATION_FILE):
        note = folder / name
        try:
            if note.is_symlink() or not note.is_file() or note.stat().st_size > _LARGEST_NOTE:
                continue
            said = json.loads(note.read_text(encoding="utf-8"))["sha256"]
            return {str(path): str(digest) for path, digest in said.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return {}
