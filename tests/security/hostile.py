"""A page written against its readers: every way of bringing text to life that we know of, in every field that it can reach."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from crawlers.warc import MEDIA_TYPE, Exchange, write_capture
from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.workflow import Actor
from rasoat.harms import Harm
from rasoat.items import Item, Platform
from rasoat.store.records import DossierRecord
from tests.review_ui.conftest import Enter
from tests.review_ui.house import Rooms
from tests.review_ui.test_deciding import approve, read

AWAY: Final = "https://bay.example"
PAYLOADS: Final = (
    f"<script>window.__alive='script';fetch('{AWAY}/fetch')</script>",
    f"<img src={AWAY}/img onerror=\"window.__alive='img'\">",
    "\"><svg/onload=window.__alive='svg'>",
    "<svg><script>window.__alive='svg-script'</script><animate onbegin=window.__alive='svg-animate' attributeName=x dur=1s></svg>",
    "<a href=\"javascript:window.__alive='link'\" id=bay autofocus onfocus=window.__alive='focus'>bấm vào đây</a>",
    "javascript:window.__alive='url'//",
    "data:text/html,<script>window.__alive='data'</script>",
    f"<style>@import '{AWAY}/import.css';*{{background:url({AWAY}/background)}}</style><p style='background:url({AWAY}/style)'>",
    "<iframe srcdoc=\"<script>parent.__alive='srcdoc'</script>\"></iframe><object data=\"javascript:window.__alive='object'\"></object>",
    f"<link rel=stylesheet href={AWAY}/link.css><base href={AWAY}/><embed src={AWAY}/embed><video src={AWAY}/video autoplay>",
    f"<form action={AWAY}/form><button formaction=\"javascript:window.__alive='formaction'\">gửi</button></form>",
    f"<div hx-get='{AWAY}/htmx' hx-trigger=load hx-on:load=\"window.__alive='htmx'\" hx-vals='js:{{a:window.__alive=1}}'></div>",
    "' onmouseover='window.__alive=\"attribute\"' x='",
    '" onmouseover="window.__alive=\'attribute2\'" x="',
    "</textarea></title></style></script><script>window.__alive='breakout'</script><!-- ]]> -->",
    "<math><mtext></form><form><mglyph><svg><mtext><style><path id='</style><img onerror=window.__alive=\"mxss\" src>'>",
    "{{constructor.constructor(\"window.__alive='template'\")()}} ${window.__alive='literal'} {% raw %} {{ 7*7 }} #{7*7}",
    "＜script＞window.__alive='wide'＜/script＞ <ſcript>window.__alive='long-s'</ſcript> <\u200bscript>window.__alive='zero'</script>",
    "\u202e<tpircs>\u202c \u2028window.__alive='separator'\u2029 +ADw-script+AD4-window.__alive='utf7'+ADw-/script+AD4-",
    "&lt;script&gt;window.__alive='entity'&lt;/script&gt; &#x3c;script&#x3e; %3Cscript%3Ewindow.__alive='percent'%3C/script%3E",
    "\\u003cscript\\u003ewindow.__alive='escape'\\u003c/script\\u003e <scr<script>ipt>window.__alive='nested'</scr</script>ipt>",
)
REFRESH: Final = f'<meta http-equiv=refresh content="0;url={AWAY}/refresh">'
"""A policy cannot forbid a page to go elsewhere: against this one escaping stands alone."""
HOSTILE: Final = "\n".join((*PAYLOADS, REFRESH))
WORDS: Final = ("<script>", "onerror", "javascript:", "<svg/onload")


@dataclass
class HostileRooms(Rooms):
    """Rooms whose items are hostile in every field, evidence included."""

    words: str = HOSTILE

    def _item(self, text: str, title: str, url: str, publisher: str, platform: Platform, key: str) -> Item:
        made = super()._item(text, title, url, publisher, platform, key)
        answered = tuple((name, self.words.replace("\n", " ")) for name in ("Server", "X-Powered-By", "Content-Disposition"))
        exchange = Exchange(
            url="https://xau.example/bai",
            at=self.clock.now(),
            status=200,
            body=f"<html><title>{self.words}</title><body>{self.words}</body></html>".encode(),
            request_headers=(),
            response_headers=(("Content-Type", "text/html; charset=utf-8"),),
            warc_id=self.ids.new(),
            request_id=self.ids.new(),
        )
        data = write_capture(exchange)
        capture = replace(
            made.captures[0],
            blob=self.store.evidence.put(data, MEDIA_TYPE),
            payload_sha256=sha256_hex(exchange.body),
            tool=self.words,
            requested_url=self.words,
            final_url=self.words,
            redirects=(self.words, "javascript:window.__alive='hop'"),
            headers=answered,
        )
        return replace(made, source=self.words, captures=(capture,))

    def hostile_case(self) -> str:
        """One case, opened by the hostile page."""
        return self.open_case(
            self.words,
            Harm.FRD,
            title=self.words,
            url="https://xau.example/\"><script>window.__alive='address'</script>" + self.words[:300],
            publisher=self.words,
            words=WORDS,
            key="hostile",
        )


def handled(rooms: HostileRooms, enter: Enter, case_id: str) -> None:
    """The case goes its whole way, and whoever writes a word of their own on it writes hostile ones too."""
    rooms.store.accounts.set_preferences("lan", display_name=HOSTILE[:200])
    lan, ha, thu = enter("lan"), enter("ha"), enter("thu")
    assert read(lan, case_id, reason=HOSTILE[:1900], innocent_reading=HOSTILE[:400], context_note=HOSTILE[:400]) == 303
    assert approve(ha, case_id) == 303
    told = {"choice": "sent", "channel": HOSTILE[:400], "reason": HOSTILE[:1500]}
    assert ha.post(f"/cases/{case_id}/notice", **told).status_code == 303
    approver = rooms.store.accounts.get("ha")
    assert approver is not None
    record = DossierRecord("00000000-0000-4000-8000-0000000000dd", case_id, 1, HOSTILE[:200], "0" * 64, rooms.clock.now())
    sealed = c.Seal(dossier_id=record.id, pack_sha256="0" * 64)
    rooms.store.cases.apply(case_id, sealed, Actor(approver.pseudonym, approver.roles))
    rooms.store.dossiers.add(record)
    assert ha.post(f"/cases/{case_id}/sent", channel=HOSTILE[:400], reference=HOSTILE[:400]).status_code == 303
    assert thu.post(f"/cases/{case_id}/complain", grounds=HOSTILE[:3000]).status_code == 303
    while rooms.store.project():
        pass
