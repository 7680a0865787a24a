"""How much of a file we are willing to hold or unpack. Every number has its reason; a test may pass smaller ones."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on reading one file."""

    record_bytes: int = 8 * MIB
    """The longest single record. The largest Facebook stories that Zeeschuimer exports are some 400 kB."""
    document_bytes: int = 64 * MIB
    """The largest JSON document that is one object and so cannot be streamed (a page of an API answer)."""
    unpacked_bytes: int = 2048 * MIB
    """What an archive may grow to in all."""
    ratio: int = 250
    """How many times its size an archive may grow; NDJSON of social media compresses 10 to 40 times."""
    ratio_after: int = 16 * MIB
    """The ratio is looked at only past this many unpacked bytes: small files may be very regular."""
    members: int = 1000
    """Files in one archive."""
