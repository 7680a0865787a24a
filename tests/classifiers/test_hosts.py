"""Hosts of links: reported ones are known, look-alikes are likened, and the press, public bodies and platforms never are."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.hosts import FILE, Hosts, is_reported, looks_reported, shipped
from classifiers.rules import RuleSet
from classifiers.training.hosts import cleaned, fit
from rasoat.errors import ConfigError
from rasoat.harms import Harm
from rasoat.settings import ROOT


@pytest.mark.parametrize(
    "host", ["vidubank-vn24h.top", "ebanking-vietvidu.vip", "shopee-quatang247.com", "www.napthe-lienquan.xyz.example"]
)
def test_look_alikes_are_likened(host: str) -> None:
    assert looks_reported(host)
    assert not is_reported(host)


@pytest.mark.parametrize(
    "host",
    [
        "facebook.com", "www.youtube.com", "zalo.me", "sites.google.com", "baolacgiang24h.com",
        "tin247hay.net", "vneid.gov.vn", "truong-vidu.edu.vn",
        "chodochoi.vn", "diendan-nongdan.net",  "bao-ngaymau.net", "thuvien.example", "hay.shop", "nhanh.cc",
    ],
)  # fmt: skip
def test_press_public_bodies_platforms_and_plain_names_are_not(host: str) -> None:
    assert not looks_reported(host)
    assert not is_reported(host)


def test_a_reported_host_is_a_reason_with_its_place_unless_someone_warns() -> None:
    rules = RuleSet.load(ROOT / "data")
    host = "bi-bao-cao-vidu.top.example"
    script = f"Quý khách vào https://{host}/vn nhận lại tiền"
    found = next(reason for reason in rules.match(script).reasons if reason.code == "rule:frd.reported-host")
    assert found.span is not None
    assert found.span.of(script) == host
    assert rules.match(script).probability(Harm.FRD) > 0.6
    for harmless in (f"Cảnh báo lừa đảo: {host} là trang giả, đừng bấm", f"Trang {host} có phải lừa đảo không mọi người?"):
        assert rules.match(harmless).probability(Harm.FRD) < 0.3


def test_outlets_platforms_and_state_names_do_not_enter_the_table() -> None:
    listed = [
        "www.baotudo.net",
        "tinchinhtri.com",
        "facebook.com",
        "sogtvt.gov.vn",
        "maytinh.vn",
        "thuong-hieu.org",
        "quatang-vip88.top",
        "bad_host",
    ]
    assert cleaned(listed, frozenset({"thuong-hieu.org"})) == ["quatang-vip88.top"]


def test_the_table_survives_writing_and_an_altered_one_is_refused(tmp_path: Path) -> None:
    made = fit([f"quatang{number}vip.top" for number in range(40)], [f"thuvien{chr(97 + number)}.org" for number in range(20)])
    (tmp_path / FILE).write_bytes(made.packed())
    again = Hosts.load(tmp_path / FILE)
    assert (again.keys, again.weights) == (made.keys, made.weights)
    assert again.likeness("quatang99vip.top") == pytest.approx(made.likeness("quatang99vip.top"), abs=1e-3)
    assert again.is_known("m.quatang7vip.top")
    assert not again.is_known("top")
    (tmp_path / FILE).write_bytes(b"not gzip")
    with pytest.raises(ConfigError, match="hosts"):
        Hosts.load(tmp_path / FILE)
    assert len(shipped().keys) > 6 * 10_000
