"""Alerts in words: complete, in two languages, and inert whatever stands in the fields."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.entity import Change
from alerts.messages import WORDS, Message, ascii_line, plain, render
from rules.load import load_catalog
from rules.rule import Override, Thresholds, Words
from rules.selector import Selector
from tests.alerts.samples import catalog, folded, row, rule

ALERT_ID = "2433f7e3ea318802223d0859"


def message(change: Change) -> Message:
    return render(change, stage="demo", alert_id=ALERT_ID)


def alarm() -> Change:
    """Red at 4 of 11 flights. Wilson, one-sided 90 % (z = 1.2816): centre 38.14 %, half width 17.43 points."""
    late = rule(confidence=0.9)
    change: Change = folded(row(0, 9), row(90, 4, 11, arrival_delay_minutes=240), by=catalog(late)).changes[-1]
    return change


def test_the_alarm_in_english() -> None:
    assert message(alarm()).text.splitlines() == [
        "RED JFK-LAX Late arrivals",
        "On-time arrival (A14), last 24 h: 36.4 % (4 of 11 flights, at most 55.6 % at 90 %)",
        "Thresholds: AMBER below 80 %, RED below 70 %; amber ends at 85, red at 75",
        "Change: GREEN → RED, 2013-02-08 13:30 UTC. It was GREEN for 1h30m.",
        "At stake: US$ 1,000 per hour (delay 1,000)",
        "What to do: Look for the cause.",
        "Runbook: rules/runbooks/late.md",
        f"For: operations. Alert {ALERT_ID} [demo]",
    ]


def test_the_alarm_in_spanish() -> None:
    assert message(alarm()).text_es.splitlines() == [
        "ROJO JFK-LAX Llegadas tarde",
        "Llegadas a tiempo (A14), últimas 24 h: 36.4 % (4 de 11 vuelos, a lo más 55.6 % al 90 %)",
        "Umbrales: ÁMBAR debajo de 80 %, ROJO debajo de 70 %; el ámbar termina en 85, el rojo en 75",
        "Cambio: VERDE → ROJO, 2013-02-08 13:30 UTC. Estuvo en VERDE por 1h30m.",
        "En juego: US$ 1,000 por hora (demoras 1,000)",
        "Qué hacer: Busque la causa.",
        "Guía: rules/runbooks/late.md",
        f"Para: operations. Alerta {ALERT_ID} [demo]",
    ]


def test_with_an_app_the_text_ends_in_a_link_to_the_alert() -> None:
    linked = render(alarm(), stage="demo", alert_id=ALERT_ID, app_url="https://semaforo.example")
    assert linked.text == f"{message(alarm()).text}\nOpen: https://semaforo.example/alerts?alert={ALERT_ID}&lang=en"
    assert linked.text_es.endswith(f"\nAbrir: https://semaforo.example/alerts?alert={ALERT_ID}&lang=es")
    assert linked.subject == message(alarm()).subject


def test_the_subject_says_light_route_value_and_stake() -> None:
    assert message(alarm()).subject == "RED JFK-LAX Late arrivals: 36.4 %, US$ 1,000/h [demo]"


def test_a_recovery_says_how_long_it_lasted_and_what_it_cost() -> None:
    change = folded(row(0, 9), row(60, 6, arrival_delay_minutes=60), row(180, 9)).changes[-1]
    assert "RED → GREEN, 2013-02-08 15:00 UTC. Over after 2h, which cost about US$ 500." in message(change).text
    assert "Terminó tras 2h, con un costo aproximado de US$ 500." in message(change).text_es


def test_lost_evidence_is_no_all_clear() -> None:
    change = folded(row(0, 6), row(60, 2, 4)).changes[-1]
    assert "RED → GREY" in message(change).text
    assert "not an all-clear" in message(change).text
    assert "no significa que todo esté bien" in message(change).text_es


def test_a_light_that_grows_worse_says_since_when_there_is_trouble() -> None:
    change = folded(row(0, 9), row(60, 7), row(120, 6)).changes[-1]
    assert "AMBER → RED, 2013-02-08 14:00 UTC. In trouble since 2013-02-08 13:00 UTC." in message(change).text


def test_modelled_evidence_is_marked_wherever_the_value_shows() -> None:
    margin = rule(kpi_name="margin", id="margin", min_n=1, severity=("lost_contribution",))
    row_of_money = row(0, 0, 10, ticket_revenue=100_000, fuel_cost=120_000, modelled_money=4)
    written = message(folded(row_of_money, by=catalog(margin)).changes[-1])
    assert "-20.0 % (modelled) (10 flights)" in written.text
    assert "(modelled) This value rests in part on modelled figures" in written.text
    assert "-20.0 % (modelado) (10 vuelos)" in written.text_es
    # Lost against 80 % of US$ 1,000 are US$ 1,000 in 24 h.
    assert "-20.0 % (modelled), US$ 42/h (modelled)" in written.subject


def test_modelled_money_is_marked_wherever_it_shows_also_when_the_light_itself_was_observed() -> None:
    # US$ 2,400 of compensation in 24 h are US$ 100 an hour, for 3 h.
    exposed = row(60, 6, compensation_exposure=240_000, modelled_money=3)
    began, ended = folded(row(0, 9), exposed, row(240, 9)).changes[1:]
    written = message(began)
    assert "At stake: US$ 100 per hour (compensation 100) (modelled)" in written.text.splitlines()
    assert "En juego: US$ 100 por hora (compensaciones 100) (modelado)" in written.text_es.splitlines()
    assert written.subject == "RED JFK-LAX Late arrivals: 60.0 %, US$ 100/h (modelled) [demo]"
    assert "60.0 % (6 of 10 flights)" in written.text, "the value itself was observed"
    assert "which cost about US$ 300 (modelled)." in message(ended).text
    assert "con un costo aproximado de US$ 300 (modelado)." in message(ended).text_es
    body = msgspec.json.decode(msgspec.json.encode(began.transition))
    assert (body["severity"]["modelled"], body["evidence"]["modelled_facts"]) == (True, 0)


def test_observed_money_carries_no_mark() -> None:
    """The control of the test above."""
    began, ended = folded(row(0, 9), row(60, 6, compensation_exposure=240_000), row(240, 9)).changes[1:]
    for change in (began, ended):
        written = message(change)
        assert "odelled" not in written.text + written.subject
        assert "odelad" not in written.text_es


def test_lower_is_better_turns_the_words_round() -> None:
    limits = Thresholds(amber=2.5, red=4.0, recover_amber=2.0, recover_red=3.0)
    late = rule(kpi_name="misconnection", n_of="connecting", confidence=0.9, thresholds=limits)
    text = message(folded(row(0, connecting=50, misconnected=20), by=catalog(late)).changes[-1]).text
    assert "AMBER above 2.5 %, RED above 4 %" in text
    assert "20 of 50 connecting, at least" in text


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["es"].keys()


@pytest.mark.parametrize(
    ("nasty", "inert"),
    [
        ("two\r\nlines: Bcc: all@example.org", "two lines: Bcc: all@example.org"),
        ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+1", "'+1"),
        ("@sum", "'@sum"),
        ("-2", "'-2"),
        ("\x1b[31mred\x07", "[31mred"),
        ("right\u202eto left", "right to left"),
        ("\u2028next", "next"),
    ],
)
def test_a_field_is_one_line_of_plain_text(nasty: str, inert: str) -> None:
    assert plain(nasty) == inert


@given(st.text(max_size=600), st.text(max_size=200))
def test_no_field_adds_a_line_or_markup(title: str, entity: str) -> None:
    late = rule(title=Words(en=title, es=title), advice=Words(en=title, es=title), runbook=title)
    written = message(folded(row(0, 4, entity=entity or "x"), by=catalog(late)).changes[-1])
    for text in (written.text, written.text_es):
        assert len(text.split("\n")) == 8
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029<>]", text)
        assert not any(line.startswith(("=", "+", "-", "@")) for line in text.split("\n"))
        assert len(text) < 8 * 401
    assert re.fullmatch(r"[ -~]{1,100}", written.subject)
    assert written.subject[0] not in "=+-@ "


def test_the_subject_folds_to_ascii_and_is_cut() -> None:
    assert ascii_line("Llegadas tarde: -1.2 US¢/ASK – León ≤ 5") == "Llegadas tarde: -1.2 USc/ASK - Leon <= 5"
    assert ascii_line("x" * 300) == "x" * 97 + "..."
    assert ascii_line("日本") == "??"


def test_every_rule_of_the_catalogue_can_be_said() -> None:
    for known in load_catalog().rules.values():
        change = Change(transition=alarm().transition, row=row(0), rule=known, episode=None)
        written = message(change)
        assert known.title.es in written.text_es
        assert "None" not in written.text


def test_durations_are_whole_minutes() -> None:
    change = folded(row(0, 9), row(1.5, 4)).changes[-1]
    assert change.transition.at - change.transition.previous_since_at == timedelta(seconds=90)
    assert "It was GREEN for 1m." in message(change).text


def test_a_kpi_that_is_compared_with_another_says_so_in_value_and_thresholds() -> None:
    beyond = rule(
        kpi_name="load_factor", against="break_even_load_factor", min_n=1, n_of="operated",
        thresholds=Thresholds(amber=5, red=0, recover_amber=6, recover_red=1),
    )  # fmt: skip
    # Load 80 %; cost is 95 % of revenue, so break-even is at 76 %.
    flown = row(0, operated=40, passenger_km=80, seat_km=100, ticket_revenue=100, fuel_cost=95)
    written = message(folded(flown, by=catalog(beyond)).changes[-1])
    assert "Load factor (PLF), last 24 h: 80.0 %, Break-even load factor 76.0 % (40 operated)" in written.text
    assert "AMBER below 5 % beyond Break-even load factor, RED below 0 %" in written.text
    assert "ÁMBAR debajo de 5 % sobre Ocupación de equilibrio" in written.text_es


def test_thresholds_of_an_override_say_where_they_hold() -> None:
    there = Selector(airports=("JFK",), seasons=("winter",), stage_km=(0, 1500))
    summer = rule(overrides=(Override(there, rule(where=there.words)),))
    judged = row(0, 6, seats=100, seat_km=100_000)
    in_winter = msgspec.structs.replace(judged, at=datetime(2026, 1, 2, tzinfo=UTC))
    written = message(folded(in_winter, by=catalog(summer)).changes[-1])
    assert "Thresholds (airport JFK, 0 to 1500 km, winter): AMBER below 80 %" in written.text
    assert "Umbrales (aeropuerto JFK, 0 a 1500 km, invierno): ÁMBAR debajo de 80 %" in written.text_es
