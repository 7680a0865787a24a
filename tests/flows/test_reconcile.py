"""What a dead worker left is put in order: leases, runs that nobody is at; what lives is left alone. Limits and quotas of sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from crawlers.frontier import Frontier
from crawlers.sources import SourceSpec
from flows import prefect_limits, prefect_shown, prefect_steps
from flows.prefect_deploy import worker_environment
from flows.runtime import Runtime
from flows.stages.crawl import resume_or_start
from flows.stages.reconcile import LEFT, Reconciled, reconcile
from rasoat.clock import FixedClock, Ids
from rasoat.settings import Settings
from rasoat.store import open_store


def test_runs_of_the_dead_are_closed_and_those_of_the_living_are_not(settings: Settings, clock: FixedClock, ids: Ids) -> None:
    with open_store(settings, clock=clock, ids=ids) as store:
        rt = Runtime(settings, store, clock, ids)
        dead, alive, mine, import_ = (
            store.runs.start(kind, name) for kind, name in (("crawl", "chet"), ("crawl", "song"), ("crawl", "cua-toi"), ("import", "tep"))
        )
        assert reconcile(rt) == Reconciled()  # a crawl stands in the diary a moment before it holds its lock
        clock.advance(minutes=5)
        with Frontier(settings.crawl_dir, "song"):
            assert reconcile(rt, resuming="cua-toi") == Reconciled(0, 1)
        found = {run.id for run in store.runs.unfinished()}
        assert found == {alive, mine, import_}
        last = store.runs.last("crawl", "chet")
        assert last is not None
        assert (last.id, last.state, last.problem) == (dead, "failed", LEFT)
        assert resume_or_start(rt, "crawl", "cua-toi") == mine
        assert resume_or_start(rt, "crawl", "chet") != dead
        clock.advance(days=2)
        assert reconcile(rt).closed == 4  # the new run of `chet` among them
        assert reconcile(rt) == Reconciled()


def test_sources_that_read_one_host_share_its_limit() -> None:
    one = SourceSpec(name="mot", title="Một", seeds=("https://www.tin.example/",))
    other = SourceSpec.model_validate({"name": "hai", "title": "Hai", "feeds": ["https://tin.example:8443/rss"]})
    assert prefect_limits.host_limits(one) == prefect_limits.host_limits(other) == ["host:tin.example"]
    assert prefect_limits.quota_of(one) is None


def test_a_source_that_asks_a_platform_spends_its_quota() -> None:
    spec = SourceSpec(name="kenh", title="Kênh", seeds=("https://www.googleapis.com/youtube/v3/search",))
    quota = prefect_limits.quota_of(spec)
    assert quota is not None
    assert quota.platform == "youtube"
    for each in prefect_limits.QUOTAS:  # whatever 24 hours one looks at
        assert each.at_once + each.a_second * 86_400 <= each.a_day


def test_links_hold_the_id_of_a_case_and_the_address_of_the_site() -> None:
    away = Settings(site_url="https://ra-soat.example/")
    assert prefect_shown.links(away, ["c-1"], 3) == (
        "- [c-1](https://ra-soat.example/cases/c-1)\n\n3 more in [the queue](https://ra-soat.example/queue)"
    )
    assert prefect_shown.site_address(Settings(port=8100)) == "http://127.0.0.1:8100"


def test_a_worker_hands_on_absolute_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    made = worker_environment(Settings(home=tmp_path, notify_url_file=Path("khoa/bao"), data=Path("du-lieu")))
    assert made["RASOAT_NOTIFY_URL_FILE"] == str(tmp_path / "khoa/bao")
    assert made["RASOAT_DATA"] == str(tmp_path / "du-lieu")


def test_steps_are_tried_again_after_growing_pauses_with_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    class Step:
        def with_options(self, **options: object) -> Callable[[], None]:
            seen.update(options)
            return lambda: None

    monkeypatch.setenv("RASOAT_RETRY_SECONDS", "7")
    prefect_steps.run(cast(Any, Step()))
    assert seen == {"retries": 2, "retry_delay_seconds": [7.0, 14.0], "retry_jitter_factor": 0.5}
