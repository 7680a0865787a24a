"""Prefect 3 flows around the stages: when they run, again after a failure, and how each went, in Prefect's own page.

The stages hold the truth: each is idempotent, so a retry or a lost worker costs time and nothing else. One Prefect task
covers a whole stage of a source, never an item (a task costs 19 ms).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from prefect import Task, flow, get_run_logger, task
from prefect import serve as serve_deployments
from prefect.artifacts import create_table_artifact

from crawlers.sources import SourceSpec, load_sources
from flows.demo import demo_proxy
from flows.runtime import Runtime, open_runtime
from flows.stages import assess as assess_stage
from flows.stages import crawl as crawl_stage
from flows.stages import dossiers as dossiers_stage
from flows.stages import project as project_stage
from flows.stages import purge as purge_stage
from rasoat.logs import configure
from rasoat.settings import Settings, load_settings

RETRIES: Final = 2
ASSESS_CRON: Final = "*/10 * * * *"
PROJECT_CRON: Final = "*/5 * * * *"
DOSSIERS_CRON: Final = "15 * * * *"
PURGE_CRON: Final = "30 2 * * *"  # at night; WORKFLOW §7 asks for once a day


@contextmanager
def _runtime() -> Iterator[Runtime]:
    settings = load_settings()
    configure(settings)
    with open_runtime(settings) as rt:
        yield rt


def _show(key: str, counts: dict[str, Any]) -> None:
    get_run_logger().info("%s: %s", key, counts)
    create_table_artifact(key=key, table=[{"what": name, "how many": number} for name, number in counts.items()])


@task(name="crawl source", task_run_name="crawl {source}")
def crawl_source(source: str) -> None:
    """Crawl one source in a process of its own; a retry resumes where it stopped."""
    settings = load_settings()
    with demo_proxy(settings, [load_sources(settings.data)[source]]) as proxy:
        crawl_stage.crawl_in_child(settings, [source], demo_proxy=proxy)


@task(name="assess inbox")
def assess_inbox() -> None:
    """Classify what waits."""
    with _runtime() as rt:
        _show("assessed", asdict(assess_stage.assess(rt)))


@task(name="project to index")
def project_to_index() -> None:
    """Empty the outbox."""
    with _runtime() as rt:
        _show("indexed", {"changes": project_stage.project(rt)})


@task(name="purge by retention")
def purge_by_retention() -> None:
    """Remove what may no longer be kept."""
    with _runtime() as rt:
        _show("purged", purge_stage.purge(rt).purged)


@task(name="build dossiers")
def build_dossiers() -> None:
    """Build the packs that a person could seal now. Sealing itself is a person's act: no flow approves, seals or sends."""
    with _runtime() as rt:
        _show("built", asdict(dossiers_stage.prepare(rt)))


@task(name="check dossiers")
def check_dossiers() -> None:
    """Verify every pack on disk."""
    from rasoat.dossier import Status, verify_pack

    with _runtime() as rt:
        packs = sorted(rt.settings.dossier_dir.glob("*.zip"))
        verdicts = [verify_pack(pack).status for pack in packs]
    _show("dossiers", {status.value: verdicts.count(status) for status in Status})
    if len(packs) != verdicts.count(Status.OK):
        raise RuntimeError("a sealed pack on disk does not verify: run `rasoat doctor`")


def _run(step: Task[..., None], *arguments: str) -> None:
    """One stage, tried again after a failure: the pause comes from the settings, which are read when it runs."""
    pause = load_settings().retry_seconds
    step.with_options(retries=RETRIES, retry_delay_seconds=[pause * 2**n for n in range(RETRIES)])(*arguments)


@flow(name="collect", flow_run_name="collect {source}")
def collect(source: str) -> None:
    """Crawl one source, then assess and project what came."""
    _run(crawl_source, source)
    _run(assess_inbox)
    _run(project_to_index)


@flow(name="assess")
def assess() -> None:
    """Assess what importers and crawlers left, then project."""
    _run(assess_inbox)
    _run(project_to_index)


@flow(name="project")
def project() -> None:
    """Bring the index up to date with what reviewers did."""
    _run(project_to_index)


@flow(name="dossiers")
def dossiers() -> None:
    """Build what could be sealed, verify what is on disk."""
    _run(build_dossiers)
    _run(check_dossiers)


@flow(name="purge")
def purge() -> None:
    """Retention, daily."""
    _run(purge_by_retention)


JOBS: Final[dict[str, tuple[Callable[[], None], str]]] = {
    "assess": (assess, ASSESS_CRON),
    "project": (project, PROJECT_CRON),
    "dossiers": (dossiers, DOSSIERS_CRON),
    "purge": (purge, PURGE_CRON),
}


def scheduled_sources(settings: Settings) -> list[SourceSpec]:
    """Sources that name a cron."""
    return [spec for spec in load_sources(settings.data).values() if spec.schedule]


def timetable(settings: Settings) -> list[str]:
    """One line for each deployment: cron and name."""
    lines = [f"{cron:<16} {name}" for name, (_, cron) in JOBS.items()]
    return lines + [f"{spec.schedule:<16} collect {spec.name}" for spec in scheduled_sources(settings)]


def serve() -> None:
    """Serve every deployment until Ctrl-C. One run of each at a time: a source is never crawled twice at once."""
    settings = load_settings()
    made: list[Any] = [  # Prefect types these as maybe a coroutine; outside an event loop they are deployments
        collect.to_deployment(name=spec.name, cron=spec.schedule, parameters={"source": spec.name}, concurrency_limit=1)
        for spec in scheduled_sources(settings)
    ]
    made += [job.to_deployment(name=name, cron=cron, concurrency_limit=1) for name, (job, cron) in JOBS.items()]  # type: ignore[attr-defined]
    serve_deployments(*made)


def run_once() -> None:
    """Every flow once, in order: what a cron day does, now."""
    for spec in scheduled_sources(load_settings()):
        collect(spec.name)
    for job, _ in JOBS.values():
        job()
