"""The custody log of a pack: the case's events with their hash chain, in a form that can be checked without the store.

Owns custody.json. Each link's hash covers the event and the hash before it (WORKFLOW §6).
"""

from __future__ import annotations

import json
from typing import Any, Final

from rasoat.canonical import GENESIS, canonical_json, chain_hash
from rasoat.store.records import EventRecord

FORMAT: Final = "rasoat-custody/1"


def write_custody(case_id: str, events: tuple[EventRecord, ...]) -> bytes:
    """Canonical JSON of the events, oldest first. Only codes, pseudonyms and hashes are in them."""
    links = [{**event.entry(), "prev_hash": event.prev_hash, "hash": event.hash} for event in events]
    head = events[-1].hash if events else GENESIS
    return canonical_json({"format": FORMAT, "case_id": case_id, "head": head, "events": links})


def chain_problems(data: bytes) -> list[str]:
    """What is wrong with a custody log, each with the number of its event; empty when the chain holds."""
    try:
        log = json.loads(data)
        events, head, case_id = log["events"], log["head"], log["case_id"]
        if log["format"] != FORMAT or not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
            return ["not a custody log"]
        return _broken_links(events, case_id, head)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return [f"not a custody log ({error})"]


def _broken_links(events: list[dict[str, Any]], case_id: str, head: str) -> list[str]:
    problems, previous = [], GENESIS
    for number, event in enumerate(events, 1):
        written = event.get("hash")
        entry = {key: value for key, value in event.items() if key not in ("hash", "prev_hash")}
        if event.get("seq") != number or event.get("case_id") != case_id:
            problems.append(f"event {number}: out of place")
        if event.get("prev_hash") != previous or chain_hash(entry, previous) != written:
            problems.append(f"event {number}: its hash does not fit")
        previous = str(written)
    if not events or previous != head:
        problems.append(f"the head is not the hash of event {len(events)}")
    return problems
