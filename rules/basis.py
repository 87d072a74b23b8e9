"""What a change of a light stood on beside its row: kept with it, so that it can be made again whatever came since.

Which rows of its neighbours a route was judged beside depends on when they came: airports travel on other records,
perhaps on another shard. No history of the rows alone tells it; the log does.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from rules.pooled_features import BEFORE, Before, Context, ContextKey
from rules.rule import Rule
from schemas.errors import InvalidRow
from schemas.lights import LightState
from schemas.rows import KpiRow, Window, ends_of, rows_json, unpack_rows


class Basis(msgspec.Struct, frozen=True):
    """The state before, as far as `evaluate` reads it, and the rows that pooled evidence looked at."""

    state: LightState
    beside: Context = {}


_Packed = tuple[LightState, tuple[Window | Before, ...], msgspec.Raw]

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(_Packed)


def basis_of(rule: Rule, row: KpiRow, context: Context, state: LightState) -> Basis:
    """Of a judgement by `evaluate(rule, row, context, state, …)`."""
    kept = msgspec.structs.replace(state, evidence=None, severity=None, reason="")
    return Basis(kept, _looked_at(row, context) if rule.model else {})


def encode_basis(basis: Basis) -> str:
    """As JSON: the state, what each row is looked at as, the rows as text."""
    names = tuple(key[2] for key in basis.beside)
    return _encoder.encode((basis.state, names, msgspec.Raw(rows_json(basis.beside.values())))).decode()


def decode_basis(text: str) -> Basis:
    """Of its JSON. Raises msgspec.DecodeError or InvalidRow if it is none."""
    state, names, packed = _decoder.decode(text)
    rows = unpack_rows(bytes(packed))
    if len(rows) != len(names):
        raise InvalidRow(f"{len(rows)} rows beside, {len(names)} are named")
    return Basis(state, {(row.scope, row.entity, name): row for name, row in zip(names, rows, strict=True)})


def _looked_at(row: KpiRow, context: Context) -> Mapping[ContextKey, KpiRow]:
    """The rows that `pooled_features.pool` reads."""
    keys: list[ContextKey] = [(row.scope, row.entity, "7d"), (row.scope, row.entity, "28d")]
    for airport in ends_of(row.entity):
        keys += [("airport", airport, "3h"), ("airport", airport, BEFORE)]
    return {key: context[key] for key in keys if key in context}
