"""The wire: specification vectors, every example, evolution in both directions, hostile bytes."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec
from schemas.check import EXAMPLES_FOLDER, load_example
from schemas.errors import ContractError, InvalidMessage, UnknownSchema
from schemas.events import Event, PassengerFeedback

GOOD = sorted(p for p in EXAMPLES_FOLDER.glob("*/*.json") if not p.stem.startswith("bad-"))
BAD = sorted(p for p in EXAMPLES_FOLDER.glob("*/bad-*.json"))


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


# Rabin fingerprints of the Avro specification's own test data (share/test/data/schema-tests.txt).
@pytest.mark.parametrize(
    ("schema", "fingerprint"),
    [
        ("null", 7195948357588979594),
        ("boolean", -6970731678124411036),
        ("int", 8247732601305521295),
        ("long", -3434872931120570953),
        ("string", -8142146995180207161),
        ({"type": "fixed", "name": "foo", "size": 15}, 1756455273707447556),
        ({"type": "record", "name": "foo", "fields": []}, -4824392279771201922),
    ],
)
def test_fingerprint_agrees_with_the_specification(schema: object, fingerprint: int) -> None:
    assert codec.schema_fingerprint(schema) == fingerprint.to_bytes(8, "little", signed=True)


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_good_example_survives_the_wire(path: Path) -> None:
    event = load_example(path)
    version = int(path.parent.name.rpartition(".v")[2])
    message = codec.encode(event, version)
    assert message[:2] == b"\xc3\x01"
    assert codec.decode(message) == event


@pytest.mark.parametrize("path", BAD, ids=name)
def test_bad_example_is_refused(path: Path) -> None:
    with pytest.raises((ValueError, InvalidMessage)):
        load_example(path)


def feedback(recommend: int | None) -> PassengerFeedback:
    event = load_example(EXAMPLES_FOLDER / "PassengerFeedback.v2" / "promoter.json")
    assert isinstance(event, PassengerFeedback)
    return PassengerFeedback(**{f: getattr(event, f) for f in event.__struct_fields__} | {"recommend": recommend})


def test_a_new_reader_understands_the_old_version() -> None:
    old = codec.encode(feedback(9), version=1)
    assert codec.decode(old) == feedback(None)


def test_an_old_reader_understands_the_new_version() -> None:
    versions = codec.registry()["PassengerFeedback"]
    body = codec.encode(feedback(9))[codec.HEADER_BYTES :]

    plain: Any = fastavro.schemaless_reader(io.BytesIO(body), versions[2].parsed, versions[1].parsed)
    assert plain["satisfaction"] == 5
    assert "recommend" not in plain


def test_the_two_versions_have_different_fingerprints() -> None:
    headers = [schema.header for versions in codec.registry().values() for schema in versions.values()]
    assert len(set(headers)) == len(headers)


def test_encoding_in_a_version_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(ContractError, match=r"\[1, 2\], not 3"):
        codec.encode(feedback(9), version=3)


@dataclass
class Refusal:
    message: bytes | None
    reason: str


GOOD_MESSAGE = codec.encode(feedback(9))


@pytest.mark.parametrize(
    "case",
    [
        Refusal(None, "empty message"),
        Refusal(b"", "empty message"),
        Refusal(b'{"event_id": 1}', "no single-object marker, starts with 7b22"),
        Refusal(GOOD_MESSAGE[:6], "truncated header of 6 bytes"),
        Refusal(GOOD_MESSAGE[:-1], "not a PassengerFeedback v2"),
        Refusal(GOOD_MESSAGE + b"\x00", "1 bytes after the end of PassengerFeedback v2"),
    ],
    ids=lambda case: case.reason,
)
def test_refusals_say_why(case: Refusal) -> None:
    with pytest.raises(InvalidMessage, match=case.reason):
        codec.decode(case.message)


def test_an_unknown_fingerprint_is_its_own_error_and_named_as_the_number_people_know() -> None:
    with pytest.raises(UnknownSchema, match="unknown schema fingerprint 0102030405060708"):
        codec.decode(b"\xc3\x01" + bytes.fromhex("0807060504030201") + b"x")


def test_a_value_that_avro_takes_and_the_record_does_not_is_refused() -> None:
    plain = {**fields(feedback(9)), "satisfaction": 9}
    body = io.BytesIO()
    fastavro.schemaless_writer(body, codec.newest("PassengerFeedback").parsed, plain)
    with pytest.raises(InvalidMessage, match="satisfaction"):
        codec.decode(codec.newest("PassengerFeedback").header + body.getvalue())


def fields(event: Event) -> dict[str, object]:
    return {field: getattr(event, field) for field in event.__struct_fields__}


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_decoder(data: bytes) -> None:
    for message in (data, GOOD_MESSAGE[: codec.HEADER_BYTES] + data):
        with contextlib.suppress(InvalidMessage):
            codec.decode(message)


@given(st.integers(0, len(GOOD_MESSAGE) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_decodes_to_a_valid_record(position: int, flip: int) -> None:
    message = bytearray(GOOD_MESSAGE)
    message[position] ^= flip
    try:
        event = codec.decode(bytes(message))
    except InvalidMessage:
        return
    assert codec.decode(codec.encode(event)) == event
