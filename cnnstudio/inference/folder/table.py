"""A table of answers while it grows: whole rows, on the disk every two seconds, and what continues it. No torch.

Rows are on the disk before the state that counts them. So after a kill there may be rows that no state knows; they are
cut off and written once more.
"""

import os
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import Control, RunError, StorageError, codec, csv_text, storage_error, write_atomically
from cnnstudio.data.dataset import stamp
from cnnstudio.data.reading import read_ahead
from cnnstudio.inference.folder.listing import Listing, Stamp, digest_now, digest_of
from cnnstudio.inference.folder.results import FLUSH_S, Counts
from cnnstudio.inference.folder.rows import Rows, Tally
from cnnstudio.inference.folder.state import Block, TableState, checksum_of, load_state, state_file
from cnnstudio.inference.results import Prediction
from cnnstudio.runs import now

_FEWEST, _MOST_BLOCKS = 64, 2000
"""Files in a block, and blocks, so that the state of a million pictures stays small."""
_STATS_AT_ONCE = 16
"""Files are asked for their times in so many threads, for drives in the network."""
_WORTH_KEEPING = 2
"""Where more than one in so many blocks has changed, all from the first one on are asked again."""


class GrowingTable:
    """The file of a table and its state; an object belongs to one thread."""

    def __init__(self, file: Path, rows: Rows, listing: Listing, *, network: str, rules: str, batch: int) -> None:
        """A table that is not begun yet; nothing is written before there are answers.

        Args:
            file: of the table.
            rows: its form.
            listing: the files it is about.
            network: its title.
            rules: digest of all that answers and rows depend on but the pictures.
            batch: files that are computed together. A table is continued at a multiple of it, so that every picture is
                computed beside the same ones as without an interruption, and to the same last digit.
        """
        self.file, self.done, self.kept = file, 0, 0
        self._rows, self._listing, self._network, self._rules, self._batch = rows, listing, network, rules, batch
        self._size = batch * -(-max(_FEWEST, len(listing) // _MOST_BLOCKS) // batch)
        header = csv_text([rows.header]).encode()
        self._blocks: list[Block] = []
        self._begin, self._end, self._checksum = len(header), len(header), zlib.crc32(header)
        self._waiting = [header]
        self._pending: list[tuple[str, Stamp]] = []
        """Files of the last block, as they were when they were read."""
        self._tally = Tally()
        self._with_state = False
        self._flushed = 0
        """Bytes of the table that are on the disk and count."""
        self._is_cut = False
        """Whether there are no others behind them, unless another program writes some."""
        self._last = time.monotonic()

    @property
    def total(self) -> int:
        """Files that are to have rows."""
        return len(self._listing)

    @property
    def has_state(self) -> bool:
        """Whether what it takes to continue is on the disk."""
        return self._with_state

    @property
    def counts(self) -> Counts:
        """Over all rows."""
        return self._tally.counts

    def resume(self, control: Control) -> list[tuple[int, int]]:
        """Take over what was written before.

        Args:
            control: asked for a stop while files are looked at.

        Returns:
            Places in the listing, from and to, whose files have changed since; ``replace`` takes their answers, and
            ``add`` what comes behind ``done``.

        Raises:
            RunError: it was begun with another network or in another form, or was changed since.
            StorageError: it cannot be read.
        """
        state = load_state(self.file)
        if state is None or not state.done:
            return []
        if state.rules != self._rules:
            raise RunError(
                f"{self.file.name} was begun with another network, or in another form.",
                meaning=f"Its first {state.done:,} answers are those of {state.network}.",
                remedy="Give another name, or begin it again without --resume.",
            )
        try:
            fitting = state.fitting(self.file)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error(self.file, error) from error
        if fitting is None:
            raise RunError(
                f"{self.file.name} was changed since its last answers were written.",
                meaning="So it cannot be continued without the risk of spoiling what was changed.",
                remedy="Give another name, or begin it again without --resume.",
            )
        return self._taken_over(fitting, control)

    def add(self, answers: Sequence[Prediction], stamps: Iterable[Stamp]) -> None:
        """The answers to the files that come next, with their sizes and times.

        Raises:
            StorageError: it is time to write, and that cannot be.
        """
        self._waiting.append(self._rows.text(answers).encode())
        self._end += len(self._waiting[-1])
        self._checksum = zlib.crc32(self._waiting[-1], self._checksum)
        for answer, known in zip(answers, stamps, strict=True):
            self._pending.append((self._listing.paths[self.done], known))
            self._tally.add(answer)
            self.done += 1
            if len(self._pending) == self._size:
                self._close_block()
        if time.monotonic() - self._last >= FLUSH_S:
            self.flush()

    def flush(self, *, with_state: bool = True) -> None:
        """Bring to the disk what was added; where that is nothing, an earlier table stays as it is.

        Raises:
            StorageError: the disk is full, or may not be written to; what was flushed before is whole. Or another
                program writes into it as well.
        """
        if self._flushed == self._end or not self.done:
            return
        mode = "r+b" if self._flushed else "wb"
        try:
            if self._is_cut and self.file.stat().st_size != self._flushed:
                raise self._taken()
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if not self._flushed:
                state_file(self.file).unlink(missing_ok=True)
            with self.file.open(mode) as file:
                file.seek(self._flushed)
                file.truncate()
                file.write(b"".join(self._waiting))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.file, self._flushed)
            raise storage_error(self.file, error) from error
        self._flushed, self._waiting, self._is_cut = self._end, [], True
        if with_state:
            codec.save_json(state_file(self.file), self._state(), indent=None)
            self._with_state = True
        self._last = time.monotonic()

    def _taken(self) -> StorageError:
        return StorageError(
            f"{self.file.name} was changed by another program while it was written.",
            meaning="Perhaps CNN Studio writes into it from another window, or it was saved in a spreadsheet. "
            "It is as that program left it.",
            remedy="Give another name.",
        )

    def replace(self, found: Mapping[int, tuple[Sequence[Prediction], Sequence[Stamp]]]) -> None:
        """Put other rows in the place of some blocks, all at once.

        Args:
            found: by the place where a block begins: the answers to its files, and their stamps.

        Raises:
            StorageError: it cannot be written; then the old rows stay.
        """
        old, new, end, texts = self._blocks, list[Block](), self._begin, dict[int, bytes]()
        for number, block in enumerate(old):
            start, digest = number * self._size, block.digest
            length = block.end - (old[number - 1].end if number else self._begin)
            if start in found:
                answers, stamps = found[start]
                texts[number] = self._rows.text(answers).encode()
                length = len(texts[number])
                digest = digest_of(zip(self._listing.paths[start : start + len(answers)], stamps, strict=True))
            end += length
            new.append(Block(digest=digest, end=end))
        with self.file.open("rb") as file:
            parts = [file.read(self._begin)]
            for number, block in enumerate(old):
                text = file.read(block.end - file.tell())
                parts.append(texts.get(number, text))
        before, checksum_before = tuple(old), self._checksum
        self._blocks, self._end, self._flushed = new, end, end
        content = b"".join(parts)
        self._checksum = zlib.crc32(content)
        state = self._state()
        codec.save_json(
            state_file(self.file), replace(state, before=before, checksum_before=checksum_before), indent=None
        )
        write_atomically(self.file, content)
        codec.save_json(state_file(self.file), state, indent=None)

    def take_over(self) -> None:
        """After ``resume`` and ``replace``: what was taken over counts, and the last block is open again.

        Raises:
            StorageError: it cannot be read.
        """
        self.kept, open_from = self.done, self.done - self.done % self._size
        if open_from < self.done:
            self._blocks.pop()
            self._pending = [(path, stamp(path)) for path in self._listing.paths[open_from : self.done]]
        try:
            if self.done:
                os.truncate(self.file, self._end)
                self._is_cut = True
                self._tally.add_file(self.file)
        except OSError as error:
            raise storage_error(self.file, error) from error

    def _taken_over(self, state: TableState, control: Control) -> list[tuple[int, int]]:
        self._waiting, self._with_state = [], True
        self._size, self._blocks = state.block, list(state.blocks)
        self._end, self._checksum, self.done = state.end, state.checksum, state.done
        spans = [(start, min(start + self._size, self.done)) for start in range(0, self.done, self._size)]
        cut = len(spans)
        if self._size % self._batch or state.begin != self._begin:
            cut = 0
        elif self.done > len(self._listing) or (self.done < len(self._listing) and self.done % self._batch):
            cut = min(cut - 1, len(self._listing) // self._size)
        digests = read_ahead(
            spans[:cut], lambda span: digest_now(self._listing, *span), control, threads=_STATS_AT_ONCE, ahead=64
        )
        stale = [number for number, digest in enumerate(digests) if digest != state.blocks[number].digest]
        if _WORTH_KEEPING * len(stale) > cut:
            cut, stale = stale[0], []
        self._cut(cut, spans)
        self._flushed = self._end
        return [spans[number] for number in stale]

    def _cut(self, blocks: int, spans: Sequence[tuple[int, int]]) -> None:
        """Forget all blocks but the first ones."""
        if blocks == len(self._blocks):
            return
        self._blocks = self._blocks[:blocks]
        self.done = spans[blocks - 1][1] if blocks else 0
        self._end = self._blocks[-1].end if blocks else self._begin
        found = checksum_of(self.file, self._end)
        assert found is not None
        self._checksum = found

    def _state(self) -> TableState:
        last = [Block(digest=digest_of(self._pending), end=self._end)] if self._pending else []
        return TableState(
            network=self._network,
            rules=self._rules,
            listing=self._listing.digest,
            total=len(self._listing),
            done=self.done,
            block=self._size,
            blocks=(*self._blocks, *last),
            begin=self._begin,
            checksum=self._checksum,
            written=now(),
        )

    def _close_block(self) -> None:
        self._blocks.append(Block(digest=digest_of(self._pending), end=self._end))
        self._pending = []
