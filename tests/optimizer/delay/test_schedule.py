from optimizer.delay.schedule import schedule_features
from optimizer.flights import of_table
from tests.optimizer.made_up import flight, table


def test_who_else_leaves_the_same_airport_around_then() -> None:
    rows = [flight(out, number=out) for out in ("09:00", "11:00", "11:59", "12:00", "12:30", "12:31")]
    found = schedule_features(of_table(table(*rows, flight("12:00", origin="EWR", number="elsewhere"))))
    at_noon = 3
    # Itself included: 11:00, 11:59 and 12:00; from 09:00 on four; till 12:30 two.
    assert found["leave_hour_before"][at_noon] == 3
    assert found["leave_three_hours_before"][at_noon] == 4
    assert found["leave_half_hour_after"][at_noon] == 2


def test_what_the_schedule_says() -> None:
    found = schedule_features(of_table(table(flight("10:20", carrier="DL", origin="LGA", block=75))))
    assert found["departs_local_minute"].tolist() == [620]
    assert found["block_minutes"].tolist() == [75]
    assert found["weekday"].tolist() == [3]  # 1 May 2013, a Wednesday
    assert (found["carrier_DL"][0], found["carrier_AA"][0], found["origin_LGA"][0]) == (1, 0, 1)
