"""Logs: one JSON object a line, with the ids of the run and the item, and never a secret, whoever logs it and however."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from rasoat.logs import REMOVED, Redactor, configure, secrets_of, working_on
from rasoat.settings import Settings

SECRETS = {
    "search_password": "Tim-Kiem-7!x",
    "search_api_key": "YWJjOmRlZmdoaWprbA",
    "database": "Cơ sở/dữ liệu?9",
    "metrics": "do-luong-42",
    "notify": "https://bao.example/ma-bi-mat-9",
}


@pytest.fixture
def known(tmp_path: Path) -> Settings:
    """Settings that hold a secret of every kind."""
    for name in ("database", "metrics", "notify"):
        (tmp_path / name).write_text(SECRETS[name] + "\n", "utf-8")
    return Settings(
        home=tmp_path,
        database_url="postgresql://rasoat_app:mat%20khau%20url@db.example/rasoat",
        database_password_file=tmp_path / "database",
        metrics_token_file=tmp_path / "metrics",
        notify_url_file=tmp_path / "notify",
        search_password=SECRETS["search_password"],
        search_api_key=SECRETS["search_api_key"],
    )


@pytest.fixture
def log(known: Settings) -> Iterator[io.StringIO]:
    """The stream that everything goes to; the process is as before afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure(known, stream=stream)
    yield stream
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_and_carries_run_and_item(log: io.StringIO) -> None:
    with working_on(run_id="r-1", source="bao-vi-du"), working_on(item_id="i-9"):
        structlog.get_logger("flows").info("item.admitted", flagged=2)
    logging.getLogger("thư.viện").warning("chậm %s", "quá")
    ours, theirs = lines(log)
    assert (ours["event"], ours["run_id"], ours["item_id"], ours["source"], ours["flagged"], ours["level"]) == (
        "item.admitted",
        "r-1",
        "i-9",
        "bao-vi-du",
        2,
        "info",
    )
    assert ours["at"].endswith("Z")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("chậm quá", "thư.viện", "warning")
    assert "run_id" not in theirs


def test_a_library_may_bring_ids_of_its_own(log: io.StringIO) -> None:
    logging.getLogger("rasoat.crawl").info("trang hỏng", extra={"run_id": "r-2"})
    assert lines(log)[0]["run_id"] == "r-2"


def test_no_secret_of_the_settings_is_ever_written(log: io.StringIO, known: Settings) -> None:
    assert set(SECRETS.values()) <= set(secrets_of(known))
    ours, theirs = structlog.get_logger("ours"), logging.getLogger("theirs")
    for secret in secrets_of(known):
        ours.info(f"với {secret} trong câu", problem=f"x{secret}x", nested={"deep": [f"a {secret}"]}, password=secret)
        theirs.warning("%s", secret)
        theirs.warning("kèm", extra={"note": secret})
        try:
            raise ValueError(f"không vào được bằng {secret}")
        except ValueError:
            ours.exception("hỏng")
            theirs.exception("hỏng")
    written = log.getvalue() + "".join(json.dumps(line, ensure_ascii=False) for line in lines(log))
    for secret in secrets_of(known):
        assert secret not in written
    assert "ValueError" in written  # the trace itself is there
    assert all(isinstance(line, dict) for line in lines(log))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("postgresql://app:mat-khau@db.example/rasoat", f"postgresql://{REMOVED}@db.example/rasoat"),
        ("đọc https://trang.example/nguoi/lan?sdt=0912345678 hỏng", "đọc https://trang.example/… hỏng"),
        ("https://trang.example", "https://trang.example"),
        ("Authorization: Bearer abc.def-123456", f"Authorization: Bearer {REMOVED}"),
        ("[SQL: INSERT INTO texts] [parameters: ('Nguyễn Văn Ví Dụ', 1)]", f"[SQL: INSERT INTO texts] [parameters: {REMOVED}]"),
        ("duplicate key\nDETAIL: Key (login)=(lan) already exists.", f"duplicate key\nDETAIL: {REMOVED}"),
    ],
)
def test_what_looks_like_a_secret_or_tells_which_page_is_taken_out(said: str, told: str) -> None:
    assert Redactor().text(said) == told


@pytest.mark.parametrize(
    "name", ["password", "db_password", "X-CSRF-Token", "Cookie", "api_key", "apikey", "Authorization", "client_secret"]
)
def test_a_field_with_the_name_of_a_secret_is_empty_whatever_it_holds(log: io.StringIO, name: str) -> None:
    structlog.get_logger().info("gửi", headers={name: "abc"}, **{name: "abc"})
    [line] = lines(log)
    assert line[name] == line["headers"][name] == REMOVED


def test_a_text_that_slips_in_is_cut(log: io.StringIO) -> None:
    structlog.get_logger().info("mục", problem="chữ " * 5000)
    assert len(log.getvalue()) < 3000


def test_configured_twice_writes_once(log: io.StringIO, known: Settings) -> None:
    configure(known, stream=log)
    structlog.get_logger().info("một lần")
    assert len(lines(log)) == 1


def test_a_line_break_in_a_value_makes_no_second_line(log: io.StringIO) -> None:
    structlog.get_logger().info('một\n{"event": "giả"}', problem="a\nb")
    assert len(lines(log)) == 1


def test_the_level_is_obeyed(known: Settings, log: io.StringIO) -> None:
    configure(known.model_copy(update={"log_level": "error"}), stream=log)
    structlog.get_logger().info("thường")
    structlog.get_logger().error("nặng")
    assert [line["event"] for line in lines(log)] == ["nặng"]
