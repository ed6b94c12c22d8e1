"""What is known of a request that came by the shortcut when the layers go on with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import Scope

from tzgraph.serve.answering import AnswerResponse
from tzgraph.serve.engine import Answer
from tzgraph.serve.record import Record
from tzgraph.serve.switch import Held

__all__ = ["HandedOver", "hand_over", "handed_over"]

_KEY = "tzgraph.handed_over"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A request whose query was evaluated, as far as the first part of its result.

    :ivar record: what was noted of it so far
    :ivar held: the release that it came to, still to be left
    :ivar answer: the answer behind its ``first`` part, ``None`` if there is an ``error`` instead
    :ivar headers: those that say how long it holds, and how to keep it
    """

    record: Record
    held: Held
    answer: Answer | None = None
    first: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Exception | None = None

    def response(self) -> Response:
        """Give the response that sends the answer.

        :raises Exception: the error
        """
        if self.answer is None:
            raise self.error or RuntimeError("there is neither an answer nor an error")
        return AnswerResponse(self.answer, self.first, dict(self.headers))

    def close(self) -> None:
        """Give up what nobody has read."""
        if self.answer is not None:
            self.answer.close()


def hand_over(scope: Scope, given: HandedOver) -> None:
    """Let the layers find what is known of a request."""
    scope[_KEY] = given


def handed_over(scope: Scope) -> HandedOver | None:
    """Give what is known of a request, ``None`` if it came the usual way."""
    given: HandedOver | None = scope.get(_KEY)
    return given
