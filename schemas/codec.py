"""Records to Avro bytes and back: single-object encoding, writer schemas resolved, without a registry.

A message is 0xC3 0x01, the writer schema's CRC-64-AVRO fingerprint (8 bytes, little-endian), then the Avro body.
https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding
"""

import io
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import fastavro
import msgspec
from fastavro.schema import fingerprint, to_parsing_canonical_form

from schemas.errors import ContractError, InvalidMessage, UnknownSchema
from schemas.events import RECORDS, Event

MARKER: Final = b"\xc3\x01"
HEADER_BYTES: Final = 10
AVRO_FOLDER: Final = Path(__file__).parent / "avro"


class WriterSchema(NamedTuple):
    """One version of one record: `text` as in its file, `parsed` for fastavro, `header` = marker + fingerprint."""

    record: str
    version: int
    text: str
    parsed: Any
    header: bytes


def encode(event: Event, version: int | None = None) -> bytes:
    """The event as a message, in the newest version of its record or an older one.

    A field the older version lacks is left out. Raises ContractError for a version that does not exist.
    """
    record = type(event).__name__
    versions = registry()[record]
    schema = versions.get(version or max(versions))
    if schema is None:
        raise ContractError(f"{record} has versions {sorted(versions)}, not {version}")
    body = io.BytesIO()
    body.write(schema.header)
    fastavro.schemaless_writer(body, schema.parsed, _plain(event))
    return body.getvalue()


def is_writable(event: Event, schema: WriterSchema) -> bool:
    """Whether the schema has a place for every value of the event, as it is."""
    return bool(fastavro.validate(_plain(event), schema.parsed, raise_errors=False, strict=False))


def decode(message: bytes | None) -> Event:
    """The event in a message, whatever version wrote it.

    Raises UnknownSchema for a fingerprint that is not registered, InvalidMessage for anything else that is wrong.
    """
    if not message:
        raise InvalidMessage("empty message")
    if message[:2] != MARKER:
        raise InvalidMessage(f"no single-object marker, starts with {message[:2].hex()}")
    if len(message) < HEADER_BYTES:
        raise InvalidMessage(f"truncated header of {len(message)} bytes")
    writer = by_header().get(message[:HEADER_BYTES])
    if writer is None:
        raise UnknownSchema(f"unknown schema fingerprint {message[2:HEADER_BYTES][::-1].hex()}")
    reader = newest(writer.record)
    body = io.BytesIO(message)
    body.seek(HEADER_BYTES)
    try:
        # Resolving a schema to itself costs 5 µs of 17.
        plain = fastavro.schemaless_reader(body, writer.parsed, None if writer is reader else reader.parsed)
        if trailing := len(message) - body.tell():
            raise InvalidMessage(f"{trailing} bytes after the end of {writer.record} v{writer.version}")
        return msgspec.convert(plain, RECORDS[writer.record])
    except InvalidMessage:
        raise
    except Exception as error:  # fastavro raises whatever the bytes make it trip over
        raise InvalidMessage(f"not a {writer.record} v{writer.version}: {type(error).__name__}: {error}") from error


@cache
def registry() -> dict[str, dict[int, WriterSchema]]:
    """Every registered schema by record and version."""
    return load(AVRO_FOLDER)


@cache
def by_header() -> dict[bytes, WriterSchema]:
    """Every registered schema by the 10 bytes its messages start with."""
    return {schema.header: schema for versions in registry().values() for schema in versions.values()}


@cache
def newest(record: str) -> WriterSchema:
    """The version that readers resolve to."""
    versions = registry()[record]
    return versions[max(versions)]


def writer_schemas(records: tuple[str, ...]) -> list[str]:
    """The schema texts of all versions of these records, for readers outside Python (the KPI job's format)."""
    return [schema.text for record in records for _, schema in sorted(registry()[record].items())]


def load(folder: Path) -> dict[str, dict[int, WriterSchema]]:
    """The schemas of a folder of `<record>.v<N>.avsc`. Raises ContractError for a file that is not one."""
    schemas: dict[str, dict[int, WriterSchema]] = {}
    for path in sorted(folder.glob("*.avsc")):
        record, _, version = path.name.removesuffix(".avsc").rpartition(".v")
        if not record or not version.isdigit():
            raise ContractError(f"{path.name}: schema files are named <record>.v<N>.avsc")
        text = path.read_text(encoding="utf-8")
        schemas.setdefault(record, {})[int(version)] = _parse(path.name, record, int(version), text)
    return schemas


def _parse(file: str, record: str, version: int, text: str) -> WriterSchema:
    try:
        raw = json.loads(text)
        parsed = fastavro.parse_schema(raw)
        header = MARKER + schema_fingerprint(raw)
    except Exception as error:  # fastavro has no common root for what can be wrong with a schema
        raise ContractError(f"{file}: {type(error).__name__}: {error}") from error
    if raw.get("name") != record:
        raise ContractError(f"{file}: the schema is named {raw.get('name')!r}")
    return WriterSchema(record, version, text, parsed, header)


def schema_fingerprint(schema: Any) -> bytes:
    """CRC-64-AVRO of the parsing canonical form, little-endian as it stands in a message."""
    # fastavro prints the fingerprint's bytes in little-endian order already (checked against the specification's
    # vectors in tests/schemas/test_codec.py).
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def _plain(event: Event) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(bytes, datetime))
    return plain
