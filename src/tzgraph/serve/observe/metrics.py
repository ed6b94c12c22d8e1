"""Metrics in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from tzgraph.release import Release
from tzgraph.serve.engine.base import EngineStatus
from tzgraph.serve.engine.cache import Cache
from tzgraph.serve.updates import Writer

__all__ = ["CONTENT_TYPE", "Metrics", "render"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Upper bounds of the histogram's buckets, in seconds.
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


def _durations() -> Histogram:
    return Histogram(
        "tzgraph_request_duration_seconds",
        "Time to the end of an answer, by route and outcome.",
        ("route", "outcome"),
        buckets=_BOUNDS,
        registry=None,
    )


@dataclass(slots=True)
class Metrics:
    """What is counted while the server runs.

    :ivar running: requests that are being answered
    :ivar sent: bytes of bodies, by route
    :ivar kills: workers killed by cause, of engines that are closed
    :ivar switches: new releases, by what came of them
    :ivar durations: seconds that requests took, by route and outcome
    """

    running: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    switches: Counter[str] = field(default_factory=Counter)
    durations: Histogram = field(default_factory=_durations)

    def observe(self, route: str, outcome: str, seconds: float, size: int) -> None:
        """Count a request that was answered."""
        self.durations.labels(route, outcome).observe(seconds)
        self.sent[route] += size


class _Families(Collector):
    """Metrics whose values are known already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def render(
    metrics: Metrics,
    engine: EngineStatus,
    cache: Cache,
    release: Release,
    triples: int | None,
    dropped: int,
    writer: Writer | None = None,
    *,
    fallback: bool = False,
) -> bytes:
    """Give all metrics.

    :param engine: how the engine is now
    :param release: the state that is served
    :param triples: how many its default view has, ``None`` as long as nobody knows
    :param fallback: whether it is served in place of another release, which is refused
    :param dropped: lines of logs that could not be written
    :param writer: what carries out updates, ``None`` where they are off
    """
    busy = {"busy": engine.busy, "idle": engine.workers - engine.busy}
    kills = Counter(engine.kills) + metrics.kills
    switches = {"done": 0, "refused": 0, **metrics.switches}
    manifest = release.manifest
    served = InfoMetricFamily("tzgraph_release", "The release that is served.")
    served.add_metric((), {"release": manifest.id, "version": manifest.version})
    counted = _gauge("release_triples", "Triples of the default view, as served.", triples or 0)
    families = [
        *_without_times(metrics.durations.collect()),
        _gauge("requests_running", "Requests being answered.", metrics.running),
        _counter("sent_bytes", "Bytes of bodies sent.", metrics.sent, "route"),
        _gauge("workers", "Workers that evaluate queries, by state.", busy, "state"),
        _counter("worker_kills", "Workers killed, by cause.", kills, "cause"),
        _gauge("queue_length", "Queries that wait for a worker.", engine.waiting),
        _counter("cache_hits", "Results from the cache.", cache.hits, "layer"),
        _counter("cache_misses", "Results not found there.", cache.misses, "layer"),
        _counter("cache_evictions", "Results given up for room.", cache.evicted),
        _gauge("cache_bytes", "Bytes that the cache holds.", cache.bytes),
        _gauge("cache_entries", "Results that the cache holds.", len(cache)),
        _counter("release_switches", "New releases, by what came of them.", switches, "outcome"),
        _gauge("graph_in_memory", "1: read from memory; 0: from disk.", engine.in_memory),
        served,
        _gauge("release_fallback", "1: in place of a release that is refused.", fallback),
        *([counted] if triples is not None else ()),
        _counter("log_lines_dropped", "Lines that nobody read.", dropped),
        *(_writes(writer) if writer is not None else ()),
    ]
    registry = CollectorRegistry()
    registry.register(_Families(families))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _writes(writer: Writer) -> Iterator[Metric]:
    """Give what is counted of updates and of writes to graphs."""
    yield _counter("updates", "Updates and writes, by outcome.", writer.outcomes, "outcome")
    yield _counter("updates_seconds", "Seconds that they took, with waiting.", writer.seconds)
    yield _gauge("updates_waiting", "Updates that wait.", writer.waiting)
    yield _counter("writer_kills", "Writers killed, by cause.", writer.kills, "cause")


def _without_times(families: Iterable[Metric]) -> Iterator[Metric]:
    """Leave out when each series began, which would be one more line for each."""
    for family in families:
        family.samples = [s for s in family.samples if not s.name.endswith("_created")]
        yield family


def _family(
    kind: type[CounterMetricFamily | GaugeMetricFamily],
    name: str,
    text: str,
    value: float | Mapping[str, int],
    label: str = "",
) -> Metric:
    """Give a metric that has one value, or one for each value of a label."""
    family = kind(f"tzgraph_{name}", text, labels=[label] if label else [])
    for key, number in sorted(value.items()) if isinstance(value, Mapping) else [("", value)]:
        family.add_metric([key] if label else [], number)
    return family


_counter, _gauge = partial(_family, CounterMetricFamily), partial(_family, GaugeMetricFamily)
