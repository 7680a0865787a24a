"""Sealing through the real store: refusals that need the whole history, and the stages run again after a kill."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from classifiers.personal_data import mask
from flows.runtime import Runtime, open_runtime
from flows.site import app_for
from flows.stages.assess import assess
from flows.stages.dossiers import PrepareReport, prepare, seal
from flows.stages.project import project
from flows.stages.report import transparency
from rasoat.canonical import sha256_hex, text_hash
from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision, Measure, NoContactReason, NoticeChoice, PlatformAnswer, Quote
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock, Ids
from rasoat.dossier import Request, Signer, make_pack, verify_bytes, verify_pack
from rasoat.errors import DossierRefused, EvidenceError
from rasoat.harms import Harm
from rasoat.items import Capture, CaptureMethod, Item, ItemKind, Platform, item_id
from rasoat.settings import Settings
from rasoat.store.records import QueueQuery
from tests.review_ui.house import PASSWORD, Browser
from tests.services import copied_database, made_bucket

SCAM = "Tài khoản ngân hàng của bạn đã bị khóa. Truy cập http://xac-minh-tk.example và nhập mã OTP để mở lại {}."
URL = "https://mang.example/bai/1"


@pytest.fixture
def rt(settings: Settings, clock: FixedClock, ids: Ids) -> Iterator[Runtime]:
    quiet = settings.model_copy(update={"second_reading_share": 0.0, "audit_share": 0.0})
    with open_runtime(quiet, clock=clock, ids=ids) as runtime:
        _hire(runtime)
        yield runtime


def _hire(rt: Runtime) -> None:
    for login in ("mot", "hai", "ba", "bon"):
        rt.store.accounts.add(login, PASSWORD, login, frozenset(Role) - {Role.SYSTEM}, "vi")


def _actor(rt: Runtime, login: str) -> Actor:
    account = rt.store.accounts.get(login)
    assert account is not None
    return Actor(account.pseudonym, account.roles)


def _open_case(rt: Runtime, text: str) -> str:
    body = rt.store.evidence.put(text.encode(), "application/json", sealed=True)
    capture = Capture(
        id=rt.ids.new(),
        method=CaptureMethod.IMPORT,
        captured_at=rt.clock.now(),
        blob=body,
        payload_sha256=sha256_hex(text.encode()),
        text_sha256=text_hash(text),
        tool="test/1",
        requested_url=URL,
    )
    item = Item(
        id=item_id(Platform.FACEBOOK, ItemKind.POST, URL),
        platform=Platform.FACEBOOK,
        kind=ItemKind.POST,
        locator=URL,
        source="test",
        text=text,
        verbatim=text,
        captured_at=rt.clock.now(),
        url=URL,
        raw=body,
        captures=(capture,),
    )
    rt.store.inbox.put(item, run_id=rt.store.runs.start("import", "test"))
    assert assess(rt).opened == 1
    project(rt)
    open_cases = [
        row.case_id
        for row in rt.store.cases.queue(QueueQuery(readable_only=False), _actor(rt, "mot")).rows
        if row.state is CaseState.TRIAGE
    ]
    return open_cases[0]


def _approve(rt: Runtime, case_id: str) -> None:
    lead = rt.store.cases.view(case_id).items[0].item
    decision = Decision(
        outcome=Harm.FRD,
        quote=Quote(item_id=lead.id, start=0, end=39),
        context=frozenset({ContextBox.NO_BOX}),
        innocent_reading="Có thể là tin nhắn thật của ngân hàng.",
        reason="Bài đăng đòi mã OTP qua một địa chỉ giả, để chiếm tài khoản của người đọc.",
        measure=Measure.REMOVE_ITEM,
        policy_ground=rt.policy.sections(Platform.FACEBOOK, Harm.FRD)[0].id,
    )
    for login, command in (
        ("mot", c.Claim()),
        ("mot", c.Code(decision=decision)),
        ("hai", c.Claim()),
        ("hai", c.Approve(bona_fide=True, capture_verified=True, reason="Đã đọc lại bản chụp và mã băm.")),
        (
            "hai",
            c.GiveNotice(
                choice=NoticeChoice.NOT_SENT, no_contact=NoContactReason.BULK_COMMERCIAL, reason="Bài hàng loạt, không có cách liên hệ."
            ),
        ),
    ):
        rt.store.cases.apply(case_id, command, _actor(rt, login))


def test_what_was_reversed_is_not_asked_again(rt: Runtime, clock: FixedClock) -> None:
    first = _open_case(rt, SCAM.format("trong 24h"))
    _approve(rt, first)
    record = seal(rt, first, _actor(rt, "hai"))
    assert verify_pack(rt.settings.dossier_dir / record.path).status == "ok"
    clock.advance(hours=1)
    rt.store.cases.apply(first, c.MarkSent(channel="biểu mẫu của nền tảng"), _actor(rt, "hai"))
    rt.store.cases.apply(first, c.Complain(grounds="Đây là bài cảnh báo của tôi."), _actor(rt, "bon"))
    rt.store.cases.apply(first, c.ResolveComplaint(reversed=True, reason="Đúng là bài cảnh báo."), _actor(rt, "bon"))
    clock.advance(days=1)
    second = _open_case(rt, SCAM.format("trước 17 giờ chiều nay theo quy định mới"))
    assert second != first
    _approve(rt, second)
    with pytest.raises(DossierRefused, match="revers") as refused:
        seal(rt, second, _actor(rt, "hai"))
    assert refused.value.reasons
    assert rt.store.cases.view(second).facts.state is CaseState.PUBLISHER_NOTICE
    assert rt.store.check() == []


def test_a_refused_dossier_says_everything_that_is_missing(rt: Runtime) -> None:
    case_id = _open_case(rt, SCAM.format("trong 24h"))
    with pytest.raises(DossierRefused, match="not approved"):
        seal(rt, case_id, _actor(rt, "hai"))
    assert list(rt.settings.dossier_dir.glob("*.zip")) == []


def test_two_builds_of_a_case_give_the_same_bytes(rt: Runtime) -> None:
    case_id = _open_case(rt, SCAM.format("trong 24h"))
    _approve(rt, case_id)
    at, dossier_id = rt.clock.now() + timedelta(hours=1), "11111111-1111-4111-8111-111111111111"
    request = Request(rt.store.cases.view(case_id), rt.policy, rt.settings, rt.store.staffing(), at, dossier_id, mask)
    one, two = (make_pack(request, rt.store.evidence, Signer.load(rt.settings)) for _ in range(2))
    assert one == two


def test_a_pack_that_does_not_verify_is_neither_kept_nor_sealed(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = _open_case(rt, SCAM.format("trong 24h"))
    _approve(rt, case_id)
    monkeypatch.setattr("rasoat.dossier.pack.pack_bytes", lambda *_: b"PK garbage")
    with pytest.raises(EvidenceError, match="does not verify"):
        seal(rt, case_id, _actor(rt, "hai"))
    assert list(rt.store.packs.all()) == []
    assert rt.store.cases.view(case_id).facts.state is CaseState.PUBLISHER_NOTICE


def test_the_report_suppresses_small_cells_and_counts_no_automatic_decision(rt: Runtime) -> None:
    _approve(rt, _open_case(rt, SCAM.format("trong 24h")))
    report = transparency(rt)
    cells = dict(zip(report.columns, report.rows["FRD"], strict=True))
    assert cells["opened"] == "1-4"
    assert cells["sealed"] == "0"
    assert report.automated_decisions == 0


def test_a_call_that_was_killed_before_the_seal_goes_on_with_its_pack(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = _open_case(rt, SCAM.format("trong 24h"))
    _approve(rt, case_id)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rt.store.cases, "apply", killed)
        with pytest.raises(KeyboardInterrupt):
            seal(rt, case_id, _actor(rt, "hai"))
    [pack] = rt.settings.dossier_dir.glob("*.zip")
    record = seal(rt, case_id, _actor(rt, "hai"))
    assert record.path == pack.name
    assert rt.store.cases.view(case_id).facts.state is CaseState.DOSSIER_READY
    assert len(list(rt.settings.dossier_dir.glob("*.zip"))) == 1


def test_packs_may_be_built_ahead_but_only_a_person_seals(rt: Runtime) -> None:
    case_id = _open_case(rt, SCAM.format("trong 24h"))
    assert prepare(rt).waiting == 0
    _approve(rt, case_id)
    assert prepare(rt).built == 1
    assert prepare(rt) == PrepareReport(waiting=1, known=1)
    assert rt.store.cases.view(case_id).facts.state is CaseState.PUBLISHER_NOTICE
    assert rt.store.counts()["sealed"] == 0
    seal(rt, case_id, _actor(rt, "hai"))
    assert rt.store.counts()["sealed"] == 1
    assert len(list(rt.settings.dossier_dir.glob("*.zip"))) == 1


def test_a_pack_built_ahead_is_built_anew_when_something_happened_since(rt: Runtime, clock: FixedClock) -> None:
    case_id = _open_case(rt, SCAM.format("trong 24h"))
    _approve(rt, case_id)
    assert prepare(rt).built == 1
    clock.advance(hours=1)
    told = c.GiveNotice(choice=NoticeChoice.SENT, channel="thư tới địa chỉ liên hệ", reason="Vừa tìm được địa chỉ liên hệ.")
    rt.store.cases.apply(case_id, told, _actor(rt, "hai"))
    clock.advance(hours=1)
    record = seal(rt, case_id, _actor(rt, "hai"))
    assert record.version == 2
    assert verify_pack(rt.settings.dossier_dir / record.path).status == "ok"


def test_two_sites_hand_out_the_same_pack_and_a_purge_takes_it_from_both(
    settings: Settings, migrated_database: str, clock: FixedClock, tmp_path: Path
) -> None:
    """Two homes that share database, bucket and keys, and nothing else."""
    with ExitStack() as stack:
        url, bucket = stack.enter_context(copied_database(migrated_database)), stack.enter_context(made_bucket())
        common: dict[str, object] = {**bucket, "database_url": url, "second_reading_share": 0.0, "audit_share": 0.0}
        one, two = (settings.model_copy(update={**common, "home": tmp_path / name}) for name in ("one", "two"))
        here = stack.enter_context(open_runtime(one, clock=clock, ids=Ids(seed=1)))
        _hire(here)
        case_id = _open_case(here, SCAM.format("trong 24h"))
        _approve(here, case_id)
        record = seal(here, case_id, _actor(here, "hai"))
        shutil.copytree(one.keys_dir, two.keys_dir)
        there = stack.enter_context(open_runtime(two, clock=clock, ids=Ids(seed=2)))
        browser = Browser(stack.enter_context(TestClient(app_for(there), base_url="http://127.0.0.1")))
        assert browser.log_in("hai").status_code == 303
        pack = browser.get(f"/dossiers/{record.id}?case={case_id}").content
        assert pack == here.store.packs.read(record.path)
        assert sha256_hex(pack) == record.sha256
        assert verify_bytes(pack).status == "ok"
        assert list(tmp_path.rglob("*.zip")) == [], "a copy on a machine would outlive the purge on another one"
        assert there.store.examiner.broken_packs(9) == (1, [])
        for command in (c.MarkSent(channel="biểu mẫu"), c.RecordAnswer(answer=PlatformAnswer.ACTIONED), c.Close(reason="đã xong")):
            there.store.cases.apply(case_id, command, _actor(there, "hai"))
        assert there.store.purge(clock.now() + timedelta(days=213)).purged["sent_6m_30d"] == 1
        assert list(here.store.packs.all()) == []
        assert here.store.examiner.broken_packs(9) == (0, [])
        assert browser.log_in("hai").status_code == 303  # a purge of 213 days later ends sessions too
        assert browser.get(f"/dossiers/{record.id}?case={case_id}").status_code in (403, 404)
