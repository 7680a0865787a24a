"""Prefect 3 flows: which stages run after which, and when. The steps stand in `prefect_steps`, the server's side in `prefect_deploy`.

Each begins by putting in order what a dead worker left, so that no run has to be mended by hand.
"""

from __future__ import annotations

from typing import Any, Final

from prefect import Flow, flow, tags
from prefect.client.orchestration import get_client

from crawlers.sources import SourceSpec, load_sources
from flows import prefect_limits
from flows import prefect_steps as steps
from flows.prefect_notify import TAG
from rasoat.settings import Settings, load_settings

ASSESS_CRON: Final = "*/10 * * * *"
PROJECT_CRON: Final = "*/5 * * * *"
DOSSIERS_CRON: Final = "15 * * * *"
PURGE_CRON: Final = "30 2 * * *"  # at night; WORKFLOW §7 asks for once a day
REPORT_CRON: Final = "30 5 1 * *"
TIMEZONE: Final = "Asia/Ho_Chi_Minh"
"""Of every cron line, as data/sources/README.md says; without it Prefect takes UTC."""


@flow(name="collect", flow_run_name="collect {source}")
def collect(source: str) -> None:
    """Crawl one source, then assess and project what came."""
    steps.run(steps.reconcile, source)
    steps.run(steps.crawl_source, source)
    steps.run(steps.assess_inbox)
    steps.run(steps.project_to_index)


@flow(name="assess")
def assess() -> None:
    """Assess what importers and crawlers left, then project."""
    steps.run(steps.reconcile, "")
    steps.run(steps.assess_inbox)
    steps.run(steps.project_to_index)


@flow(name="project")
def project() -> None:
    """Bring the index up to date with what reviewers did."""
    steps.run(steps.reconcile, "")
    steps.run(steps.project_to_index)


@flow(name="dossiers")
def dossiers() -> None:
    """Build what could be sealed, verify those that there are."""
    steps.run(steps.reconcile, "")
    steps.run(steps.build_dossiers)
    steps.run(steps.check_dossiers)


@flow(name="purge")
def purge() -> None:
    """Retention, daily."""
    steps.run(steps.reconcile, "")
    steps.run(steps.purge_by_retention)


@flow(name="report")
def report() -> None:
    """The transparency report, monthly."""
    steps.run(steps.reconcile, "")
    steps.run(steps.write_report)


JOBS: Final[dict[str, tuple[Flow[[], Any], str]]] = {
    "assess": (assess, ASSESS_CRON),
    "project": (project, PROJECT_CRON),
    "dossiers": (dossiers, DOSSIERS_CRON),
    "purge": (purge, PURGE_CRON),
    "report": (report, REPORT_CRON),
}


def scheduled_sources(settings: Settings) -> list[SourceSpec]:
    """Sources that name a cron."""
    return [spec for spec in load_sources(settings.data).values() if spec.schedule]


def timetable(settings: Settings) -> list[str]:
    """One line for each deployment: cron (Vietnam time) and name."""
    lines = [f"{cron:<16} {name}" for name, (_, cron) in JOBS.items()]
    return lines + [f"{spec.schedule:<16} collect {spec.name}" for spec in scheduled_sources(settings)]


def run_once() -> None:
    """Every flow once, in order: what a cron day does, now."""
    specs = scheduled_sources(load_settings())
    with get_client(sync_client=True) as client:
        prefect_limits.ensure(client, specs)
    with tags(TAG):
        for spec in specs:
            collect(spec.name)
        for job, _ in JOBS.values():
            job()
