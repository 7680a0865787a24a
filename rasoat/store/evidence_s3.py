"""The shelf in an S3-compatible store, through fsspec's s3fs: several machines share it. One object a blob.

An upload is whole or absent by S3's own promise, also in parts. Sent bodies are signed, so the server refuses what changed on the way.
Of a bucket that keeps versions every version is removed: what retention takes out is gone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rasoat.errors import ConfigError
from rasoat.store.evidence_s3_errors import code_of, translated
from rasoat.store.evidence_shelf import Lying

PART: Final = 16 * 2**20
"""Bytes of one part of a large upload; S3 asks for 5 MiB at least."""
FRESH_SECONDS: Final = 3600.0
"""An object put longer ago is put again: S3 has no `touch`, and orphans go by their age, after a day."""
STALE_UPLOAD_SECONDS: Final = 24 * 3600.0
TRIES: Final = 3
SIDE_BY_SIDE: Final = 16


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where, and as whom. Without `key` the standard chain of AWS is asked: environment, profile, role of the machine."""

    name: str
    prefix: str
    endpoint: str = ""
    region: str = "us-east-1"
    key: str = ""
    secret: str = field(default="", repr=False)
    ca: Path | None = None


class S3Shelf:
    """`evidence_shelf.Shelf` below a prefix of one bucket. Safe from several threads, and after a fork."""

    shared = True

    def __init__(self, bucket: Bucket, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._bucket, self._now = bucket, now
        self._prefix = f"{bucket.prefix}/" if bucket.prefix else ""
        self.where = f"s3://{bucket.name}/{bucket.prefix}".rstrip("/")
        self._fs: Any = None
        self._pid = 0
        self._seen = False

    def write(self, name: str, data: bytes) -> None:
        """Put, or put anew."""
        with translated(self.where):
            self._files().pipe_file(self._path(name), data, chunksize=PART)

    def write_once(self, name: str, data: bytes) -> None:
        """Put unless something lies there. A store that knows no conditions writes anyway: the last one wins."""
        with translated(self.where):
            try:
                self._files().pipe_file(self._path(name), data, mode="create")
            except OSError as error:
                if code_of(error) in ("NotImplemented", "501"):
                    self._files().pipe_file(self._path(name), data)
                elif code_of(error) not in ("PreconditionFailed", "412", "ConditionalRequestConflict"):
                    raise

    def read(self, name: str, most: int) -> bytes:
        """What lies there; an empty object has no range."""
        with translated(self.where):
            try:
                data: bytes = self._files().cat_file(self._path(name), start=0, end=most)
            except OSError as error:
                if code_of(error) not in ("InvalidRange", "416"):
                    raise
                return b""
        return data

    def look(self, name: str) -> Lying | None:
        """Size and age. A bucket that is not there is an error, and not an absent blob."""
        with translated(self.where):
            try:
                found = self._call("head_object", Key=self._prefix + name)
            except FileNotFoundError:
                if not self._seen:
                    self._call("list_objects_v2", Prefix=self._prefix, MaxKeys=1)
                    self._seen = True
                return None
        self._seen = True
        return Lying(int(found["ContentLength"]), self._age(found["LastModified"]))

    def keep(self, name: str, size: int) -> bool:
        """Whether it lies there whole, and was put a moment ago."""
        lying = self.look(name)
        return lying is not None and lying.size == size and 0 <= lying.age < FRESH_SECONDS

    def remove(self, names: Sequence[str]) -> None:
        """Remove, with all versions."""
        if len(names) > 1:
            with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(names))) as pool:
                marked = list(pool.map(self._remove, names))
        else:
            marked = [self._remove(name) for name in names]
        for name, kept in zip(names, marked, strict=True):
            if kept:
                self._remove_versions(name)

    def all(self) -> Iterator[tuple[str, Lying]]:
        """Everything below the prefix, a page at a time."""
        for page in self._pages("list_objects_v2", {"NextContinuationToken": "ContinuationToken"}):
            for found in page.get("Contents", ()):
                yield found["Key"].removeprefix(self._prefix), Lying(int(found["Size"]), self._age(found["LastModified"]))

    def sweep_unfinished(self) -> int:
        """End uploads in parts that nobody ended within a day."""
        ended = 0
        for page in self._pages("list_multipart_uploads", {"NextKeyMarker": "KeyMarker", "NextUploadIdMarker": "UploadIdMarker"}):
            for upload in page.get("Uploads", ()):
                if self._age(upload["Initiated"]) > STALE_UPLOAD_SECONDS:
                    with translated(self.where):
                        self._call("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
                    ended += 1
        return ended

    def keeps_versions(self) -> bool:
        """Whether versions are, or were, turned on for the bucket."""
        with translated(self.where):
            return bool(self._call("get_bucket_versioning").get("Status"))

    def _remove(self, name: str) -> bool:
        """Whether the bucket only marked it as removed."""
        with translated(self.where):
            return bool(self._call("delete_object", Key=self._prefix + name).get("DeleteMarker"))

    def _remove_versions(self, name: str) -> None:
        key = self._prefix + name
        for page in self._pages("list_object_versions", {"NextKeyMarker": "KeyMarker", "NextVersionIdMarker": "VersionIdMarker"}, key):
            for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if version["Key"] == key:
                    with translated(self.where):
                        self._call("delete_object", Key=key, VersionId=version["VersionId"])

    def _pages(self, method: str, markers: Mapping[str, str], prefix: str | None = None) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            with translated(self.where):
                page = self._call(method, Prefix=self._prefix if prefix is None else prefix, **more)
            yield page
            if not page.get("IsTruncated"):
                return
            more = {ask: page[told] for told, ask in markers.items() if page.get(told)}

    def _call(self, method: str, **arguments: object) -> dict[str, Any]:
        answer: dict[str, Any] = self._files().call_s3(method, Bucket=self._bucket.name, **arguments)
        return answer

    def _path(self, name: str) -> str:
        return f"{self._bucket.name}/{self._prefix}{name}"

    def _age(self, moment: datetime) -> float:
        return (self._now() - moment).total_seconds()

    def _files(self) -> Any:
        """The file system of fsspec; a process that was forked makes its own."""
        if self._fs is None or self._pid != os.getpid():
            self._fs, self._pid = _opened(self._bucket), os.getpid()
        return self._fs


def _opened(bucket: Bucket) -> Any:
    from s3fs import S3FileSystem

    named = bool(bucket.endpoint)  # somebody's own server: names no bucket in its host name, and may not know the newest checksums
    client: dict[str, object] = {"region_name": bucket.region}
    if bucket.ca is not None:
        if not bucket.ca.is_file():
            raise ConfigError(f"no certificate in {bucket.ca}", hint="check RASOAT_EVIDENCE_CA")
        client["verify"] = str(bucket.ca)
    files = S3FileSystem(
        key=bucket.key or None,
        secret=bucket.secret or None,
        endpoint_url=bucket.endpoint or None,
        use_listings_cache=False,  # other machines write too
        skip_instance_cache=True,
        client_kwargs=client,
        config_kwargs={
            "connect_timeout": 5,
            "read_timeout": 60,
            "max_pool_connections": 2 * SIDE_BY_SIDE,
            "retries": {"total_max_attempts": 1},  # s3fs tries again itself
            "request_checksum_calculation": "when_required" if named else "when_supported",
            "response_checksum_validation": "when_required" if named else "when_supported",
            "s3": {"addressing_style": "path" if named else "auto", "payload_signing_enabled": True},
        },
    )
    files.retries = TRIES
    return files
