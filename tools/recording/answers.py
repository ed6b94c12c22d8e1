"""Answers of a server: read from a connection, and kept in a recording."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

__all__ = ["Answer", "Exchange", "as_text", "load", "read_answer", "save"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came.

    :ivar status: the status line, or what happened in its place
    :ivar headers: names and values in their order
    :ivar body: in UTF-8, other bytes as lone surrogates, so that nothing is lost
    :ivar end: what says where the body ends: ``length``, ``chunks``, ``close``, ``none``, or
        ``cut`` where it ended too early
    :ivar closed: whether the server hung up; ``None`` where it did not say that it would
    """

    status: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    end: str = "none"
    closed: bool | None = None

    def header(self, name: str) -> str | None:
        """Give the value of a header, ``None`` if there is none."""
        return next((v for n, v in self.headers if n.lower() == name), None)

    def __str__(self) -> str:
        """Give it as it came, but for the end of lines."""
        lines = [self.status, *(f"{name}: {value}" for name, value in self.headers), "", self.body]
        return "\n".join(lines).encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A case, what was sent for it, and what came back."""

    case: str
    sent: str
    answers: tuple[Answer, ...]

    def __str__(self) -> str:
        """Give what was sent and what was answered."""
        sent = self.sent.encode("utf-8", "backslashreplace").decode()
        return "\n".join([f"--- {self.case}", sent, *(f"---\n{one}" for one in self.answers)])


def as_text(data: bytes) -> str:
    """Give bytes as text from which they can be made again."""
    return data.decode("utf-8", "surrogateescape")


def read_answer(stream: BinaryIO, method: str) -> Answer:
    """Read one answer from a connection.

    :param method: that of the request, as an answer to HEAD has no body
    """
    line = stream.readline()
    if not line:
        return Answer("hung up without an answer")
    headers: list[tuple[str, str]] = []
    while (header := stream.readline()) not in (b"\r\n", b"\n", b""):
        name, _, value = as_text(header).rstrip("\r\n").partition(":")
        headers.append((name, value.removeprefix(" ")))
    answer = Answer(as_text(line).rstrip("\r\n"), tuple(headers))
    status = answer.status.split(" ")[1:2]
    if method == "HEAD" or status in (["204"], ["304"]) or status < ["200"]:
        return answer
    if (answer.header("transfer-encoding") or "").lower() == "chunked":
        body, end = _read_chunks(stream)
    elif (length := answer.header("content-length")) is not None:
        body = stream.read(int(length))
        end = "length" if len(body) == int(length) else "cut"
    else:
        body, end = stream.read(), "close"
    return replace(answer, body=as_text(body), end=end)


def _read_chunks(stream: BinaryIO) -> tuple[bytes, str]:
    """Read a body in chunks; where they begin depends on timing, so it is not kept."""
    body = bytearray()
    while (line := stream.readline()).strip():
        size = int(line.split(b";")[0], 16)
        data = stream.read(size + 2)
        if len(data) < size + 2:
            return bytes(body) + data, "cut"
        if size == 0:
            return bytes(body), "chunks"
        body += data[:-2]
    return bytes(body), "cut"


def save(exchanges: Iterable[Exchange], path: Path) -> int:
    """Write a recording: a line of JSON for each exchange.

    :return: number of answers
    """
    count = 0
    with path.open("w", encoding="ascii") as lines:
        for exchange in exchanges:
            lines.write(json.dumps(asdict(exchange)) + "\n")
            count += len(exchange.answers)
    return count


def load(path: Path) -> dict[str, Exchange]:
    """Read a recording: exchanges by the name of the case."""
    found = {}
    with path.open(encoding="ascii") as lines:
        for data in map(json.loads, lines):
            answers = tuple(
                Answer(**{**answer, "headers": tuple((n, v) for n, v in answer["headers"])})
                for answer in data["answers"]
            )
            found[data["case"]] = Exchange(data["case"], data["sent"], answers)
    return found
