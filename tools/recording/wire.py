"""Requests that are special on the wire: pipelined, in pieces, of HTTP/1.0, malformed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from tools.recording.cases import FORM, Case, raw, request
from tools.recording.reads import ASK, CONSTRUCT, LARGE, SELECT, sparql

__all__ = ["on_the_wire"]

_DIRECT = "application/sparql-query"
_HEAD = b"POST /sparql HTTP/1.1\r\nHost: tzgraph.test\r\nContent-Type: application/sparql-query\r\n"


def on_the_wire() -> Iterator[Case]:
    """Give all cases."""
    yield from _versions()
    yield from _several()
    yield from _bodies()
    yield from _malformed()
    yield from _heads()


def _versions() -> Iterator[Case]:
    for target in (
        sparql(ASK),
        sparql(LARGE),
        "/",
        "/healthz",
        "/nothing",
        "/id/drug/trastuzumab",
    ):
        for method in ("GET", "HEAD"):
            yield raw(f"HTTP/1.0 {method} {target}", request(method, target, None, "1.0"))
        kept = request("GET", target, None, "1.0", Connection="keep-alive")
        yield raw(f"HTTP/1.0 kept alive, twice {target}", kept, kept)
        bare = request("GET", target, None, "1.0", Host=None)
        yield raw(f"HTTP/1.0 without Host {target}", bare)
        ended = request("GET", target, Connection="close")
        yield raw(f"Connection: close {target}", ended)
    yield raw("service description without Host", request("GET", "/sparql", None, "1.0", Host=None))
    for version in ("0.9", "1.2", "2.0", "3", "x"):
        yield raw(f"HTTP/{version}", request("GET", "/healthz", None, version))
    yield raw("no version", b"GET /healthz\r\n\r\n")


def _several() -> Iterator[Case]:
    """Several requests over a connection; answers must not be mixed up."""
    mixed = (
        *(request("GET", sparql(f"SELECT ({n} AS ?n) {{}}")) for n in range(5)),
        request("HEAD", "/"),
        request("POST", "/sparql", ASK.encode(), Content_Type=_DIRECT),
        request("GET", "/id/drug/trastuzumab.ttl"),
        request("GET", sparql("nonsense")),
        request("OPTIONS", "/sparql"),
        request("GET", sparql(CONSTRUCT)),
        request("GET", "/nothing"),
        request("GET", sparql(SELECT), Accept="text/html"),
    )
    yield raw("one after the other", *mixed)
    yield raw("pipelined", mixed)
    yield raw("pipelined, streaming first", (request("GET", sparql(f"{LARGE} #")), *mixed))
    yield raw("pipelined, many", tuple(mixed * 8))
    yield raw(
        "pipelined, close in the middle", (*mixed[:3], request("GET", "/", Connection="close"))
    )
    yield raw("same lookup, as before and after others", mixed[0], mixed[7], mixed[0], mixed[0])
    for accept in ("text/csv", "text/html", "text/turtle"):
        one = request("GET", sparql(SELECT), Accept=accept)
        yield raw(f"same lookup three times {accept}", one, one, one)
    yield raw("empty lines between", (mixed[0], b"\r\n" + mixed[1], b"\r\n\r\n" + mixed[2]))
    yield raw("malformed behind others", (mixed[0], mixed[1], b"nonsense\r\n\r\n"))


def _bodies() -> Iterator[Case]:
    form = urlencode({"query": ASK}).encode()
    chunked = {"Transfer_Encoding": "chunked", "Content_Type": FORM}
    for name, body in (
        ("one chunk", b"%x\r\n%b\r\n0\r\n\r\n" % (len(form), form)),
        ("chunk of each byte", b"".join(b"1\r\n%c\r\n" % c for c in form) + b"0\r\n\r\n"),
        ("chunk extension", b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(form), form)),
        ("trailers", b"%x\r\n%b\r\n0\r\nA: b\r\n\r\n" % (len(form), form)),
        ("no chunk", b"0\r\n\r\n"),
        ("bad size", b"zz\r\n%b\r\n0\r\n\r\n" % form),
        ("too long chunk", b"1\r\n%b\r\n0\r\n\r\n" % form),
        ("4 MB of chunks", b"10000\r\n%b\r\n" % (b"#" * 65_536) * 64 + b"0\r\n\r\n"),
    ):
        head = request("POST", "/sparql", **chunked)
        yield raw(f"chunked: {name}", head + body)
        yield raw(f"chunked to GET: {name}", request("GET", "/healthz", **chunked) + body)
    sent = len(form)
    post = request("POST", "/sparql", form, Content_Type=FORM, Expect="100-continue")
    yield raw("Expect: 100-continue", post)
    yield raw("Expect: something", post.replace(b"100-continue", b"miracles"))
    yield raw(
        "Expect, too long",
        request(
            "POST", "/sparql", Expect="100-continue", Content_Type=FORM, Content_Length="9999999"
        ),
    )
    for length in ("-1", "x", f"{sent}, {sent}", f"+{sent}", f"{sent}\r\nContent-Length: 3", "0"):
        head = request("POST", "/sparql", Content_Type=FORM, Content_Length=length)
        yield raw(f"Content-Length: {length}", head + form)
    yield raw("no length", request("POST", "/sparql", Content_Type=FORM))
    yield raw("body of GET", request("GET", sparql(ASK), form), request("GET", sparql(ASK)))
    both = request("POST", "/sparql", form, Transfer_Encoding="chunked", Content_Type=FORM)
    yield raw("length and chunks", both)
    for coding in ("gzip, chunked", "identity", "chunked, chunked", "Chunked"):
        head = request("POST", "/sparql", Transfer_Encoding=coding, Content_Type=FORM)
        yield raw(f"Transfer-Encoding: {coding}", head + b"0\r\n\r\n")


def _malformed() -> Iterator[Case]:
    start = b"GET /healthz HTTP/1.1\r\nHost: tzgraph.test\r\n"
    for name, data in (
        ("nonsense", b"nonsense\r\n\r\n"),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n"),
        ("two Hosts", start + b"Host: b\r\n\r\n"),
        ("empty Host", b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n"),
        ("bad Host", b"GET /sparql HTTP/1.1\r\nHost: a b/c\r\n\r\n"),
        ("Host of IPv6", b"GET /sparql HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
        ("space before colon", start + b"A : b\r\n\r\n"),
        ("no colon", start + b"A b\r\n\r\n"),
        ("folded header", start + b"A: b\r\n c\r\n\r\n"),
        ("bare line feeds", start.replace(b"\r\n", b"\n") + b"\n"),
        ("bare carriage return", start + b"A: b\rc\r\n\r\n"),
        ("NUL in header", start + b"A: \0\r\n\r\n"),
        ("byte over 127 in header", start + b"A: \xff\r\n\r\n"),
        ("byte over 127 in name", start + b"\xe9: b\r\n\r\n"),
        ("byte over 127 in target", b"GET /id/drug/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("space in target", b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("absolute target", b"GET http://a.test/healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("target without slash", b"GET healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("fragment", b"GET /healthz#a HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("two slashes", b"GET //healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("dots", b"GET /static/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("encoded dots", b"GET /static/%2e%2e/%2e%2e/app.py HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("bad percent", b"GET /id/drug/%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("CONNECT", b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("small letters", b"get /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        (
            "h2c",
            start
            + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n\r\n",
        ),
        (
            "websocket",
            start + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        ),
        (
            "h2c with a body",
            _HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: A\r\nContent-Length: 6\r\n\r\nASK {}",
        ),
    ):
        yield raw(f"malformed or odd: {name}", data)


def _heads() -> Iterator[Case]:
    for size in (1_000, 60_000, 70_000, 1_000_000):
        yield raw(f"header of {size} bytes", request("GET", "/healthz", A="a" * size))
    yield raw("header of 5 MB", request("GET", "/healthz", A="a" * 5_000_000))
    yield raw("10,000 headers", request("GET", "/healthz", **{f"A{n}": "b" for n in range(10_000)}))
    for size in (60_000, 65_530, 65_536, 70_000):
        yield raw(f"target of {size} bytes", request("GET", "/id/drug/" + "a" * (size - 9)))
        yield raw(f"parameters of {size} bytes", request("GET", "/healthz?" + "a" * (size - 9)))
    lists = (
        b"GET %b HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\nAccept: text/html;q=0.1\r\n"
        b"Accept-Encoding: gzip;q=0\r\nAccept-Encoding: zstd\r\n\r\n"
    )
    yield raw("lists in several lines", lists % sparql(SELECT).encode())
    tab = b"GET /queries HTTP/1.1\r\nHost: a \t\r\nAccept:\ttext/html\t \r\n\r\n"
    yield raw("blanks around values", tab)
