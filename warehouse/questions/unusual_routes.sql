-- What is unusual about a route on a day that no light shows?
-- Parameters: first, until (dates of flights, until not included).
-- One row per date, route and figure, the farthest away first: more than 3.5 deviations from the median of the same
-- weekdays of the eight weeks before (1.4826 x MAD, or what single flights move it by if that is more; delays by their
-- logarithm). Said only with three flights and four such weekdays at least, and where no rule's light was amber or red.
-- It is told to nobody: whoever asks sees it. Money and traffic are modelled where the last column is above 0.
with week as (
  select 7 as days
  union all select 14
  union all select 21
  union all select 28
  union all select 35
  union all select 42
  union all select 49
  union all select 56
),

summed as (
  select
    route,
    flight_date,
    cast(sum(flights) as bigint) as flights,
    cast(sum(departures) as double precision) as departures,
    cast(sum(departure_delay_minutes) as double precision) as departure_delay_minutes,
    cast(sum(passenger_km) as double precision) as passenger_km,
    cast(sum(seat_km) as double precision) as seat_km,
    cast(sum(ticket_revenue_usd_cents) as double precision) as ticket_revenue_usd_cents,
    cast(sum(cost_usd_cents) as double precision) as cost_usd_cents,
    cast(sum(money_modelled_flights) as bigint) as money_modelled_flights
  from star.flight_counts
  where flight_date >= cast(:first as date) - 56 and flight_date < cast(:until as date)
  group by route, flight_date
),

-- `placed` is what is compared, `least` the deviation that a few flights have by chance.
figure as (
  select
    route, flight_date, flights, money_modelled_flights, 'mean_departure_delay_minutes' as figure,
    departure_delay_minutes / departures as value_of_day,
    ln(1 + departure_delay_minutes / departures) as placed, 0.5 as least
  from summed
  where departures > 0
  union all
  select
    route, flight_date, flights, money_modelled_flights, 'flights' as figure,
    cast(flights as double precision) as value_of_day, cast(flights as double precision) as placed, 0.5 as least
  from summed
  union all
  select
    route, flight_date, flights, money_modelled_flights, 'load_factor_pct' as figure,
    100 * passenger_km / seat_km as value_of_day, 100 * passenger_km / seat_km as placed, 4.0 as least
  from summed
  where seat_km > 0
  union all
  select
    route, flight_date, flights, money_modelled_flights, 'yield_usd_cents_per_passenger_km' as figure,
    ticket_revenue_usd_cents / passenger_km as value_of_day,
    ln(ticket_revenue_usd_cents / passenger_km) as placed, 0.05 as least
  from summed
  where ticket_revenue_usd_cents > 0 and passenger_km > 0
  union all
  select
    route, flight_date, flights, money_modelled_flights, 'cost_usd_cents_per_seat_km' as figure,
    cost_usd_cents / seat_km as value_of_day, ln(cost_usd_cents / seat_km) as placed, 0.05 as least
  from summed
  where cost_usd_cents > 0 and seat_km > 0
),

past as (
  select
    figure.route,
    today.flight_date,
    figure.figure,
    figure.value_of_day,
    figure.placed
  from figure
  cross join week
  inner join summed as today
    on today.route = figure.route and today.flight_date = figure.flight_date + week.days and today.flights >= 3
  where today.flight_date >= cast(:first as date)
),

middle as (
  select
    route,
    flight_date,
    figure,
    median(placed) as placed,
    cast(count(*) as bigint) as weekdays
  from past
  group by route, flight_date, figure
),

-- Few days are far enough from the median to be asked what is usual and how far the others were.
far as (
  select
    figure.flight_date,
    figure.route,
    figure.figure,
    figure.value_of_day,
    figure.placed - middle.placed as away,
    figure.least,
    middle.placed as middle_placed,
    middle.weekdays,
    figure.flights,
    figure.money_modelled_flights
  from figure
  inner join middle
    on figure.route = middle.route and figure.flight_date = middle.flight_date and figure.figure = middle.figure
  where middle.weekdays >= 4 and abs(figure.placed - middle.placed) > 3.5 * figure.least
),

usual as (
  select
    past.route,
    past.flight_date,
    past.figure,
    median(past.value_of_day) as usual_value
  from past
  inner join far on past.route = far.route and past.flight_date = far.flight_date and past.figure = far.figure
  group by past.route, past.flight_date, past.figure
),

spread as (
  select
    past.route,
    past.flight_date,
    past.figure,
    1.4826 * median(abs(past.placed - far.middle_placed)) as deviation
  from past
  inner join far on past.route = far.route and past.flight_date = far.flight_date and past.figure = far.figure
  group by past.route, past.flight_date, past.figure
),

shown as (
  select distinct
    summed.route,
    summed.flight_date
  from summed
  inner join star.fct_light
    on fct_light.scope = 'route' and fct_light.entity = summed.route and fct_light.to_light in ('AMBER', 'RED')
    and cast(fct_light.true_at as date) <= summed.flight_date
    and (fct_light.true_until is null or cast(fct_light.true_until as date) >= summed.flight_date)
),

judged as (
  select
    far.flight_date,
    far.route,
    far.figure,
    far.value_of_day,
    usual.usual_value,
    far.away / greatest(spread.deviation, far.least) as deviations_away,
    far.weekdays,
    far.flights,
    far.money_modelled_flights
  from far
  inner join usual
    on far.route = usual.route and far.flight_date = usual.flight_date and far.figure = usual.figure
  inner join spread
    on far.route = spread.route and far.flight_date = spread.flight_date and far.figure = spread.figure
  left join shown on far.route = shown.route and far.flight_date = shown.flight_date
  where shown.route is null
)

select
  flight_date,
  route,
  figure,
  value_of_day,
  usual_value,
  deviations_away,
  weekdays,
  flights,
  money_modelled_flights
from judged
where abs(deviations_away) > 3.5
order by flight_date desc, abs(deviations_away) desc, route asc, figure asc
