"""SQL to the search index: the outbox is emptied in order, repeated without harm."""

from __future__ import annotations

from flows.runtime import Runtime

BATCH = 500


def project(rt: Runtime) -> int:
    """Carry every waiting change to the index; returns how many."""
    total = 0
    while moved := rt.store.project(BATCH):
        total += moved
    return total
