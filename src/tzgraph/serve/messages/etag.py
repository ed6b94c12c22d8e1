"""Entity tags in headers (RFC 9110, 8.8.3 and 13.1).

The tags of results are weak: the same result may come compressed, or with its rows in another
order where the query asks for none.
"""

from __future__ import annotations

import re

__all__ = ["matches", "opaque_tags"]

_TAG = re.compile(r'(W/)?"([^"]*)"')


def matches(header: str | None, tag: str) -> bool:
    """Say whether a header If-None-Match names a tag; ``*`` is not looked at.

    >>> matches('"x", W/"a"', 'W/"a"'), matches('"a"', 'W/"a"'), matches("*", 'W/"a"')
    (True, True, False)
    """
    return tag.removeprefix("W/").strip('"') in opaque_tags(header or "")


def opaque_tags(header: str, *, strong: bool = False) -> tuple[str, ...]:
    """Give what stands between the quotes of the tags in a list.

    :param strong: leave weak ones out, which If-Match does not compare

    >>> opaque_tags('"a", W/"b"'), opaque_tags('"a", W/"b"', strong=True)
    (('a', 'b'), ('a',))
    """
    return tuple(tag for weak, tag in _TAG.findall(header) if not (strong and weak))
