"""The one place where pages meet cases: load one as a person may see it, and perform a command on it."""

from __future__ import annotations

from functools import partial
from typing import Final

from classifiers.rules import RuleSet
from rasoat.cases import commands as c
from rasoat.cases.decisions import Decision
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import CaseFacts
from rasoat.errors import EvidenceError, UsageError
from rasoat.harms import Harm
from rasoat.store.records import CaseView
from review_ui.access import LOOKERS, PACK
from review_ui.errors import NotThere, RoleMissing
from review_ui.forms.typed import FieldProblems
from review_ui.views.captures import all_intact
from review_ui.views.case import Asked, CasePage, Ground, case_page
from review_ui.views.queue import severity_of, sla_of
from review_ui.visit import Visit

SAFETY_CODES: Final = frozenset({Harm.CSE, Harm.SHM, Harm.HAR})
"""The safety officer opens these and no other (WORKFLOW §3)."""
URGENT: Final = frozenset({"P0", "P1"})
"""Who looks at such a case is logged (WORKFLOW §6)."""


def load(visit: Visit, case_id: str, *, words: bool = True) -> CaseView:
    """The case. With `words=False` also one whose text is gone: its history stays.

    Raises:
        NotThere: no such case.
        RoleMissing: not one that this person may see.
    """
    try:
        view = visit.site.store.cases.view(case_id)
    except UsageError as error:
        raise NotThere from error
    if not may_see(view.facts, visit.actor.roles):
        raise RoleMissing
    if words and not view.items:
        raise NotThere
    return view


def may_see(facts: CaseFacts, roles: frozenset[Role]) -> bool:
    """The safety officer sees safety cases only; an escalated one is seen by nobody else."""
    if Role.SAFETY_OFFICER in roles and (facts.suggested in SAFETY_CODES or facts.state is CaseState.ESCALATED_CSE):
        return True
    return bool(roles & LOOKERS) and facts.state is not CaseState.ESCALATED_CSE


def still_shown(visit: Visit, case_id: str) -> bool:
    """Whether an answer of the index may be shown: the index comes after SQL, and what was escalated or purged just now is gone at once."""
    try:
        facts = visit.site.store.cases.facts(case_id)
    except UsageError:
        return False
    return facts.state is not CaseState.PURGED and may_see(facts, visit.actor.roles)


def page_of(visit: Visit, view: CaseView, asked: Asked) -> CasePage:
    """The item page of a loaded case. Looking at an urgent one is logged (WORKFLOW §6)."""
    site = visit.site
    if sla_of(site.policy, view.facts.suggested, severity_of(view.priority)).priority in URGENT:
        site.store.audit.log("case.viewed", visit.actor.pseudonym, "case", view.facts.id)
    if asked.reveal:
        site.store.audit.log("case.revealed", visit.actor.pseudonym, "case", view.facts.id)
    ground = Ground(
        policy=site.policy,
        describe=partial(describe, site.rules, visit.locale),
        staffing=site.store.staffing(),
        now=visit.now,
        locale=visit.locale,
        may_download=bool(visit.actor.roles & PACK),
        can_seal=site.seal is not None,
        evidence=site.store.evidence,
    )
    dossiers = tuple(site.store.dossiers.of(view.facts.id))
    similar = site.store.cases.similar(view.facts.id)
    return case_page(view, visit.actor, asked, ground, dossiers, similar, scope=site.scope.of(view))


def perform(visit: Visit, view: CaseView, command: c.Command) -> CaseFacts:
    """Do it, through the store, in one transaction. An approval first reads every capture again.

    Raises:
        EvidenceError: a capture differs from its hash; nothing is approved.
        WorkflowError: the workflow refuses.
    """
    site = visit.site
    if isinstance(command, c.Seal | c.Purge):  # a pack is sealed by building it, a purge by retention; never by saying so
        raise RoleMissing
    if view.facts.suggested is Harm.CSE and not isinstance(command, c.Escalate | c.Release):
        raise RoleMissing
    if isinstance(command, c.Code | c.SecondRead | c.Adjudicate) and command.decision is not None:
        _check_decision(visit, view, command.decision)
    if isinstance(command, c.Approve) and not all_intact(tuple(e.item for e in view.items), site.store.evidence):
        raise EvidenceError("a capture is missing or differs from its hash")
    return site.store.cases.apply(view.facts.id, command, visit.actor)


def _check_decision(visit: Visit, view: CaseView, decision: Decision) -> None:
    """What needs the policy or the text, so that a JSON write is held to what the form is held to."""
    harm, policy = decision.harm, visit.site.policy
    if harm is None:
        return
    offered = {section.id for entry in view.items for section in policy.sections(entry.item.platform, harm)}
    if decision.policy_ground is not None and decision.policy_ground not in offered:
        raise FieldProblems({"policy_ground": "field_policy_ground_other"})
    if not set(decision.legal_grounds) <= {ground.id for ground in policy.grounds_for(harm)}:
        raise FieldProblems({"legal_grounds": "field_legal_grounds_other"})
    if not decision.overrules_scope_warning and visit.site.scope.of(view):
        raise FieldProblems({"overrules_scope_warning": "field_overrules_scope_warning"})


def describe(rules: RuleSet, locale: str, code: str) -> str:
    """A rule in its own words; empty for a code that is no rule of today."""
    rule = next((rule for rule in rules.loaded.rules if f"rule:{rule.id}" == code), None)
    return "" if rule is None else rule.en if locale == "en" else rule.vi
