"""Content negotiation: which of the media types on offer a client wants (RFC 9110, 12.5.1).

Parts of the header that are malformed are passed over; a header with no usable part counts as
absent. The package python-mimeparse refuses such a header, splits quoted commas, and takes the
last of equals where the server's preference is the first, hence these few lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from starlette.requests import Request

__all__ = ["HTML", "choose", "encoding_quality", "quality", "wants_html"]

HTML = "text/html"

#: A quote that is never closed goes on to the end, so that no place is looked at twice.
_PART = re.compile(r'(?>(?:[^,"]|"(?>(?:[^"\\]|\\.)*)"?)+)', re.DOTALL)
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE = re.compile(rf"\s*({_WORD})/({_WORD})\s*((?:;.*)?)\Z", re.DOTALL)
_CODING = re.compile(rf"\s*({_WORD})\s*((?:;.*)?)\Z", re.DOTALL)
_WEIGHT = re.compile(r";\s*q\s*=\s*([^;\s]*)", re.IGNORECASE)
#: Characters of a header of which the outcome is remembered.
_SHORT = 400
_QVALUE = re.compile(r"(?:0(?:\.[0-9]*)?|1(?:\.0*)?|\.[0-9]+)\Z")


#: Long headers of which the meaning is remembered, as one request asks for it several times.
_LONG_ONES = 8

#: Weights by media range, such as ``text/*``.
_Ranges = Mapping[str, float]


def choose(header: str | None, offers: Sequence[str]) -> str | None:
    """Give the offer that the client wants most, the earlier one among equals.

    :param header: the Accept header, ``None`` if there is none
    :param offers: media types without parameters, the server's favourite first
    :return: an offer, or ``None`` if the client wants none of them

    >>> choose("text/html;q=0.5, text/*;q=0.7, */*;q=0.1", ["text/html", "text/csv"])
    'text/csv'
    """
    if header is None or len(header) <= _SHORT:
        return _choose_again(header, tuple(offers))
    return _choose(header, offers)


def _choose(header: str | None, offers: Sequence[str]) -> str | None:
    ranges = _ranges(header)
    weights = [_weight(ranges, offer) for offer in offers]
    best = max(weights, default=0.0)
    return offers[weights.index(best)] if best > 0 else None


#: A program sends the same header each time.
_choose_again = lru_cache(maxsize=1024)(_choose)


def quality(header: str | None, media_type: str) -> float:
    """Give the weight from 0 to 1 that the client puts on a media type."""
    return _weight(_ranges(header), media_type)


def wants_html(request: Request) -> bool:
    """Say whether the client would rather read a page than anything else."""
    accept = request.headers.get("accept")
    others = ["application/json", "text/turtle", "application/problem+json"]
    return choose(accept, [*others, HTML]) == HTML


def encoding_quality(header: str, coding: str) -> float | None:
    """Give the weight from 0 to 1 that an Accept-Encoding header puts on a content coding.

    :return: ``None`` if the header says nothing of it

    >>> encoding_quality("br, gzip;q=0.5, *;q=0", "gzip"), encoding_quality("*;q=0", "br")
    (0.5, 0.0)
    """
    said = _codings(header)
    return said.get(coding, said.get("*"))


@lru_cache(maxsize=_LONG_ONES)
def _codings(header: str) -> Mapping[str, float]:
    """Give the weights of content codings; of one that is named twice, the first."""
    said: dict[str, float] = {}
    for part in header.split(","):
        match = _CODING.match(part)
        weight = _WEIGHT.search(match[2]) if match is not None else None
        if match is None or (weight is not None and not _QVALUE.match(weight[1])):
            continue
        said.setdefault(match[1].lower(), float(weight[1]) if weight is not None else 1.0)
    return said


def _weight(ranges: _Ranges, media_type: str) -> float:
    """Give the weight of the range that fits a media type best."""
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0


@lru_cache(maxsize=_LONG_ONES)
def _ranges(header: str | None) -> _Ranges:
    """Give what a header says; of a range that is named twice, the larger weight."""
    ranges: dict[str, float] = {}
    for part in _PART.findall(header or ""):
        match = _RANGE.match(part)
        if match is None:
            continue
        weight = _WEIGHT.search(match[3])
        if weight is not None and not _QVALUE.match(weight[1]):
            continue
        value = float(weight[1]) if weight is not None else 1.0
        name = f"{match[1]}/{match[2]}".lower()
        ranges[name] = max(value, ranges.get(name, 0.0))
    return ranges or {"*/*": 1.0}
