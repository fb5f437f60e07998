"""Small files of the cache: JSON under a checksum. What is damaged, or another file's, is as good as none."""

import json
import zlib
from pathlib import Path
from typing import Any

from cnnstudio.core.atomic import write_atomically

_MOST_BYTES = 1 << 26
_FORMAT = 1


def load_sealed(path: Path, what: str) -> Any:
    """The value that ``save_sealed`` wrote; None where there is none that can be believed.

    Args:
        path: the file.
        what: it is about; a file with another content, put under this name, is not believed either.
    """
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:  # a pipe would wait for ever
            return None
        plain = json.loads(path.read_bytes())
        seal, content = plain["seal"], plain["content"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return content if seal == _seal(what, content) else None


def save_sealed(path: Path, what: str, content: Any) -> None:
    """Write a JSON value.

    Raises:
        StorageError: it cannot be written.
    """
    plain = {"seal": _seal(what, content), "content": content}
    write_atomically(path, (json.dumps(plain) + "\n").encode())


def _seal(what: str, content: Any) -> dict[str, int]:
    text = json.dumps([what, content], sort_keys=True)
    return {"format": _FORMAT, "crc32": zlib.crc32(text.encode())}
