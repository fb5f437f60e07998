"""Licences of published weights. No torch."""

_FREE = ("Apache 2.0",)


def restricts(licence: str) -> bool:
    """Whether a licence that weights carry is taken for one that forbids commercial use; an unknown one is."""
    return bool(licence) and licence not in _FREE
