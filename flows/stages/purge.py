"""Retention: what may no longer be kept goes, and a report says what went."""

from __future__ import annotations

from flows.runtime import Runtime
from rasoat.store.records import PurgeReport


def purge(rt: Runtime) -> PurgeReport:
    """Apply WORKFLOW §7 as of now."""
    return rt.store.purge(rt.clock.now())
