"""Record what a server answers to a fixed set of raw requests, and compare two recordings.

    python3 -m tools.record_requests record --program .venv/bin/tzgraph --dir build -o before.jsonl
    python3 -m tools.record_requests compare before.jsonl after.jsonl

For whoever moves code of the server: what the two versions send has to be the same, byte for byte,
but for what ``compare`` lists with a reason. Both are asked of the same release, which ``record``
copies for each server that it starts, so that updates don't leak from one to the next. A recording
is a file of JSON lines: the case, what was sent, and each answer as it came; ``show FILE CASE``
prints one. ``record --only wire`` starts one of the servers alone. Only the standard library is
used, so that any Python can ask a server that runs in the environment of another one.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tools.recording.answers import Answer, Exchange, as_text, load, read_answer, save
from tools.recording.cases import Case
from tools.recording.comparing import compared
from tools.recording.servers import servers

__all__ = ["main"]

#: Seconds until a server has to listen, and to send a part of an answer.
_START, _PATIENCE = 60.0, 40.0
#: Seconds in which a server that says that it hangs up does so.
_FAREWELL = 5.0
#: Bytes of a request that are kept in a recording.
_KEPT = 4000
_LISTENING = re.compile(r"http://[0-9.]+:([0-9]+)/")


def ask(case: Case, port: int) -> Exchange:
    """Send a case over a new connection, and take what comes back, whatever it is."""
    answers: list[Answer] = []
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
        stream = connection.makefile("rb")
        for asked in case.pieces:
            tag = (answers[-1].header("etag") or "") if answers else ""
            piece = [request.replace(b"{etag}", tag.encode()) for request in asked]
            # In a thread, as a server may answer before it has read all, and read no more.
            sender = threading.Thread(target=_send, args=(connection, b"".join(piece)), daemon=True)
            sender.start()
            for request in piece:
                answers += _answers_to(request, stream)
            sender.join(_FAREWELL)
        if answers and _says_close(answers[-1]):
            answers[-1] = replace(answers[-1], closed=_is_closed(connection, stream))
    return Exchange(case.name, _kept(b"".join(map(b"".join, case.pieces))), tuple(answers))


def _kept(sent: bytes) -> str:
    """Give what was sent, of much the beginning and a digest."""
    if len(sent) <= _KEPT:
        return as_text(sent)
    return f"{as_text(sent[:_KEPT])}… {len(sent)} bytes, {hashlib.sha256(sent).hexdigest()}"


def _send(connection: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the server hung up; what it said is read elsewhere
        connection.sendall(data)


def _answers_to(request: bytes, stream: BinaryIO) -> Iterator[Answer]:
    """Give the answers to a request: the final one, and interim ones before it."""
    method = as_text(request.partition(b" ")[0])
    while True:
        try:
            answer = read_answer(stream, method)
        except ConnectionError:  # what was not read when it hung up makes the difference
            answer = Answer("hung up without an answer")
        except TimeoutError:
            answer = Answer("no answer in time")
        except (OSError, ValueError) as error:
            answer = Answer(f"broke off: {type(error).__name__}")
        yield answer
        if not answer.status.startswith("HTTP/1.1 1"):
            return


def _says_close(answer: Answer) -> bool:
    said = (answer.header("connection") or "").lower()
    return said == "close" or (answer.status.startswith("HTTP/1.0") and said != "keep-alive")


def _is_closed(connection: socket.socket, stream: BinaryIO) -> bool:
    connection.settimeout(_FAREWELL)
    try:
        return not stream.read(1)
    except ConnectionError:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def serving(program: Sequence[str], release: Path, settings: Mapping[str, str]) -> Iterator[int]:
    """Start a server on a copy of a release, and give its port; it is stopped afterwards.

    :raises SystemExit: if it does not start
    """
    # What the shell sets for other servers must not count here.
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("TZGRAPH_", "PYTHON"))}
    with tempfile.TemporaryDirectory(prefix="tzgraph-recording-") as folder:
        copy, log = Path(folder, "build"), Path(folder, "log")
        shutil.copytree(release, copy, symlinks=True)
        command = [*program, "serve", "--port", "0", "--dir", str(copy)]
        with log.open("wb") as errors:
            process = subprocess.Popen(
                command, stderr=errors, env={**kept, **settings}, start_new_session=True
            )
        try:
            yield _port_of(process, log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # its workers, too
                process.wait()
            tracebacks = log.read_text(errors="replace").count("Traceback")
            print(f"  server ended with {process.returncode}, {tracebacks} tracebacks in its log")


def _port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + _START
    while time.monotonic() < until and process.poll() is None:
        if found := _LISTENING.search(log.read_text(errors="replace")):
            port = int(found[1])
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return port
        time.sleep(0.05)
    raise SystemExit(f"The server does not start:\n{log.read_text(errors='replace')}")


def record(program: Sequence[str], release: Path, only: Sequence[str]) -> Iterator[Exchange]:
    """Ask everything of servers that are started for it, and give the exchanges.

    :param only: names of the servers to start, none for all
    """
    for server in servers():
        if only and server.name not in only:
            continue
        print(f"{server.name}: {len(server.cases)} cases", flush=True)
        with serving(program, release, server.settings) as port:
            for case in server.cases:
                yield ask(replace(case, name=f"{server.name}: {case.name}"), port)


def main(arguments: Sequence[str]) -> int:
    """Run the command; give 0 if recordings say the same, 1 if not."""
    parser = argparse.ArgumentParser(prog="record_requests", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, dest="command")
    one = commands.add_parser("record", help="start servers and write what they answer")
    one.add_argument("--program", default="tzgraph", help="the program tzgraph to start")
    one.add_argument("--dir", type=Path, default=Path("build"), help="folder of the release")
    one.add_argument("-o", "--output", type=Path, required=True, help="file to write")
    names = [server.name for server in servers()]
    one.add_argument("--only", nargs="+", default=[], choices=names, help="servers to start")
    one = commands.add_parser("compare", help="say what differs in two recordings")
    one.add_argument("before", type=Path)
    one.add_argument("after", type=Path)
    one.add_argument("--most", type=int, default=5, help="cases named for each difference")
    one = commands.add_parser("show", help="print what was sent and answered in a case")
    one.add_argument("recording", type=Path)
    one.add_argument("case")
    asked = parser.parse_args(arguments)
    if asked.command == "record":
        began = time.monotonic()
        count = save(record(asked.program.split(), asked.dir, asked.only), asked.output)
        print(f"{count} answers in {time.monotonic() - began:.0f} s, kept in {asked.output}")
    elif asked.command == "compare":
        comparison = compared(load(asked.before), load(asked.after))
        print("\n".join(comparison.report(asked.most)))
        return 1 if comparison.groups else 0
    else:
        print(load(asked.recording)[asked.case])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
