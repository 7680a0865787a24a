"""What we stand on and what we write: locks with hashes and nothing denied; no pickle, no shell, nothing that makes text into code."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from rasoat.settings import ROOT

LOCKS = ("run", "dev", "train", "uv")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==([0-9][^\s;\\]*)(?:\s*;[^\\]*)?\s*\\?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
SOURCES = ("rasoat", "crawlers", "classifiers", "review_ui", "flows", "bench", "scripts")


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Package to version and number of hashes. A line that is neither a pin, a hash nor a comment is an error."""
    found: dict[str, tuple[str, int]] = {}
    last = ""
    for line in (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines():
        if not line or line.lstrip().startswith("#"):
            continue
        if HASH.match(line):
            version, hashes = found[last]
            found[last] = (version, hashes + 1)
            continue
        pin = PIN.match(line)
        assert pin, f"{name}.txt: no exact pin: {line}"
        last = pin[1]
        assert last not in found, f"{name}.txt: {last} twice"
        found[last] = (pin[2], 0)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_with_its_hashes(name: str) -> None:
    found = locked(name)
    assert found
    assert [package for package, (_, hashes) in found.items() if hashes == 0] == []
    assert not re.search(
        r"https?://|--(extra-)?index-url|--find-links|--trusted-host|git\+", (ROOT / "requirements" / f"{name}.txt").read_text()
    )


def test_all_locks_agree() -> None:
    """What is tested is what runs."""
    tested = locked("dev")
    for name in ("run", "train"):
        differing = {package: version for package, version in locked(name).items() if package in tested and tested[package] != version}
        assert differing == {}


def test_installing_checks_the_hashes() -> None:
    installs = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "pip install" in line and "-r " in line]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


def refused(entry: dict[str, Any], version: str) -> bool:
    if "below" in entry:
        return Version(version) < Version(entry["below"])
    return "versions" not in entry or version in entry["versions"]


def test_nothing_denied_is_locked() -> None:
    denied = yaml.safe_load((ROOT / "tests" / "security" / "denied_packages.yml").read_text("utf-8"))
    assert all(entry["name"] and entry["reason"] for entry in denied)
    wrong = [
        f"{lock}: {package} {version}: {entry['reason']}"
        for lock in LOCKS
        for package, (version, _) in locked(lock).items()
        for entry in denied
        if entry["name"] == package and refused(entry, version)
    ]
    assert wrong == []
    assert refused({"below": "3.1.6"}, "3.1.5")
    assert not refused({"below": "3.1.6"}, "3.1.10")


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    found = (path for room in SOURCES for path in sorted((ROOT / room).rglob("*.py")))
    return tuple((path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))) for path in found)


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def keyword(node: ast.Call, name: str) -> object:
    return next((getattr(one.value, "value", ast.unparse(one.value)) for one in node.keywords if one.arg == name), None)


MODULES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle", "xmlrpc", "telnetlib", "imp"}
CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execl", "os.execv", "os.execvp", "os.spawnl", "os.spawnv",
    "commands.getoutput", "subprocess.getoutput", "subprocess.getstatusoutput", "yaml.load", "yaml.unsafe_load", "yaml.full_load",
    "tempfile.mktemp", "ssl._create_unverified_context", "Markup", "markupsafe.Markup", "xml.etree.ElementTree.fromstring",
    "xml.dom.minidom.parseString", "asyncio.create_subprocess_shell",
}  # fmt: skip


FICTION = {"crawlers/demo_web/rendering.py"}
"""Renders the demo web's own files; no page of the review site comes from it."""


def test_nothing_turns_bytes_or_text_into_code() -> None:
    wrong = []
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                wrong += [f"{name}:{node.lineno} imports {module}" for module in imported if module.split(".")[0] in MODULES]
            if isinstance(node, ast.Call):
                plain = called(node) == "Markup" and (isinstance(node.args[0], ast.Constant) or name in FICTION)
                if called(node) in CALLS and not plain and "SafeLoader" not in str(keyword(node, "Loader")):
                    wrong.append(f"{name}:{node.lineno} calls {called(node)}")
                if called(node).endswith(".extractall") or called(node) == "shutil.unpack_archive":
                    wrong.append(f"{name}:{node.lineno} unpacks to disk")
                shell, verify, unsafe = keyword(node, "shell"), keyword(node, "verify"), keyword(node, "allow_pickle")
                if shell not in (None, False) or verify is False or unsafe not in (None, False):
                    wrong.append(f"{name}:{node.lineno} {ast.unparse(node)[:80]}")
                if called(node) in ("torch.load",) and keyword(node, "weights_only") is not True:
                    wrong.append(f"{name}:{node.lineno} unpickles a model")
    assert "\n".join(wrong) == ""


def test_every_parser_of_xml_resolves_nothing() -> None:
    parsers = [
        (name, node)
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) == "etree.XMLParser"
    ]
    assert parsers
    for name, node in parsers:
        options = (keyword(node, "resolve_entities"), keyword(node, "no_network"), keyword(node, "huge_tree"))
        assert options == (False, True, False), name


def test_every_template_escapes_and_holds_no_script() -> None:
    templates = sorted((ROOT / "review_ui" / "templates").glob("*.html"))
    assert templates
    for path in templates:
        text = path.read_text("utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape|<script(?! src=\"\{\{ asset\()|\son\w+=|\sstyle=|javascript:|hx-on|hx-vals", text), (
            path.name
        )
    others = [path.as_posix() for path in Path(ROOT / "review_ui").rglob("*.html") if path.parent.name != "templates"]
    assert others == []


def test_tokens_come_from_the_system_s_randomness() -> None:
    """`random` is for tests, jitter and training."""
    secret = {"rasoat/store/sessions.py", "rasoat/store/accounts.py", "rasoat/settings.py"}
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        if name.startswith("review_ui/") or name in secret
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names)
    ]
    assert secret <= {name for name, _ in sources()}
    assert wrong == []
