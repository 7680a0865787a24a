"""The real services that `make services` started. A test that needs one fails when it is not there, and says how to start it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from rasoat.settings import ROOT
from rasoat.store.database import Database
from rasoat.store.dialect_postgresql import PostgreSql, address
from rasoat.store.migrating import migrate
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


def database_url(name: str, role: str = "rasoat_app") -> str:
    """The address of a database on the running server, as one of its roles, over TLS."""
    pg = service("postgresql")
    return f"postgresql://{role}:{pg['passwords'][role]}@127.0.0.1:{pg['port']}/{name}?sslmode=verify-ca&sslrootcert={pg['ca']}"


@contextmanager
def administrator(name: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
    """A connection that may do everything."""
    with psycopg.connect(database_url(name, "postgres"), autocommit=True) as conn:
        yield conn


@contextmanager
def made_database() -> Iterator[str]:
    """A new database with today's schema and rights; its name."""
    name = f"rasoat_{uuid.uuid4().hex[:12]}"
    with administrator() as conn:
        conn.execute(f"CREATE DATABASE {name} OWNER rasoat_owner")
    try:
        owner = Database(PostgreSql(address(database_url(name, "rasoat_owner"), "")))
        migrate(owner)
        owner.close()
        with psycopg.connect(database_url(name, "rasoat_owner")) as conn:
            conn.execute((ROOT / "rasoat" / "store" / "roles.sql").read_bytes())
        yield name
    finally:
        with administrator() as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def copied_database(template: str) -> Iterator[str]:
    """A copy for one test; its address as the application sees it."""
    name = f"rasoat_{uuid.uuid4().hex[:12]}"
    with administrator() as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield database_url(name)
    finally:
        with administrator() as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def owners(url: str) -> str:
    """The same database, which was copied by the administrator, as its owner: who migrates, makes backups and restores."""
    name = url.partition("?")[0].rpartition("/")[2]
    with administrator() as conn:
        conn.execute(f"ALTER DATABASE {name} OWNER TO rasoat_owner".encode())
    return database_url(name, "rasoat_owner")


@cache
def _object_store() -> Any:
    from rasoat.store.evidence_s3 import Bucket, _opened

    s3 = service("s3")
    return _opened(Bucket("", "", s3["url"], key=s3["key"], secret=s3["secret"], ca=Path(s3["ca"])))


@contextmanager
def made_bucket(versioned: bool = False) -> Iterator[dict[str, Any]]:
    """A bucket of its own on the S3-compatible server; the settings that lead to it, below a prefix of the bucket."""
    s3, name = service("s3"), f"rasoat-{uuid.uuid4().hex[:12]}"
    files = _object_store()
    files.call_s3("create_bucket", Bucket=name)
    if versioned:
        files.call_s3("put_bucket_versioning", Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    yield {
        "evidence_url": f"s3://{name}/a/b",
        "evidence_endpoint": s3["url"],
        "evidence_key": s3["key"],
        "evidence_secret": SecretStr(s3["secret"]),
        "evidence_ca": Path(s3["ca"]),
    }
