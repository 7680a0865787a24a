"""The forms that others script against: exit codes, JSON alone on stdout, one clear line for every error, one folder written to."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from flows import cli as command_line
from flows.commands import ORDER
from rasoat.settings import ROOT, Settings
from tests.flows.conftest import Cli, environment

SCAM = "Tài khoản ngân hàng của bạn đã bị khóa. Truy cập http://xac-minh-tk.example và nhập mã OTP để mở lại trong 24h."
PLAIN = "Hôm nay trời đẹp, cả nhà mình đi dạo hồ rồi ăn kem."
CONTENTS = """
    crawl import assess collect search cases review dossier verify lumen report schedule worker project train evaluate classify metrics
    doctor users db tour
""".split()  # noqa: SIM905
COUNTED = {"pages", "captures", "items", "assessed", "flagged", "dropped", "cases", "sealed"}


def _posts(path: Path, *texts: str) -> str:
    path.write_text("".join(json.dumps({"id": f"t{n}", "text": text}) + "\n" for n, text in enumerate(texts)), "utf-8")
    return str(path)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_help_is_the_table_of_contents(cli: Cli) -> None:
    shown = cli("--help").stdout
    for name in CONTENTS:
        assert f" {name} " in shown
    assert sum(len(functions) for _, functions in ORDER) == 20
    for command, options in {
        "crawl": ("--max-pages", "--allow-private"),
        "import": ("--mapper",),
        "search": ("--json",),
        "tour": ("--out",),
        "classify": ("--input", "--output"),
        "verify": ("--json", "0 ok, 1 broken, 2 unverifiable"),
    }.items():
        told = " ".join(cli(command, "--help").stdout.split())
        assert all(option in told for option in options), command


def test_json_stands_alone_on_stdout(cli: Cli, tmp_path: Path) -> None:
    posts = _posts(tmp_path / "posts.jsonl", SCAM, PLAIN)
    [imported] = json.loads(cli("import", posts, "--json").stdout)
    assert (imported["read"], imported["mapped"]) == (2, 2)
    assert json.loads(cli("assess", "--json").stdout)["assessed"] == 2
    counts = json.loads(cli("db", "counts", "--json").stdout)
    assert set(counts) >= COUNTED
    assert all(type(number) is int for number in counts.values())
    assert json.loads(cli("search", "otp", "--json").stdout)["total"] == 1
    assert json.loads(cli("cases", "--json").stdout)["total"] == 1
    assert json.loads(cli("report", "--json").stdout)["automated_decisions"] == 0
    assert json.loads(cli("doctor", "--json").stdout)


def test_an_import_goes_on_after_a_file_that_cannot_be_read(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "bytes.csv").write_bytes(bytes(range(256)) * 40)
    done = cli(
        "import",
        str(tmp_path / "empty.csv"),
        _posts(tmp_path / "one.jsonl", SCAM),
        str(tmp_path / "bytes.csv"),
        _posts(tmp_path / "two.jsonl", PLAIN),
    )
    assert done.returncode == 65
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == ["empty.csv", "bytes.csv"]
    assert "one.jsonl" in done.stdout
    assert json.loads(cli("db", "counts", "--json").stdout)["items"] == 2


def test_names_that_do_not_exist_are_refused_with_those_that_do(cli: Cli) -> None:
    for arguments in (("search", "x", "--code", "POL"), ("cases", "--code", "POL")):
        done = cli(*arguments)
        assert done.returncode == 64
        assert "no code 'POL'; there are: FRD" in done.stderr
    done = cli("search", "x", "--state", "open")
    assert done.returncode == 64
    assert "triage" in done.stderr
    done = cli("crawl", "https://a.example/", "https://b.example/")
    assert done.returncode == 64
    assert "one URL at a time" in done.stderr


def test_places_that_cannot_be_used_are_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for code, *arguments in (
        (64, "verify", str(tmp_path / "file"), "--key", str(tmp_path / "none.pem")),
        (64, "verify", str(tmp_path)),
        (74, "report", "--out", str(tmp_path / "file")),
        (74, "tour", "--out", str(tmp_path / "file")),
        (65, "classify", "--input", str(tmp_path / "none.jsonl"), "--output", str(tmp_path / "out.jsonl")),
        (64, "import", str(tmp_path / "none.csv")),
        (64, "dossier", "abc", "--login", "nobody"),
    ):
        done = cli(*map(str, arguments))
        assert done.returncode == code, (arguments, done.stderr)
        assert done.stderr.startswith("rasoat: ")
        assert len(done.stderr.splitlines()) == 1
    assert cli("db", "counts", RASOAT_HOME=str(tmp_path / "file")).returncode == 65


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 75, "free some space"),
        (OSError(errno.EFBIG, "File too large"), 75, "free some space"),
        (PermissionError(errno.EACCES, "Permission denied", "/somewhere"), 74, "/somewhere"),
        (RuntimeError("nobody foresaw this"), 70, "nobody foresaw this"),
        (BrokenPipeError(), 141, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_no_error_looks_like_a_verdict(
    error: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(**_: object) -> None:
        raise error

    monkeypatch.setattr(typer.main, "get_command", lambda _: fails)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == code
    assert told in capsys.readouterr().err


def test_nothing_is_written_outside_of_the_home(tmp_path: Path) -> None:
    outside = {name: tmp_path / name for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "cwd")}
    for folder in outside.values():
        folder.mkdir()
    posts = _posts(tmp_path / "posts.jsonl", SCAM, PLAIN)
    homes = [tmp_path / "a", tmp_path / "b nhà thứ hai"]
    names = {name: str(folder) for name, folder in outside.items() if name != "cwd"}

    def call(home: Path | str, *arguments: str) -> None:
        given = environment(Path(home), **names, PYTHONPATH=str(ROOT))
        given["RASOAT_HOME"] = str(home)
        command = [sys.executable, "-m", "flows", *arguments]
        done = subprocess.run(command, env=given, cwd=outside["cwd"], capture_output=True, text=True, check=False, timeout=110)
        assert done.returncode in (0, 1), done.stderr

    call(homes[0], "import", posts)
    before = _files(homes[0])
    for arguments in (("import", posts), ("assess",), ("search", "otp"), ("report",), ("doctor",), ("schedule", "--list"), ("db", "purge")):
        call(homes[1], *arguments)
    assert _files(homes[0]) == before, "two homes never touch each other"
    for name, folder in outside.items():
        assert list(folder.rglob("*")) == [], name
    call("", "db", "counts")
    assert [path.name for path in outside["cwd"].iterdir()] == ["var"], "an empty RASOAT_HOME means the default"


def test_only_the_output_of_classify_is_written(cli: Cli, settings: Settings, tmp_path: Path) -> None:
    posts, out = _posts(tmp_path / "texts.jsonl", SCAM, PLAIN), tmp_path / "answers.jsonl"
    assert cli("classify", "--input", posts, "--output", str(out)).returncode == 0
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert list(first) == ["id", "probabilities", "flagged", "reasons", "uncertain"]
    assert (first["id"], second["flagged"]) == ("t0", [])
    assert "FRD" in first["flagged"]
    assert len(first["probabilities"]) == 14
    assert not settings.home.exists()
    out.unlink()
    (tmp_path / "texts.jsonl").write_text('{"id": "1", "text": "x"}\n{"id": "2"}\n')
    done = cli("classify", "--input", posts, "--output", str(out))
    assert done.returncode == 65
    assert "texts.jsonl:2:" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"texts.jsonl"}, "nothing half-written stays"
