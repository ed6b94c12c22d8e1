"""What a request carries: the parameters of its URL or form, and its body."""

from __future__ import annotations

from collections.abc import Callable, Container
from urllib.parse import parse_qsl

from starlette.requests import Request

from tzgraph.errors import UsageError
from tzgraph.serve.messages.problems import ProblemError, Refusal, fail

__all__ = [
    "FORM",
    "charset_of",
    "decode_body",
    "fields_once",
    "read_body",
    "read_fields",
    "refuse_encoded",
    "too_long",
]

FORM = "application/x-www-form-urlencoded"
#: Character encodings by their names (https://www.iana.org/assignments/character-sets): Python's
#: own search for names remembers for good each that it has not found, however long it is.
_CHARSETS = {
    **dict.fromkeys(("utf-8", "utf8", "csutf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "csascii"), "ascii"),
    **dict.fromkeys(
        ("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1"), "iso8859-1"
    ),
}
_MAX_FIELDS = 1000
#: Bytes of the parameters in a URL of a route that takes each once.
MAX_URL_FIELDS = 64_000


def refuse_encoded(request: Request) -> None:
    """Refuse a compressed body.

    :raises ProblemError: with status 415
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise fail(
            Refusal.CONTENT_ENCODING,
            "Send it uncompressed.",
            {"Accept-Encoding": "identity"},
        )


def read_fields(data: bytes, charset: str = "utf-8") -> list[tuple[str, str]]:
    """Read the parameters of a URL or a form.

    :param charset: in which the characters of the values are encoded, before percent-encoding
    :raises UsageError: if they are too many
    :raises ProblemError: with status 400 if they are not
    """
    try:
        # As text: of bytes, Python 3.11 takes none that are not ASCII, even percent-encoded.
        return parse_qsl(
            data.decode(charset),
            keep_blank_values=True,
            encoding=charset,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except UnicodeDecodeError as error:
        detail = f"The parameters are not {charset.upper()}."
        raise fail(Refusal.ENCODING, detail) from error
    except ValueError as error:
        raise UsageError(f"{error}.") from error


def fields_once(
    request: Request,
    names: Container[str] | None = None,
    *,
    twice: Callable[[str], Exception] = lambda name: UsageError(f"There is more than one {name}."),
) -> dict[str, str]:
    """Read the parameters of a URL that takes each only once.

    :param names: those that count, ``None`` for all
    :param twice: gives the error for one that is there again
    :raises ProblemError: with status 414 if they are too long, 400 if they can't be read
    """
    in_url = request.scope["query_string"]
    if len(in_url) > MAX_URL_FIELDS:
        raise fail(Refusal.LONG_URL, f"The limit is {MAX_URL_FIELDS} bytes.")
    given: dict[str, str] = {}
    for name, value in read_fields(in_url):
        if names is not None and name not in names:
            continue
        if name in given:
            raise twice(name)
        given[name] = value
    return given


async def read_body(request: Request, limit: int) -> bytes:
    """Read a body.

    :param limit: bytes that it may have
    :raises ProblemError: with status 413 if it has more
    """
    error = too_long(limit)
    # Who waits for leave to send it need not (RFC 9110, 10.1.1).
    waits = "expect" in request.headers
    if waits and int(request.headers.get("content-length", "0")) > limit:
        raise error
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise error
    return bytes(data)


def too_long(limit: int) -> ProblemError:
    """Give the error for a request that is longer than it may be."""
    return fail(Refusal.TOO_LONG, f"The limit is {limit} bytes.")


def charset_of(parameters: str) -> str:
    """Give the character encoding that the parameters of a media type name.

    :raises ProblemError: with status 415 if it is none that is known here
    """
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            known = _CHARSETS.get(value.strip().strip('"').lower())
            if known is None:
                raise fail(Refusal.CHARSET, "Send it as UTF-8.")
            return known
    return "utf-8"


def decode_body(body: bytes, charset: str) -> str:
    """Give the text of a body.

    :raises ProblemError: with status 400 if it is not in that encoding
    """
    try:
        return body.decode(charset)
    except UnicodeDecodeError as error:
        detail = f"The text is not {charset.upper()}, from byte {error.start} on."
        raise fail(Refusal.ENCODING, detail) from error
