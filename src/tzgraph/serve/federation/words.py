"""What an endpoint says of an error, in plain words: as much of it as a person reads.

Whatever it is, it came from a stranger: it is cut, and holds no markup and no characters that
control a terminal or the direction of what follows.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["READ", "plain", "seconds_to_wait", "words_of"]

#: Bytes of a reply that are read for its words, and characters that are shown of them.
READ, _SHOWN = 16 * 1024, 400
#: Seconds that an endpoint may want to be left alone, at most.
_LONGEST = 24 * 60 * 60
#: Members of JSON documents in which errors are told: RFC 9457, then what engines write.
_MEMBERS = ("detail", "message", "error", "exception", "title")
_UNSEEN = re.compile(
    r"<(script|style|head)\b[^<>]*+>.*?(?:</\1\s*+>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[/!?A-Za-z][^<>]*+>?")


def words_of(body: bytes, content_type: str) -> str:
    r"""Give what a reply says, in one line; nothing if it says nothing.

    :param body: its beginning
    :param content_type: its header Content-Type

    >>> words_of(b"<html><body><h1>Timeout</h1>\n<p>60&nbsp;s</p>", "text/html")
    'Timeout 60 s'
    >>> words_of(b'{"status": 400, "message": "no such prefix: up"}', "application/json")
    'no such prefix: up'
    """
    text = body[:READ].decode("utf-8", "replace")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.endswith("json"):
        text = _member(text)
    elif media_type.endswith(("html", "xml")):
        text = html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))
    text = plain(text)
    return text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + "…"


def _member(text: str) -> str:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(document, dict):
        found = (document.get(name) for name in _MEMBERS)
        return next((value for value in found if isinstance(value, str) and value), "")
    return text


def plain(text: str) -> str:
    r"""Give a text in one line, without characters that are not seen.

    >>> plain(" a \n\x1b[31mb\u202e ")
    'a [31mb'
    """
    seen = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    return " ".join(seen.split())


def seconds_to_wait(header: str, now: datetime | None = None) -> int | None:
    """Give the seconds that a header Retry-After asks for (RFC 9110, 10.2.3).

    :param now: the time, by default that of the clock
    :return: ``None`` if it says nothing that can be read

    >>> seconds_to_wait("120"), seconds_to_wait("soon")
    (120, None)
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> seconds_to_wait("Thu, 01 Jan 2026 12:01:00 GMT", noon)
    60
    """
    header = header.strip()
    if header.isascii() and header.isdigit():
        # A number of any length is not read: it is more than a day in any case.
        return min(int(header[:9]), _LONGEST)
    try:
        until = parsedate_to_datetime(header[:100])
        wait = (
            until.replace(tzinfo=until.tzinfo or UTC) - (now or datetime.now(UTC))
        ).total_seconds()
    except (ValueError, OverflowError):
        return None
    return max(0, min(int(wait), _LONGEST))
