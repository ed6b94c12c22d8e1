"""What the tests of the server share."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

EX = "http://example.org/"


def problem(response: httpx.Response, status: int) -> dict[str, object]:
    """Check that a response is a problem document of that status, and give it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = response.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert str(document["type"]).startswith("https://")
    return document


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Run a server in a thread; give its address."""
    config = uvicorn.Config(
        app, log_level="error", http="h11", h11_max_incomplete_event_size=2_000_000
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as server.py does
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
