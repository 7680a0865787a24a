"""The manifest of a pack: every file with its size and SHA-256, who signs, and what made it. The signature covers its bytes.

Owns manifest.json, SHA256SUMS and README.txt. manifest.json and manifest.sig are the only files that it does not list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from rasoat import __version__
from rasoat.canonical import canonical_json, sha256_hex
from rasoat.dossier.notice import Moment, Sha256, Uuid
from rasoat.dossier.signing import PublicKey

FORMAT: Final = "rasoat-pack/1"
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "signer.pub"
NOTICE_JSON, NOTICE_PDF, CUSTODY, SUMS, README = "notice.json", "notice.pdf", "custody.json", "SHA256SUMS", "README.txt"
LETTER_TXT, LETTER_PDF = "letter.txt", "letter.pdf"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileEntry(_Strict):
    """One file of the pack."""

    path: str
    size: int = Field(ge=0)
    sha256: Sha256


class SignerEntry(_Strict):
    """Whose key signs. The id is for comparing over another channel."""

    algorithm: Literal["Ed25519"]
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{4}(-[0-9a-f]{4}){3}$")]
    file: Literal["signer.pub"]


class Manifest(_Strict):
    """What the signature covers."""

    format: Literal["rasoat-pack/1"]
    dossier_id: Uuid
    created: Moment
    software: dict[str, str]
    signer: SignerEntry
    files: tuple[FileEntry, ...]

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))


def make_manifest(files: Mapping[str, bytes], *, dossier_id: str, created: str, key: PublicKey) -> Manifest:
    """The manifest of `files` (path to bytes)."""
    return Manifest(
        format=FORMAT,
        dossier_id=dossier_id,
        created=created,
        software={"rasoat": __version__, "typst": version("typst")},
        signer=SignerEntry(algorithm="Ed25519", key_id=key.key_id, file="signer.pub"),
        files=tuple(FileEntry(path=path, size=len(data), sha256=sha256_hex(data)) for path, data in sorted(files.items())),
    )


def claimed_format(data: bytes) -> str:
    """The `format` that a manifest names; raises ValueError when it is no JSON object."""
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return str(found.get("format"))


def sums(files: Mapping[str, bytes]) -> bytes:
    """What `sha256sum --check` reads; it cannot list itself."""
    return "".join(f"{sha256_hex(data)}  {path}\n" for path, data in sorted(files.items()) if path != SUMS).encode()


def readme(dossier_id: str, key: PublicKey) -> bytes:
    """How to check a pack with and without our tool."""
    return _README.format(id=dossier_id, key_id=key.key_id).encode()


_README: Final = """\
RÀ SOÁT · HỒ SƠ / DOSSIER {id}

Đây là thông báo và đề nghị, không phải mệnh lệnh. / This is a notice and a request, not an order.

TRONG NÀY CÓ GÌ / WHAT IS IN HERE
  notice.pdf        thông báo (PDF/A-3, có notice.json bên trong) / the notice, with notice.json inside
  notice.json       cùng dữ liệu, cho máy đọc / the same data, for machines
  letter.pdf, .txt  thư gửi bên đăng / letter to the publisher
  archive/          bản ghi trang web nguyên vẹn (WARC) / captured pages, untouched (WARC)
                    đổi đuôi tệp thành .wacz để xem lại bằng trình phát WACZ / rename the pack to .wacz to replay them
  captures/         bản ghi do người xem xét xuất ra, nguyên vẹn / records that a reviewer exported, untouched
  text/             văn bản, dữ liệu cá nhân đã che / the text, personal data masked
  exports/          mẫu cho từng nơi nhận (DSA Điều 16, XARF) / forms of single destinations (DSA Art. 16, XARF)
  custody.json      ai (bí danh) đã làm gì, có chuỗi băm / who (by pseudonym) did what, hash-chained
  manifest.json     mọi tệp với SHA-256 / every file with its SHA-256
  manifest.sig      chữ ký Ed25519 trên manifest.json / Ed25519 signature over manifest.json
  signer.pub        khóa công khai, mã / public key, id: {key_id}

KIỂM TRA BẰNG PHẦN MỀM / CHECK WITH THE PROGRAM
  rasoat verify PACK.zip                   0 nguyên vẹn/ok, 1 hỏng/broken, 2 không kiểm được/unverifiable
  rasoat verify PACK.zip --key SIGNER.pub  với khóa bạn đã có / with a key that you already hold

KIỂM TRA KHÔNG CẦN PHẦN MỀM / CHECK WITHOUT IT (giải nén trước / unpack first)
  sha256sum --check SHA256SUMS
  openssl pkeyutl -verify -pubin -inkey signer.pub -rawin -in manifest.json -sigfile manifest.sig
  Sau đó so mã băm trong manifest.json với SHA256SUMS. / Then compare the hashes in manifest.json with SHA256SUMS.
  custody.json: hash = SHA-256(JSON của sự kiện không có "hash" và "prev_hash", khóa xếp thứ tự, không dấu cách, UTF-8, rồi tới prev_hash)
                hash = SHA-256(JSON of the event without "hash" and "prev_hash", keys sorted, no spaces, UTF-8, then prev_hash)

KHÓA / THE KEY
  Chữ ký cho biết khóa nào đã ký, không cho biết khóa của ai. Hãy so mã khóa qua một kênh khác.
  The signature tells which key signed, not whose key it is. Compare the id over another channel.
"""
