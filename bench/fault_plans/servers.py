"""Elasticsearch and PostgreSQL that only the harness uses: started once for all plans, stopped, killed, hung and started again.

Each plan has a database and an index of its own on them.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from ctypes import c_int
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any, Final

import psycopg
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from bench.fault_plans import proxy
from bench.fault_plans.proxy import Mode
from rasoat.settings import ROOT, Settings
from rasoat.store.database import Database
from rasoat.store.dialect_postgresql import PostgreSql, address
from rasoat.store.migrating import migrate
from rasoat.store.search_elastic import connect
from rasoat.store.search_elastic_schema import template
from scripts.services import elasticsearch, postgresql
from scripts.services.common import alive, end, spawn, wait_for

_TEMPLATE: Final = "rasoat_faults_template"
_READY: Final = 120.0
_FORK: Final = multiprocessing.get_context("fork")


@dataclass
class Servers:
    """Both servers and the proxy before the first."""

    es: dict[str, Any]
    pg: dict[str, Any]
    mode: c_int
    proxied: str
    started: int = 0

    @property
    def client(self) -> Elasticsearch:
        """To the real server, past the proxy, as the writer."""
        return connect(self.es["url"], user="rasoat_writer", password=self.es["users"]["writer"], ca=Path(self.es["ca"]))

    def settings(self, home: Path, number: int) -> Settings:
        """Of a plan: a new database, a new index."""
        name = f"rasoat_faults_{number}"
        with self._administrator() as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        return Settings(
            home=home,
            audit_share=0,
            database_url=self.url(name),
            search_url=self.proxied,
            search_user="rasoat_writer",
            search_password=self.es["users"]["writer"],
            search_index=f"rasoat-faults-{number}",
        )

    def forget(self, settings: Settings, number: int) -> None:
        """Remove what a plan made on the servers."""
        with self._administrator() as conn:
            conn.execute(f"DROP DATABASE IF EXISTS rasoat_faults_{number} WITH (FORCE)")
        names = list(self.client.indices.get(index=f"{settings.search_index}-*", allow_no_indices=True))
        if names:
            self.client.indices.delete(index=",".join(names))

    def url(self, name: str, role: str = "rasoat_app") -> str:
        """The address of a database."""
        who = f"{role}:{self.pg['passwords'][role]}"
        return f"postgresql://{who}@127.0.0.1:{self.pg['port']}/{name}?sslmode=verify-ca&sslrootcert={self.pg['ca']}"

    @contextmanager
    def _administrator(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as conn:
            yield conn

    def make_template(self) -> None:
        """A database with today's schema and rights, to be copied."""
        with self._administrator() as conn:
            conn.execute(f"CREATE DATABASE {_TEMPLATE} OWNER rasoat_owner")
        owner = Database(PostgreSql(address(self.url(_TEMPLATE, "rasoat_owner"), "")))
        migrate(owner)
        owner.close()
        with psycopg.connect(self.url(_TEMPLATE, "rasoat_owner")) as conn:
            conn.execute((ROOT / "rasoat" / "store" / "roles.sql").read_bytes())

    def restart_postgresql(self, sign: signal.Signals) -> None:
        """SIGINT is the server's fast shutdown; SIGQUIT ends it as a crash does: it recovers from its log at the next start."""
        end(int(self.pg["pid"]), sign=sign)
        folder = Path(self.pg["folder"])
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        log = folder / "server.log"
        command = [str(postgresql.binaries() / "postgres"), "-D", str(folder / "data")]
        self.pg["pid"] = spawn(command, cwd=folder, log=log, env=env)
        wait_for(self._postgresql_answers, int(self.pg["pid"]), log, seconds=_READY)

    def _postgresql_answers(self) -> bool:
        with suppress(psycopg.OperationalError), self._administrator():
            return True
        return False

    def stop_elasticsearch(self) -> None:
        """`kill -9` of the real server."""
        os.kill(int(self.es["pid"]), signal.SIGKILL)
        while alive(int(self.es["pid"])):
            time.sleep(0.05)

    def start_elasticsearch(self) -> None:
        """Again, on what it had written."""
        home = Path(self.es["folder"]) / f"elasticsearch-{elasticsearch.VERSION}"
        java = str(elasticsearch.java_home())
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "ES_JAVA_HOME": java, "ES_PATH_CONF": str(home / "config")}
        log = home / "console.log"
        self.es["pid"] = spawn([str(home / "bin" / "elasticsearch")], cwd=home, log=log, env=env)
        wait_for(self._elasticsearch_answers, int(self.es["pid"]), log, seconds=_READY)

    def _elasticsearch_answers(self) -> bool:
        with suppress(TransportError, ApiError):
            health = self.client.options(request_timeout=3, max_retries=0).cluster.health(
                wait_for_no_initializing_shards=True, timeout="1s"
            )
            return health["status"] != "red" and not health["timed_out"]
        return False

    def hang_elasticsearch(self, *, hung: bool) -> None:
        """The server is there and does not answer."""
        os.kill(int(self.es["pid"]), signal.SIGSTOP if hung else signal.SIGCONT)

    def read_only(self, index: str, *, on: bool) -> None:
        """What Elasticsearch itself does to an index when the disk passes the flood-stage watermark.

        Raises:
            NotFoundError: nothing was indexed yet.
        """
        self.client.indices.put_settings(index=index, settings={"index.blocks.read_only_allow_delete": True if on else None})

    def conflicting_mapping(self, alias: str) -> None:
        """An index that cannot take our documents: a number where there are words."""
        made = template(alias)["template"]
        properties = {**made["mappings"]["properties"], "state": {"type": "long"}}
        mappings = {**made["mappings"], "properties": properties}
        self.client.indices.create(index=f"{alias}-000001", mappings=mappings, settings=made["settings"], aliases={alias: {}})


@contextmanager
def started(seed: int) -> Iterator[Servers]:
    """Both servers for as long as this is held; everything they wrote is removed."""
    folder = Path(tempfile.mkdtemp(prefix="rasoat-faults-servers-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        pg = postgresql.start(folder / "postgresql")
        servers = Servers({}, dict(pg), RawValue(c_int, Mode.THROUGH), "")
        stack.callback(shutil.rmtree, str(pg["sockets"]), ignore_errors=True)
        stack.callback(lambda: end(int(servers.pg["pid"]), sign=signal.SIGINT))
        servers.es = dict(elasticsearch.start(folder / "elasticsearch"))
        stack.callback(lambda: end(int(servers.es["pid"]), sign=signal.SIGKILL))
        servers.make_template()
        listening = proxy.make(servers.es["url"], Path(servers.es["ca"]), servers.mode, seed)
        servers.proxied = f"http://127.0.0.1:{listening.server_address[1]}"
        process = _FORK.Process(target=proxy.serve, args=(listening,), daemon=True)
        process.start()
        listening.server_close()
        stack.callback(process.kill)
        yield servers
