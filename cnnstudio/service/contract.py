"""What the service promises: where it listens, who may ask, how much, and what it tells. No torch."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cnnstudio.core import StudioError
from cnnstudio.inference.results import Prediction

HOST = "127.0.0.1"
DEFAULT_PORT = 38101
"""That of Lobe, so that programs written for it run with the address changed."""
PREDICT, HEALTH, LABELS, OPENAPI = "/v1/predict", "/v1/health", "/v1/labels", "/v1/openapi.json"
TOKEN_BYTES = 24
"""192 bits, drawn anew for every service."""
_SHORTEST_TOKEN, _LONGEST_TOKEN = 16, 200
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ServiceError(StudioError):
    """Other programs cannot be served."""

    kind = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What nobody who asks may exceed."""

    head: int = 16_384
    """Bytes of the request line and the headers."""
    body: int = 64_000_000
    """Bytes."""
    patience_s: float = 10.0
    """Until the headers are whole; then for the body to begin, and for the answer to be taken."""
    slowest: int = 1_000_000
    """Bytes a second that a body and an answer move at least, beyond that."""
    at_once: int = 16
    """Requests under way, all but one of them waiting for a prediction; one more is told to come back."""
    silent: int = 64
    """Connections that nothing is done for; of more, the oldest is closed, so that they hold up nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """What answers: a network, as the service needs it."""

    title: str
    labels: tuple[str, ...]
    """In the order of the network's outputs."""
    predict: Callable[[Path, int], Prediction]
    """The answer to a picture's file with so many classes; never called by two threads at once."""
    threshold: float | None = None
    """Of a picture's rank among good ones, below which it should not be relied on; None where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to listen, and to whom."""

    port: int = DEFAULT_PORT
    """0 takes any that is free."""
    token: str = ""
    """Empty draws one."""
    origins: tuple[str, ...] = ()
    """Of web pages that may ask, as ``origin_of`` gives them."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The service listens from now on."""

    title: str
    """Of what answers."""
    port: int
    token: str

    @property
    def address(self) -> str:
        """Such as ``http://127.0.0.1:38101``."""
        return f"http://{HOST}:{self.port}"

    @property
    def predict_url(self) -> str:
        """Where pictures are sent, with the header ``Authorization: Bearer TOKEN``."""
        return self.address + PREDICT

    @property
    def lobe_url(self) -> str:
        """The same for programs that were written for Lobe: the token stands in the address."""
        return f"{self.predict_url}/{self.token}"

    @property
    def curl(self) -> str:
        """A line for a terminal that asks about ``photo.jpg``."""
        return f'curl -H "Authorization: Bearer {self.token}" --data-binary @photo.jpg {self.predict_url}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What was asked so far."""

    answered: int = 0
    """Pictures that got an answer."""
    refused: int = 0
    """Requests that got a sentence instead, whatever the reason."""


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_of(text: str) -> str:
    """A token that a person chose, as it may stand in an address.

    Raises:
        ServiceError: it could be guessed, or would have to be written otherwise there.
    """
    if not re.fullmatch(rf"[A-Za-z0-9_\-]{{{_SHORTEST_TOKEN},{_LONGEST_TOKEN}}}", text):
        raise ServiceError(
            "This token cannot be used.",
            meaning=f"A token has {_SHORTEST_TOKEN} to {_LONGEST_TOKEN} letters, digits, hyphens or underscores.",
            remedy="Choose another one, or none: then one is drawn that nobody can guess.",
        )
    return text


def origin_of(text: str) -> str:
    """The origin of a web page as browsers send it, such as ``http://localhost:3000``.

    Raises:
        ServiceError: it is none.
    """
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    name = (parts.hostname or "") if (parts.hostname or "").isascii() else ""
    rest = parts.path or parts.query or parts.fragment or "@" in parts.netloc or "*" in name
    if parts.scheme not in _DEFAULT_PORTS or not name or rest:
        raise ServiceError(
            f"{text} is not the address of a web page.",
            meaning="It takes http or https, a name and perhaps a port, without a path; * stands for nothing.",
            remedy="Give it as a browser has it, such as http://localhost:3000.",
        )
    host = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, _DEFAULT_PORTS[parts.scheme]) else "")
