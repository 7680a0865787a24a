"""What an operator does with an item that stops the assessors, and what a sender does for the public record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from rasoat.errors import UsageError
from rasoat.policy import Policy
from rasoat.settings import ROOT, Settings
from rasoat.store import open_store
from tests.dossier.made import Desk
from tests.flows.conftest import environment
from tests.store.makers import make_item

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings) -> Run:
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env=environment(settings.home))


def test_an_item_that_stops_the_assessors_is_set_aside_once(run: Run, settings: Settings) -> None:
    with open_store(settings) as store:
        item = make_item(store)
        store.inbox.put(item, run_id="r")
    assert json.loads(run("db", "quarantine", item.id, "--problem", "văn bản quá dài", "--json").stdout) == [
        {"item": item.id, "problem": "văn bản quá dài"}
    ]
    assert [one["item"] for one in json.loads(run("db", "quarantine", "--json").stdout)] == [item.id]
    with open_store(settings) as store:
        assert (store.inbox.count_pending(), store.counts()["quarantined"]) == (0, 1)
    for arguments in ((item.id, "--problem", "lần nữa"), ("khong-co", "--problem", "x"), (item.id,)):
        assert isinstance(run("db", "quarantine", *arguments).exception, UsageError)


def test_the_public_copy_comes_out_of_a_pack_that_verifies(run: Run, settings: Settings, tmp_path: Path) -> None:
    desk = Desk(settings, Policy.load(ROOT / "data"))
    pack = desk.build(desk.case()).path
    form = json.loads(run("lumen", str(pack), "--sent", "2026-03-06").stdout)
    assert form["date_sent"] == "2026-03-06"
    assert form["entity_notice_roles_attributes"][0]["entity_name"] == "Tổ chức Ví Dụ"
    broken = tmp_path / "broken.zip"
    broken.write_bytes(pack.read_bytes()[:-40] + b"x" * 40)
    assert isinstance(run("lumen", str(broken), "--sent", "2026-03-06").exception, UsageError)
    assert isinstance(run("lumen", str(tmp_path / "none.zip"), "--sent", "2026-03-06").exception, UsageError)
