"""Run the server: open or build a release, and listen."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tzgraph.errors import (
    DamagedUpdatesError,
    InputUnreadableError,
    NoReleaseError,
    TzgraphError,
    UsageError,
)
from tzgraph.query.library import QueryFile
from tzgraph.query.run import check_queries
from tzgraph.release import Progress, Release, open_release
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.reader import last_whole
from tzgraph.serve.app import create_app
from tzgraph.serve.engine.ending import ServerFailedError, reason
from tzgraph.serve.isolation import fits_in_memory, is_supported
from tzgraph.serve.isolation.confine import can_limit_ports
from tzgraph.serve.observe.logs import LineWriter, MessageHandler
from tzgraph.serve.settings import ServeSettings
from tzgraph.serve.transport.http import HttpProtocol
from tzgraph.settings import from_environment

__all__ = ["is_loopback", "serve"]

_LOG = logging.getLogger(__name__)

#: Files that the server opens at most, and those of them that clients can't take away: without
#: some left no worker can be replaced.
_FILES = 65_536
_OWN_FILES = 200


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def serve(
    directory: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    settings: ServeSettings | None = None,
    report: Callable[[str], None] = lambda _: None,
    progress: Callable[[Progress], None] = lambda _: None,
    library: Mapping[str, QueryFile] | None = None,
) -> None:
    """Serve a release until the process is told to stop; build it first if there is none.

    :param directory: release folder
    :param host: address to listen on
    :param port: port to listen on, 0 for any that is free
    :param settings: by default those of the environment
    :param report: takes lines for people
    :param progress: is told when a stage of a build begins and ends
    :param library: queries, by default those that ship
    :raises InputUnreadableError: if a query of the library can't be parsed
    :raises UsageError: if a setting is wrong, the address can't be listened on, or
        updates could not be kept
    :raises ServerFailedError: if it could not start, or can't go on
    """
    limits = settings or from_environment(ServeSettings)
    # A port that is taken is told before a build, which takes its time.
    with contextlib.closing(_bound(host, port)) as listening:
        _serve_on(
            listening, directory, host, limits, report=report, progress=progress, library=library
        )


def _serve_on(
    listening: socket.socket,
    directory: Path,
    host: str,
    limits: ServeSettings,
    *,
    report: Callable[[str], None],
    progress: Callable[[Progress], None],
    library: Mapping[str, QueryFile] | None,
) -> None:
    """Serve on a socket that is bound; see :func:`serve`."""
    import uvicorn

    release, refused = _release(directory, report, progress)
    if library is not None:
        check_queries(library, release.manifest.prefixes)
    if limits.writes.enabled:
        demand_room_for_updates(directory)
    writer = LineWriter(sys.stderr)
    app = create_app(
        release,
        settings=limits,
        directory=directory,
        log=writer,
        refused=refused,
        library=library,
    )

    class Protocol(HttpProtocol):
        timeout_s = limits.request_timeout_s

    config = uvicorn.Config(
        app,
        host=host,
        port=listening.getsockname()[1],
        log_level="warning",
        access_log=False,
        server_header=False,
        http=Protocol,
        ws="none",
        timeout_graceful_shutdown=math.ceil(limits.shutdown_timeout_s),
        limit_concurrency=_connections(),
    )
    # Connections inherit it. asyncio sets it only where it has made the socket; without it head
    # and body of an answer are 40 ms apart.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    shown = f"[{host}]" if ":" in host else host
    built = " as built" if release.state else ""
    report(f"{release.manifest.triples} triples{built}, release {release.id}")
    if not is_supported():
        report("Queries run in threads, without limits: only Linux can isolate them.")
        if limits.queries.federation.endpoints:
            report("TZGRAPH_FEDERATION has no effect here: SERVICE is refused.")
    elif not fits_in_memory(release, limits.queries.graph_memory_mb):
        report("The graph is read from disk: it is over TZGRAPH_MEMORY_BUDGET.")
    report(f"http://{shown}:{listening.getsockname()[1]}/ (stop with Ctrl+C)")
    with _messages_to(writer), _exit_on_sigterm():
        warn_if_not_sandboxed(limits)
        server = uvicorn.Server(config)
        server.run(sockets=[listening])
        if not server.started:
            raise ServerFailedError("The server could not start.", "The lines above say why.")


def demand_room_for_updates(directory: Path) -> None:
    """Refuse to take updates where they can't be kept, rather than fail on each of them.

    :param directory: release folder
    :raises UsageError: if it can't be written to
    """
    folder = ReleaseLayout(directory).updates
    try:
        folder.mkdir(exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    except OSError as error:
        raise UsageError(
            f"Updates can't be kept in {folder}: {error.strerror}.",
            "Let the server's user write there, or serve without TZGRAPH_TOKEN.",
        ) from error


def warn_if_not_sandboxed(settings: ServeSettings) -> None:
    """Say in the log what this kernel can't do to confine queries."""
    if settings.queries.federation.endpoints and is_supported() and not can_limit_ports():
        _LOG.warning(
            "Landlock for networks is missing (Linux 6.7, switched on): queries that call the "
            "endpoints of TZGRAPH_FEDERATION can only be kept to TCP over IPv4, not to the relay. "
            "Put a firewall around the server."
        )


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """Have SIGTERM raise SystemExit: uvicorn sends it again when all is done, and it would kill.

    :raises ServerFailedError: if it was the server itself that sent it
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(*_: object) -> None:
        if why := reason():
            raise ServerFailedError(f"The server gave up: {why}.", "Its log says more.")
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _messages_to(writer: LineWriter) -> Iterator[None]:
    """Write what the server's modules log as lines, until the server ends."""
    logger, handler = logging.getLogger("tzgraph"), MessageHandler(writer)
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]
        writer.close()


