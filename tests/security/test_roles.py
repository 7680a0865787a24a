"""What each role of the database may do, asked of a real server after `roles.sql`: all tables of today, also those that came yesterday."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.services import administrator, database_url, made_database

SECRET = {"accounts", "sessions", "login_failures", "subject_requests"}
FIXED = {"transitions", "alembic_version"}
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with made_database() as name:
        yield name


def rights(name: str, role: str, privilege: str) -> set[str]:
    """The tables on which the role has the right, by whatever way."""
    query = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
               AND has_table_privilege(%s, oid, %s)"""
    with administrator(name) as conn:
        return {row[0] for row in conn.execute(query, (role, privilege))}


def test_the_reader_reads_reports_and_nothing_of_people(database: str) -> None:
    assert [rights(database, "rasoat_reader", privilege) for privilege in WRITES] == [set()] * 4
    read = rights(database, "rasoat_reader", "SELECT")
    assert not read & SECRET
    assert rights(database, "rasoat_app", "SELECT") >= SECRET
    assert {"cases", "events", "audit_log"} <= read


def test_the_application_adds_to_history_and_never_changes_it(database: str) -> None:
    inserts, updates, deletes, truncates = (rights(database, "rasoat_app", privilege) for privilege in WRITES)
    assert truncates == set()
    assert not (inserts | updates | deletes) & FIXED
    assert "events" in inserts
    assert "events" not in updates | deletes
    assert not deletes & {"cases", "audit_log"}
    assert rights(database, "rasoat_app", "TRIGGER") == rights(database, "rasoat_app", "REFERENCES") == set()


@pytest.mark.parametrize("role", ["rasoat_app", "rasoat_reader"])
def test_no_working_role_owns_makes_or_becomes_anything(database: str, role: str) -> None:
    query = """SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
                   OR has_schema_privilege(rolname, 'public', 'CREATE')
                   OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid)
                   OR EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid)
               FROM pg_roles WHERE rolname = %s"""
    with administrator(database) as conn:
        assert conn.execute(query, (role,)).fetchone() == (False,)
    with psycopg.connect(database_url(database, role), autocommit=True) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("CREATE TABLE mine (x int)")


def test_the_database_is_closed_to_everybody_else(database: str) -> None:
    """The administrator's lines of the page on security, as they stand there."""
    with administrator(database) as conn:
        conn.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC".encode())
        conn.execute(f"GRANT CONNECT ON DATABASE {database} TO rasoat_app, rasoat_reader".encode())
        query = "SELECT count(*) FROM aclexplode((SELECT datacl FROM pg_database WHERE datname = current_database())) WHERE grantee = 0"
        assert conn.execute(query.encode()).fetchone() == (0,)
    for role in ("rasoat_owner", "rasoat_app", "rasoat_reader"):
        with psycopg.connect(database_url(database, role)) as conn:
            assert conn.execute("SELECT count(*) FROM cases").fetchone() == (0,)
    with psycopg.connect(database_url(database, "rasoat_app")) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("CREATE TEMPORARY TABLE mine (x int)")
