"""Many reviewers at once at the real site: next, read, decide, next …, over real HTTP, on PostgreSQL or SQLite; then SQL is asked.

`python -m bench.reviewers [--people 50] [--minutes 5] [--server postgresql|sqlite]`. The site runs as `rasoat review` starts it:
one process with 40 threads; `--sites N` starts N of them on one database, as behind a proxy. The people press the next key as soon as a
page is there, in a process of their own. Ends with `claims given twice: 0 decisions lost: 0` and exit code 0, or 1.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from bench.databases import KINDS, environment, made_home
from bench.pages import fill
from bench.reviewing.judging import Verdict, judge
from bench.reviewing.people import PASSWORD, Told, work_apart
from rasoat.cases.states import Role
from rasoat.policy import Policy
from rasoat.settings import ROOT, Settings
from rasoat.store import Store, open_store

_READY: Final = 120.0
_A_SECOND: Final = 60
"""Cases made for each second that is measured: more than two cores can decide, so that the queue is never empty."""


def people(store: Store, count: int) -> dict[str, str]:
    """Accounts of so many reviewers: login to pseudonym."""
    accounts = (store.accounts.add(f"nguoi-{n}", PASSWORD, f"Người {n}", [Role.REVIEWER]) for n in range(count))
    return {account.login: account.pseudonym for account in accounts}


@contextmanager
def sites(settings: Settings, count: int) -> Iterator[list[str]]:
    """So many processes of the review site over one home; yields their addresses."""
    ports, running = [_free_port() for _ in range(count)], []
    log = (settings.home / "site.log").open("wb")
    try:
        for port in ports:
            variables = {**os.environ, **environment(settings), "RASOAT_PORT": str(port), "RASOAT_LOG_LEVEL": "warning"}
            command = [sys.executable, "-m", "flows", "review"]
            running.append(subprocess.Popen(command, env=variables, stdout=log, stderr=log, cwd=ROOT))
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for address in addresses:
            _wait(address, settings.home / "site.log")
        yield addresses
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(30)
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, log: Path) -> None:
    until = time.monotonic() + _READY
    while time.monotonic() < until:
        try:
            httpx.get(f"{address}/about", timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError(f"the review site did not start:\n{log.read_text('utf-8')[-2000:]}")


def tell(told: Told, seconds: float) -> None:
    """Rates and waiting times of each kind of request, and every error."""
    total = sum(len(times) for times in told.times.values())
    print(f"{total:,} requests in {seconds:.1f} s: {total / seconds:,.0f} requests/s, {told.decided / seconds:,.1f} decisions/s")
    for kind, times in told.times.items():
        ranked = sorted(times)
        p50, p99 = (ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000 for share in (0.5, 0.99))
        print(f"{kind:<8} {len(ranked):>7,}   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   longest {ranked[-1] * 1000:7.1f} ms")
    print(f"second readings {told.second:,}   nothing waiting {told.empty:,}   errors {sum(told.errors.values()):,}")
    for error, count in sorted(told.errors.items()):
        print(f"  {count:,} x {error}")


def verdict_line(verdict: Verdict) -> str:
    """The last line."""
    return f"claims given twice: {len(verdict.twice)} decisions lost: {len(verdict.lost)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Make a home, people and cases; let them work; print; ask SQL; remove everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--server", choices=KINDS, default="postgresql")
    parser.add_argument("--sites", type=int, default=1, help="processes of the review site")
    parser.add_argument("--think", type=float, default=0.0, help="seconds that a person reads, on average")
    parser.add_argument("--cases", type=int, default=0, help=f"cases made before; {_A_SECOND} for each second where none are named")
    wanted = parser.parse_args(argv)
    seconds = wanted.minutes * 60
    with made_home(wanted.server) as settings:
        with open_store(settings) as store:
            logins = people(store, wanted.people)
            made = fill(store, Policy.load(ROOT / "data"), wanted.cases or max(500, int(seconds * _A_SECOND)))
        print(f"{wanted.server}: {wanted.people} people, {len(made):,} open cases, site processes: {wanted.sites}", flush=True)
        with sites(settings, wanted.sites) as addresses:
            told = work_apart(addresses, list(logins), seconds, wanted.think)
        tell(told, seconds)
        with open_store(settings) as store:
            verdict = judge(store, told, logins)
    for line in (*verdict.twice, *verdict.lost, *verdict.broken)[:20]:
        print(line)
    print(f"decisions told {verdict.told:,}, in SQL {verdict.known:,}   broken chains {len(verdict.broken)}")
    print(verdict_line(verdict))
    return 0 if verdict.right and not told.errors else 1


if __name__ == "__main__":
    sys.exit(main())
