"""Limits of updates."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["WriteSettings"]

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WriteSettings:
    """Who may write, and how much.

    :ivar token: what clients have to show; empty if nobody may write
    :ivar timeout: seconds from an update's arrival to its commit
    :ivar memory: megabytes that the writer may take beside what it needs when it starts
    :ivar max_bytes: bytes that an update or a graph may have
    :ivar queue: updates that may wait
    :ivar settle: seconds without an update after which the graph goes back to memory
    """

    token: str = field(default="", repr=False)
    timeout: float = 30
    memory: int = 1024
    max_bytes: int = 64 * _MB
    queue: int = 500
    settle: float = 2.0

    @property
    def enabled(self) -> bool:
        """Whether anybody may write."""
        return bool(self.token)
