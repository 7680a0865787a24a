"""Prefect's global concurrency limits: one crawl a host at a time, and the daily quota of each platform that is read by its API.

A limit is made where it is missing and then left alone: who runs the system may change it on Prefect's page. Without a server nothing is
limited here; a source's own politeness and its lock hold all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import rate_limit
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from crawlers.sources import SourceSpec
from rasoat.errors import RetryLater

A_DAY: Final = 86_400
HELD_SECONDS: Final = 60.0
"""A slot that is not renewed falls after so long: what a killed worker held. Prefect renews it while the worker lives."""
QUOTA_SECONDS: Final = 60.0
"""How long to wait for a quota before the run is tried later."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a platform lets one applicant ask in a day, and the hosts of its API."""

    platform: str
    hosts: frozenset[str]
    a_day: int

    @property
    def name(self) -> str:
        """Of the limit in Prefect."""
        return f"platform:{self.platform}"

    @property
    def at_once(self) -> int:
        """Half a day's quota may be spent at once; the other half flows back over the day, so that no 24 hours see more than the whole."""
        return self.a_day // 2

    @property
    def a_second(self) -> float:
        """How fast it flows back."""
        return self.at_once / A_DAY


QUOTAS: Final = (
    # YouTube Data API v3: 10,000 units a day for a project (developers.google.com/youtube/v3/determine_quota_cost)
    Quota("youtube", frozenset({"youtube.googleapis.com", "www.googleapis.com", "googleapis.com"}), 10_000),
    # TikTok Research API: 1,000 requests a day (developers.tiktok.com/doc/research-api-faq)
    Quota("tiktok", frozenset({"open.tiktokapis.com"}), 1_000),
    # Graph API: 200 calls an hour for each user of the application (developers.facebook.com/docs/graph-api/overview/rate-limiting)
    Quota("facebook", frozenset({"graph.facebook.com"}), 4_800),
)


def hosts_of(spec: SourceSpec) -> tuple[str, ...]:
    """The hosts of a source without `www.`, `*.` and port: two sources that read one of them share its limit."""
    bare = (re.sub(r"(?<=[\w\]]):\d{1,5}$", "", rule.removeprefix("*.")).removeprefix("www.") for rule in spec.hosts)
    return tuple(sorted(set(bare)))


def host_limits(spec: SourceSpec) -> list[str]:
    """Names of the limits that a crawl of this source holds."""
    return [f"host:{host}" for host in hosts_of(spec)]


def quota_of(spec: SourceSpec) -> Quota | None:
    """The quota that a source spends, by the hosts that it asks."""
    asked = set(spec.hosts) | set(hosts_of(spec))
    return next((quota for quota in QUOTAS if quota.hosts & asked), None)


def ensure(client: SyncPrefectClient, specs: Iterable[SourceSpec]) -> None:
    """Make every limit that is missing; one that is there stays as it is, also where somebody changed it."""
    wanted = {name: GlobalConcurrencyLimitCreate(name=name, limit=1) for spec in specs for name in host_limits(spec)}
    for quota in QUOTAS:
        wanted[quota.name] = GlobalConcurrencyLimitCreate(name=quota.name, limit=quota.at_once, slot_decay_per_second=quota.a_second)
    for name, limit in wanted.items():
        try:
            client.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound:
            try:
                client.create_global_concurrency_limit(limit)
            except ObjectAlreadyExists:
                continue  # another machine was faster


def spend(spec: SourceSpec) -> None:
    """Take from the platform's quota what a run of this source may ask at most, before it asks.

    Raises:
        RetryLater: not enough of the quota is left.
    """
    quota = quota_of(spec)
    if quota is None:
        return
    try:
        rate_limit(quota.name, occupy=min(spec.limits.max_pages, quota.at_once), timeout_seconds=QUOTA_SECONDS)
    except TimeoutError as error:
        raise RetryLater(f"the quota of {quota.platform} is spent; it flows back over the day") from error
