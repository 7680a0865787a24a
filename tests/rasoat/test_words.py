"""Items, hashes, settings, messages, priority: the small things that everything else leans on."""

from __future__ import annotations

import errno
import json
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasoat.assessments import Span
from rasoat.authors import author_key
from rasoat.canonical import GENESIS, canonical_json, chain_hash, id_of, text_hash
from rasoat.cases.decisions import ContextBox, Decision
from rasoat.cases.priority import priority
from rasoat.clock import Ids, rfc3339
from rasoat.errors import ConfigError, RetryLater
from rasoat.harms import Harm, Outcome, Severity
from rasoat.items import Item, ItemKind, Platform, item_id
from rasoat.messages import LOCALES, Messages
from rasoat.missing import Missing, from_none, or_none
from rasoat.missing import given as given_or
from rasoat.settings import Settings, load_settings

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_the_list_of_harms_is_closed() -> None:
    assert len(Harm) == 14, "a new harm is a change of the charter: docs/charter.md, DESIGN §1 and this test change together"
    assert set(Outcome) == {"NONE", "OOS", "CTX", "DUP"}


@given(_json)
def test_canonical_json_is_json_and_ignores_key_order(value: object) -> None:
    try:
        raw = canonical_json(value)
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form; it must not pass silently
        return
    assert json.loads(raw) == value
    if isinstance(value, dict):
        assert canonical_json(dict(reversed(list(value.items())))) == raw


@given(st.lists(st.text()), st.lists(st.text()))
def test_ids_of_different_parts_differ(left: list[str], right: list[str]) -> None:
    try:
        assert (id_of(left) == id_of(right)) == (left == right)
    except UnicodeEncodeError:
        return


def test_floats_have_no_canonical_form() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical_json({"p": [0.5]})


def test_a_chain_depends_on_every_link() -> None:
    first = chain_hash({"seq": 1}, GENESIS)
    assert chain_hash({"seq": 2}, first) != chain_hash({"seq": 2}, GENESIS)


def test_text_hash_ignores_form_but_not_words() -> None:
    assert text_hash("lừa  đảo\n") == text_hash("lừa đảo")
    assert text_hash("lừa đảo") != text_hash("lừa đào")


def test_missing_is_neither_zero_nor_none() -> None:
    assert not Missing
    assert Missing not in (0, "", None)
    assert given_or(Missing, 5) == 5
    assert given_or(0, 5) == 0
    assert or_none(Missing) is None
    assert from_none(None) is Missing


def test_an_item_keeps_its_id_and_changes_its_hash() -> None:
    made = {
        "id": item_id(Platform.WEB, ItemKind.ARTICLE, "https://a.example/1"),
        "platform": Platform.WEB,
        "kind": ItemKind.ARTICLE,
        "locator": "https://a.example/1",
        "source": "s",
        "captured_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    one = Item(**made, text="a", verbatim="a")  # type: ignore[arg-type]
    two = Item(**made, text="b", verbatim="b")  # type: ignore[arg-type]
    assert one.id == two.id
    assert one.content_hash != two.content_hash
    assert one.url_hash == two.url_hash


def test_an_author_is_a_keyed_hash() -> None:
    assert author_key(b"k", Platform.TIKTOK, "@Lan") == author_key(b"k", Platform.TIKTOK, "@lan ")
    assert author_key(b"k", Platform.TIKTOK, "@lan") != author_key(b"other", Platform.TIKTOK, "@lan")
    assert "lan" not in author_key(b"k", Platform.TIKTOK, "@lan")


def test_a_span_is_half_open_and_ordered() -> None:
    assert Span(0, 3).of("lừa đảo") == "lừa"
    with pytest.raises(ValueError, match="not a span"):
        Span(3, 2)


def _secret(home: Path) -> bytes:
    return Settings(home=home).secret("k")


def test_a_full_disk_is_worth_another_try_and_leaves_no_half_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("rasoat.settings.os.link", full)
        with pytest.raises(RetryLater, match="free disk space"):
            _secret(tmp_path)
    assert list((tmp_path / "keys").iterdir()) == []
    assert len(_secret(tmp_path)) == 32


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASOAT_HOME", "")
    assert load_settings().home == Path("var").resolve()


def test_two_processes_get_one_secret(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        made = pool.map(_secret, [tmp_path] * 8)
    assert len(set(made)) == 1
    assert (tmp_path / "keys" / "k").stat().st_mode & 0o077 == 0
    assert [p.name for p in (tmp_path / "keys").iterdir()] == ["k"]


def test_an_unknown_setting_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASOAT_PROT", "8001")
    with pytest.raises(ConfigError, match="RASOAT_PROT"):
        load_settings()


def test_a_malformed_setting_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASOAT_PORT", "http")
    with pytest.raises(ConfigError, match="RASOAT_PORT"):
        load_settings()


def test_catalogues_agree_in_both_languages(data_dir: Path) -> None:
    vi, en = (Messages.load(data_dir, locale) for locale in LOCALES)
    assert set(vi.texts) == set(en.texts)


def test_a_catalogue_error_has_a_line(tmp_path: Path) -> None:
    folder = tmp_path / "messages" / "vi"
    folder.mkdir(parents=True)
    (folder / "ui.yml").write_text("a: một\nb: hai\na: ba\n", "utf-8")
    with pytest.raises(ConfigError, match=r"ui\.yml:3"):
        Messages.load(tmp_path, "vi")


def test_priority_puts_danger_first_and_lets_nothing_wait_for_ever() -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    fresh_s1 = priority(Severity.S1, 0.6, Missing, 1, now, now)
    old_s3 = priority(Severity.S3, 0.99, 100_000, 50, now - timedelta(days=30), now)
    assert fresh_s1.value > old_s3.value
    assert priority(Severity.S3, 0.9, 0, 1, now - timedelta(days=2), now).value > priority(Severity.S3, 0.9, 0, 1, now, now).value


def test_a_decision_for_a_harm_is_complete_or_refused() -> None:
    with pytest.raises(ValueError, match="quote"):
        Decision(outcome=Harm.FRD, context=frozenset({ContextBox.NO_BOX}), reason="lý do đầy đủ")
    with pytest.raises(ValueError, match="excludes"):
        Decision(outcome=Outcome.NONE, context=frozenset({ContextBox.NO_BOX, ContextBox.NEWS}), reason="lý do đầy đủ")


def test_seeded_ids_repeat_and_times_have_one_form() -> None:
    assert [Ids(7).new() for _ in range(2)] == [Ids(7).new()] * 2
    assert rfc3339(datetime(2026, 1, 2, 3, tzinfo=UTC)) == "2026-01-02T03:00:00.000000Z"
