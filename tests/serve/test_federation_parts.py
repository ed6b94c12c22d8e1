"""Which endpoints can be listed, which addresses are refused, and how certificates are verified."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from tzgraph.errors import UsageError
from tzgraph.serve import server
from tzgraph.serve.engine.errors import EngineBusyError, RemoteFailedError
from tzgraph.serve.federation import Endpoint, read_endpoints, remote
from tzgraph.serve.federation.addresses import refusal
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.isolation.turns import FairSemaphore
from tzgraph.serve.settings import IsolationSettings, ServeSettings
from tzgraph.settings import from_environment

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
PRIVATE = {
    "127.0.0.1": "loopback",
    "127.255.1.2": "loopback",
    "::1": "loopback",
    "::ffff:127.0.0.1": "loopback",
    "64:ff9b::127.0.0.1": "loopback",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "private",
    "198.18.0.1": "private",
    "fd00::1": "private",
    "::ffff:10.0.0.1": "private",
    "2002:a00:1::1": "private",
    "::10.0.0.1": "private",
    "192.0.2.1": "private",
    "2001:db8::1": "private",
}
NEVER = {
    "169.254.169.254": "link-local",
    "::ffff:169.254.169.254": "link-local",
    "64:ff9b::a9fe:a9fe": "link-local",
    "2002:a9fe:a9fe::1": "link-local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "0.0.0.0": "unspecified",  # noqa: S104 - not listened on
    "0.1.2.3": "unspecified",
    "::": "unspecified",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "ff02::1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "fec0::1": "reserved",
    "64:ff9b:1::1": "of a tunnel",
    "2001:0:53aa:64c:0:1:2:3": "of a tunnel",
    "no address": "unreadable",
}


def test_addresses() -> None:
    for private in (False, True):
        assert [refusal(address, private=private) for address in PUBLIC] == [""] * len(PUBLIC)
        assert {address: refusal(address, private=private) for address in NEVER} == NEVER
    assert {address: refusal(address, private=False) for address in PRIVATE} == PRIVATE
    assert not any(refusal(address, private=True) for address in PRIVATE)


def test_list_of_endpoints() -> None:
    text = (
        " https://a.example/sparql,http://b.example:8080/q?x=1,2\thttp://[::1]/ http://c.example "
    )
    found = read_endpoints(text + "https://a.example/sparql")
    assert [(e.iri, e.authority, e.target) for e in found] == [
        ("https://a.example/sparql", "a.example", "/sparql"),
        ("http://b.example:8080/q?x=1,2", "b.example:8080", "/q?x=1,2"),
        ("http://[::1]/", "[::1]", "/"),
        ("http://c.example", "c.example", "/"),
    ]
    assert [e.port for e in found] == [443, 8080, 80, 80]
    assert read_endpoints(" , ") == ()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sparql", "does not begin with"),
        ("ftp://a.example/", "does not begin with"),
        ("file:///etc/passwd", "does not begin with"),
        ("http:///sparql", "names no host"),
        ("http://user:pass@a.example/", "user name"),
        ("http://a.example/#x", "fragment"),
        ("http://a.example/é", "percent-encoded"),
        ("http://a.example/'", "percent-encoded"),
        ("http://a.example:99999/", "no URL"),
        ("http://[::1/", "no URL"),
    ],
)
def test_wrong_endpoints(url: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZGRAPH_FEDERATION", f"https://good.example/, {url}, also-wrong")
    with pytest.raises(UsageError, match="TZGRAPH_FEDERATION") as raised:
        from_environment(IsolationSettings)
    assert why in raised.value.message
    assert "'also-wrong'" in raised.value.message
    assert "good" not in raised.value.message


@pytest.mark.skipif(not is_supported(), reason="only Linux calls other endpoints")
@pytest.mark.parametrize("landlock", [True, False])
@pytest.mark.parametrize("endpoint", ["https://x.example/sparql", ""])
def test_a_missing_wall_is_said(
    endpoint: str,
    landlock: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who lists endpoints on a kernel without Landlock learns it from the log."""
    monkeypatch.setenv("TZGRAPH_FEDERATION", endpoint)
    monkeypatch.setattr(server, "can_limit_ports", lambda: landlock)
    server.warn_if_not_sandboxed(from_environment(ServeSettings))
    said = [record.message for record in caplog.records if "Landlock" in record.message]
    assert len(said) == (1 if endpoint and not landlock else 0)


def test_places_are_taken_in_turns() -> None:
    async def go() -> list[str]:
        places, entered = FairSemaphore(2, 3), []

        async def enter(client: str) -> None:
            await places.acquire(client, asyncio.get_running_loop().time() + 5)
            entered.append(client)

        await enter("a")
        await enter("a")
        waiting = [asyncio.ensure_future(enter(client)) for client in ("a", "a", "b")]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusyError, match="TZGRAPH_QUEUE"):
            await enter("c")
        for _ in range(2):
            places.release("a")
            await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(EngineBusyError, match="places"):
            await places.acquire("d", asyncio.get_running_loop().time() + 0.05)
        assert (places.taken, places.waiting) == (2, 0)
        places.release("a")
        places.release("b")
        assert places.taken == 0
        return entered

    assert asyncio.run(go()) == ["a", "a", "b", "a"]


async def ask(endpoint: Endpoint, context: ssl.SSLContext) -> remote.Reply:
    addresses = await remote.addresses_of(endpoint, private=True)
    return await remote.ask(endpoint, addresses, b"ASK {}", "*/*", most=99, context=context)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
@pytest.mark.parametrize(
    ("name", "trusted", "says"),
    [
        ("name.example", True, ""),
        ("name.example", False, "certificate"),
        ("other.example", True, "certificate"),
    ],
)
def test_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool, says: str
) -> None:
    """The name is verified and sent, although it is the address that is connected to."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -keyout key -out cert"
    subject = ["-addext", "subjectAltName=DNS:name.example"]
    subprocess.run([*command.split(), *subject], cwd=tmp_path, check=True, capture_output=True)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    names: list[str | None] = []
    theirs.sni_callback = lambda _socket, asked, _context: names.append(asked)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)

    def serve() -> None:
        try:
            with listening.accept()[0] as plain, theirs.wrap_socket(plain, server_side=True) as one:
                asked = b""
                while not asked.endswith(b"ASK {}"):  # or closing would reset the connection
                    asked += one.recv(65536) or b"ASK {}"
                kind = b"Content-Type: application/sparql-results+json; charset=utf-8"
                one.sendall(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\nContent-Length: 2\r\n\r\n{}")
        except OSError:
            pass  # it was not trusted

    async def resolve(_host: str, _port: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, "127.0.0.1")]

    monkeypatch.setattr(remote, "resolve", resolve)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
    endpoint = read_endpoints(f"https://{name}:{listening.getsockname()[1]}/")[0]
    context = ssl.create_default_context()
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        asked = ask(endpoint, context)
        if says:
            with pytest.raises(RemoteFailedError, match=says):
                asyncio.run(asked)
        else:
            assert asyncio.run(asked).body == b"{}"
    finally:
        thread.join()
        listening.close()
    assert names == [name]
