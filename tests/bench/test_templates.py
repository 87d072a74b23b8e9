"""A filled template is what the codec would have written."""

import json
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.kpi_job.made_up import KINDS, START, VARIANTS, Route, event, routes
from bench.kpi_job.templates import Encoding, avro_long, event_id, instant_bytes, template
from schemas.codec import HEADER_BYTES, decode, encode
from schemas.events import FlightEvent
from schemas.rows import from_ms, to_ms

ROUTES = routes(20)
# From 2013 to 2033: the instant's bytes change their number in Avro.
INSTANTS = st.integers(to_ms(START), to_ms(START) + 20 * 365 * 86_400_000)


@given(
    st.sampled_from(ROUTES),
    st.integers(0, KINDS - 1),
    st.integers(0, VARIANTS - 1),
    st.integers(0, 999_999_999),
    INSTANTS,
)
def test_filling_in_is_encoding(route: Route, kind: int, variant: int, number: int, at_ms: int) -> None:
    made = event(route, kind, variant, event_id(kind, 0))
    name = event_id(kind, number)
    wanted: FlightEvent = msgspec.structs.replace(made, event_id=name, event_at=from_ms(at_ms))

    def filled(encoding: Encoding) -> bytes:
        return template(made, encoding).fill(name.encode(), instant_bytes(at_ms, encoding))

    assert filled(Encoding.SINGLE_OBJECT) == encode(wanted)
    assert filled(Encoding.PLAIN_AVRO) == encode(wanted)[HEADER_BYTES:]
    assert decode(filled(Encoding.SINGLE_OBJECT)) == wanted
    fields = json.loads(filled(Encoding.JSON))
    assert fields.keys() == set(wanted.__struct_fields__)
    for field, value in fields.items():
        said = getattr(wanted, field)
        assert value == (to_ms(said) if isinstance(said, datetime) else said), field


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "00"), (-1, "01"), (1, "02"), (-64, "7f"), (64, "8001"), (2**63 - 1, "feffffffffffffffff01")],
)
def test_a_long_is_as_the_specification_has_it(value: int, written: str) -> None:
    assert avro_long(value).hex() == written


def test_an_event_whose_id_is_of_another_length_has_no_template() -> None:
    with pytest.raises(ValueError, match="no holes"):
        template(event(ROUTES[0], 0, 0, "short"), Encoding.SINGLE_OBJECT)
