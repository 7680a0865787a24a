"""The command line, from files and pages to cases, as a user calls it; the counts of every stage add up."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rasoat.settings import ROOT, Settings
from tests.flows.conftest import Cli

SCAM = "Tài khoản ngân hàng của bạn đã bị khóa. Truy cập http://xac-minh-tk.example và nhập mã OTP để mở lại trong 24h."
PLAIN = "Hôm nay trời đẹp, cả nhà mình đi dạo hồ rồi ăn kem."
CRITICISM = "Ông chủ tịch phường làm việc tắc trách, dân kêu mãi không ai giải quyết, quá thất vọng với chính quyền ở đây."


def _counts(cli: Cli) -> dict[str, int]:
    numbers: dict[str, int] = json.loads(cli("db", "counts", "--json").stdout)
    assert all(isinstance(number, int) for number in numbers.values()), "one flat object of numbers"
    return numbers


def _adds_up(counts: dict[str, int]) -> None:
    assert counts["items"] == counts["pending"] + counts["flagged"] + counts["dropped"] + counts["quarantined"]
    assert counts["assessed"] == counts["flagged"] + counts["dropped"]
    assert counts["indexed"] == counts["flagged"]


def _write(path: Path, *texts: str) -> Path:
    path.write_text("".join(json.dumps({"id": f"t{n}", "text": text}, ensure_ascii=False) + "\n" for n, text in enumerate(texts)), "utf-8")
    return path


def test_a_scam_becomes_a_case_and_the_rest_is_forgotten(cli: Cli, settings: Settings, tmp_path: Path) -> None:
    done = cli("import", str(_write(tmp_path / "posts.jsonl", SCAM, PLAIN, CRITICISM)))
    assert done.returncode == 0, done.stderr
    done = cli("assess", "--json", RASOAT_AUDIT_SHARE="0")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout[done.stdout.index("{") :])
    assert (report["assessed"], report["flagged"], report["dropped"]) == (3, 1, 2)
    counts = _counts(cli)
    _adds_up(counts)
    assert counts["cases"] == 1
    whole_home = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    for text in (PLAIN, CRITICISM):
        assert text.encode() not in whole_home, "what is not flagged is not kept, in no file of the home"
    found = json.loads(cli("search", '"ma otp" ngan hang', "--json").stdout)
    assert found["total"] == 1
    hit = found["hits"][0]
    assert "OTP" in {hit["text"][start:end] for start, end in hit["spans"]} | {
        word for start, end in hit["spans"] for word in hit["text"][start:end].split()
    }


def test_the_same_files_twice_change_nothing(cli: Cli, tmp_path: Path) -> None:
    file = str(_write(tmp_path / "posts.jsonl", SCAM, PLAIN))
    for _ in range(2):
        assert cli("import", file).returncode == 0
        assert cli("assess").returncode == 0
    counts = _counts(cli)
    _adds_up(counts)
    assert (counts["items"], counts["cases"]) == (2, 1)


def test_wrong_use_is_told_apart_from_a_verdict(cli: Cli, tmp_path: Path) -> None:
    assert cli("verify", str(tmp_path / "no.zip")).returncode >= 64
    assert cli("verify").returncode >= 64
    assert cli("crawl").returncode == 64
    (tmp_path / "not.zip").write_bytes(b"no zip at all")
    done = cli("verify", str(tmp_path / "not.zip"), "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["status"] == "unverifiable"


def test_an_error_is_one_clear_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bin.csv").write_bytes(bytes(range(256)) * 40)
    done = cli("import", str(tmp_path / "bin.csv"))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    assert "bin.csv" in done.stderr
    done = cli("doctor", RASOAT_PROT="1")
    assert done.returncode == 65
    assert "RASOAT_PROT" in done.stderr


@pytest.mark.timeout(60)
def test_the_doctor_is_content_with_a_fresh_home(cli: Cli) -> None:
    cli("db", "counts")
    done = cli("doctor", "--json")
    findings = json.loads(done.stdout)
    assert done.returncode == 0, findings
    assert {"Python", "disk", "fonts", "policy", "models", "sources", "store", "Prefect"} <= {finding["what"] for finding in findings}


def test_a_broken_policy_file_is_named_with_line_and_hint(cli: Cli, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for child in (ROOT / "data").iterdir():
        if child.name != "policy":
            (data / child.name).symlink_to(child)
    (data / "policy").mkdir()
    for child in (ROOT / "data" / "policy").iterdir():
        (data / "policy" / child.name).write_bytes(child.read_bytes())
    harms = data / "policy" / "harms.yml"
    harms.write_text(harms.read_text("utf-8").replace("code: FRD", "code: POL", 1).replace("FRD:", "POL:", 1), "utf-8")
    done = cli("doctor", RASOAT_DATA=str(data))
    assert done.returncode == 1
    assert "harms.yml:" in done.stdout


@contextmanager
def _serving(page: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in ("/", "/bai-viet.html")
            body = page if known else b""
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_one_url_of_any_site_needs_no_source(cli: Cli) -> None:
    page = f"<html><title>Thông báo</title><body><main><h1>Thông báo</h1><p>{SCAM}</p><p>{SCAM}</p></main></body></html>"
    with _serving(page.encode()) as url:
        refused = cli("crawl", f"{url}/bai-viet.html", "--max-pages", "3")
        assert refused.returncode != 0
        assert "private" in (refused.stdout + refused.stderr).lower()
        done = cli("crawl", f"{url}/bai-viet.html", "--max-pages", "3", "--allow-private")
        assert done.returncode == 0, done.stdout + done.stderr
    assert cli("assess").returncode == 0
    counts = _counts(cli)
    _adds_up(counts)
    assert counts["cases"] == 1
    assert counts["captures"] >= 1


REAL = ROOT.parent / "shared" / "data"
real_files = [REAL / "vihsd" / "dev.csv", REAL / "sms_smishing" / "train.csv", REAL / "html_pages" / "VnExpress_2025_10_22.html.gz"]

if all(path.is_file() for path in real_files):  # research-only data stands beside the project, never in it

    @pytest.mark.timeout(300)
    def test_real_files_go_through_to_cases(cli: Cli) -> None:
        comments, messages, page = real_files
        done = cli("import", str(comments), str(messages), timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        with _serving(gzip.decompress(page.read_bytes())) as url:
            done = cli("crawl", f"{url}/bai-viet.html", "--max-pages", "2", "--allow-private")
            assert done.returncode == 0, done.stdout + done.stderr
        done = cli("assess", timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        counts = _counts(cli)
        print(counts)
        _adds_up(counts)
        assert counts["items"] >= 3700
        assert counts["cases"] > 20
        assert counts["unmapped"] == 0
        assert cli("db", "check").returncode == 0
