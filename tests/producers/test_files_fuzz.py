"""Whatever bytes a file holds: events or reasons, never a crash; and what comes out can be sent."""

import json
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.sources.files.fields import FIELDS
from producers.sources.files.reading import UnreadableFileError
from producers.sources.files.source import FilesSource
from schemas.codec import decode, encode

GOOD = {
    "origen": "MEX",
    "destino": "CUN",
    "numero_vuelo": "501",
    "aerolinea": "AM",
    "fecha": "2026-03-02",
    "estado": "llegó",
    "hora_salida_programada": "06:30",
    "hora_llegada_programada": "09:45",
    "retraso": 20,
    "moneda": "USD",
}
NAMES = [field.name for field in FIELDS]
PLAUSIBLE = st.sampled_from(
    ["MEX", "TIJ", "LAX", "AM", "93", "93:5|81:15", "2026-03-08", "2026-11-01", "2026-03-08 02:30", "02:30", "24:00",
     "2026-03-02T06:30-06:00", "1.234,50", "(5)", "-1440", "18,5", "salió", "desviado", "programado", "sí", "5", "0"]
)  # fmt: skip
VALUES = st.one_of(
    PLAUSIBLE,
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.none(), max_size=1),
)
PIECES = [*'{}[]":,\\ \n\r\x00é"09.-eE+', "\\ud800", "null", "1e999999999", "NaN"]


def check(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            source = FilesSource([path])
        except UnreadableFileError as error:
            str(error).encode()
            return
        again = FilesSource([path])
    events = list(source.events())
    assert events == list(again.events())
    assert [event.event_at for event in events] == sorted(event.event_at for event in events)
    for event in events:
        assert decode(encode(event)) == event
    for reject in source.rejects:
        assert reject.reason
        assert reject.line >= 1
        assert str(reject).encode()
        assert msgspec.json.encode(reject)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.jsonl", "a"]))
def test_any_bytes(content: bytes, name: str) -> None:
    check(content, name)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([",", ";", "\t"]))
def test_any_bytes_under_a_good_header(content: bytes, delimiter: str) -> None:
    check(delimiter.join(GOOD).encode() + b"\n" + content, "a.csv")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6), st.booleans())
def test_a_good_line_with_any_values(change: dict[str, object], as_csv: bool) -> None:
    row = {**GOOD, **change}
    if as_csv:
        cells = ("" if value is None else str(value).replace('"', "") for value in row.values())
        text = ",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in cells) + "\n"
        check(text.encode("utf-8", "surrogatepass"), "a.csv")
    else:
        check((json.dumps(row) + "\n").encode(), "a.jsonl")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_json_like_text(parts: list[str]) -> None:
    check(('{"origen": ' + "".join(parts)).encode(), "a.jsonl")


def test_the_worst_on_purpose() -> None:
    for line in (
        b'{"origen": 1e999999999}',
        b'{"costo_tripulacion": ' + b"9" * 5000 + b"}",
        b'{"origen": ' + b"[" * 10_000,
        b'{"id_respuesta": "\\ud800", "satisfaccion": 5}',
        b'{"origen": "\\ud800"}',
        b'{"origen": NaN}',
        b'"' * 70_000,
    ):
        check(line, "a.jsonl")
        check(b"origen,destino\n" + line, "a.csv")
