"""What runs link to: cases by their id, and only those for which a person has something to do."""

from __future__ import annotations

from flows import prefect_shown
from flows.runtime import Runtime
from rasoat.cases import commands as c
from rasoat.cases.decisions import NoContactReason, NoticeChoice
from rasoat.clock import FixedClock, Ids
from rasoat.settings import Settings
from rasoat.store import open_store
from tests.store.makers import TEXT, approve, hire, open_case


def test_the_cases_that_a_person_could_seal_now_are_linked(settings: Settings, clock: FixedClock, ids: Ids) -> None:
    with open_store(settings, clock=clock, ids=ids) as store:
        rt = Runtime(settings, store, clock, ids)
        people = hire(store)
        told, silent, _new = (open_case(store, str(n), f"{TEXT} {n}") for n in range(3))
        for case_id in (told, silent):
            approve(store, case_id, people)
        assert prefect_shown.sealable(rt) == []
        no_one = c.GiveNotice(choice=NoticeChoice.NOT_SENT, no_contact=NoContactReason.BULK_COMMERCIAL, reason="thư rác gửi hàng loạt")
        store.cases.apply(told, no_one, people["chi"])
        assert prefect_shown.sealable(rt) == [told]
