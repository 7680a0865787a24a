"""How long one dossier takes: ten captures of 100 kB each, notice and letter set, packed, signed, written, read back and verified.

Prints seconds, CPU seconds and peak memory of a process of its own; the target is 3 s on two cores.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

TARGET_S = 3.0


def run(captures: int = 10, size: int = 100_000, rounds: int = 5) -> dict[str, float]:
    """Build the same dossier `rounds` times; the first round pays for loading fonts and catalogues."""
    from rasoat.policy import Policy
    from rasoat.settings import ROOT, Settings
    from tests.dossier.made import Desk, item, view

    with tempfile.TemporaryDirectory() as home:
        desk = Desk(Settings(home=Path(home)), Policy.load(ROOT / "data"))
        case = view(item(desk.evidence, captures=captures, size=size))
        walls, cpus = [], []
        for _ in range(rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            built = desk.build(case)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        from rasoat.dossier import verify_pack

        started = time.perf_counter()
        assert verify_pack(built.path).status == "ok"
        verify = time.perf_counter() - started
        kilobytes = built.path.stat().st_size / 1000
    return {
        "captures": captures,
        "first_s": round(walls[0], 3),
        "median_s": round(sorted(walls)[len(walls) // 2], 3),
        "cpu_s": round(sorted(cpus)[len(cpus) // 2], 3),
        "verify_s": round(verify, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "pack_kb": round(kilobytes),
        "target_s": TARGET_S,
    }


if __name__ == "__main__":
    figures = run()
    print(
        f"dossier, {figures['captures']:.0f} captures, {figures['pack_kb']:,.0f} kB      "
        f"first {figures['first_s']:.2f} s   then {figures['median_s']:.2f} s (CPU {figures['cpu_s']:.2f} s)   "
        f"verify {1000 * figures['verify_s']:.0f} ms   peak {figures['peak_mb']:.0f} MB"
    )
    sys.exit(figures["first_s"] > TARGET_S)
