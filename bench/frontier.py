"""Several machines crawl one source through the shared frontier: pages a second, pages fetched twice, the smallest gap at a site.

`python -m bench.frontier [--hosts 1 2 4] [--pages N]`. A host is a process with a home and an evidence folder of its own; the web, some
fictional sites behind one proxy on loopback, is another; its log of requests is what is judged. Needs `make services`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench.crawl import make_page
from bench.databases import made_home
from crawlers.run import crawl
from crawlers.sources import Assertions, Limits, Network, Politeness, SourceSpec
from rasoat.settings import Settings
from rasoat.store import open_store

ROBOTS: Final = "/robots.txt"


@dataclass(frozen=True, slots=True)
class Web:
    """The sites and how they are asked. `answer` is the seconds that a site takes; `delay` and `at_once` are the politeness asked for."""

    name: str
    sites: int
    pages: int
    size: int  # bytes of a page
    answer: float
    delay: float
    at_once: int

    @property
    def per_site(self) -> int:
        """Pages of one site."""
        return self.pages // self.sites

    def spec(self) -> SourceSpec:
        """The one source that all hosts crawl."""
        return SourceSpec(
            name="bench",
            title="bench",
            sitemaps=tuple(f"http://trang-{n}.example/sitemap.xml" for n in range(self.sites)),
            limits=Limits(max_pages=self.pages, max_depth=0),
            politeness=Politeness(delay=self.delay, concurrency=self.at_once),
            network=Network(proxy="demo"),
            assertions=Assertions(min_items=self.per_site * self.sites, min_share_with_text=1),
        )


def webs(pages: int) -> tuple[Web, Web]:
    """Where waiting is the limit (a site answers in 0.3 s and wants a second between two requests), and where the processor is."""
    return (
        Web("wait is the limit", sites=40, pages=pages, size=20_000, answer=0.3, delay=1.0, at_once=1),
        Web("CPU is the limit", sites=4, pages=pages, size=145_000, answer=0.0, delay=0.0, at_once=8),
    )


# -- the web


async def serve(web: Web, log: Path) -> None:
    """Answer as a proxy for all sites; one line `seconds host path` for each request, as it comes in."""
    pages = [make_page(number, web.per_site, size=web.size) for number in range(20)]
    with log.open("w", encoding="utf-8", buffering=1) as hits:

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while head := await reader.readuntil(b"\r\n\r\n"):
                at = time.monotonic()
                url = urlsplit(head.split(b" ", 2)[1].decode())
                hits.write(f"{at} {url.hostname} {url.path}\n")
                await asyncio.sleep(web.answer if url.path != ROBOTS else 0)
                _answer(writer, url.path, str(url.hostname), web, pages)
                await writer.drain()

        async def safely(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await talk(reader, writer)
            writer.close()

        server = await asyncio.start_server(safely, "127.0.0.1", 0, backlog=256)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


def _answer(writer: asyncio.StreamWriter, path: str, host: str, web: Web, pages: list[bytes]) -> None:
    if path == ROBOTS:
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return
    kind, body = "text/html", pages[sum(path.encode()) % len(pages)]
    if path == "/sitemap.xml":
        rows = "".join(f"<url><loc>http://{host}/bai-{n}.html</loc></url>" for n in range(web.per_site))
        kind, body = "text/xml", f"<urlset>{rows}</urlset>".encode()
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


@contextlib.contextmanager
def running_web(web: Web, folder: Path) -> Iterator[tuple[str, Path]]:
    """Its address, and the log that it writes."""
    log = folder / "requests.log"
    command = [sys.executable, "-m", "bench.frontier", "--serve", json.dumps(asdict(web)), "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}", log
        finally:
            server.terminate()


# -- the hosts


def be_host(web: Web, proxy: str, database: str) -> None:
    """One machine: says when it is ready, begins when it is told to, prints what it saw."""
    with open_store(Settings(home=Path(os.environ["RASOAT_HOME"]), database_url=database)) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        settings = Settings(home=Path(os.environ["RASOAT_HOME"]), database_url=database)
        ids = {"bench": "bench"}
        (report,) = crawl(
            [web.spec()], inbox=store.inbox, evidence=store.evidence, settings=settings, run_ids=ids, demo_proxy=proxy, workers=1
        )
        print(
            json.dumps({"pages": report.pages, "ok": report.ok, "last_out": report.last_out, "why": report.assertion_failures}), flush=True
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """One crawl by some hosts."""

    pages: int
    items: int
    seconds: float
    twice: int
    smallest_gap: float


def measure(web: Web, hosts: int) -> Measured:
    """Let so many hosts crawl the web, from a database of its own."""
    with made_home("postgresql") as settings, tempfile.TemporaryDirectory(prefix="rasoat-bench-") as folder:
        with running_web(web, Path(folder)) as (proxy, log), contextlib.ExitStack() as stack:
            crowd = [stack.enter_context(_host(web, proxy, settings, Path(folder) / str(n))) for n in range(hosts)]
            for host in crowd:
                assert host.stdout
                assert host.stdout.readline() == "ready\n"
            begun = time.perf_counter()
            for host in crowd:
                assert host.stdin
                host.stdin.write("go\n")
                host.stdin.flush()
            told: list[dict[str, Any]] = [json.loads(host.communicate()[0]) for host in crowd]
            seconds = time.perf_counter() - begun
            requests = [line.split() for line in log.read_text("utf-8").splitlines()]
        assert all(one["ok"] for one in told), told
        with open_store(settings) as store:
            items = store.inbox.count_pending()
    fetched = Counter((host, path) for _, host, path in requests if path != ROBOTS)
    return Measured(told[0]["pages"], items, seconds, sum(n - 1 for n in fetched.values()), smallest_gap(requests))


@contextlib.contextmanager
def _host(web: Web, proxy: str, settings: Settings, home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.frontier", "--host", json.dumps(asdict(web)), "--proxy", proxy]
    environment = {**os.environ, "RASOAT_HOME": str(home), "RASOAT_DATABASE_URL": settings.database_url}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def smallest_gap(requests: list[list[str]]) -> float:
    """Seconds between two requests to one site, whoever made them, robots.txt and sitemaps with them."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for at, host, _ in requests:
        times[host].append(float(at))
    return min((later - earlier for each in times.values() for earlier, later in itertools.pairwise(sorted(each))), default=float("inf"))


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 when a page was fetched twice or not at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--pages", type=int, default=600)
    for hidden in ("--serve", "--host", "--log", "--proxy"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        asyncio.run(serve(Web(**json.loads(options.serve)), Path(options.log)))
    elif options.host:
        be_host(Web(**json.loads(options.host)), options.proxy, os.environ["RASOAT_DATABASE_URL"])
    else:
        return sum(_print(web, options.hosts) for web in webs(options.pages)) > 0
    return 0


def _print(web: Web, hosts: list[int]) -> int:
    bad = 0
    asked = f"{web.sites} sites, {web.at_once} at once and {web.delay:g} s between two requests to one, {web.size // 1000} kB pages"
    print(f"{web.name}: {asked}; {os.cpu_count()} cores, one extraction process a host", flush=True)
    for count in hosts:
        got = measure(web, count)
        bad += got.twice or got.pages != got.items or got.pages != web.per_site * web.sites
        gap = f"smallest gap {got.smallest_gap:.3f} s" if web.delay else ""
        print(
            f"  {count} hosts  {got.pages / got.seconds:7.1f} pages/s   {got.pages} pages, {got.items} items, "
            f"fetched twice: {got.twice}   {gap}",
            flush=True,
        )
    return bad


if __name__ == "__main__":
    sys.exit(main())
