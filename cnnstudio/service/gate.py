"""Who may ask: programs on this computer that know the token, and web pages only where a person named them.

A browser lets any page send requests to this computer, and a page can give its own name the address 127.0.0.1 (DNS
rebinding), so that neither the address nor the absence of CORS headers keeps it out. The Host that it has to send does.
"""

import hmac

from cnnstudio.service.contract import HEALTH, OPENAPI, PREDICT
from cnnstudio.service.request import Refused, Request

OPEN = frozenset({HEALTH, OPENAPI})
"""Paths that say nothing of a person's network, and need no token."""
_OURS = ("127.0.0.1", "localhost", "[::1]")
_SELF = frozenset({"", "none", "same-origin"})
_BEARER = "bearer "


def check_host(request: Request, port: int) -> None:
    """Refuse a request that was meant for another name.

    Raises:
        Refused: it was.
    """
    if request.header("host").lower() not in {f"{name}:{port}" for name in _OURS}:
        raise Refused(421, f"Only http://127.0.0.1:{port} and http://localhost:{port} are answered.")


def check_origin(request: Request, origins: tuple[str, ...]) -> str:
    """The page that asks, where it may; empty where a program asks.

    Raises:
        Refused: a page asks that nobody named.
    """
    if "origin" not in request.headers:
        if request.header("sec-fetch-site").lower() not in _SELF:
            raise Refused(403, "Web pages may not ask.")
        return ""
    origin = request.header("origin")
    if origin not in origins:
        raise Refused(403, "This web page may not ask. Whoever started the service can name it as an origin.")
    return origin


def cors_of(request: Request, origin: str) -> dict[str, str]:
    """Headers that let a named page read its answer; none for others."""
    if not origin:
        return {"Cross-Origin-Resource-Policy": "same-origin"}
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Vary": "Origin",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.method == "OPTIONS":
        headers |= {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "600",
        }
        if request.header("access-control-request-private-network") == "true":
            headers["Access-Control-Allow-Private-Network"] = "true"
    return headers


def check_token(request: Request, token: str) -> None:
    """Refuse who does not know the token, which stands in a header, or in the address as Lobe's clients have it.

    Raises:
        Refused: it is missing or another one.
    """
    if request.path in OPEN:
        return
    said = request.header("authorization")
    if said[: len(_BEARER)].lower() == _BEARER:
        given = said[len(_BEARER) :].strip()
    else:
        given = request.path.removeprefix(f"{PREDICT}/") if request.path.startswith(f"{PREDICT}/") else ""
    if not hmac.compare_digest(given.encode("latin-1"), token.encode("latin-1")):
        raise Refused(
            401,
            "The token is missing or wrong; send the header Authorization: Bearer TOKEN.",
            WWW_Authenticate="Bearer",
        )
