-- Why is the result of this period another than that of the period just before, which was as long?
-- Parameters: first, until (dates of flights, until not included); the period before is [first - days, first).
-- One row per step, in order: one driver after the other takes its new value, so that the effects add up exactly.
with period as (
  select
    case when flight_date < cast(:first as date) then 0 else 1 end as is_now,
    cast(sum(seat_km) as double precision) as s,
    cast(sum(passenger_km) as double precision) as p,
    cast(sum(fuel_kg) as double precision) as k,
    cast(sum(ticket_revenue_usd_cents) as double precision) as t,
    cast(sum(other_revenue_usd_cents) as double precision) as o,
    cast(sum(fuel_cost_usd_cents) as double precision) as f,
    cast(sum(other_cost_usd_cents) as double precision) as c,
    cast(sum(money_modelled_flights) as bigint) as money_modelled_flights
  from star.flight_counts
  where flight_date < cast(:until as date)
    and flight_date >= cast(:first as date) - cast(cast(:until as date) - cast(:first as date) as integer)
  group by 1
),

-- 0 is before, 1 now: seat-km, passenger-km, fuel kg, tickets, other revenue, fuel, other cost.
both_periods as (
  select
    before.s as s0, before.p as p0, before.k as k0, before.t as t0, before.o as o0, before.f as f0, before.c as c0,
    this.s as s1, this.p as p1, this.k as k1, this.t as t1, this.o as o1, this.f as f1, this.c as c1,
    before.money_modelled_flights + this.money_modelled_flights as money_modelled_flights
  from period as before
  cross join period as this
  where before.is_now = 0 and this.is_now = 1
),

-- The result in whole cents as if the drivers so far had their new value and the others their old one.
step as (
  select 0 as step, 'result before' as term, t0 + o0 - f0 - c0 as result,
    cast(null as double precision) as numerator_before, cast(null as double precision) as denominator_before,
    cast(null as double precision) as numerator_now, cast(null as double precision) as denominator_now,
    '' as driver, money_modelled_flights
  from both_periods
  union all
  select 1, 'volume', (t0 + o0 - f0 - c0) * s1 / nullif(s0, 0), s0, null, s1, null,
    'seat_km', money_modelled_flights
  from both_periods
  union all
  select 2, 'load', t0 * p1 / nullif(p0, 0) + (o0 - f0 - c0) * s1 / nullif(s0, 0), p0, s0, p1, s1,
    'passenger_km / seat_km', money_modelled_flights
  from both_periods
  union all
  select 3, 'price', t1 + (o0 - f0 - c0) * s1 / nullif(s0, 0), t0, p0, t1, p1,
    'ticket_revenue_usd_cents / passenger_km', money_modelled_flights
  from both_periods
  union all
  select 4, 'other revenue', t1 + o1 - (f0 + c0) * s1 / nullif(s0, 0), o0, s0, o1, s1,
    'other_revenue_usd_cents / seat_km', money_modelled_flights
  from both_periods
  union all
  select 5, 'fuel burn', t1 + o1 - f0 * k1 / nullif(k0, 0) - c0 * s1 / nullif(s0, 0), k0, s0, k1, s1,
    'fuel_kg / seat_km', money_modelled_flights
  from both_periods
  union all
  select 6, 'fuel price', t1 + o1 - f1 - c0 * s1 / nullif(s0, 0), f0, k0, f1, k1,
    'fuel_cost_usd_cents / fuel_kg', money_modelled_flights
  from both_periods
  union all
  select 7, 'other cost', t1 + o1 - f1 - c1, c0, s0, c1, s1,
    'other_cost_usd_cents / seat_km', money_modelled_flights
  from both_periods
),

rounded as (
  select
    step, term, driver, numerator_before, denominator_before, numerator_now, denominator_now, money_modelled_flights,
    cast(round(result) as bigint) as result_usd_cents
  from step
)

select
  step,
  term,
  result_usd_cents - lag(result_usd_cents) over (order by step) as effect_usd_cents,
  result_usd_cents,
  driver,
  cast(numerator_before as bigint) as numerator_before,
  cast(denominator_before as bigint) as denominator_before,
  cast(numerator_now as bigint) as numerator_now,
  cast(denominator_now as bigint) as denominator_now,
  money_modelled_flights
from rounded
order by step
