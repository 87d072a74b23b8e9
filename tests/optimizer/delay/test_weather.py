from optimizer.delay.weather import UNKNOWN, weather_features
from optimizer.flights import of_table
from tests.optimizer.made_up import flight, table, weather, weather_row


def test_the_newest_hour_that_is_over_counts_and_the_lowest_visibility_of_three() -> None:
    hours = weather(
        weather_row("10:00", visibility_km=0.5, pressure_hpa=1010.0),
        weather_row("11:00", visibility_km=4.0),
        weather_row("12:00", visibility_km=8.0, precipitation_mm=2.0),
        weather_row("13:00", visibility_km=12.0, precipitation_mm=1.0, wind_kt=20.0, pressure_hpa=1001.0),
        weather_row("14:00", visibility_km=0.1, airport="EWR"),
    )
    flights = of_table(
        table(flight("14:59", number="1"), flight("15:00", number="2"), flight("15:00", origin="LGA", number="3"))
    )
    found = weather_features(flights, hours)
    assert found["weather_visibility_km"].tolist() == [8.0, 12.0, UNKNOWN]
    assert found["weather_visibility_lowest_km"].tolist() == [0.5, 4.0, UNKNOWN]
    assert found["weather_precipitation_3h_mm"].tolist() == [2.0, 3.0, UNKNOWN]
    assert found["weather_pressure_change_hpa"].tolist()[1] == -9.0
    assert found["weather_wind_east_kt"].round(6).tolist()[1] == 20.0
    assert found["weather_gust_kt"].tolist()[1] == 0.0


def test_a_missing_measurement_is_the_one_before() -> None:
    hours = weather(weather_row("12:00", wind_kt=12.0), weather_row("13:00", wind_kt=None))
    assert weather_features(of_table(table(flight("15:00"))), hours)["weather_wind_kt"].tolist() == [12.0]
