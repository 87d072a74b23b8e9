"""Do the contracts agree with each other? `problems` lists every place where they do not."""

import datetime
import json
import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas import codec
from schemas.errors import ContractError, InvalidMessage
from schemas.events import RECORDS, Event
from schemas.kpis import KPIS, Kpi, unknown_measures
from schemas.measures import MEASURES
from schemas.topics import KPI_TOPICS, TOPICS

EXAMPLES_FOLDER: Final = Path(__file__).parent / "examples"


def problems(avro: Path = codec.AVRO_FOLDER, examples: Path = EXAMPLES_FOLDER) -> list[str]:
    """Every disagreement, one sentence each; empty if there is none."""
    try:
        registry = codec.load(avro)
    except ContractError as error:
        return [str(error)]
    return [
        *record_problems(registry),
        *compatibility_problems(registry),
        *field_problems(registry),
        *topic_problems(registry),
        *kpi_problems(KPIS),
        *example_problems(registry, examples),
    ]


def record_problems(registry: dict[str, dict[int, codec.WriterSchema]]) -> Iterator[str]:
    """A record and its newest schema must have the same fields, types, nullability and defaults."""
    for name in sorted(RECORDS.keys() | registry.keys()):
        if name not in registry:
            yield f"{name}: a record without a schema file"
        elif name not in RECORDS:
            yield f"{name}: a schema file without a record"
        else:
            newest = registry[name][max(registry[name])]
            if sorted(registry[name]) != list(range(1, max(registry[name]) + 1)):
                yield f"{name}: versions {sorted(registry[name])} are not 1 to n"
            yield from _differences(name, RECORDS[name], json.loads(newest.text))


def _differences(name: str, record: type[msgspec.Struct], schema: dict[str, Any]) -> Iterator[str]:
    ours = {field.name: field for field in msgspec.structs.fields(record)}
    theirs = {field["name"]: field for field in schema["fields"]}
    for field in sorted(ours.keys() ^ theirs.keys()):
        where = "the record" if field in ours else "the schema"
        yield f"{name}.{field}: only in {where}"
    for field in ours.keys() & theirs.keys():
        expected, actual = _shape(ours[field].type), _avro_shape(theirs[field]["type"])
        if expected != actual:
            yield f"{name}.{field}: the record says {expected}, the schema {actual}"
        required = ours[field].default is msgspec.NODEFAULT and ours[field].default_factory is msgspec.NODEFAULT
        if required == ("default" in theirs[field]):
            yield f"{name}.{field}: a default in the {'schema' if required else 'record'} only"
        elif not required and _plain_default(ours[field].default) != theirs[field]["default"]:
            yield f"{name}.{field}: default {ours[field].default!r} against {theirs[field]['default']!r}"


def _plain_default(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, StrEnum) else value


