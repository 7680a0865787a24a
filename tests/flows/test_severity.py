"""A threat to life stands first in the queue before anybody has read it."""

from __future__ import annotations

from pathlib import Path

from classifiers.rules import RuleSet
from rasoat.harms import Harm, Severity
from rasoat.policy import Policy


def test_a_threat_with_time_and_place_is_s1_and_other_harassment_is_not(data_dir: Path) -> None:
    harassment = Policy.load(data_dir).harm(Harm.HAR)
    assert harassment.severity_shown({"rule:har.threat-time-place"}) is Severity.S1
    assert harassment.severity_shown({"rule:har.lender", "model:linear.har"}) is Severity.S3


def test_every_rule_that_the_policy_names_exists(data_dir: Path) -> None:
    known = {f"rule:{rule.id}" for rule in RuleSet.load(data_dir).loaded.rules}
    named = {code for harm in Policy.load(data_dir).harms.values() if harm.urgent for code in harm.urgent.rules}
    assert named
    assert named <= known
