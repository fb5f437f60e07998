"""What can compute, as values. No torch; ``device.py`` finds out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """One device that passed a real convolution forward and backward."""

    kind: str
    """``cpu``, ``cuda`` or ``mps``."""
    title: str
    """For people, such as ``NVIDIA RTX 4070 (12 GB)`` or ``CPU (8 cores)``."""
    note: str = ""
    """Why a device that was found cannot be used; empty when it can."""
