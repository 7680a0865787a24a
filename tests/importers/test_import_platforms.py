"""The platforms' own shapes: fields found where they are, Missing where they are not, and no name of an author anywhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crawlers.importers import MAPPERS
from crawlers.importers.mapping import MASK, public_url, without_handles
from rasoat.authors import author_key
from rasoat.items import Item, ItemKind, Platform, Publisher, PublisherKind
from rasoat.missing import Missing
from rasoat.settings import Settings
from tests.importers.conftest import Importer
from tests.importers.fakes import MemoryEvidence, MemoryInbox


def envelope(platform: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"nav_index": "1:1:0", "item_id": "x", "timestamp_collected": 1760000000000, "source_platform": platform, "data": data, **more}


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
    return path


def only(inbox: MemoryInbox) -> Item:
    (item,) = inbox.items.values()
    return item


def tiktok(**changes: Any) -> dict[str, Any]:
    author = {"id": "7001", "uniqueId": "lan.tran_vd", "nickname": "Lan", "secUid": "MS4w"}
    stats = {"playCount": 900, "diggCount": 3}
    return {
        "id": "7300",
        "desc": "chào từ @lan.tran_vd",
        "createTime": 1750000000,
        "author": author,
        "stats": stats,
        "music": {},
        **changes,
    }


def story(**changes: Any) -> dict[str, Any]:
    actor = {"__typename": "User", "id": "100055", "name": "Lan Trần", "url": "https://www.facebook.com/lan.tran.vd"}
    inner = {
        "post_id": "555",
        "wwwURL": "https://www.facebook.com/lan.tran.vd/posts/pfbid0",
        "message": {"text": "nội dung"},
        "actors": [actor],
    }
    times = [{"__typename": "Renamed", "story": {"creation_time": 1750000000, "url": "https://www.facebook.com/lan.tran.vd/posts/pfbid0"}}]
    layout = {"story": {"comet_sections": {"metadata": times}}}
    return {"id": "S:_I1", "comet_sections": {"content": {"story": {**inner, **changes}}, "context_layout": layout}}


def test_tiktok_video(tmp_path: Path, take: Importer, inbox: MemoryInbox, evidence: MemoryEvidence, settings: Settings) -> None:
    report = take(write(tmp_path / "t.ndjson", envelope("tiktok.com", tiktok(stickersOnItem=[{"stickerText": ["chữ trên hình"]}]))))
    item = only(inbox)
    assert report.mappers == ("zeeschuimer-tiktok",)
    assert item.text == f"chào từ {MASK}\nchữ trên hình"
    assert (item.platform, item.kind, item.locator) == (Platform.TIKTOK, ItemKind.VIDEO, "video/7300")
    assert item.url == "https://www.tiktok.com/@_/video/7300"
    assert item.reach == 900
    assert item.captured_at.year == 2025
    assert item.publisher == Publisher(PublisherKind.PERSON, author_key(settings.secret("author.key"), Platform.TIKTOK, "lan.tran_vd"))
    assert item.raw is not Missing
    assert item.raw.sealed
    assert b"lan.tran_vd" in evidence.get(item.raw)
    assert item.captures[0].blob == item.raw


@pytest.mark.parametrize("key", ["author", "statsV2"])
def test_tiktok_older_and_newer_shapes(tmp_path: Path, take: Importer, inbox: MemoryInbox, key: str) -> None:
    changes = {"author": "lan.tran_vd", "nickname": "Lan"} if key == "author" else {"statsV2": {"playCount": "12345"}}
    take(write(tmp_path / "t.ndjson", envelope("tiktok.com", tiktok(**changes))))
    assert only(inbox).reach == (900 if key == "author" else 12345)
    assert only(inbox).publisher is not Missing


def test_a_missing_count_is_not_zero_and_a_renamed_text_is_not_blank(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    renamed = {("description" if key == "desc" else key): value for key, value in tiktok(id="8").items()}
    path = write(tmp_path / "t.ndjson", envelope("tiktok.com", tiktok(stats={}, createTime="x")), envelope("tiktok.com", renamed))
    report = take(path, mapper="zeeschuimer-tiktok")
    item = only(inbox)
    assert item.reach is Missing
    assert item.published_at is Missing
    assert {rate.field: rate.unreadable for rate in report.fill}["published_at"] == 1
    assert report.problems == (("line 2", "a TikTok video without 'desc': the export's format may have changed"),)


def test_tiktok_comment(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    data = {
        "cid": "9",
        "aweme_id": "7300",
        "text": "hay",
        "create_time": 1750000000,
        "digg_count": 0,
        "user": {"unique_id": "abc_vd", "uid": "71"},
    }
    take(write(tmp_path / "c.ndjson", envelope("tiktok-comments", data)))
    assert (only(inbox).kind, only(inbox).locator, only(inbox).reach) == (ItemKind.COMMENT, "comment/9", 0)


def test_facebook_post(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    report = take(write(tmp_path / "f.ndjson", envelope("facebook.com", story())))
    item = only(inbox)
    assert report.mappers == ("zeeschuimer-facebook",)
    assert (item.text, item.locator, item.url) == ("nội dung", "post/555", "https://www.facebook.com/555")
    assert item.published_at is not Missing
    assert item.reach is Missing


def test_facebook_group_photo_and_changed_shape(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    group = story(post_id="556", wwwURL="https://www.facebook.com/groups/881/posts/556/")
    photo = story(post_id="557", message=None)
    changed = {"comet_sections": {"content": {"node": {}}}}
    report = take(write(tmp_path / "f.ndjson", *(envelope("facebook.com", data) for data in (group, photo, changed))))
    assert next(iter(inbox.items.values())).url == "https://www.facebook.com/groups/881/posts/556"
    assert {rate.field: rate.missing for rate in report.fill}["text"] == 1
    assert report.unmapped == 1


def api_comment(**changes: Any) -> dict[str, Any]:
    snippet = {
        "videoId": "vid",
        "textOriginal": "hay quá",
        "authorDisplayName": "@lan_vd",
        "authorChannelId": {"value": "UC1"},
        "likeCount": 4,
    }
    top = {"id": "Ug1", "snippet": {**snippet, "publishedAt": "2026-01-02T03:04:05Z", **changes}}
    return {"kind": "youtube#commentThread", "id": "Ug1", "snippet": {"videoId": "vid", "topLevelComment": top}}


def test_youtube_api_page_and_extension_agree_on_identity(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    seen = {"properties": {"commentId": "Ug1", "content": {"content": "hay quá"}}, "author": {"displayName": "@lan_vd", "channelId": "UC1"}}
    thread = tmp_path / "api.json"
    thread.write_text(json.dumps({"kind": "youtube#commentThreadListResponse", "items": [api_comment()]}, indent=1))
    take(thread)
    take(write(tmp_path / "e.ndjson", envelope("youtube.com", seen, source_platform_url="https://www.youtube.com/watch?v=vid&t=3")))
    take(write(tmp_path / "html.ndjson", api_comment(textOriginal=None, textDisplay="hay<br>qu&aacute; <b>lắm</b>")))
    item = only(inbox)
    assert item.url == "https://www.youtube.com/watch?v=vid&lc=Ug1"
    assert item.text == "hay\nquá lắm"


def test_youtube_data_tools_csv(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId\nUg2,0,7,2026-01-02 03:04:05,@lan_vd,được,UC1\n")
    assert take(path).mappers == ("youtube-comments",)
    assert (only(inbox).locator, only(inbox).reach) == ("comment/Ug2", 7)


def test_youtube_comment_whose_text_is_gone_is_set_aside(tmp_path: Path, take: Importer) -> None:
    report = take(write(tmp_path / "y.ndjson", api_comment(), api_comment(textOriginal=None)))
    assert report.unmapped == 1


def test_sms_reports(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    path = tmp_path / "sms.csv"
    rows = ["NGANHANGVIDU,Mã OTP là 1", "0933 000 218,Gọi 0933000218", "+84933000218,Tin khác", "8033,Tin tổng đài", "ai@x.example,Thư"]
    path.write_text("sender,content,received_at\n" + "".join(f"{row},12/11/2026 08:00\n" for row in rows))
    assert take(path).mappers == ("sms-reports",)
    items = list(inbox.items.values())
    assert [item.publisher.kind for item in items if item.publisher is not Missing] == ["channel", "person", "person", "channel", "person"]
    assert items[1].publisher == items[2].publisher
    assert items[1].text == f"Gọi {MASK}"
    assert str(items[0].published_at) == "2026-11-12 01:00:00+00:00"


def test_two_people_who_report_the_same_message_are_two_items(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    path = tmp_path / "sms.csv"
    path.write_text("sender,content,received_at\nX,trúng thưởng,12/11/2026 08:00\nX,trúng thưởng,12/11/2026 09:00\n")
    take(path)
    take(path)
    assert len(inbox.items) == 2


def test_no_handle_reaches_an_item(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    rows = [
        {
            "text": "theo dõi @lan_tran nhé",
            "author": "lan_tran",
            "url": "https://www.tiktok.com/@lan_tran/video/1",
            "title": "lan_tran xin chào",
        },
        {"text": "hai", "author": "@Lan_Tran", "url": "https://www.facebook.com/LAN_TRAN/posts/1?id=lan_tran#lan_tran"},
        {"text": "ba", "author": "lan", "url": "javascript:alert('lan')"},
    ]
    take(write(tmp_path / "a.jsonl", *rows))
    for item in inbox.items.values():
        assert "lan_tran" not in json.dumps(asdict(item), default=str).casefold()
    keys = [item.publisher for item in inbox.items.values()]
    assert keys[0] == keys[1]
    assert list(inbox.items.values())[2].url is Missing


def test_short_everyday_handles_are_masked_only_behind_an_at_sign() -> None:
    assert without_handles("lan đi chợ với @lan và Lan Anh", ["lan"]) == f"lan đi chợ với {MASK} và Lan Anh"
    assert without_handles("gọi chị lan_tran nhé, lan_tran2 thì không", ["lan_tran"]) == f"gọi chị {MASK} nhé, lan_tran2 thì không"


def test_an_address_keeps_what_finds_the_page() -> None:
    assert public_url("https://www.youtube.com/watch?v=abc&lc=1", ["lan"]) == "https://www.youtube.com/watch?v=abc&lc=1"
    assert public_url("https://user:pw@x.example:8080/a?b=#f", []) == "https://x.example:8080/a?b="
    assert public_url("http://[bad/", []) is Missing


def test_every_mapper_has_a_name_and_a_version_and_is_unsure_of_nothing() -> None:
    for name, mapper in MAPPERS.items():
        assert (mapper.name, mapper.version >= 1, mapper.sniff([])) == (name, True, 0.0)
