"""What an S3-compatible store answers, in our words: whether to try again, or who has to change what. Never shows a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)
from fsspec.exceptions import FSTimeoutError

from rasoat.errors import ConfigError, RetryLater

_KEYS: Final = "check RASOAT_EVIDENCE_KEY and RASOAT_EVIDENCE_SECRET_FILE"
_REFUSED: Final = {
    "AccessDenied": 'give this key the rights in docs/shared.md, "Evidence"',
    "403": f'{_KEYS}, and that it has the rights in docs/shared.md, "Evidence"',
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "ExpiredToken": "renew the token",
    "RequestTimeTooSkewed": "set this machine's clock with NTP",
    "NoSuchBucket": "make the bucket, or check RASOAT_EVIDENCE_URL",
    "InvalidBucketName": "check RASOAT_EVIDENCE_URL",
    "PermanentRedirect": "check RASOAT_EVIDENCE_REGION and RASOAT_EVIDENCE_ENDPOINT",
    "301": "check RASOAT_EVIDENCE_REGION and RASOAT_EVIDENCE_ENDPOINT",
    "AuthorizationHeaderMalformed": "check RASOAT_EVIDENCE_REGION",
}
"""Answers that stay the same until somebody changes something, with what that is."""
_ABSENT: Final = ("NoSuchKey", "404")


def code_of(error: BaseException | None) -> str:
    """What the store called the error; empty where it did not answer."""
    while error is not None:
        if isinstance(error, ClientError):
            return str(error.response.get("Error", {}).get("Code", ""))
        error = error.__cause__
    return ""


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn what libraries raise into errors of ours. FileNotFoundError goes through when it speaks of one object.

    Raises:
        ConfigError: the store refuses us, with what to change.
        RetryLater: the store is away, slow, or full.
    """
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, NoRegionError) as error:
        raise ConfigError(f"no key for {where}", hint="set RASOAT_EVIDENCE_KEY and RASOAT_EVIDENCE_SECRET_FILE") from error
    except ParamValidationError as error:
        raise ConfigError(f"{where} cannot be the name of a bucket", hint="check RASOAT_EVIDENCE_URL") from error
    except SSLError as error:
        raise ConfigError(f"the certificate of {where} is not to be trusted", hint="check RASOAT_EVIDENCE_CA") from error
    except (BotoCoreError, FSTimeoutError, TimeoutError) as error:
        raise RetryLater(f"{where} does not answer ({type(error).__name__}); check network and RASOAT_EVIDENCE_ENDPOINT") from error
    except OSError as error:
        code = code_of(error)
        if isinstance(error, FileNotFoundError) and code in _ABSENT:
            raise
        if code in _REFUSED:
            raise ConfigError(f"{where}: {code}", hint=_REFUSED[code]) from error
        raise RetryLater(f"{where} cannot be used now: {code or type(error).__name__}; run again later") from error
