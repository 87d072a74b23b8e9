"""Files to events: lines worked out by hand, bad lines, encodings, and the command."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner

from producers.__main__ import app
from producers.sources.files.fields import FIELDS, plain_name
from producers.sources.files.line import Defaults
from producers.sources.files.reading import UnreadableFileError
from producers.sources.files.source import FilesSource
from schemas.codec import decode, encode
from schemas.events import (
    AirportWeather,
    Event,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
    OperationKind,
    PassengerFeedback,
)

FLIGHT = {
    "origen": "MEX",
    "destino": "CUN",
    "numero_vuelo": "501",
    "aerolinea": "AM",
    "fecha": "2026-03-02",
    "hora_salida_programada": "06:30",
    "hora_llegada_programada": "09:45",
}
ARRIVED = {
    **FLIGHT,
    "estado": "llegó",
    "hora_salida_real": "07:10",
    "hora_llegada_real": "10:20",
    "asientos": 160,
    "pasajeros": 140,
}
LEFT_AT = datetime(2026, 3, 2, 13, 10, tzinfo=UTC)
LANDED_AT = datetime(2026, 3, 2, 15, 20, tzinfo=UTC)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes | list[dict[str, object]], name: str = "vuelos.jsonl") -> Path:
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read(path: Path, defaults: Defaults | None = None) -> tuple[list[Event], FilesSource]:
    source = FilesSource([path], defaults)
    events = list(source.events())
    assert [decode(encode(event)) for event in events] == events
    assert events == sorted(events, key=lambda event: (event.event_at, event.event_id))
    return events, source


Kind = TypeVar("Kind", bound=Event)


def only(kind: type[Kind], events: list[Event]) -> Kind:
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def refused(write: Write, row: dict[str, object]) -> tuple[str, str]:
    """Field and reason of a line that must be left out, beside a good one that must stay."""
    events, source = read(write([{**row}, {**ARRIVED, "numero_vuelo": "999"}]))
    assert {event.flight_id for event in events if isinstance(event, FlightStatus)} == {"AM-999-2026-03-02-MEX"}
    (reject,) = source.rejects
    assert reject.line == 1
    return reject.field, reject.reason


def test_a_line_that_arrived_says_departed_and_arrived(write: Write) -> None:
    events, source = read(
        write([{**ARRIVED, "matricula": "XA-SAA", "tipo_avion": "Boeing 737-800", "carga_kg": "1.250"}])
    )
    departed, arrived = events
    assert isinstance(departed, FlightStatus)
    assert isinstance(arrived, FlightStatus)
    assert (departed.state, departed.event_at) == (FlightState.DEPARTED, LEFT_AT)
    assert (arrived.state, arrived.event_at) == (FlightState.ARRIVED, LANDED_AT)
    assert departed.actual_arrival_at is None
    assert arrived.flight_id == "AM-501-2026-03-02-MEX"
    assert arrived.scheduled_arrival_at == datetime(2026, 3, 2, 14, 45, tzinfo=UTC)
    assert (arrived.seats, arrived.passengers, arrived.cargo_kg) == (160, 140, 1250)
    assert (arrived.tail, arrived.aircraft_type, arrived.traffic_source) == ("XA-SAA", "B738", "observed")
    assert arrived.distance_km == pytest.approx(1287, rel=0.005)  # published: 800 statute miles
    assert source.rejects == []
    assert [route.carriers for route in source.routes()] == [("AM",)]
    assert source.total() == 2


@pytest.mark.parametrize(
    ("estado", "state", "known_at"),
    [
        ("programado", FlightState.SCHEDULED, datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("cancelado", FlightState.CANCELLED, datetime(2026, 3, 2, 12, 30, tzinfo=UTC)),
        ("desviado", FlightState.DIVERTED, datetime(2026, 3, 2, 14, 45, tzinfo=UTC)),
        ("CANCELADO ", FlightState.CANCELLED, datetime(2026, 3, 2, 12, 30, tzinfo=UTC)),
    ],
)
def test_when_a_state_is_known(write: Write, estado: str, state: FlightState, known_at: datetime) -> None:
    events, _ = read(write([{**FLIGHT, "estado": estado}]))
    status = only(FlightStatus, events)
    assert (status.state, status.event_at) == (state, known_at)


def test_a_diversion_is_never_known_before_its_departure(write: Write) -> None:
    row = {**FLIGHT, "estado": "desviado", "hora_salida_real": "11:00"}  # scheduled to land 08:45 at home
    departed, diverted = read(write([row]))[0]
    assert departed.event_at == diverted.event_at == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def test_known_at_overrides_and_may_not_lie_before_the_fact(write: Write) -> None:
    events, _ = read(write([{**ARRIVED, "conocido_en": "2026-03-02T10:25:30.123-05:00"}]))
    assert {event.event_at for event in events} == {datetime(2026, 3, 2, 15, 25, 30, 123_000, tzinfo=UTC)}
    assert refused(write, {**ARRIVED, "conocido_en": "2026-03-02T15:00:00Z"})[0] == "conocido_en"
    assert refused(write, {**ARRIVED, "conocido_en": "2026-03-02T15:30:00"}) == (
        "conocido_en",
        "must carry its offset, such as -06:00 or Z",
    )


def test_a_line_of_its_own_about_the_departure_takes_precedence(write: Write) -> None:
    left = {**FLIGHT, "estado": "salió", "hora_salida_real": "07:10", "conocido_en": "2026-03-02T13:12:00Z"}
    for rows in ([left, ARRIVED], [ARRIVED, left]):
        departed, arrived = read(write(rows))[0]
        assert isinstance(departed, FlightStatus)
        assert (departed.event_at, departed.seats) == (datetime(2026, 3, 2, 13, 12, tzinfo=UTC), 0)
        assert arrived.event_at == LANDED_AT


def test_the_delay_stands_in_for_the_actual_times(write: Write) -> None:
    row = {**FLIGHT, "estado": "llegó", "retraso": 35, "causa_retraso": "93", "asientos": 160, "pasajeros": 1}
    events, _ = read(write([row]))
    arrived = next(e for e in events if isinstance(e, FlightStatus) and e.state is FlightState.ARRIVED)
    assert arrived.actual_departure_at == datetime(2026, 3, 2, 13, 5, tzinfo=UTC)
    assert arrived.actual_arrival_at == datetime(2026, 3, 2, 15, 20, tzinfo=UTC)
    delay = only(FlightOperation, events)
    assert (delay.kind, delay.late_aircraft_delay_minutes) == (OperationKind.DELAY, 35)
    assert delay.event_at == LANDED_AT


@pytest.mark.parametrize(
    ("cause", "minutes"),
    [
        ("41", {"carrier": 35}),
        ("72", {"weather": 35}),
        ("81", {"airspace": 35}),
        ("85", {"security": 35}),
        ("93A", {"late_aircraft": 35}),
        ("96", {"carrier": 35}),
        ("Meteorología", {"weather": 35}),
        ("93:20|81:15", {"late_aircraft": 20, "airspace": 15}),
        ("41:20 + 63:15", {"carrier": 35}),
    ],
)
def test_delay_causes(write: Write, cause: str, minutes: dict[str, int]) -> None:
    delay = only(FlightOperation, read(write([{**ARRIVED, "causa_retraso": cause}]))[0])
    groups = ("carrier", "weather", "airspace", "security", "late_aircraft")
    assert {g: m for g in groups if (m := getattr(delay, f"{g}_delay_minutes"))} == minutes


def test_money_is_exact_and_summed_by_target(write: Write) -> None:
    row = {
        **ARRIVED,
        "tipo_avion": "B738",
        "combustible_kg": 4650,
        "moneda": "MXN",
        "tipo_cambio": "18,50",
        "ingresos_boletos_economicos": "210,000.00",
        "ingresos_boletos_premier": "45.000,25",
        "ingresos_boletos_ejecutivos": 0.10,
        "ingresos_adicionales": 20000,
        "ingresos_carga": "$1,500.5",
        "costo_combustible_por_vuelo": "85,300.50",
        "costo_tripulacion": "20000",
        "costo_mantenimiento": "(10.00)",
        "costo_aeropuerto": "1.00",
        "tasas_aeropuerto": "2.00",
    }
    money = only(FlightFinance, read(write([row]))[0])
    assert money.event_at == LANDED_AT
    assert (money.currency, money.usd_per_unit_ppm) == ("MXN", 54054)  # 1,000,000 / 18.5 = 54,054.05…
    assert money.ticket_revenue_minor == 210_000_00 + 45_000_25 + 10
    assert (money.ancillary_revenue_minor, money.cargo_revenue_minor) == (2_000_000, 150_050)
    assert (money.fuel_cost_minor, money.crew_cost_minor) == (8_530_050, 2_000_000)
    assert (money.maintenance_cost_minor, money.airport_cost_minor) == (-1000, 300)
    assert money.fuel_kg == 4650
    assert 3000 < money.fuel_reference_kg < 6000
    assert money.source == "files"  # reported, not modelled


def test_dollars_need_no_rate_and_pesos_do(write: Write) -> None:
    dollars = only(FlightFinance, read(write([{**ARRIVED, "moneda": "USD", "costo_tripulacion": 100}]))[0])
    assert (dollars.crew_cost_minor, dollars.usd_per_unit_ppm) == (10_000, 1_000_000)
    assert refused(write, {**ARRIVED, "costo_tripulacion": 100})[0] == "tipo_cambio"
    assert refused(write, {**ARRIVED, "costo_tripulacion": 100, "tipo_cambio": 0.054})[0] == "tipo_cambio"
    rate = Defaults(units_per_usd=Decimal(20))
    pesos = only(FlightFinance, read(write([{**ARRIVED, "costo_tripulacion": 100}]), rate)[0])
    assert pesos.usd_per_unit_ppm == 50_000


def test_answers_without_an_id_are_told_apart_and_stay_the_same(write: Write) -> None:
    answer = {**ARRIVED, "satisfaccion": 4, "recomendacion": 9, "clase": "Premier", "canal": "app"}
    path = write([answer, answer, {**answer, "queja": "sí"}])
    events, source = read(path)
    answers = [event for event in events if isinstance(event, PassengerFeedback)]
    assert source.rejects == []
    assert len({each.event_id for each in answers}) == 3
    assert {(a.satisfaction, a.recommend, a.cabin, a.channel) for a in answers} == {(4, 9, "PREMIER", "APP")}
    assert sorted(a.complaint for a in answers) == [False, False, True]
    # The same file again, alone or beside itself, is the same facts.
    assert list(FilesSource([path]).events()) == events
    assert list(FilesSource([path, path]).events()) == events


def test_turnaround_connections_and_weather(write: Write) -> None:
    row = {
        **ARRIVED,
        "minutos_escala": 65,
        "minutos_escala_programados": 55,
        "pasajeros_conexion": 40,
        "conexiones_perdidas": 3,
        "temperatura": "18,5",
        "visibilidad": 16,
        "viento": 7.5,
    }
    events, _ = read(write([row]))
    turn, change = sorted((e for e in events if isinstance(e, FlightOperation)), key=lambda e: e.event_at)
    assert (turn.turnaround_minutes, turn.scheduled_turnaround_minutes, turn.event_at) == (65, 55, LEFT_AT)
    assert (change.connecting, change.misconnected, change.event_at) == (40, 3, LANDED_AT)
    weather = only(AirportWeather, events)
    assert (weather.airport, weather.temperature_c, weather.wind_kt, weather.visibility_km) == ("MEX", 18.5, 7.5, 16)
    assert weather.observed_at == datetime(2026, 3, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"origen": "MEXICO"}, "origen", "3 letters"),
        ({"destino": "XXQ"}, "destino", "no airport"),
        ({"destino": "MEX"}, "destino", "same as origen"),
        ({"origen": None}, "origen", "missing"),
        ({"numero_vuelo": "Y4501"}, "numero_vuelo", "says carrier Y4"),
        ({"aerolinea": "Aerolínea Fantasma"}, "aerolinea", "IATA code"),
        ({"fecha": "2026-02-30"}, "fecha", "day"),
        ({"fecha": "02/03/26"}, "fecha", "YYYY-MM-DD"),
        ({"fecha": None}, "fecha", "missing"),
        ({"fecha": "2026-03-01", "hora_salida_programada": "2026-03-02 06:30"}, "fecha", "says 2026-03-02"),
        ({"hora_salida_real": "7h10"}, "hora_salida_real", "HH:MM"),
        ({"hora_salida_real": None}, "hora_salida_real", "missing"),
        ({"estado": "perdido"}, "estado", "must be one of"),
        ({"retraso": 300}, "retraso", "contradicts the times: 40 and 35 min late"),
        ({"causa_retraso": "19"}, "causa_retraso", "not an IATA delay code"),
        ({"causa_retraso": "93:20|81:20"}, "causa_retraso", "add up to 40, the delay is 35"),
        ({"pasajeros": 161}, "pasajeros", "exceed asientos 160"),
        ({"asientos": "muchos"}, "asientos", "number"),
        ({"satisfaccion": 6}, "satisfaccion", "between 1 and 5"),
        ({"costo_tripulacion": "12.345,678"}, "costo_tripulacion", "amount"),
        ({"costo_tripulacion": 1.005, "moneda": "USD"}, "costo_tripulacion", "fraction"),
        ({"pasajeros_conexion": 3, "conexiones_perdidas": 4}, "", "exceed connecting"),
        ({"queja": ["sí"]}, "queja", "single value"),
        ({"fecha_vuelo": "2026-03-03"}, "fecha", "given twice"),
    ],
)
def test_a_bad_line_is_left_out_with_its_reason(
    write: Write, change: dict[str, object], field: str, reason: str
) -> None:
    got_field, got_reason = refused(write, {**ARRIVED, **change})
    assert got_field == field
    assert reason in got_reason


def test_lines_that_contradict_each_other(write: Write) -> None:
    _, source = read(write([ARRIVED, {**ARRIVED, "pasajeros": 139}]))
    (reject,) = source.rejects
    assert reject.line == 2
    assert "contradicts" in reject.reason
    assert "vuelos.jsonl:1" in reject.reason


def test_what_would_be_known_in_the_future_is_refused(write: Write) -> None:
    source = FilesSource([write([ARRIVED])], not_after=LEFT_AT)
    assert "in the future" in source.rejects[0].reason
    assert source.total() == 0


CSV = """Origen;Destino;Número de vuelo;Aerolínea;Fecha;Estado;Salida programada;Llegada programada;Retraso;Nota
MEX;CUN;501;Aeroméxico;02/03/2026;llegó;06:30;09:45;35;"línea
partida"

