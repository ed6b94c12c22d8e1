"""The parts of a form, ``multipart/form-data`` (RFC 7578), in a time that grows as their bytes do.

Python's reader of mail takes time with the square of the length of a header, and fails on nested
comments; what a form may hold is much less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tzgraph.errors import UsageError
from tzgraph.serve.messages.problems import Refusal, fail

__all__ = ["MAX_PARTS", "MULTIPART", "read_parts"]

MULTIPART = "multipart/form-data"
#: Parts of a form, and bytes of the headers of one.
MAX_PARTS, _MAX_HEAD = 1000, 8 * 1024
#: RFC 2046, 5.1.1; in quotes it may hold more than a token.
_BOUNDARY = re.compile(
    r""";\s*+boundary=(?:"([0-9A-Za-z'()+_,./:=? -]{1,70})"|([!#$%&'*+.^_`|~0-9A-Za-z-]{1,70}))"""
    r"\s*+(?:;|\Z)",
    re.IGNORECASE,
)
#: A header, and its values that change nothing.
_ENCODING = "content-transfer-encoding"
_AS_IT_IS = ("7bit", "8bit", "binary")


def read_parts(header: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    r"""Give the media type of each part, empty if it names none, and what it holds.

    :param header: Content-Type of the request
    :raises UsageError: if the form is malformed
    :raises ProblemError: with status 415 if a part is encoded

    >>> form = b"--b\r\nContent-Type: text/turtle\r\n\r\n<a:> <b:> 1 .\r\n--b--\r\n"
    >>> list(read_parts("multipart/form-data; boundary=b", form))
    [('text/turtle', b'<a:> <b:> 1 .')]
    """
    found = _BOUNDARY.search(header)
    if found is None:
        raise _malformed("Its Content-Type names no boundary of up to 70 characters.")
    delimiter = b"\r\n--" + (found[1] or found[2]).encode("ascii")
    pieces = (b"\r\n" + body).split(delimiter, MAX_PARTS + 1)
    if len(pieces) < 2:
        raise _malformed("It has no parts.")
    for number, piece in enumerate(pieces[1:], 1):
        if piece.startswith(b"--"):
            if number == 1:
                raise _malformed("It has no parts.")
            return
        if number > MAX_PARTS:
            raise _malformed(f"It has more than {MAX_PARTS} parts.")
        head, blank, content = piece.lstrip(b" \t").partition(b"\r\n\r\n")
        if not blank or not (not head or head.startswith(b"\r\n")) or len(head) > _MAX_HEAD:
            raise _malformed(f"Part {number} has no headers that can be read.")
        yield _media_type(head.decode("latin-1"), number), content
    raise _malformed("It has no end.")


def _media_type(head: str, number: int) -> str:
    media_type = ""
    for line in head.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if not colon or name.strip() != name:
            raise _malformed(f"Part {number} has a line of headers that is none.")
        if name.lower() == "content-type":
            media_type = value.strip()
        elif name.lower() == _ENCODING and value.strip().lower() not in _AS_IT_IS:
            raise fail(Refusal.PART_ENCODING, "Send parts as they are.")
    return media_type


def _malformed(detail: str) -> UsageError:
    return UsageError(f"The form can't be read. {detail}")
