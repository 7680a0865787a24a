"""What an error of the Elasticsearch client means to the caller: run again, or mend the settings. Knows no query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from elastic_transport import ConnectionError as Unreachable
from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, NotFoundError, SerializationError
from elasticsearch import UnsupportedProductError as Other

from rasoat.errors import ConfigError, RasoatError, RetryLater

BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
_MENDED: Final = (
    (TlsError, "Elasticsearch's certificate is not trusted", "set RASOAT_SEARCH_CA to the certificate of its authority"),
    (AuthenticationException, "Elasticsearch does not know this user or key", "check RASOAT_SEARCH_USER and its password or key"),
    (AuthorizationException, "this user may not do that in Elasticsearch", "the user needs the role of docs/shared.md"),
    (NotFoundError, "the search index is not there", "run `rasoat db rebuild-index`"),
)
"""Errors that no second try mends, in plain words, and what does."""
_ELSE: Final = ("Elasticsearch refused", "`rasoat doctor` checks the connection")


_QUOTED: Final = re.compile(r"""'[^']*'|"[^"]*\"""")


def refusal_of(kind: str, reason: str) -> str:
    """Why a document was refused, without the piece of its words that the server shows as a preview."""
    return f"{kind}: {_QUOTED.sub('…', reason.partition(' Preview of field')[0])}"[:300]


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the client as errors of ours."""
    try:
        yield
    except (ApiError, TransportError, SerializationError, Other) as error:
        raise meaning(error) from error


def meaning(error: Exception) -> RasoatError:
    """Our error for one of the client's."""
    text = str(error)[:300]
    if isinstance(error, ApiError) and ("cluster_block" in text or error.status_code in BUSY):
        return RetryLater(f"Elasticsearch cannot do that now: {text}")
    if isinstance(error, Unreachable | ConnectionTimeout) and not isinstance(error, TlsError):
        return RetryLater(f"Elasticsearch does not answer: {text}")
    message, hint = next(((said, what) for kind, said, what in _MENDED if isinstance(error, kind)), _ELSE)
    return ConfigError(f"{message}: {text}", hint=hint)
