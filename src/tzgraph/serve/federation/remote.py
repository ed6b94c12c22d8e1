"""Ask another endpoint: one request, one reply, to an address that was checked.

The server looks addresses up and checks them; a process of its own asks
(:mod:`tzgraph.serve.isolation.fetching`).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

import h11

from tzgraph import __version__
from tzgraph.serve.engine.errors import RemoteFailedError, RemoteTooLargeError
from tzgraph.serve.federation.addresses import refusal
from tzgraph.serve.federation.endpoints import Endpoint
from tzgraph.serve.federation.words import READ, plain, seconds_to_wait, words_of

__all__ = [
    "JSON",
    "XML",
    "Address",
    "Reply",
    "addresses_of",
    "ask",
    "failed",
]

#: Address family and address.
Address = tuple[int, str]

#: Seconds in which a connection has to be there, TLS included.
_CONNECT = 10.0
#: What the engine reads (it says so in Accept), and what endpoints call the same in its place;
#: whoever parses the body finds out whether it is one.
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
_MEDIA_TYPES = {
    **dict.fromkeys((JSON, "application/json", "text/json"), JSON),
    **dict.fromkeys((XML, "application/xml", "text/xml"), XML),
}
_READ = 64 * 1024
#: Seconds in which what it says of an error has to be there, or is not told.
_WORDS = 2.0
#: Bytes on the wire: for each byte that the body may have, and beside it.
_WIRE, _BESIDE = 2, 64 * 1024
#: Informational responses; pieces of a body, and bytes that each has from then on, about.
_INFORMATIONAL, _PIECES, _PIECE = 4, 1_000, 64


@dataclass(frozen=True, slots=True)
class Reply:
    """A result as an endpoint gave it, whole."""

    media_type: str
    body: bytes


async def ask(
    endpoint: Endpoint,
    addresses: Sequence[Address],
    query: bytes,
    accept: str,
    *,
    most: int,
    context: ssl.SSLContext | None,
) -> Reply:
    """Send a query to an endpoint and wait for its whole reply; time is the caller's to limit.

    Only method, query and Accept are passed on. No redirect is followed, no proxy used.

    :param addresses: addresses of the endpoint, checked by :func:`addresses_of`
    :param accept: media types that the engine reads
    :param most: bytes that the reply may have
    :param context: how to verify certificates, where the endpoint has one
    :raises RemoteFailedError: if there is no result
    :raises RemoteTooLargeError: if it is longer than that
    """
    try:
        async with asyncio.timeout(_CONNECT):
            reader, writer = await _connect(endpoint, addresses, context)
    except TimeoutError:
        raise failed(endpoint, f"can't be connected to within {_CONNECT:g} s") from None
    except ssl.SSLCertVerificationError as error:
        raise failed(endpoint, f"has no valid certificate ({error.verify_message})") from error
    except OSError as error:
        raise failed(endpoint, f"can't be connected to ({error.strerror or error})") from error
    connection = h11.Connection(h11.CLIENT)
    request = h11.Request(
        method="POST",
        target=endpoint.target,
        headers=[
            ("Host", endpoint.authority),
            ("User-Agent", f"tzgraph/{__version__}"),
            ("Accept", accept),
            ("Accept-Encoding", "identity"),
            ("Content-Type", "application/sparql-query"),
            ("Content-Length", str(len(query))),
            ("Connection", "close"),
        ],
    )
    try:
        for event in (request, h11.Data(data=query), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _reply(endpoint, connection, reader, most)
    except h11.RemoteProtocolError as error:
        raise failed(endpoint, f"breaks off, or answers what is no HTTP ({error})") from error
    except OSError as error:
        raise failed(endpoint, f"breaks off ({error.strerror or error})") from error
    finally:
        writer.transport.abort()


async def resolve(host: str, port: int) -> Sequence[Address]:
    """Give address families and addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, str(address[0])) for family, _type, _protocol, _name, address in found]


async def addresses_of(endpoint: Endpoint, *, private: bool) -> Sequence[Address]:
    """Give the addresses of an endpoint, if none of them is refused.

    :param private: whether it may have a private address
    :raises RemoteFailedError: if one is, or there are none
    """
    try:
        async with asyncio.timeout(_CONNECT):
            addresses = list(dict.fromkeys(await resolve(endpoint.host, endpoint.port)))
    except TimeoutError:
        raise failed(endpoint, f"can't be connected to within {_CONNECT:g} s") from None
    except OSError as error:
        raise failed(endpoint, f"can't be connected to ({error.strerror or error})") from error
    for _family, address in addresses:
        if why := refusal(address, private=private):
            opens = why in ("private", "loopback") and not private
            raise RemoteFailedError(
                f"The endpoint <{endpoint.iri}> has the {why} address {address}, which may not be"
                " called.",
                "TZGRAPH_FEDERATION_PRIVATE=1 on the server allows private ones." if opens else "",
            )
    return addresses


