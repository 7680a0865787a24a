"""Loading the policy: what it holds, and how a mistake in a file is told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from rasoat.cases.decisions import ContextBox, Measure
from rasoat.errors import CharterError, ConfigError
from rasoat.harms import NO_DOSSIER, Harm, Outcome, Severity
from rasoat.items import Platform
from rasoat.missing import Missing
from rasoat.policy import Policy, check
from rasoat.policy.models import Term
from rasoat.settings import Settings
from rasoat.yamlfile import read_document

Edit = Callable[[str, str, str], Path]


@pytest.fixture(scope="module")
def policy(data_dir: Path) -> Policy:
    return Policy.load(data_dir)


def test_every_harm_is_described(policy: Policy) -> None:
    assert set(policy.harms) == set(Harm)
    for harm in Harm:
        found = policy.harm(harm)
        assert found.code is harm
        assert len(found.include.vi) == len(found.include.en)
        assert found.rights_note.vi != found.rights_note.en
        assert 0 < found.queue_threshold < 1
        assert found.dsa_category in policy.dsa_categories


def test_severities_and_measures_follow_the_taxonomy(policy: Policy) -> None:
    assert policy.harm(Harm.CSE).severity is Severity.S1
    assert policy.harm(Harm.FRD).severity is Severity.S2
    assert policy.harm(Harm.ADV).severity is Severity.S4
    assert policy.harm(Harm.AGG).default_measure is Measure.LETTER
    assert policy.harm(Harm.ADV).default_measure is Measure.LABEL
    assert policy.harm(Harm.CSE).sla.dossier is None
    assert policy.harm(Harm.CSE).sla.triage.at_least == timedelta(minutes=15)


def test_outcomes_boxes_and_measures_are_complete(policy: Policy) -> None:
    assert set(policy.outcomes) == set(Outcome)
    assert {box.id for box in policy.context_boxes} == set(ContextBox)
    assert [measure.id for measure in policy.measures] == list(Measure)


def test_every_harm_that_allows_a_dossier_has_a_rule_to_name(policy: Policy) -> None:
    """Otherwise a reader could never complete a decision (Decision wants a section or a ground)."""
    for harm in set(Harm) - NO_DOSSIER:
        assert policy.grounds_for(harm) or policy.sections(Platform.WEB, harm)
        for platform in (Platform.YOUTUBE, Platform.TIKTOK, Platform.FACEBOOK):
            assert policy.sections(platform, harm) or policy.grounds_for(harm), (platform, harm)


def test_a_section_knows_its_destination(policy: Policy) -> None:
    section = policy.section("meta-privacy")
    assert (section.platform, section.destination) == (Platform.FACEBOOK, "meta")
    assert section.url is Missing
    assert section in policy.sections(Platform.FILE, Harm.PII)


def test_the_section_that_is_about_the_harm_is_offered_first(policy: Policy) -> None:
    assert policy.sections(Platform.FACEBOOK, Harm.IMP)[0].id == "meta-impersonation"


def test_unknown_names_are_told(policy: Policy) -> None:
    with pytest.raises(CharterError, match="allow-list"):
        policy.ground("VN-331")
    with pytest.raises(CharterError):
        policy.check_ground("")
    with pytest.raises(ConfigError, match="no platform section"):
        policy.section("no-such")
    with pytest.raises(ConfigError, match="NGO"):
        policy.capacity("KING")


def test_the_default_capacity_exists(policy: Policy, settings: Settings) -> None:
    assert policy.capacity(settings.requester_capacity).label.vi


def test_a_public_authority_is_labelled(policy: Policy) -> None:
    authority = policy.capacity("PUBLIC_AUTHORITY")
    assert authority.public_authority
    assert not authority.in_product_flags
    assert authority.label.en == "THIS IS A GOVERNMENT REQUEST."
    assert sum(capacity.public_authority for capacity in policy.capacities.values()) == 1


def test_nothing_can_be_changed(policy: Policy) -> None:
    with pytest.raises(ValidationError):
        policy.harm(Harm.FRD).severity = Severity.S1  # type: ignore[misc]
    with pytest.raises(TypeError):
        policy.grounds["X"] = policy.ground("VN-IP")  # type: ignore[index]


def test_loading_is_fast(data_dir: Path) -> None:
    """Every command loads the policy. CPU time, with a wide bound: this is no benchmark."""
    Policy.load(data_dir)
    start = time.process_time()
    Policy.load(data_dir)
    assert time.process_time() - start < 1.0


def test_the_version_changes_with_any_byte(policy: Policy, copy: Path) -> None:
    assert Policy.load(copy).version == policy.version
    path = copy / "policy" / "measures.yml"
    path.write_text(path.read_text("utf-8") + "# looked at again\n", "utf-8")
    assert Policy.load(copy).version != policy.version


def test_a_wrong_value_names_its_line(edit: Edit) -> None:
    data = edit("harms.yml", "queue_threshold: 0.6", "queue_threshold: 6")
    [problem] = check(data)
    lines = (data / "policy" / "harms.yml").read_text("utf-8").splitlines()
    assert problem.place is not None
    assert lines[problem.place.line - 1].strip() == "queue_threshold: 6"
    assert "less than 1" in problem.message


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("harms.yml", "default_measure: remove_item", "default_mesure: remove_item", "unknown key"),
        ("harms.yml", "triage: 8 h", "triage: soon", "not a term"),
        ("harms.yml", "severity: 4", "severity: 9", "severity"),
        ("outcomes.yml", "code: CTX", "code: MAYBE", "Input should be"),
        ("context.yml", "id: satire", "id: news", "missing: satire"),
        ("measures.yml", "id: letter", "id: label", "missing: letter"),
        ("legal_grounds.yml", "as_of: 2026-11-22", "as_of: yesterday", "as_of"),
        ("legal_grounds.yml", "id: VN-AD-15a", "id: VN-AD-7", "twice"),
        ("legal_grounds.yml", "area: fraud", "area: public_morals", "area"),
        ("platforms.yml", "id: tiktok-spam,", "id: meta-spam,", "twice"),
        ("platforms.yml", "platform: youtube", "platform: myspace", "platform"),
        ("dsa.yml", "keywords: [OTHER_X]", "", ""),
        ("capacities.yml", "id: COMPANY", "id: INFLUENCER", "closed"),
        ("capacities.yml", "in_product_flags: false", "in_product_flags: true", "in-product"),
        ("harms.yml", "taxonomy: vmt/1", "taxonomy: vmt/2", "taxonomy"),
    ],
)
def test_each_mistake_is_found(edit: Edit, name: str, old: str, new: str, told: str) -> None:
    if not told:
        old, new, told = "[COPYRIGHT_INFRINGEMENT, TRADEMARK_INFRINGEMENT]", "[TRADEMARK_INFRINGEMENT]", "not in dsa.yml"
    problems = check(edit(name, old, new))
    assert any(re.search(told, str(problem)) for problem in problems), problems
    assert all(problem.place and problem.place.file for problem in problems)


def test_all_problems_are_told_at_once(edit: Edit) -> None:
    edit("harms.yml", "severity: 4", "severity: 9")
    edit("context.yml", "id: satire", "id: news")
    data = edit("legal_grounds.yml", "as_of: 2026-11-22", "as_of: never")
    assert len(check(data)) >= 4
    with pytest.raises(ConfigError, match="problems in the policy files") as caught:
        Policy.load(data)
    for name in ("harms.yml", "context.yml", "legal_grounds.yml"):
        assert name in str(caught.value)


def test_a_missing_or_a_strange_file_is_told(copy: Path) -> None:
    (copy / "policy" / "context.yml").unlink()
    (copy / "policy" / "extra.yml").write_text("a: 1\n")
    told = " ".join(str(problem) for problem in check(copy))
    assert "context.yml" in told
    assert "not one of the policy files" in told


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        Policy.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: [1, 2", "not YAML"),
        (b"a: 1\na: 2\n", "twice"),
        (b"a: &x 1\nb: *x\n", "anchors"),
        (b"? [1]\n: 2\n", "plain word"),
        (b"a: !!python/object/apply:os.getcwd []\n", "tag"),
        (b"a: !!binary |\n  aaaa\n", "harms"),
        (b"a: \xff\xfe\n", "not UTF-8"),
        (b"\x00\x01\x02", "not YAML"),
        (b"a: " + b"x" * 2_100_000, "larger"),
        (b"- just\n- a list\n", ""),
        (b"", ""),
    ],
)
def test_no_file_content_breaks_the_loader(copy: Path, content: bytes, told: str) -> None:
    """Whatever stands in a file, the answer is a ConfigError that names the file."""
    (copy / "policy" / "harms.yml").write_bytes(content)
    problems = check(copy)
    assert problems
    assert all("harms.yml" in str(problem) for problem in problems)
    assert re.search(told, str(problems[0]))


def test_places_point_at_keys(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("a:\n  - b: 1\n    c: 2\n", "utf-8")
    document = read_document(path)
    assert (document.place("a", 0, "c").line, document.place("a", 0, "c").column) == (3, 5)
    assert document.place("a", 0, "absent").line == 2
    assert document.place("nothing").line == 1


def test_terms_read_and_speak(policy: Policy) -> None:
    triage = policy.harm(Harm.ADV).sla.triage
    assert triage.of("vi") == "3 ngày làm việc"
    assert triage.of("en") == "3 working days"
    assert Term(amount=14, unit="d").at_least == timedelta(days=14)  # type: ignore[arg-type]
