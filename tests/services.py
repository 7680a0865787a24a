"""The real services that `make services` started. A test that needs one fails when it is not there, and says how to start it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from rasoat.settings import ROOT
from rasoat.store.search_elastic import ElasticIndex, connect

STATE = ROOT / ".services" / "state.json"


def service(name: str) -> dict[str, Any]:
    """Address and passwords of a running service."""
    try:
        found: dict[str, Any] = json.loads(STATE.read_text("utf-8"))[name]
    except (FileNotFoundError, KeyError):
        pytest.fail(f"{name} does not run: start it with `make services`")
    return found


def elastic_index(who: str = "writer", alias: str = "") -> ElasticIndex:
    """An index of its own on the running server."""
    es = service("elasticsearch")
    client = connect(es["url"], user=f"rasoat_{who}", password=es["users"][who], ca=Path(es["ca"]))
    return ElasticIndex(client, alias or f"rasoat-test-{uuid.uuid4().hex[:12]}")
