"""Which alarms are looked at again when an entity was written."""

from datetime import timedelta

from alerts.entity import EntityLights, RuleLight
from alerts.open_lights import light_key
from schemas.lights import Light, LightState
from streamlit_app.readers.alarms import about_to_turn, turned
from tests.alerts.samples import NOW


def lights(**states: LightState) -> EntityLights:
    return EntityLights(scope="route", name="JFK-LAX", rules={rule: RuleLight(one) for rule, one in states.items()})


def test_those_of_lights_that_turned_into_or_out_of_alarm() -> None:
    before = lights(
        late=LightState(light=Light.GREEN, since_at=NOW),
        cancelled=LightState(light=Light.RED, since_at=NOW),
        margin=LightState(light=Light.AMBER, since_at=NOW),
        load=LightState(light=Light.RED, since_at=NOW),
        fuel=LightState(light=Light.GREY, since_at=NOW),
    )
    later = NOW + timedelta(minutes=1)
    after = lights(
        late=LightState(light=Light.RED, since_at=later),
        cancelled=LightState(light=Light.GREEN, since_at=later),
        margin=LightState(light=Light.AMBER, since_at=NOW, at=later),
        load=LightState(light=Light.RED, since_at=later),
        fuel=LightState(light=Light.GREEN, since_at=later),
    )
    assert set(turned(before, after)) == {light_key("route", "JFK-LAX", rule) for rule in ("late", "cancelled", "load")}
    assert (
        set(turned(None, before))
        == {light_key("route", "JFK-LAX", rule) for rule in ("cancelled", "margin", "load")}
        == set(turned(before, None))
    )


def test_those_that_turn_if_what_was_said_last_lasts() -> None:
    one = lights(
        late=LightState(light=Light.GREEN, pending=Light.RED),
        cancelled=LightState(light=Light.RED, pending=Light.GREEN),
        margin=LightState(light=Light.RED),
        fuel=LightState(light=Light.GREY, pending=Light.GREEN),
    )
    assert set(about_to_turn(one)) == {light_key("route", "JFK-LAX", rule) for rule in ("late", "cancelled")}
