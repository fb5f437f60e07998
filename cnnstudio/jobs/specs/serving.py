"""The job that answers other programs on this computer until it is stopped."""

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Lane, Streaming
from cnnstudio.networks import ModelRef
from cnnstudio.service.contract import DEFAULT_PORT, Served, Serving


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeModel(Streaming[Served, Serving | Served]):
    """Answer pictures that other programs on this computer send over HTTP, and no others.

    Hands over a Serving once it listens, and a Served when there is more to tell, ten times a second at most.
    """

    lane: ClassVar[Lane] = "serving"
    model: ModelRef
    port: int = DEFAULT_PORT
    """0 takes any that is free."""
    token: str = ""
    """Who sends it is answered; empty draws one of 192 bits."""
    origins: tuple[str, ...] = ()
    """Web pages that may ask, such as ``http://localhost:3000``; without any, no page may."""

    def handle(self, watch: Watch) -> Served:
        """Never returns: a stop raises StoppedWith a Served.

        Raises:
            ServiceError: the port is in use, or token or origin cannot be what they are.
            StudioError: the model cannot be loaded.
        """
        from cnnstudio.jobs.serving import serve_model

        return serve_model(self, watch)
