"""Crawling, measured on pages that this file makes itself: pages a second with extraction and capture, CPU a page, peak memory.

`python -m bench.crawl [--pages N] [--workers N]`. The server runs in a process of its own. Target: 60 pages/s on two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawlers.extract import extract
from crawlers.run import crawl
from crawlers.sources import Assertions, Limits, Network, Politeness, SourceSpec
from crawlers.targets import Kind
from crawlers.warc import Exchange
from crawlers.work import Job, work
from rasoat.canonical import sha256_hex
from rasoat.items import BlobRef, Item
from rasoat.ports import Arrival, Unmapped
from rasoat.settings import Settings

PAGE_BYTES = 145_000  # a Vietnamese news page of today
BODY_CHARS = 3_000
TEXT = (
    "người dân thành phố hôm nay cho biết giá gạo tăng nhẹ so với tuần trước nhiều cửa hàng nhỏ ở chợ vẫn bán bình thường trời mưa "
    "đường phố đông xe buýt chạy chậm học sinh nghỉ hè lớp học bơi miễn phí mở cuối tuần công viên trồng thêm cây xanh"
)
WORDS = TEXT.split()


def make_page(number: int, total: int, *, size: int = PAGE_BYTES) -> bytes:
    """One article of `BODY_CHARS` letters in heavy mark-up; links to ten others."""
    rng = random.Random(number)
    body = "".join(f'<p class="Normal">{_sentence(rng)}</p>\n' for _ in range(BODY_CHARS // 300))
    links = "".join(
        f'<article class="item-news"><a data-medium="{i}" href="/bai-{(number * 10 + i) % total}.html">{_sentence(rng)[:60]}</a></article>'
        for i in range(10)
    )
    head = (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Bài số {number} - Báo Thử Tải</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="Bài số {number}">'
        f'<meta property="article:published_time" content="2026-01-{number % 28 + 1:02}T08:00:00+07:00"></head><body>'
    )
    page = f'{head}<header><ul>{_menu(rng, 120)}</ul></header><article class="fck_detail"><h1>Bài số {number}</h1>{body}</article>{links}'
    tail = "<footer>Báo Thử Tải</footer></body></html>"
    filler: list[str] = []
    length = len((page + tail).encode())
    while length < size:
        block = _block(rng, len(filler))
        filler.append(block)
        length += len(block.encode())
    return (page + "".join(filler) + tail).encode()


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=58)).capitalize()[:297] + "..."


def _menu(rng: random.Random, count: int) -> str:
    return "".join(f'<li class="nav-{i}"><a href="/muc-{i}" title="mục {i}">{rng.choice(WORDS)} {i}</a></li>' for i in range(count))


def _block(rng: random.Random, number: int) -> str:
    script = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz(){};=.", k=900))
    cards = "".join(
        f'<div class="card card-{j}" data-id="{number}-{j}"><div class="thumb"><img alt="" data-src="/anh/{number}/{j}.jpg"></div>'
        f'<span class="meta"><i class="ic"></i>{j} bình luận</span></div>'
        for j in range(6)
    )
    return f'<script>var x{number}="{script}";</script><div class="box-category" id="b{number}">{cards}</div>'


class _Inbox:
    """Takes everything, keeps nothing."""

    def put(self, item: Item, *, run_id: str) -> Arrival:
        return Arrival.NEW

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None:
        raise AssertionError("a crawl maps no records")


class _Evidence:
    """Hashes, keeps nothing."""

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        return BlobRef(sha256_hex(data), len(data), media_type, sealed)

    def get(self, ref: BlobRef) -> bytes:
        raise AssertionError("a crawl reads no evidence back")

    def delete(self, ref: BlobRef) -> None:
        """Nothing is there."""


async def _serve(total: int, packed: bool) -> None:
    made = [make_page(number, total) for number in range(min(total, 100))]  # a hundred different ones, served in turn
    pages = [gzip.compress(page, 6) if packed else page for page in made]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (head := await reader.readuntil(b"\r\n\r\n")) if not reader.at_eof() else b"":
            path = head.split(b" ", 2)[1]
            if path == b"/robots.txt":
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            elif path == b"/sitemap.xml":
                rows = "".join(f"<url><loc>http://127.0.0.1:{port}/bai-{i}.html</loc></url>" for i in range(total))
                _answer(writer, f"<urlset>{rows}</urlset>".encode(), "Content-Type: text/xml\r\n")
            else:
                encoding = "Content-Encoding: gzip\r\n" if packed else ""
                _answer(writer, pages[sum(path) % len(pages)], f"Content-Type: text/html\r\n{encoding}")
            await writer.drain()

    async def safely(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(safely, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await server.serve_forever()


def _answer(writer: asyncio.StreamWriter, body: bytes, headers: str) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)


@dataclass(frozen=True, slots=True)
class Measured:
    """One crawl: `cpu_ms` a page over this process and its workers; `peak_mb` the largest process."""

    pages: int
    seconds: float
    cpu_ms: float
    peak_mb: float


def measure_crawl(pages: int, *, workers: int = 0, packed: bool = False) -> Measured:
    """Crawl `pages` pages from a server process."""
    command = [sys.executable, "-m", "bench.crawl", "--serve", str(pages), *(["--packed"] if packed else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, tempfile.TemporaryDirectory() as home:
        assert server.stdout
        base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        spec = SourceSpec(
            name="bench",
            title="bench",
            sitemaps=(f"{base}/sitemap.xml",),
            limits=Limits(max_pages=pages),
            politeness=Politeness(delay=0, concurrency=16),
            network=Network(allow_private=True),
            assertions=Assertions(min_items=pages, min_share_with_text=1, min_share_with_date=1),
        )
        cpu, begun = _cpu(), time.perf_counter()
        report = crawl(
            [spec], inbox=_Inbox(), evidence=_Evidence(), settings=Settings(home=Path(home)), run_ids={"bench": "bench"}, workers=workers
        )[0]
        seconds = time.perf_counter() - begun
        server.terminate()
        assert report.ok, report
    # children count once they have ended: the pool's workers by now, the server too, so its share is measured apart and small
    return Measured(report.pages, seconds, (_cpu() - cpu) / report.pages * 1000, _peak_mb())


def _cpu() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _peak_mb() -> float:
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def measure_extract(count: int) -> tuple[float, float]:
    """Pages a second on one core: extraction only, and all of a worker's work (unpack, extract, WARC)."""
    pages = [make_page(number, count) for number in range(min(count, 20))]
    texts = [page.decode() for page in pages]
    extract(texts[0], "http://127.0.0.1/")
    begun = time.perf_counter()
    for number in range(count):
        page = extract(texts[number % len(texts)], "http://127.0.0.1/bai.html")
        assert page.main_found
    plain = count / (time.perf_counter() - begun)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    begun = time.perf_counter()
    for number in range(count):
        exchange = Exchange("http://127.0.0.1/", at, 200, pages[number % len(pages)], (), (), "0" * 36, "1" * 36)
        work(Job(Kind.PAGE, exchange, "text/html", "", 5_000_000))
    return plain, count / (time.perf_counter() - begun)


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=0, help="extraction processes; 0: one per core, at most 4")
    parser.add_argument("--packed", action="store_true", help="the server sends gzip")
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        asyncio.run(_serve(options.serve, options.packed))
        return
    plain, full = measure_extract(200)
    print(f"extract            {plain:8.1f} pages/s   one core, {PAGE_BYTES // 1000} kB pages")
    print(f"extract + WARC     {full:8.1f} pages/s   one core")
    got = measure_crawl(options.pages, workers=options.workers, packed=options.packed)
    rate = got.pages / got.seconds
    print(
        f"crawl              {rate:8.1f} pages/s   {got.pages} pages, {got.cpu_ms:.1f} ms CPU a page, peak {got.peak_mb:.0f} MB   target 60"
    )


if __name__ == "__main__":
    main()
