"""What goes over the pipe comes out the same; what is no message is said so, and nothing of it is run."""

from __future__ import annotations

import io
import struct
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.extract import Page
from crawlers.listings import Listing
from crawlers.targets import Kind
from crawlers.warc import Exchange
from crawlers.wire import Message, Ready, receive, send
from crawlers.work import Failed, Job, ListingDone, PageDone

any_text = st.text(st.characters(exclude_categories=()), max_size=20)  # half characters too: pages hold them
texts = st.lists(any_text, max_size=3).map(tuple)
headers = st.lists(st.tuples(any_text, any_text), max_size=3).map(tuple)
zones = st.sampled_from([None, UTC, timezone(timedelta(hours=7))])
moments = st.datetimes(timezones=zones)
exchanges = st.builds(
    Exchange, any_text, moments, st.integers(100, 599), st.binary(max_size=50), headers, headers, any_text, any_text, any_text
)
pages = st.builds(
    Page,
    st.none() | any_text,
    any_text,
    any_text,
    st.none() | moments,
    st.none() | any_text,
    st.booleans(),
    st.booleans(),
    texts,
    texts,
)
messages = st.one_of(
    st.just(Ready()),
    st.builds(Job, st.sampled_from(Kind), exchanges, any_text, any_text, st.integers(0, 10**8)),
    st.builds(PageDone, pages, st.binary(max_size=50), any_text),
    st.builds(ListingDone, st.builds(Listing, texts, texts)),
    st.builds(Failed, any_text, any_text),
)


@given(st.lists(messages, max_size=4))
def test_messages_come_out_as_they_went_in(sent: list[Message]) -> None:
    pipe = io.BytesIO()
    for message in sent:
        send(pipe, message)
    pipe.seek(0)
    assert [receive(pipe) for _ in sent] == sent
    with pytest.raises(EOFError):
        receive(pipe)


@given(messages, st.integers(min_value=1))
def test_a_message_that_is_cut_off_is_no_message(message: Message, cut: int) -> None:
    pipe = io.BytesIO()
    send(pipe, message)
    with pytest.raises(EOFError):
        receive(io.BytesIO(pipe.getvalue()[: -(cut % len(pipe.getvalue())) or -1]))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{}",
        b"\xff",
        b"null",
        b'["Job", null]',
        b'["Job", {}]',
        b'["Failed", {"kind": "a"}]',
        b'["Ready", {"os": "system"}]',
        b'["os.system", {}]',
        b'["ListingDone", {"listing": 5}]',
        b'["PageDone", {"page": {"published_at": 5}, "capture": [0, 0]}]',
        b"[" * 100_000,
    ],
)
def test_what_is_no_message_is_said_so(header: bytes) -> None:
    with pytest.raises(ValueError, match="no message"):
        receive(io.BytesIO(struct.pack(">QQ", len(header), 0) + header))
