"""The sealed pack: everything about one request in one ZIP that anybody can check, built twice to the same bytes.

Pure: who builds one verifies it and puts it on the shelf (`flows.stages.dossiers`). Sends nothing.
"""

from __future__ import annotations

from pydantic import ValidationError

from rasoat.clock import rfc3339
from rasoat.dossier import manifest as m
from rasoat.dossier.archive import write_archive
from rasoat.dossier.custody import write_custody
from rasoat.dossier.drafting import Words, captures, draft
from rasoat.dossier.exports import export_files
from rasoat.dossier.layout import letter_page, notice_page
from rasoat.dossier.letter import compose_letter
from rasoat.dossier.notice import Notice
from rasoat.dossier.pdf import set_letter, set_notice
from rasoat.dossier.refusals import Refusal, refusals
from rasoat.dossier.request import Request, asked_items, custody
from rasoat.dossier.signing import Signer
from rasoat.dossier.wacz import wacz_files
from rasoat.errors import DossierRefused
from rasoat.ports import EvidenceStore


def make_pack(request: Request, evidence: EvidenceStore, signer: Signer) -> bytes:
    """The whole ZIP, on no disk. Raises DossierRefused with every export check that failed."""
    words = Words.load(request)
    return pack_bytes(request, words, checked_notice(request, words, evidence), evidence, signer)


def checked_notice(request: Request, words: Words, evidence: EvidenceStore) -> Notice:
    """The notice, when nothing stands against it. Raises DossierRefused with every reason."""
    found = refusals(request, evidence)
    if not found:
        try:
            return draft(request, words)
        except ValidationError as error:
            found = tuple(
                Refusal("field", {"field": ".".join(map(str, e["loc"])) or "notice", "problem": e["msg"]}) for e in error.errors()
            )
    raise DossierRefused([refusal.text(words.en) for refusal in found], [(refusal.key, refusal.slots) for refusal in found])


def pack_bytes(request: Request, words: Words, notice: Notice, evidence: EvidenceStore, signer: Signer) -> bytes:
    """The whole ZIP."""
    files = _documents(request, words, notice, signer) | _evidence(request, notice, evidence) | export_files(notice, request.policy)
    files[m.CUSTODY] = write_custody(request.view.facts.id, custody(request.view, request.built_at))
    files[m.PUBLIC_KEY] = signer.public.pem
    files[m.README] = m.readme(request.dossier_id, signer.public)
    files[m.SUMS] = m.sums(files)
    created = rfc3339(request.built_at)
    manifest = m.make_manifest(files, dossier_id=request.dossier_id, created=created, key=signer.public).to_bytes()
    files[m.MANIFEST] = manifest
    files[m.SIGNATURE] = signer.sign(manifest)
    return write_archive(files, request.built_at)


def _documents(request: Request, words: Words, notice: Notice, signer: Signer) -> dict[str, bytes]:
    core, letter = notice.to_bytes(), compose_letter(request, words)
    data_dir, at = request.settings.data, request.built_at
    return {
        m.NOTICE_JSON: core,
        m.NOTICE_PDF: set_notice(notice_page(notice, words, request.policy, signer.public.key_id), core, data_dir=data_dir, at=at),
        m.LETTER_PDF: set_letter(letter_page(letter, words), data_dir=data_dir, at=at),
        m.LETTER_TXT: letter.text().encode(),
    }


def _evidence(request: Request, notice: Notice, evidence: EvidenceStore) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for item, asked in zip(asked_items(request), notice.items, strict=True):
        if asked.text_file is not None:
            files[asked.text_file] = request.hide(item.text).encode()
        for capture, ref in zip(captures(item, request.built_at), asked.captures, strict=True):
            if ref.file is not None:
                files[ref.file] = evidence.get(capture.blob)
    return files | wacz_files(notice, files)
