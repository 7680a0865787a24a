"""From the real store to a sealed pack: every command by its person, the pack built from what the store hands out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator

import pytest

from rasoat.cases import commands as c
from rasoat.cases.decisions import DeferralReason, NoContactReason, NoticeChoice
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock, Ids
from rasoat.dossier import Request, Signer, Status, verify_pack
from rasoat.harms import Severity
from rasoat.policy import Policy
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from tests.dossier.made import BUILT_AT, T0, assessment, decision, item, mask, written

READER, APPROVER = Actor("an-01", frozenset({Role.REVIEWER})), Actor("cuc-03", frozenset({Role.APPROVER}))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(T0)


@pytest.fixture
def store(settings: Settings, clock: FixedClock, ids: Ids) -> Iterator[Store]:
    with open_store(settings, clock=clock, ids=ids) as opened:
        for login, role in (("an", Role.REVIEWER), ("cuc", Role.APPROVER), ("dao", Role.COMPLAINT_PANEL)):
            opened.accounts.add(login, "mat-khau-dai-va-gia", login.title(), {role})
        yield opened


def approved(store: Store, clock: FixedClock, notice: c.GiveNotice) -> str:
    lead = item(store.evidence)
    store.inbox.put(lead, run_id="run")
    case_id = store.cases.admit(lead, assessment(), signature=None, band_keys=(), severity=Severity.S2, sampled=False).case_id
    steps: list[tuple[c.Command, Actor]] = [
        (c.Claim(), READER),
        (c.Code(decision=decision(lead)), READER),
        (c.Claim(), APPROVER),
        (c.Approve(bona_fide=True, capture_verified=True, reason="Đã đối chiếu bản ghi với trang."), APPROVER),
        (notice, APPROVER),
    ]
    for command, actor in steps:
        clock.advance(minutes=5)
        store.cases.apply(case_id, command, actor)
    clock.at = BUILT_AT
    return case_id


@pytest.mark.parametrize(
    ("notice", "told"),
    [
        (
            c.GiveNotice(choice=NoticeChoice.SENT, channel="thư điện tử ở chân trang", reason="Gửi theo địa chỉ công khai."),
            {"choice": "sent", "channel": "thư điện tử ở chân trang", "deferral": None, "no_contact": None},
        ),
        (
            c.GiveNotice(
                choice=NoticeChoice.DEFERRED,
                deferral=DeferralReason.ACTIVE_FRAUD,
                deferred_until=BUILT_AT.replace(day=20),
                reason="Báo ngay sẽ làm mất chứng cứ.",
            ),
            {"choice": "deferred", "deferral": "active_fraud", "deferred_until": "2026-03-20T08:00:00.000000Z"},
        ),
        (
            c.GiveNotice(choice=NoticeChoice.NOT_SENT, no_contact=NoContactReason.NO_CONTACT_FOUND, reason="Trang không có liên hệ."),
            {"choice": "not_sent", "no_contact": "no_contact_found", "channel": None},
        ),
    ],
)
def test_a_case_of_the_real_store_becomes_a_pack_that_verifies(
    settings: Settings, store: Store, policy: Policy, clock: FixedClock, ids: Ids, notice: c.GiveNotice, told: dict[str, str | None]
) -> None:
    case_id = approved(store, clock, notice)
    request = Request(store.cases.view(case_id), policy, settings, store.staffing(), clock.now(), ids.new(), mask)
    pack = written(request, store.evidence, Signer.load(settings), settings.dossier_dir)
    assert verify_pack(pack.path, key=Signer.load(settings).public.pem).status is Status.OK
    with zipfile.ZipFile(pack.path) as archive:
        core, log = json.loads(archive.read("notice.json")), json.loads(archive.read("custody.json"))
    assert {key: core["publisher_notice"][key] for key in told} == told
    assert log["head"] == store.cases.view(case_id).events[-1].hash
    assert store.cases.verify_chain(case_id) == []
    sealed = store.cases.apply(case_id, c.Seal(dossier_id=pack.dossier_id, pack_sha256=pack.sha256), APPROVER)
    assert sealed.state is CaseState.DOSSIER_READY
