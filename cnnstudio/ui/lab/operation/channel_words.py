"""What channels are called."""

COLOURS = ("red", "green", "blue")


def channel_names(count: int) -> list[str]:
    """Of so many channels: three are taken for the colours of a picture."""
    return list(COLOURS) if count == len(COLOURS) else [f"channel {number + 1}" for number in range(count)]
