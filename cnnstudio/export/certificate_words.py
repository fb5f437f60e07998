"""An export's certificate as rows of a table and as sentences, the same in window, terminal and README. No torch."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from cnnstudio.core import counted, size_in_words
from cnnstudio.export.certificate import DRAWN, Certificate, Checked, Hits, Speed

_FROM = {"validation": "validation", "train": "training", "test": "test", "given": "given", DRAWN: "drawn"}
_FINEST = 1e-6


class Row(NamedTuple):
    """A line of the table: what, of the export, of the app; the last is empty where there is nothing to compare."""

    what: str
    export: str
    app: str = ""


def rows(certificate: Certificate) -> tuple[Row, ...]:
    """Everything that was found, to be shown under the heads "", "Export" and "App"."""
    size = Row("Size", size_in_words(certificate.bytes))
    checked = certificate.checked
    if checked is None:
        return size, Row("Checked", "not here")
    return (*_answer_rows(certificate, checked), size, *_speed_rows(checked))


def pictures_in_words(certificate: Certificate) -> str:
    """Such as ``341 validation pictures``, ``9 validation and 7 training pictures``, ``16 drawn pictures``."""
    parts = [f"{count:,} {_FROM.get(origin, origin)}" for origin, count in certificate.pictures_from.items()]
    return f"{' and '.join(parts)} {'picture' if certificate.pictures == 1 else 'pictures'}"


def sentence(certificate: Certificate) -> str:
    """What it proves, in one sentence or two."""
    checked = certificate.checked
    if checked is None:
        return f"Converted, not checked here. {certificate.unverified}"
    compared = certificate.pictures - checked.unread
    said = (
        f"Opened again and asked about {pictures_in_words(certificate)}: {checked.top1_same:,} of {compared:,} have "
        "the same first answer as in CNN Studio, and no probability differs by more than "
        f"{_difference(max(checked.max_dp, _FINEST))}."
    )
    if certificate.drawn:
        said += " Drawn examples, since none of your own pictures could be read."
    return said


def details(certificate: Certificate) -> Iterator[str]:
    """What there is to know beside the table, a sentence or two each."""
    yield from certificate.notes
    checked, limit = certificate.checked, certificate.limit
    if checked is None:
        return
    if checked.unread:
        yield f"{counted(checked.unread, 'picture')} cannot be read by it on this computer, so they were not compared."
    if checked.tied:
        yield (
            f"{counted(checked.tied, 'picture')} changed the first answer, between two classes that were equally "
            f"likely within {limit.tied:g}."
        )
    if checked.changed:
        yield f"Another first answer: {', '.join(checked.changed)}."
    if accuracy := checked.accuracy:
        found = accuracy.comparison
        if found.only_first or found.only_second:
            yield (
                f"Only the export is correct for {found.only_first:,} of {accuracy.judged}, only the app for "
                f"{found.only_second:,}: two equally good networks would differ so much with a probability of "
                f"{found.p_value:.3g} (McNemar's exact test)."
            )
    yield (
        "Speed is from the picture's file to the answer. The export was asked for one picture at a time, in "
        f"{checked.engine} {checked.version} with {counted(checked.speed.threads, 'thread')}; CNN Studio answers one "
        f"in {checked.app_engine_of_one} with {counted(checked.app_speed.threads, 'thread')}, and many in "
        f"{checked.app_engine} with all cores."
    )
    if checked.busy:
        yield (
            f"Other programs took {100 * checked.others:.0f} % of this computer meanwhile, so the speeds are uncertain."
        )
    yield limit_in_words(certificate)


def limit_in_words(certificate: Certificate) -> str:
    """What the export had to keep to be put in place."""
    limit, parts = certificate.limit, list[str]()
    if limit.max_dp is not None:
        parts.append(f"no probability differs by more than {limit.max_dp:g}")
    if limit.same == 1:
        parts.append(f"every first answer is the same, but for ties within {limit.tied:g}")
    elif limit.same > 0:
        parts.append(f"{100 * limit.same:g} % of the first answers are the same")
    if limit.points is not None:
        parts.append(f"the accuracy is at most {counted(round(limit.points), 'point')} lower, and not clearly")
    return f"It would not have been written unless {' and '.join(parts)}." if parts else ""


def certificate_text(certificate: Certificate) -> str:
    """For a README: plain text, lines of any length."""
    table = rows(certificate)
    widths = [max(len(row[column]) for row in table) for column in range(2)]
    lines = ["What was checked", "", sentence(certificate), ""]
    if certificate.checked is not None:
        table = (Row("", "Export", "CNN Studio"), *table)
        widths = [max(widths[0], 0), max(widths[1], len("Export"))]
    lines += [f"  {row.what:{widths[0]}}  {row.export:{widths[1]}}  {row.app}".rstrip() for row in table]
    lines += ["", *details(certificate), f"{certificate.made_by}, {certificate.created}. All of it: certificate.json."]
    return "\n".join(line for line in lines) + "\n"


def _answer_rows(certificate: Certificate, checked: Checked) -> Iterator[Row]:
    compared = certificate.pictures - checked.unread
    yield Row("Pictures", pictures_in_words(certificate))
    yield Row("Same first answer", f"{checked.top1_same:,} of {compared:,}")
    yield Row("Largest difference", f"{_difference(checked.max_dp)} ({checked.worst})")
    yield Row("Mean difference", _difference(checked.mean_dp))
    if checked.accuracy is not None:
        found = checked.accuracy
        title = "Correct (learned from)" if found.split == "train" else f"Correct ({found.split})"
        yield Row(title, *(_hits(hits, found.split) for hits in (found.export, found.app)))


def _speed_rows(checked: Checked) -> Iterator[Row]:
    ours, theirs = checked.app_speed, checked.speed
    yield Row("Engine", f"{checked.engine} {checked.version}", checked.app_engine)
    yield Row("One picture", *(_milliseconds(speed) for speed in (theirs, ours)))
    yield Row("Pictures a second", *(f"{speed.pictures_per_s:,.1f}" for speed in (theirs, ours)))
    yield Row("Ready after", *(f"{speed.load_s:.1f} s" for speed in (theirs, ours)))


def _milliseconds(speed: Speed) -> str:
    return f"{speed.ms_one:,.1f} ms, {counted(speed.threads, 'thread')}"


def _hits(hits: Hits, split: str) -> str:
    """With a range, unless it has learned from these pictures: then there is no telling about new ones."""
    if split == "train":
        return f"{hits.right:,} of {hits.pictures:,} ({100 * hits.right / hits.pictures:.1f} %)"
    share, low, high = (100 * value for value in (hits.right / hits.pictures, hits.low, hits.high))
    return f"{hits.right:,} of {hits.pictures:,} ({share:.1f} %, {low:.1f} to {high:.1f})"


def _difference(value: float) -> str:
    """Two digits that count, without an exponent; who reads it may be no engineer."""
    if not value or not math.isfinite(value):
        return f"{value:g}"
    if value < _FINEST:
        return f"under {_difference(_FINEST)}"
    return f"{value:.{1 - math.floor(math.log10(value))}f}".rstrip("0")