MEX;CUN;502;Aeroméxico;02/03/2026;llegó;08:30;11:45;cinco;
MEX;CUN;503;Aeroméxico;02/03/2026;llegó;09:30;12:45;0;sobra;algo
MEX;CUN;504;Aeroméxico;02/03/2026;llegó;10:30;13:45;5;"abierta
MEX;CUN;505;Aeroméxico;02/03/2026;cancelado;11:30;14:45;;
"""


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (CSV.encode(), 1),
        (b"\xef\xbb\xbf" + CSV.encode(), 1),
        (CSV.replace("\n", "\r\n").encode(), 1),
        (CSV.encode("latin-1"), 2),
        (CSV.encode("utf-16"), 1),
    ],
    ids=["utf-8", "bom", "crlf", "latin-1", "utf-16"],
)
def test_csv_with_semicolons_in_every_encoding(write: Write, content: bytes, notes: int) -> None:
    events, source = read(write(content, "vuelos.csv"))
    assert {e.number for e in events if isinstance(e, FlightStatus)} == {"501", "505"}
    assert [(r.line, r.field) for r in source.rejects] == [(5, "retraso"), (6, ""), (7, "")]
    assert [r.reason for r in source.rejects][1:] == ["has 11 values for 10 columns", "a quote is not closed"]
    assert len(source.notes) == notes
    assert any("nota" in note for note in source.notes)
    if notes == 2:
        assert any("read as Latin-1" in note for note in source.notes)


def test_the_same_flights_as_csv_and_json_lines_are_the_same_events(write: Write) -> None:
    rows: list[dict[str, object]] = [
        {**ARRIVED, "temperatura": "18.5"},
        {**FLIGHT, "numero_vuelo": "7", "estado": "cancelado"},
    ]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    text = "\n".join(",".join(line) for line in lines)
    assert read(write(text, "vuelos.csv"))[0] == read(write(rows))[0]
    assert read(write(text, "sin_extension"))[0] == read(write(rows, "json_sin_extension"))[0]


def test_order_of_lines_does_not_matter(write: Write) -> None:
    rows: list[dict[str, object]] = [
        {**ARRIVED, "numero_vuelo": str(number), "satisfaccion": number % 5 + 1} for number in range(1, 40)
    ]
    assert read(write(rows))[0] == read(write(rows[::-1]))[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"a,b,c\n1,2,3\n", "no known column. Found: a, b, c. Known: origen, destino"),
        (b"\x00\x01\x02", "is not text"),
        (b"\xff\xfea", "UTF-16"),
        (b"origen,Origen\nMEX,MEX\n", "more than one column is origen"),
    ],
)
def test_a_file_of_which_nothing_can_be_read(write: Write, content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        FilesSource([write(content, "datos.csv")])


def test_memory_is_bounded(write: Write) -> None:
    with pytest.raises(UnreadableFileError, match="more than 2 lines"):
        FilesSource([write([ARRIVED] * 3)], max_lines=2)


def test_check_reports_and_exits_one(write: Write, tmp_path: Path) -> None:
    path = write([ARRIVED, {**ARRIVED, "pasajeros": 200}])
    rejects = tmp_path / "out" / "rejects.jsonl"
    result = CliRunner().invoke(app, ["files", str(path), "--check", "--rejects-file", str(rejects)])
    assert result.exit_code == 1
    assert f"{path}:2: pasajeros '200' exceed asientos 160" in result.output
    assert "2 lines, 2 events, 1 lines left out" in result.output
    assert [json.loads(line)["line"] for line in rejects.read_text().splitlines()] == [2]


def test_check_of_a_good_file_exits_zero_and_of_no_file_two(write: Write) -> None:
    assert CliRunner().invoke(app, ["files", str(write([ARRIVED])), "--check"]).exit_code == 0
    missing = CliRunner().invoke(app, ["files", "/nowhere/vuelos.csv", "--check"])
    assert missing.exit_code == 2
    assert "No such file" in missing.output
    assert CliRunner().invoke(app, ["files", str(write([ARRIVED])), "--check", "--moneda", "M$N"]).exit_code == 2


def test_no_two_columns_share_a_name() -> None:
    names = [name for field in FIELDS for name in (field.name, *field.aliases)]
    assert len(names) == len(set(names))
    assert all(plain_name(name) == name for name in names)