_SHAPES: Final[dict[Any, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    bytes: "bytes",
    datetime.datetime: "timestamp-millis",
}


def _shape(kind: Any) -> str:
    if typing.get_origin(kind) is typing.Annotated:
        return _shape(typing.get_args(kind)[0])
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        inner = [part for part in typing.get_args(kind) if part is not type(None)]
        return f"{_shape(inner[0])} or null"
    if typing.get_origin(kind) is tuple:
        return f"list of {_shape(typing.get_args(kind)[0])}"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind.__name__
    return _SHAPES.get(kind, str(kind))


_NAMED: Final[dict[str, str]] = {}


def _avro_shape(kind: Any) -> str:
    if isinstance(kind, list):
        return f"{_avro_shape(next(part for part in kind if part != 'null'))} or null"
    if isinstance(kind, str):
        plain = {"int": "integer", "long": "integer", "double": "number", "float": "number"}.get(kind, kind)
        return _NAMED.get(plain.rpartition(".")[2], plain.rpartition(".")[2])
    match kind["type"]:
        case "enum":
            _NAMED[kind["name"]] = f"one of {', '.join(kind['symbols'])}"
            return _NAMED[kind["name"]]
        case "record":
            return str(kind["name"])
        case "array":
            return f"list of {_avro_shape(kind['items'])}"
        case _:
            return str(kind.get("logicalType") or _avro_shape(kind["type"]))


def compatibility_problems(registry: dict[str, dict[int, codec.WriterSchema]]) -> Iterator[str]:
    """FULL compatibility: what any version writes, every other version reads."""
    for name, versions in registry.items():
        for writer, reader in permutations(versions.values(), 2):
            reason = incompatibility(writer, reader)
            if reason:
                yield f"{name}: v{reader.version} cannot read what v{writer.version} writes: {reason}"


def incompatibility(writer: codec.WriterSchema, reader: codec.WriterSchema) -> str | None:
    """Why `reader` cannot read every message of `writer`; None if it can. By the specification's resolution rules."""
    return _unreadable(json.loads(writer.text), json.loads(reader.text), "")


_PROMOTIONS: Final = {"int": {"long", "float", "double"}, "long": {"float", "double"}, "float": {"double"}}


def _unreadable(writer: Any, reader: Any, path: str) -> str | None:
    if isinstance(writer, list):
        return next((reason for branch in writer if (reason := _unreadable(branch, reader, path))), None)
    if isinstance(reader, list):
        reasons = [_unreadable(writer, branch, path) for branch in reader]
        return None if None in reasons else f"{path or 'the record'}: no branch of the union takes {_kind(writer)}"
    written, read = _kind(writer), _kind(reader)
    if written != read:
        return None if read in _PROMOTIONS.get(written, ()) else f"{path}: {written} is not readable as {read}"
    if written == "record" and isinstance(writer, dict) and isinstance(reader, dict):
        return _unreadable_fields(writer, reader, path)
    if written == "enum" and isinstance(writer, dict) and isinstance(reader, dict):
        missing = set(writer["symbols"]) - set(reader["symbols"])
        return f"{path}: unknown symbols {sorted(missing)}" if missing and "default" not in reader else None
    if written == "array":
        return _unreadable(writer["items"], reader["items"], f"{path}[]")
    if _logical(writer) != _logical(reader):
        return f"{path}: logical type {_logical(writer)} against {_logical(reader)}"
    return None


def _unreadable_fields(writer: dict[str, Any], reader: dict[str, Any], path: str) -> str | None:
    written = {field["name"]: field for field in writer["fields"]}
    for field in reader["fields"]:
        where = f"{path}.{field['name']}".lstrip(".")
        if field["name"] in written:
            reason = _unreadable(written[field["name"]]["type"], field["type"], where)
            if reason:
                return reason
        elif "default" not in field:
            return f"{where}: not written, and without a default"
    return None


def _logical(schema: Any) -> str | None:
    return schema.get("logicalType") if isinstance(schema, dict) else None


def _kind(schema: Any) -> str:
    return str(schema["type"] if isinstance(schema, dict) else schema).rpartition(".")[2]


def field_problems(registry: dict[str, dict[int, codec.WriterSchema]]) -> Iterator[str]:
    """The KPI job decodes all its records into one wide row: the same field name must have the same type."""
    seen: dict[str, tuple[str, str]] = {}
    for name in sorted({record for topic in KPI_TOPICS for record in TOPICS[topic].records}):
        for version in registry.get(name, {}).values():
            for field in json.loads(version.text)["fields"]:
                shape = _avro_shape(field["type"]).removesuffix(" or null")
                record, other = seen.setdefault(field["name"], (name, shape))
                if other != shape:
                    yield f"{field['name']}: {other} in {record}, {shape} in {name}"


def topic_problems(registry: dict[str, dict[int, codec.WriterSchema]]) -> Iterator[str]:
    """Every topic carries registered records, every record has a topic."""
    carried = {record for topic in TOPICS.values() for record in topic.records}
    for topic in TOPICS.values():
        for record in topic.records:
            if record not in registry:
                yield f"topic {topic.name}: unknown record {record}"
    yield from (f"{record}: no topic carries it" for record in sorted(RECORDS.keys() - carried))


def kpi_problems(kpis: dict[str, Kpi]) -> Iterator[str]:
    """A KPI names measures and KPIs that exist; a measure's name is unique."""
    names = [measure.name for measure in MEASURES]
    yield from (f"measure {name}: defined twice" for name in sorted({n for n in names if names.count(n) > 1}))
    for kpi in kpis.values():
        yield from (f"KPI {kpi.name}: unknown measure {name}" for name in unknown_measures(kpi))
        if kpi.times is not None and kpi.times not in kpis:
            yield f"KPI {kpi.name}: unknown KPI {kpi.times}"


def example_problems(registry: dict[str, dict[int, codec.WriterSchema]], folder: Path) -> Iterator[str]:
    """Every version has examples; good ones survive the wire, `bad-*` ones are refused."""
    for name, versions in registry.items():
        for version in versions.values():
            cases = sorted((folder / f"{name}.v{version.version}").glob("*.json"))
            if not any(not case.stem.startswith("bad-") for case in cases):
                yield f"{name} v{version.version}: no good example"
            for case in cases:
                yield from _example(case, version)


def _example(case: Path, schema: codec.WriterSchema) -> Iterator[str]:
    where = f"{case.parent.name}/{case.name}"
    try:
        event: Event | None = load_example(case)
        reason = ""
    except (InvalidMessage, msgspec.MsgspecError, ValueError) as error:
        event, reason = None, str(error)
    if case.stem.startswith("bad-"):
        if event is not None:
            yield f"{where}: a bad example that is accepted"
    elif event is None:
        yield f"{where}: does not decode: {reason}"
    elif not codec.is_writable(event, schema):
        yield f"{where}: not what {schema.record} v{schema.version} writes"
    elif codec.decode(codec.encode(event, schema.version)) != event:
        yield f"{where}: changed on the wire"


def load_example(case: Path) -> Event:
    """The record in an example file. Raises ValueError or msgspec.ValidationError where it is not valid."""
    record = RECORDS[case.parent.name.partition(".v")[0]]
    return msgspec.json.decode(case.read_bytes(), type=record, strict=True)
