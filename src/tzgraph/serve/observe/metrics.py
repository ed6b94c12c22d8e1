"""Metrics in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/. A histogram and some counts are all
that is needed, so they are written here; prometheus_client would bring registries, collectors and a
server of its own for as many lines.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tzgraph.release import Manifest
from tzgraph.serve.engine.base import EngineStatus
from tzgraph.serve.engine.cache import Cache
from tzgraph.serve.updates import Writer

__all__ = ["CONTENT_TYPE", "Metrics", "render"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Upper bounds of the histogram's buckets, in seconds.
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@dataclass(slots=True)
class _Times:
    buckets: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    total: float = 0.0


@dataclass(slots=True)
class Metrics:
    """What is counted while the server runs.

    :ivar running: requests that are being answered
    :ivar sent: bytes of bodies, by route
    :ivar kills: workers killed by cause, of engines that are closed
    :ivar switches: new releases, by what came of them
    """

    running: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    switches: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.time)
    _times: dict[tuple[str, str], _Times] = field(default_factory=dict)

    def observe(self, route: str, outcome: str, seconds: float, size: int) -> None:
        """Count a request that was answered."""
        times = self._times.get((route, outcome))
        if times is None:
            times = self._times[route, outcome] = _Times()
        times.buckets[bisect_left(_BOUNDS, seconds)] += 1
        times.total += seconds
        self.sent[route] += size

    def latencies(self) -> Iterator[str]:
        """Give the histogram's lines."""
        name = "tzgraph_request_duration_seconds"
        yield from _head(name, "histogram", "Time to the end of an answer, by route and outcome.")
        for (route, outcome), times in sorted(self._times.items()):
            labels = {"route": route, "outcome": outcome}
            count = 0
            for bound, number in zip((*_BOUNDS, "+Inf"), times.buckets, strict=True):
                count += number
                yield _line(f"{name}_bucket", {**labels, "le": str(bound)}, count)
            yield _line(f"{name}_sum", labels, times.total)
            yield _line(f"{name}_count", labels, count)


def render(
    metrics: Metrics,
    engine: EngineStatus,
    cache: Cache,
    manifest: Manifest,
    dropped: int,
    writer: Writer | None = None,
) -> str:
    """Give all metrics.

    :param engine: how the engine is now
    :param dropped: lines of logs that could not be written
    :param writer: what carries out updates, ``None`` where they are off
    """
    kills = Counter(engine.kills) + metrics.kills
    lines = [
        *metrics.latencies(),
        *_metric("requests_running", "gauge", "Requests being answered.", metrics.running),
        *_by("sent_bytes_total", "counter", "Bytes of bodies sent.", "route", metrics.sent),
        *_by(
            "workers",
            "gauge",
            "Workers that evaluate queries, by state.",
            "state",
            {"busy": engine.busy, "idle": engine.workers - engine.busy},
        ),
        *_by("worker_kills_total", "counter", "Workers killed, by cause.", "cause", kills),
        *_metric("queue_length", "gauge", "Queries that wait for a worker.", engine.waiting),
        *_by("cache_hits_total", "counter", "Results from the cache.", "layer", cache.hits),
        *_by("cache_misses_total", "counter", "Results not found there.", "layer", cache.misses),
        *_metric("cache_evictions_total", "counter", "Results given up for room.", cache.evicted),
        *_metric("cache_bytes", "gauge", "Bytes that the cache holds.", cache.bytes),
        *_metric("cache_entries", "gauge", "Results that the cache holds.", len(cache)),
        *_by(
            "release_switches_total",
            "counter",
            "New releases, by what came of them.",
            "outcome",
            {"done": 0, "refused": 0, **metrics.switches},
        ),
        *_metric(
            "graph_in_memory", "gauge", "1: read from memory; 0: from disk.", int(engine.in_memory)
        ),
        *_head("tzgraph_release_info", "gauge", "The release that is served."),
        _line("tzgraph_release_info", {"release": manifest.id, "version": manifest.version}, 1),
        *_metric("release_triples", "gauge", "Triples of the default view.", manifest.triples),
        *_metric("log_lines_dropped_total", "counter", "Lines that nobody read.", dropped),
        *(_writes(writer) if writer is not None else ()),
        *_process(metrics),
    ]
    return "\n".join(lines) + "\n"


def _writes(writer: Writer) -> Iterator[str]:
    """Give what is counted of updates and of writes to graphs."""
    yield from _by(
        "updates_total", "counter", "Updates and writes, by outcome.", "outcome", writer.outcomes
    )
    yield from _metric(
        "updates_seconds_total", "counter", "Seconds that they took, with waiting.", writer.seconds
    )
    yield from _metric("updates_waiting", "gauge", "Updates that wait.", writer.waiting)
    yield from _by(
        "writer_kills_total", "counter", "Writers killed, by cause.", "cause", writer.kills
    )


def _process(metrics: Metrics) -> Iterator[str]:
    """Give the usual metrics of the server's own process, where the system tells them."""
    yield from _head("process_start_time_seconds", "gauge", "When the server started.")
    yield _line("process_start_time_seconds", {}, metrics.started)
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        files = sum(1 for _ in Path("/proc/self/fd").iterdir())
        yield from _head("process_resident_memory_bytes", "gauge", "Memory of the server process.")
        yield _line("process_resident_memory_bytes", {}, pages * 4096)
        yield from _head("process_open_fds", "gauge", "Open files of the server process.")
        yield _line("process_open_fds", {}, files)


def _metric(name: str, kind: str, text: str, value: float) -> Iterator[str]:
    yield from _head(f"tzgraph_{name}", kind, text)
    yield _line(f"tzgraph_{name}", {}, value)


def _by(name: str, kind: str, text: str, label: str, values: Mapping[str, int]) -> Iterator[str]:
    yield from _head(f"tzgraph_{name}", kind, text)
    for key, value in sorted(values.items()):
        yield _line(f"tzgraph_{name}", {label: key}, value)


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    """Give a line.

    >>> _line("x_total", {"a": "b"}, 1)
    'x_total{a="b"} 1'
    """
    written = ",".join(f'{key}="{text.translate(_ESCAPES)}"' for key, text in labels.items())
    return f"{name}{{{written}}} {value}" if labels else f"{name} {value}"