async def _connect(
    endpoint: Endpoint, addresses: Sequence[Address], context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first address that answers."""
    loop = asyncio.get_running_loop()
    failure = OSError("it has no address")
    for family, address in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            await loop.sock_connect(connection, (address, endpoint.port))
            if not endpoint.secure:
                return await asyncio.open_connection(sock=connection)
            return await asyncio.open_connection(
                sock=connection, ssl=context, server_hostname=endpoint.host
            )
        except ssl.SSLError:
            connection.close()
            raise
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
    raise failure


async def _reply(
    endpoint: Endpoint, connection: h11.Connection, reader: asyncio.StreamReader, most: int
) -> Reply:
    media_type = ""
    body = bytearray()
    read = informational = pieces = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = b""
            with contextlib.suppress(ssl.SSLError):  # an end without goodbye
                data = await reader.read(_READ)
            read += len(data)
            if read > _WIRE * most + _BESIDE:
                raise _too_large(endpoint, most)
            connection.receive_data(data)
        elif isinstance(event, h11.Response):
            media_type = await _checked(endpoint, event, connection, reader)
        elif isinstance(event, h11.Data):
            body += event.data
            pieces += 1
            if len(body) > most:
                raise _too_large(endpoint, most)
            if pieces > _PIECES + len(body) // _PIECE:
                raise failed(endpoint, "answers in too many small pieces")
        elif isinstance(event, h11.EndOfMessage):
            return Reply(media_type, bytes(body))
        elif isinstance(event, h11.InformationalResponse) and informational < _INFORMATIONAL:
            informational += 1
        else:
            raise failed(endpoint, "breaks off, or answers what is no reply")


def _too_large(endpoint: Endpoint, most: int) -> RemoteTooLargeError:
    return RemoteTooLargeError(
        f"The endpoint <{endpoint.iri}> answers more than the {most:,} bytes that are left to this"
        " query.",
        "Ask it for less; the server sets the limit with TZGRAPH_FEDERATION_BYTES.",
    )


async def _checked(
    endpoint: Endpoint,
    response: h11.Response,
    connection: h11.Connection,
    reader: asyncio.StreamReader,
) -> str:
    """Give the media type of a reply that can be used.

    :raises RemoteFailedError: if it can't
    """
    headers = _headers(response)
    if response.status_code != 200:
        raise await _refused(endpoint, response, connection, reader)
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise failed(endpoint, "answers in a content encoding that was not asked for")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        shown = plain(media_type)[:60] or "no media type"
        raise failed(endpoint, f"answers with {shown}, which is no format of SPARQL results")
    return _MEDIA_TYPES[media_type]


def _headers(response: h11.Response) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}


async def _refused(
    endpoint: Endpoint,
    response: h11.Response,
    connection: h11.Connection,
    reader: asyncio.StreamReader,
) -> RemoteFailedError:
    """Give the error for a reply whose status is not 200, with what it says in words."""
    headers, status = _headers(response), response.status_code
    if 300 <= status < 400:
        return failed(endpoint, f"redirects (status {status}), which is not followed")
    said = ""
    if "content-encoding" not in headers:
        body = await _beginning(connection, reader)
        said = words_of(body, headers.get("content-type", ""))
    wait = seconds_to_wait(headers.get("retry-after", "")) if status in (429, 503) else None
    return failed(endpoint, f"answers with status {status}{said and ': '}{said}", wait)


async def _beginning(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    """Give the beginning of a body, as much as comes soon."""
    body = bytearray()
    read = 0
    with contextlib.suppress(OSError, h11.RemoteProtocolError):  # also where it takes too long
        async with asyncio.timeout(_WORDS):
            while len(body) < READ and read < 2 * READ:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    data = await reader.read(READ)
                    read += len(data)
                    connection.receive_data(data)
                elif isinstance(event, h11.Data):
                    body += event.data
                else:
                    break
    return bytes(body)


def failed(endpoint: Endpoint, what: str, retry_after: int | None = None) -> RemoteFailedError:
    """Give the error that says what an endpoint does wrong.

    :param retry_after: seconds after which it wants to be asked again
    """
    end = "" if what.endswith((".", "!", "?")) else "."
    return RemoteFailedError(
        f"The endpoint <{endpoint.iri}> {what}{end}",
        "Try again later, or ask without it.",
        retry_after,
    )
