"""What the service answers, as a document that programs read (OpenAPI 3.1)."""

from typing import Any

from cnnstudio import __version__
from cnnstudio.service.contract import HEALTH, LABELS, OPENAPI, PREDICT, Place

_ERROR = {"schema": {"$ref": "#/components/schemas/Error"}}
_REFUSALS = {
    400: "The request or its JSON cannot be read.",
    401: "The token is missing or wrong.",
    403: "A web page asks that nobody named.",
    404: "There is nothing at this address.",
    405: "The address takes another method.",
    408: "The request did not come in time.",
    411: "There is no Content-Length.",
    413: "The request is too large.",
    415: "The picture is part of a form.",
    417: "Something was expected that is not there.",
    421: "The request was meant for another computer.",
    422: "This is no picture that can be read; the sentence says why.",
    431: "The headers are too long.",
    503: "Too many requests are under way.",
}
_FOR_ALL = (400, 403, 405, 408, 421, 431, 503)


def described(place: Place, *, judged: bool) -> dict[str, Any]:
    """The document; ``judged`` is whether answers say if they should be relied on."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CNN Studio",
            "version": __version__,
            "description": "Answers pictures with a network that was trained in CNN Studio, on this computer.",
        },
        "servers": [{"url": f"http://127.0.0.1:{place.port}"}],
        "security": [{"token": []}],
        "paths": {
            PREDICT: {"post": _predict("predict", judged=judged)},
            f"{PREDICT}/{{token}}": {"post": _for_lobe(judged=judged)},
            LABELS: {
                "get": _get("labels", "The classes, in the order of the network's outputs", "Labels", _NEEDS_TOKEN)
            },
            HEALTH: {"get": _get("health", "Whether the service answers", "Health", {"security": []})},
            OPENAPI: {"get": _get("openapi", "This document", "Document", {"security": []})},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(judged=judged),
        },
    }


_NEEDS_TOKEN: dict[str, Any] = {}


def _get(name: str, summary: str, schema: str, more: dict[str, Any]) -> dict[str, Any]:
    refused = (401, *_FOR_ALL) if more is _NEEDS_TOKEN else _FOR_ALL
    return {"operationId": name, "summary": summary, "responses": _responses(schema, refused), **more}


def _predict(name: str, *, judged: bool) -> dict[str, Any]:
    note = " It says whether to rely on it, too." if judged else ""
    return {
        "operationId": name,
        "summary": "What is on a picture",
        "description": "The body is the file of a picture as it is, or JSON that holds it in base64. "
        f"The answer has the likeliest class first.{note}",
        "parameters": [
            {
                "name": "top",
                "in": "query",
                "description": "So many classes; all without it",
                "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Image"}},
                **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png")},
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        "responses": _responses("Answer", (401, 411, 413, 415, 417, 422, *_FOR_ALL)),
    }


def _for_lobe(*, judged: bool) -> dict[str, Any]:
    told = _predict("predictAsLobe", judged=judged)
    token = {
        "name": "token",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    }
    summary = "The same for programs that were written for Lobe, with the token in the address"
    return {**told, "summary": summary, "parameters": [token, *told["parameters"]], "security": []}


def _responses(schema: str, refused: tuple[int, ...]) -> dict[str, Any]:
    good = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    told = {
        str(status): {"description": _REFUSALS[status], "content": {"application/json": _ERROR}}
        for status in sorted(refused)
    }
    return {"200": {"description": "Done", "content": good}, **told}


def _schemas(*, judged: bool) -> dict[str, Any]:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    answer: dict[str, Any] = {
        "predictions": {
            "type": "array",
            "description": "Best first",
            "items": _object({"label": {"type": "string"}, "confidence": share}),
        }
    }
    if judged:
        answer |= {
            "verdict": {
                "enum": ["answer", "unlike", "between"],
                "description": "answer: rely on it; unlike: unlike anything the network learned from; between: between "
                "two classes",
            },
            "rank": {
                **share,
                "description": "The share of good pictures that are less like what was learned, or less clear",
            },
            "threshold": {**share, "description": "Below this rank, the verdict is unlike or between"},
        }
    return {
        "Answer": _object(answer),
        "Image": {
            **_object({"image": {"type": "string", "description": "Base64, or a data URI", "minLength": 1}}),
            "additionalProperties": True,
        },
        "Labels": _object({"network": {"type": "string"}, "labels": {"type": "array", "items": {"type": "string"}}}),
        "Health": _object({"status": {"const": "ok"}}),
        "Document": {"type": "object"},
        "Error": _object({"error": {"type": "string", "description": "A sentence"}}),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
