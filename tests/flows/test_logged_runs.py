"""What commands log: JSON lines on stderr with the ids of the run, stdout left alone, and nothing of what was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasoat.settings import Settings
from rasoat.store import open_store
from tests.flows.conftest import Cli

TEXT = "Tài khoản của bạn đã bị khóa. Truy cập http://xac-minh-tk.example/nhap?ma=1 và nhập mã OTP để mở lại trong 24h."


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_an_import_is_logged_with_its_run_and_without_its_words(cli: Cli, settings: Settings, tmp_path: Path) -> None:
    posts = tmp_path / "nguyen-van-vi-du.jsonl"
    posts.write_text(json.dumps({"id": "1", "text": TEXT}) + "\n", "utf-8")
    done = cli("import", str(posts), "--json", RASOAT_LOG_FORMAT="json")
    [report] = json.loads(done.stdout)
    assert report["read"] == 1
    [line] = [line for line in lines(done.stderr) if line["event"] == "run.ended"]
    with open_store(settings) as store:
        run = store.runs.last("import", posts.name)
    assert run is not None
    assert (line["run_id"], line["stage"], line["counts"]["read"]) == (run.id, "import", 1)
    for secret in ("OTP", "xac-minh-tk", "nguyen-van-vi-du"):
        assert secret not in done.stderr


def test_a_password_in_the_environment_is_in_no_line(cli: Cli, free_port: int) -> None:
    address = f"postgresql://rasoat_app:mat-khau-bi-mat@127.0.0.1:{free_port}/rasoat"
    done = cli("db", "counts", RASOAT_DATABASE_URL=address, RASOAT_LOG_LEVEL="debug")
    assert done.returncode != 0
    assert "mat-khau-bi-mat" not in done.stderr + done.stdout
    done = cli(
        "db", "counts", RASOAT_SEARCH_URL=f"http://127.0.0.1:{free_port}", RASOAT_SEARCH_USER="a", RASOAT_SEARCH_PASSWORD="mat-khau-khac"
    )
    assert done.returncode != 0
    assert "mat-khau-khac" not in done.stderr + done.stdout


def test_a_flagged_item_can_be_followed_by_its_id_and_a_dropped_one_leaves_no_line(cli: Cli, settings: Settings, tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    texts = (TEXT, "Hôm nay trời đẹp, cả nhà mình đi dạo hồ rồi ăn kem.")
    posts.write_text("".join(json.dumps({"id": f"t{n}", "text": text}) + "\n" for n, text in enumerate(texts)), "utf-8")
    cli("import", str(posts))
    told = lines(cli("assess", RASOAT_LOG_FORMAT="json").stderr)
    [flagged] = [line for line in told if line["event"] == "item.flagged"]
    [settled] = [line for line in told if line["event"] == "round.settled"]
    assert flagged["run_id"] == settled["run_id"]
    assert (settled["assessed"], settled["flagged"], settled["dropped"]) == (2, 1, 1)
    with open_store(settings) as store:
        assert store.cases.view(flagged["case_id"]).items[0].item.id == flagged["item_id"]
