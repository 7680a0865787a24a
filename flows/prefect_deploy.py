"""What stands on the Prefect server: a deployment for every source and job, the limits, the notifications. Set up anew by one command.

Two ways to run them: `serve` in this process, or `deploy` once and any number of workers on any number of machines.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

from prefect import serve as serve_deployments
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from crawlers.sources import SourceSpec, load_sources
from flows import prefect_limits, prefect_notify
from flows.prefect_flows import JOBS, TIMEZONE, collect
from rasoat.errors import UsageError
from rasoat.settings import Settings

POOL: Final = "rasoat"
PAGE: Final = 200
"""The most deployments that the server tells at once."""


def deployments(settings: Settings) -> list[RunnerDeployment]:
    """One for every source, scheduled or not, and one for every job. One run of each at a time: a source is never crawled twice at once."""
    return [_of_source(spec) for spec in load_sources(settings.data).values()] + [
        _made(job, name=name, schedule=_in_vietnam(cron), tags=[prefect_notify.TAG, "job"]) for name, (job, cron) in JOBS.items()
    ]


def _of_source(spec: SourceSpec) -> RunnerDeployment:
    schedule = _in_vietnam(spec.schedule) if spec.schedule else None
    return _made(collect, name=spec.name, schedule=schedule, parameters={"source": spec.name}, tags=[prefect_notify.TAG, "source"])


def _in_vietnam(cron: str) -> Schedule:
    return Cron(cron, timezone=TIMEZONE)


def _made(flow: Any, **options: Any) -> RunnerDeployment:
    # by module, not by file: a worker on another machine has the program elsewhere
    made: RunnerDeployment = flow.to_deployment(concurrency_limit=1, entrypoint_type=EntrypointType.MODULE_PATH, **options)
    return made


def serve(settings: Settings) -> None:
    """Serve every deployment in this process until Ctrl-C."""
    with get_client(sync_client=True) as client:
        _around(client, settings)
    serve_deployments(*deployments(settings), heartbeat_seconds=prefect_notify.HEARTBEAT_SECONDS)


def deploy(settings: Settings) -> list[str]:
    """Register everything for workers, and stop. Deployments of sources that are gone are removed. Returns what stands now, a line each.

    Raises:
        UsageError: no server is named.
    """
    if not os.environ.get("PREFECT_API_URL"):
        raise UsageError("no Prefect server is named; set PREFECT_API_URL, or run `rasoat schedule` without --deploy")
    wanted = deployments(settings)
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(POOL)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process", description="made by `rasoat schedule --deploy`"))
        told = _around(client, settings)
        for made in wanted:
            made.apply(work_pool_name=POOL)
        gone = _remove_others(client, {(made.flow_name, made.name) for made in wanted})
    return [f"{made.flow_name}/{made.name}" for made in wanted] + [f"removed {name}" for name in gone] + told


def _around(client: SyncPrefectClient, settings: Settings) -> list[str]:
    prefect_limits.ensure(client, load_sources(settings.data).values())
    return prefect_notify.set_up(client, settings)


def _remove_others(client: SyncPrefectClient, wanted: set[tuple[str | None, str]]) -> list[str]:
    ours = DeploymentFilter.model_validate({"tags": {"all_": [prefect_notify.TAG]}})
    found, page = [], client.read_deployments(deployment_filter=ours, limit=PAGE)
    while page:
        found += page
        page = client.read_deployments(deployment_filter=ours, limit=PAGE, offset=len(found))
    names = {flow_id: client.read_flow(flow_id).name for flow_id in {one.flow_id for one in found}}
    gone = [one for one in found if (names[one.flow_id], one.name) not in wanted]
    for one in gone:
        client.delete_deployment(one.id)
    return sorted(f"{names[one.flow_id]}/{one.name}" for one in gone)


def worker_command(limit: int) -> list[str]:
    """Prefect's own worker on our pool, so many runs at once."""
    return [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--limit", str(limit)]


def worker_environment(settings: Settings) -> dict[str, str]:
    """Of a worker: its runs start in a folder of their own, so every path is absolute; a heartbeat tells the server that a run lives."""
    paths = {"RASOAT_HOME": settings.home, "RASOAT_DATA": settings.data.resolve(), "RASOAT_MODELS": settings.models.resolve()}
    for name in sorted(settings.model_fields_set):
        value = getattr(settings, name)
        if name.endswith(("_file", "_ca")) and value is not None:
            paths[f"RASOAT_{name.upper()}"] = value.resolve()
    own = {name: str(path) for name, path in paths.items()}
    return {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(prefect_notify.HEARTBEAT_SECONDS), **os.environ, **own}
