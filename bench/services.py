"""The real services for measurements: those of `make services`, each bench in an index and a database of its own, removed at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rasoat.errors import ConfigError
from rasoat.settings import ROOT
from rasoat.store.search_elastic import ElasticIndex, connect

_STATE = ROOT / ".services" / "state.json"


def service(name: str) -> dict[str, Any]:
    """Address and passwords of a running service."""
    try:
        found: dict[str, Any] = json.loads(_STATE.read_text("utf-8"))[name]
    except (FileNotFoundError, KeyError) as error:
        raise ConfigError(f"{name} does not run", hint="start it with `make services`") from error
    return found


@contextmanager
def elastic_index(alias: str) -> Iterator[ElasticIndex]:
    """An index of its own on the running server."""
    es = service("elasticsearch")
    client = connect(es["url"], user="rasoat_writer", password=es["users"]["writer"], ca=Path(es["ca"]))
    with closing(ElasticIndex(client, alias)) as index:
        index.drop()
        try:
            yield index
        finally:
            index.drop()