def _connections() -> int | None:
    """Allow this process as many open files as it may have, and give how many can be clients'."""
    if not is_supported():
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    files = _FILES if soft == resource.RLIM_INFINITY else soft
    return max(files - _OWN_FILES, files // 2)


def _bound(host: str, port: int) -> socket.socket:
    """Give a socket that has the address; it takes no connection before the server listens.

    :raises UsageError: if the address can't be had
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host.strip("[]"), port))
    except OSError as error:
        bound.close()
        why = error.strerror or str(error)
        taken = error.errno == errno.EADDRINUSE
        raise UsageError(
            f"Can't listen on {host}:{port}: {why}.",
            "Choose another --port, or 0 for any that is free." if taken else "Choose another.",
        ) from error
    return bound


def _release(
    directory: Path, report: Callable[[str], None], progress: Callable[[Progress], None]
) -> tuple[Release, str]:
    """Open the current release, read in full; if it is damaged, the last one that is whole.

    :return: the release, and the code of what is wrong with the current one if it is another
    :raises DamagedUpdatesError: if what updates made of it is damaged, as an older release lacks it
    :raises InputUnreadableError: if no release is whole
    """
    name = ""
    try:
        name = ReleaseLayout(directory).current_id() or ""
        release = open_release(directory)
        release.demand_whole(whole=True)
        return release, ""
    except DamagedUpdatesError:
        raise
    except NoReleaseError as error:
        if not name and not any(ReleaseLayout(directory).releases.glob("*/manifest.json")):
            return _build(directory, report, progress), ""
        broken: TzgraphError = error
    except InputUnreadableError as error:
        broken = error
    older = last_whole(directory, besides=name)
    if older is None:
        raise broken
    report(f"warning: {broken}")
    report(f"Release {older.id} is served in its place, the last one in {directory} that is whole.")
    return older, broken.code


def _build(
    directory: Path, report: Callable[[str], None], progress: Callable[[Progress], None]
) -> Release:
    from tzgraph.release import build_release

    report(f"There is no built graph in {directory}: building it.")
    return build_release(directory, report=progress)
