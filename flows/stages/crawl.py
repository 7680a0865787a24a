"""Sources to inbox: start or resume a run for each source, and write down how it went.

A Scrapy reactor cannot be started twice in a process: `rasoat crawl` is one process; who needs a crawl inside a longer
life (`make run`, Prefect) calls `crawl_in_child`, which runs that command.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence

import structlog

from crawlers.report import CrawlProgress, CrawlReport
from crawlers.run import crawl
from crawlers.sources import SourceSpec
from flows.runtime import Runtime
from rasoat.errors import RetryLater
from rasoat.settings import Settings

log = structlog.get_logger(__name__)
KIND = "crawl"
PATIENCE = 15.0
"""Seconds for a crawl to put down what it holds after Ctrl-C; it is resumable anyway."""


def crawl_sources(
    rt: Runtime, specs: Sequence[SourceSpec], *, demo_proxy: str | None = None, progress: Callable[[CrawlProgress], None] | None = None
) -> list[CrawlReport]:
    """Crawl in this process. A run that was killed is resumed; a finished one is followed by a new one.

    With a shared frontier a run that others are at is joined; the last one out writes down how it went.
    """
    run_ids = {spec.name: resume_or_start(rt, KIND, spec.name) for spec in specs}
    reports = crawl(
        specs,
        inbox=rt.store.inbox,
        evidence=rt.store.evidence,
        settings=rt.settings,
        run_ids=run_ids,
        demo_proxy=demo_proxy,
        progress=progress,
        clock=rt.clock,
        ids=rt.ids,
    )
    for report in reports:
        if not report.last_out:
            log.info("run.left", run_id=report.run_id, stage=KIND, source=report.source)
            continue
        rt.store.runs.finish(
            report.run_id,
            "finished" if report.ok else "failed",
            counts_of(report),
            problem="; ".join(report.assertion_failures),
        )
        told = log.info if report.ok else log.warning
        told(
            "run.ended", run_id=report.run_id, stage=KIND, source=report.source, counts=counts_of(report), failed=report.assertion_failures
        )
    return reports


def counts_of(report: CrawlReport) -> dict[str, int]:
    """What the diary keeps of a run: enough to hold it against the source's assertions later, and its errors by kind."""
    return {
        "pages": report.pages,
        "captures": report.captures,
        **{arrival.value: n for arrival, n in report.items.items()},
        "with_text": report.with_text,
        "with_date": report.with_date,
        **{f"error:{kind}": n for kind, n in report.errors.items()},
    }


def resume_or_start(rt: Runtime, kind: str, source: str) -> str:
    """The id of the unfinished run of this source, or of a new one."""
    with rt.store.alone(f"start-{kind}"):  # two machines that begin at once begin one run
        last = rt.store.runs.last(kind, source)
        return last.id if last is not None and last.state == "running" else rt.store.runs.start(kind, source)


def crawl_in_child(settings: Settings, names: Sequence[str], *, demo_proxy: str | None = None) -> None:
    """Run `rasoat crawl` for the named sources as a child that shows its own progress.

    Raises:
        RetryLater: the child ended with an error; what it got is kept, and the same call resumes.
    """
    command = [sys.executable, "-m", "flows", "crawl", *names]
    if demo_proxy:
        command += ["--demo-proxy", demo_proxy]
    environment = {"RASOAT_HOME": str(settings.home), "RASOAT_DATA": str(settings.data), "RASOAT_MODELS": str(settings.models)}
    code = _run_child(command, {**os.environ, **environment})
    if code:
        raise RetryLater(f"crawling {', '.join(names)} ended with exit code {code}; run it again to resume")


def _run_child(command: list[str], environment: dict[str, str]) -> int:
    """Run to the end; Ctrl-C reaches the child as soon as it listens, and is waited for."""
    # the child inherits the mask: a Ctrl-C while Python itself is still starting would print a stack trace
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child = subprocess.Popen(command, env=environment)  # noqa: S603  (our own command)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        return child.wait()
    finally:
        if child.poll() is None:  # whoever interrupted us alone, by Ctrl-C or a cancelled flow run, means the child too
            child.send_signal(signal.SIGINT)
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
