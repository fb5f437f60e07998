"""What goes back: one JSON document with its headers."""

import json
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Self

from cnnstudio.inference.results import Prediction
from cnnstudio.service.contract import Answerer
from cnnstudio.service.request import Refused

_ALWAYS = {"Connection": "close", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status and what is told with it; None is nothing."""

    status: int = 200
    told: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    without_body: bool = False
    """Only the headers are sent, as HEAD wants it."""

    @classmethod
    def of(cls, refused: Refused) -> Self:
        """An error, as a sentence."""
        return cls(status=refused.status, told={"error": refused.sentence}, headers=refused.headers)

    def with_headers(self, headers: dict[str, str]) -> "Reply":
        """With more headers."""
        return replace(self, headers=self.headers | headers)

    def content(self) -> bytes:
        """All that is sent."""
        body = b"" if self.told is None else json.dumps(self.told).encode("ascii")
        headers = self.headers | _ALWAYS
        if self.told is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join((*lines, "", "")).encode("latin-1") + (b"" if self.without_body else body)


def answer_told(prediction: Prediction, answerer: Answerer) -> dict[str, Any]:
    """An answer, best class first, and whether to rely on it where the network knows that.

    Nothing of it names a file: neither the picture's nor those that the network learned from.
    """
    told: dict[str, Any] = {
        "predictions": [{"label": score.label, "confidence": score.probability} for score in prediction.top]
    }
    if prediction.verdict is not None:
        told |= {"verdict": prediction.verdict, "rank": prediction.rank, "threshold": answerer.threshold}
    return told
