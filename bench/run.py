"""`make bench`: every stage on inputs that it makes itself; prints items a second, CPU and peak memory, beside the target."""

from __future__ import annotations

import subprocess
import sys
import time

BENCHES = (
    ("fold, normalise, rules", "bench.fold"),
    ("classify (target: 5,000 comments/s)", "bench.classify"),
    ("crawl, extract (target: 60 pages/s)", "bench.crawl"),
    ("store", "bench.store"),
    ("search over 100,000 flagged items (target: p99 under 50 ms)", "bench.search"),
    ("pages (target: under 80 ms)", "bench.pages"),
    ("dossier with ten captures (target: under 3 s)", "bench.dossier"),
)


def main() -> int:
    """Run each in a process of its own, so that no peak memory is another's."""
    failed = []
    for title, module in BENCHES:
        print(f"\n== {title}", flush=True)
        begin = time.perf_counter()
        if subprocess.run([sys.executable, "-m", module], check=False).returncode:
            failed.append(module)
        print(f"   ({time.perf_counter() - begin:.0f} s)", flush=True)
    for module in failed:
        print(f"{module} failed", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
