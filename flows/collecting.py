"""One source from the web to cases: crawl, assess, project. What the flow `collect` does, as a plain function for command line and page."""

from __future__ import annotations

from crawlers.sources import load_sources
from flows.demo import demo_proxy
from flows.runtime import open_runtime
from flows.stages.assess import AssessReport, assess
from flows.stages.crawl import crawl_in_child
from flows.stages.project import project
from rasoat.errors import RetryLater, UsageError
from rasoat.settings import Settings


def collect(settings: Settings, source: str) -> AssessReport:
    """Idempotent and resumable like its parts. What came is assessed also when the crawl kept a promise of its file not.

    Raises:
        UsageError: no such source.
        RetryLater: the crawl failed; the diary says why.
    """
    known = load_sources(settings.data)
    if source not in known:
        raise UsageError(f"no source named '{source}'; known ones: {', '.join(sorted(known)) or 'none are defined'}")
    failed: RetryLater | None = None
    with demo_proxy(settings, [known[source]]) as proxy:
        try:
            crawl_in_child(settings, [source], demo_proxy=proxy)
        except RetryLater as error:
            failed = error
    with open_runtime(settings) as rt:
        report = assess(rt)
        project(rt)
    if failed:
        raise failed
    return report
