"""The stages as Prefect tasks: retried with growing, jittered pauses, each with its table. One task covers a whole stage, never an item.

(A task costs 19 ms.) The stages hold the truth and are idempotent: a retry or a lost worker costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any, Final

from prefect import Task, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import StateType
from prefect.concurrency.sync import concurrency
from prefect.runtime import deployment, flow_run
from prefect.states import Crashed

from crawlers.sources import load_sources
from flows import prefect_limits, prefect_shown
from flows.demo import demo_proxy
from flows.runtime import Runtime, open_runtime
from flows.stages import assess as assess_stage
from flows.stages import assess_workers
from flows.stages import crawl as crawl_stage
from flows.stages import dossiers as dossiers_stage
from flows.stages import project as project_stage
from flows.stages import purge as purge_stage
from flows.stages import report as report_stage
from flows.stages.reconcile import LEFT
from flows.stages.reconcile import reconcile as put_in_order
from rasoat.errors import UsageError
from rasoat.logs import configure
from rasoat.settings import Settings, load_settings

RETRIES: Final = 2
JITTER: Final = 0.5
"""Pauses grow by up to this share at random: what failed together is not tried again together."""


@contextmanager
def _runtime() -> Iterator[Runtime]:
    settings = load_settings()
    configure(settings)
    with open_runtime(settings) as rt:
        yield rt


@task(name="reconcile")
def reconcile(resuming: str) -> None:
    """Repair what a dead worker left: leases, runs in the diary, and runs of the same deployment that Prefect still believes in."""
    with _runtime() as rt:
        done = put_in_order(rt, resuming=resuming)
    prefect_shown.counts("reconciled", {**asdict(done), "ghosts": _end_ghosts()})


def _end_ghosts() -> int:
    """Mark as crashed the other runs of this deployment that seem to run.

    One run at a time may hold the deployment's slot, and this one holds it: theirs fell because nobody renewed it.
    """
    if not deployment.id:
        return 0
    running = FlowRunFilter.model_validate({"deployment_id": {"any_": [deployment.id]}, "state": {"type": {"any_": [StateType.RUNNING]}}})
    with get_client(sync_client=True) as client:
        ghosts = [run for run in client.read_flow_runs(flow_run_filter=running) if str(run.id) != flow_run.id]
        for ghost in ghosts:
            client.set_flow_run_state(ghost.id, Crashed(message=LEFT), force=True)
    return len(ghosts)


@task(name="crawl source", task_run_name="crawl {source}")
def crawl_source(source: str) -> None:
    """Crawl one source in a process of its own; a retry resumes where it stopped. Waits while another crawl is at one of its hosts."""
    settings = load_settings()
    spec = load_sources(settings.data).get(source)
    if spec is None:
        raise UsageError(f"the source '{source}' has no file any more; `rasoat schedule --deploy` removes its deployment")
    prefect_limits.spend(spec)
    with concurrency(prefect_limits.host_limits(spec), lease_duration=prefect_limits.HELD_SECONDS), demo_proxy(settings, [spec]) as proxy:
        try:
            crawl_stage.crawl_in_child(settings, [source], demo_proxy=proxy)
        finally:
            _show_crawl(settings, source)


def _show_crawl(settings: Settings, source: str) -> None:
    with open_runtime(settings) as rt:
        last = rt.store.runs.last(crawl_stage.KIND, source)
    if last is not None:
        prefect_shown.counts("crawled", last.counts or {"ended": 0})


@task(name="assess inbox")
def assess_inbox() -> None:
    """Classify what waits, in as many processes as this machine's settings say; link the cases that were opened meanwhile."""
    with _runtime() as rt:
        began, workers = rt.clock.now(), rt.settings.assess_workers
        done = assess_workers.assess_in_workers(rt, workers) if workers > 1 else assess_stage.assess(rt)
        prefect_shown.counts("assessed", asdict(done))
        prefect_shown.opened_cases(rt, began, done.opened)


@task(name="project to index")
def project_to_index() -> None:
    """Empty the outbox."""
    with _runtime() as rt:
        prefect_shown.counts("indexed", {"changes": project_stage.project(rt)})


@task(name="purge by retention")
def purge_by_retention() -> None:
    """Remove what may no longer be kept."""
    with _runtime() as rt:
        prefect_shown.counts("purged", purge_stage.purge(rt).purged)


@task(name="build dossiers")
def build_dossiers() -> None:
    """Build the packs that a person could seal now. Sealing itself is a person's act: no flow approves, seals or sends."""
    with _runtime() as rt:
        prefect_shown.counts("built", asdict(dossiers_stage.prepare(rt)))
        prefect_shown.cases_to_seal(rt)


@task(name="check dossiers")
def check_dossiers() -> None:
    """Verify every pack, wherever they lie."""
    from rasoat.dossier import Status, verify_bytes

    with _runtime() as rt:
        verdicts = []
        for name, _ in rt.store.packs.all():
            with suppress(FileNotFoundError):  # purged meanwhile
                verdicts.append(verify_bytes(rt.store.packs.read(name)).status)
    prefect_shown.counts("dossiers", {status.value: verdicts.count(status) for status in Status})
    if len(verdicts) != verdicts.count(Status.OK):
        raise RuntimeError("a sealed pack does not verify: run `rasoat doctor --deep`")


@task(name="write report")
def write_report() -> None:
    """The transparency report of the month into the home; written again it is replaced. A person publishes it."""
    with _runtime() as rt:
        made = report_stage.transparency(rt)
        report_stage.write_report(made, rt.settings.home / "reports" / f"{made.at:%Y-%m}")
    prefect_shown.counts("report", {"codes": len(made.rows), "automated decisions": made.automated_decisions})


def run(step: Task[..., None], *arguments: str) -> None:
    """One stage, tried again after a failure: the pause comes from the settings, which are read when it runs."""
    pause = load_settings().retry_seconds
    delays = [float(pause * 2**n) for n in range(RETRIES)]
    jitter: dict[str, Any] = {"retry_jitter_factor": JITTER} if pause else {}  # Prefect divides by the pause
    step.with_options(retries=RETRIES, retry_delay_seconds=delays, **jitter)(*arguments)
