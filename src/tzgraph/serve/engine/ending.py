"""The end of a server that can't go on, which is told from one that was asked to stop."""

from __future__ import annotations

import logging
import signal

from tzgraph.errors import TzgraphError

__all__ = ["ServerFailedError", "give_up", "reason"]

_LOG = logging.getLogger(__name__)
_reasons: list[str] = []


class ServerFailedError(TzgraphError):
    """The server ended by itself; who looks after it should start it again."""

    code = "server-failed"
    exit_code = 3


def give_up(why: str) -> None:
    """Have the server stop as if it had been told to, but fail in the end."""
    _LOG.critical("%s: the server ends", why)
    _reasons.append(why)
    signal.raise_signal(signal.SIGTERM)


def reason() -> str:
    """Say why the server gave up; nothing if it did not."""
    return _reasons[0] if _reasons else ""
