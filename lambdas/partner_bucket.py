"""The partners' bucket: what they sent, what of it was refused, and which content is done with.

`received/<partner>/<file>` is what partners write, and stays as it came (the bucket keeps versions);
`rejects/<partner>/<file>.jsonl` holds the lines that were left out; `done/<partner>/<sha256>.json` says that a content
was published. The content decides, not its name or its ETag: that one depends on the parts of an upload.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote_plus

import msgspec
from botocore.exceptions import ClientError

from producers.sources.files.fields import plain_name
from producers.sources.files.source import Reject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RECEIVED: Final = "received/"
CHUNK_BYTES: Final = 1 << 20
LONGEST_SUFFIX: Final = 10
NOBODY: Final = "partner"
"""The partner of files that lie in no folder."""

_GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


class FileTooLargeError(ValueError):
    """A file beyond what a function can hold."""


class PartnerObject(msgspec.Struct, frozen=True):
    """One object that was created, by its key as it is, not as events write it."""

    bucket: str
    key: str
    version: str = ""

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """From one record of an S3 event, where keys are encoded as in a form: "a b.csv" is "a+b.csv"."""
        entry = record["s3"]["object"]
        return cls(record["s3"]["bucket"]["name"], unquote_plus(entry["key"]), entry.get("versionId", ""))

    @property
    def name(self) -> str:
        """The key below `received/`."""
        return self.key.removeprefix(RECEIVED)

    @property
    def partner(self) -> str:
        """Its first folder, in small letters, digits and underscores: part of every event's id."""
        folder, slash, _rest = self.name.partition("/")
        return (plain_name(folder) if slash else "") or NOBODY

    @property
    def suffix(self) -> str:
        """What kind of file it says it is; "" for what is no ending of a file's name."""
        ending = PurePosixPath(self.name).suffix.lower()
        return ending if ending[1:].isalnum() and len(ending) <= LONGEST_SUFFIX else ""


class PartnerBucket:
    """Reads and writes what lies beside a partner's object."""

    def __init__(self, s3: "S3Client") -> None:
        self._s3 = s3

    def download(self, source: PartnerObject, target: Path, most_bytes: int) -> str | None:
        """Write the content to `target`, a chunk at a time; its SHA-256, None if the object is gone.

        Raises FileTooLargeError before it reads anything.
        """
        given = {"Bucket": source.bucket, "Key": source.key}
        try:
            got = self._s3.get_object(**given, **({"VersionId": source.version} if source.version else {}))  # type: ignore[arg-type]
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        if got["ContentLength"] > most_bytes:
            got["Body"].close()
            raise FileTooLargeError(
                f"has {got['ContentLength']:,} bytes; more than {most_bytes:,} must be split by date"
            )
        digest = hashlib.sha256()
        with target.open("wb") as file:
            for chunk in got["Body"].iter_chunks(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def is_done(self, source: PartnerObject, digest: str) -> bool:
        """Whether this partner's content was published before, under whatever name."""
        try:
            self._s3.head_object(Bucket=source.bucket, Key=_done_key(source, digest))
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
        return True

    def put_rejects(self, source: PartnerObject, rejects: Iterable[Reject]) -> None:
        """Write the lines that were left out, one JSON object each, in the place of those of an earlier attempt."""
        body = b"".join(msgspec.json.encode(reject) + b"\n" for reject in rejects)
        self._s3.put_object(Bucket=source.bucket, Key=f"rejects/{source.name}.jsonl", Body=body)

    def put_done(self, source: PartnerObject, digest: str, outcome: object) -> None:
        """Mark the content as done with; the first who says so stands."""
        body = msgspec.json.encode(outcome)
        try:
            self._s3.put_object(Bucket=source.bucket, Key=_done_key(source, digest), Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise


def _done_key(source: PartnerObject, digest: str) -> str:
    return f"done/{source.partner}/{digest}.json"
