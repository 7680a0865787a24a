"""What Prometheus reads: measurements of the store as metric families, and the rule who may read them.

Labels hold states, harm codes, stages, names of sources from files and kinds of errors: closed or short lists. Never a person, an
address, a text, or the name of an imported file.
"""

from __future__ import annotations

import hmac
import ipaddress
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from rasoat import __version__
from rasoat.errors import RasoatError
from rasoat.health import Health, SourceHealth
from rasoat.store.measuring import Measurement

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
FRESH_SECONDS: Final = 10.0
"""A reading is good for so long, whoever asks how often: Prometheus asks every 15 s to a minute."""
STAGES: Final = {
    "pages": "fetched",
    "captures": "captured",
    "items": "taken_in",
    "assessed": "assessed",
    "flagged": "flagged",
    "dropped": "dropped",
    "cases": "opened",
    "sealed": "sealed",
}
"""Counts of the store that only grow, by the stage that makes them."""
BEARER: Final = "Bearer "
PROXY_HEADERS: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""With one of these a request was passed on by a proxy: then its address says nothing about where it comes from."""


class Watch:
    """One reading of the store for whoever asks, good for `FRESH_SECONDS`; several who ask at once share it. For threads."""

    def __init__(self, measure: Callable[[], Measurement], clock: Callable[[], float] = time.monotonic) -> None:
        self._measure, self._clock = measure, clock
        self._turn = threading.Lock()
        self._read: tuple[float, Measurement] | None = None

    def read(self) -> Measurement:
        """The newest reading, or a new one."""
        with self._turn:
            if self._read is None or self._clock() - self._read[0] >= FRESH_SECONDS:
                self._read = (self._clock(), self._measure())
            return self._read[1]


class StoreCollector(Collector):
    """Reads the store when asked. A store that does not answer is a metric too: `rasoat_store_up 0`."""

    def __init__(self, watch: Watch, sources: Callable[[Measurement], Sequence[SourceHealth]]) -> None:
        self._watch, self._sources = watch, sources

    def collect(self) -> Iterator[Metric]:
        """All families."""
        try:
            read = self._watch.read()
            sources = self._sources(read)
        except RasoatError:
            yield _gauge("store_up", "Whether the store answers.", 0)
            return
        yield _gauge("store_up", "Whether the store answers.", 1)
        for families in (_queue(read), _stages(read), _index(read), _requests(read), _runs(read), _source_families(sources)):
            yield from families

    def describe(self) -> Iterator[Metric]:
        """Nothing is read when it is registered."""
        return iter(())


class Meters:
    """One registry a process: the store, and what this process counts itself."""

    def __init__(self, collector: StoreCollector) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(collector)
        self._failures = Counter(
            "rasoat_page_failures", "Requests that ended in an unforeseen error, by its kind.", ["kind"], registry=self.registry
        )
        info = GaugeMetricFamily("rasoat_build_info", "The running version.", labels=["version"])
        info.add_metric([__version__], 1)
        self.registry.register(_Fixed(info))

    def failed(self, error: Exception) -> None:
        """An unforeseen error: its class, never its words."""
        self._failures.labels(kind=type(error).__name__).inc()

    def text(self) -> bytes:
        """In the form of Prometheus."""
        return generate_latest(self.registry)


class _Fixed(Collector):
    """A family that never changes."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        """That one."""
        yield self._family


def may_read(token: str, *, authorization: str, peer: str, forwarded: bool) -> bool:
    """Whether this request may read the metrics: with the token where one is configured, else from this machine alone.

    A request that came through a proxy is not from this machine, whatever its address says.
    """
    if token:
        given = authorization.removeprefix(BEARER) if authorization.startswith(BEARER) else ""
        return hmac.compare_digest(given.encode(), token.encode())
    return not forwarded and is_loopback(peer)


def is_loopback(peer: str) -> bool:
    """Whether an address is of this machine."""
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"rasoat_{name}", about, value=value)


def _queue(read: Measurement) -> Iterator[Metric]:
    depth = GaugeMetricFamily("rasoat_queue_cases", "Cases that are not closed.", labels=["state", "harm"])
    age = GaugeMetricFamily("rasoat_queue_oldest_seconds", "How long the oldest has been in this state.", labels=["state", "harm"])
    for (state, harm), backlog in sorted(read.queue.items()):
        depth.add_metric([state.value, harm.value], backlog.waiting)
        age.add_metric([state.value, harm.value], backlog.age(read.at))
    yield depth
    yield age
    yield _gauge("inbox_items", "Items that wait for assessment.", read.inbox.waiting)
    yield _gauge("inbox_oldest_seconds", "How long the oldest of them has waited.", read.inbox.age(read.at))


def _stages(read: Measurement) -> Iterator[Metric]:
    done = CounterMetricFamily("rasoat_stage_items", "What each stage has done since the store was made.", labels=["stage"])
    for name, stage in STAGES.items():
        done.add_metric([stage], read.totals[name])
    yield done
    aside = GaugeMetricFamily("rasoat_set_aside", "What a stage could not take, by stage: for a person to look at.", labels=["stage"])
    aside.add_metric(["assess"], read.totals["quarantined"])
    aside.add_metric(["import"], read.totals["unmapped"])
    yield aside


def _index(read: Measurement) -> Iterator[Metric]:
    yield _gauge("index_lag_changes", "Changes that the search index does not show yet.", read.index.waiting)
    yield _gauge("index_lag_seconds", "How old the oldest of them is.", read.index.age(read.at))
    yield _gauge("index_dead_letters", "Items that the search index refuses for good.", read.totals["dead_letters"])


def _requests(read: Measurement) -> Iterator[Metric]:
    open_, overdue = read.requests.open, read.requests.overdue
    yield _gauge("subject_requests_open", "Requests of people whose posts are kept that wait for their answer.", open_)
    yield _gauge("subject_requests_overdue", "Those of them whose last day is over.", overdue)


def _runs(read: Measurement) -> Iterator[Metric]:
    ended = CounterMetricFamily("rasoat_runs", "Runs by stage and by how they ended.", labels=["stage", "state"])
    counted: dict[tuple[str, str], int] = {}
    for runs in read.runs:  # over all sources: the source of an import is the name of somebody's file
        for state, n in runs.ended.items():
            counted[runs.kind, state] = counted.get((runs.kind, state), 0) + n
    for (kind, state), n in sorted(counted.items()):
        ended.add_metric([kind, state], n)
    yield ended


def _source_families(sources: Sequence[SourceHealth]) -> Iterator[Metric]:
    label = ["source"]
    healthy = GaugeMetricFamily("rasoat_source_health", "1 for the word that fits.", labels=[*label, "health"])
    last = GaugeMetricFamily("rasoat_source_last_run_timestamp_seconds", "When its last run began.", labels=label)
    success = GaugeMetricFamily("rasoat_source_last_success_timestamp_seconds", "When its last good run ended.", labels=label)
    items = GaugeMetricFamily("rasoat_source_items", "Items of the last run.", labels=label)
    least = GaugeMetricFamily("rasoat_source_items_asserted", "The least that its file asserts.", labels=label)
    shares = GaugeMetricFamily("rasoat_source_share", "Share of the last run's items that have it.", labels=[*label, "what"])
    wanted = GaugeMetricFamily("rasoat_source_share_asserted", "The least that its file asserts.", labels=[*label, "what"])
    errors = GaugeMetricFamily("rasoat_source_errors", "Errors of the last run by kind.", labels=[*label, "kind"])
    for source in sources:
        name = source.plan.name
        for word in Health:
            healthy.add_metric([name, word.value], float(source.health is word))
        if source.last_run:
            last.add_metric([name], source.last_run.timestamp())
        if source.last_success:
            success.add_metric([name], source.last_success.timestamp())
        least.add_metric([name], source.plan.min_items)
        for what, asserted in (("text", source.plan.min_share_with_text), ("date", source.plan.min_share_with_date)):
            wanted.add_metric([name, what], asserted)
        if source.came:
            items.add_metric([name], source.came.items)
            for what, came in (("text", source.came.share_with_text), ("date", source.came.share_with_date)):
                if came is not None:
                    shares.add_metric([name, what], came)
        for kind, n in source.errors.items():
            errors.add_metric([name, kind], n)
    yield from (healthy, last, success, items, least, shares, wanted, errors)
