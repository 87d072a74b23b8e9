-- How good are the alerts: how often is each rule red, who was told, for how long, and was the day after really bad?
-- Parameters: first, until (of the instant the light turned red, UTC, until not included).
-- One row per rule, the most reds first. A red is confirmed if the KPI of the following 24 hours, from the row that
-- stands 24 h later, is beyond the rule's red threshold (of late arrivals by risk: below as many % on time, the same
-- figure). Not judged: no such row, nothing counted in it, or a threshold nobody knows.
with light as (
  select
    fct_light.alert_id,
    fct_light.scope,
    fct_light.entity,
    fct_light.rule,
    fct_light.kpi,
    fct_light.true_at,
    fct_light.true_until,
    fct_light.usd_per_hour,
    case when fct_light.modelled then 1 else 0 end as is_modelled,
    dim_rule.red
  from star.fct_light
  left join star.dim_rule
    on fct_light.rule = dim_rule.rule and fct_light.rule_version = dim_rule.rule_version
  where fct_light.to_light = 'RED' and (fct_light.from_light is null or fct_light.from_light <> 'RED')
    and fct_light.true_at >= cast(:first as timestamp) and fct_light.true_at < cast(:until as timestamp)
),

told as (
  select
    alert_id,
    min(event_to_alert_ms) as event_to_alert_ms
  from star.fct_alert
  where sent_at is not null
  group by alert_id
),

-- The newest revision of the last row of the hour before the 24 hours are over.
ranked as (
  select
    light.alert_id,
    row_then.*,
    row_number() over (
      partition by light.alert_id
      order by row_then.true_at desc, row_then.revision desc
    ) as newest_first
  from light
  inner join star.fct_route_kpi as row_then
    on light.scope = row_then.scope and light.entity = row_then.entity and row_then.kpi_window = '24h'
    and row_then.true_at > light.true_at + interval '23 hours'
    and row_then.true_at <= light.true_at + interval '24 hours'
),

-- The catalogue's KPIs that rules are on, in the unit of their thresholds; seats are filled beyond break-even.
realised as (
  select
    light.alert_id,
    light.red,
    case when light.kpi in (
      'mean_arrival_delay', 'fuel_intensity', 'block_overrun', 'turnaround_overrun', 'misconnection',
      'compensation_exposure', 'chronic_delay'
    ) then -1 else 1 end as sign,
    cast(case light.kpi
      when 'on_time_arrival' then 100 * row_then.arrivals_on_time
      when 'on_time_departure' then 100 * row_then.departures_on_time
      when 'completion' then 100 * row_then.operated
      when 'mean_arrival_delay' then row_then.arrival_delay_minutes
      when 'load_factor' then 100 * (row_then.ticket_revenue + row_then.ancillary_revenue + row_then.cargo_revenue
        - row_then.fuel_cost - row_then.crew_cost - row_then.maintenance_cost - row_then.airport_cost)
        * cast(row_then.passenger_km as double precision) / nullif(row_then.seat_km, 0)
      when 'unit_spread' then row_then.ticket_revenue + row_then.ancillary_revenue + row_then.cargo_revenue
        - row_then.fuel_cost - row_then.crew_cost - row_then.maintenance_cost - row_then.airport_cost
      when 'margin' then 100 * (row_then.ticket_revenue + row_then.ancillary_revenue + row_then.cargo_revenue
        - row_then.fuel_cost - row_then.crew_cost - row_then.maintenance_cost - row_then.airport_cost)
      when 'fuel_intensity' then 100 * (row_then.fuel_kg - row_then.fuel_reference_kg)
      when 'block_overrun' then row_then.block_minutes - row_then.scheduled_block_minutes
      when 'turnaround_overrun' then row_then.turnaround_minutes - row_then.scheduled_turnaround_minutes
      when 'misconnection' then 100 * row_then.misconnected
      when 'satisfaction' then 100 * row_then.satisfied
      when 'nps' then 100 * (row_then.promoters - row_then.detractors)
      when 'compensation_exposure' then row_then.compensation_exposure
      when 'chronic_delay' then 100 * (row_then.flights - row_then.arrivals_within_30m)
    end as double precision) as numerator,
    cast(case light.kpi
      when 'on_time_arrival' then row_then.flights
      when 'on_time_departure' then row_then.departures
      when 'completion' then row_then.flights
      when 'mean_arrival_delay' then row_then.arrivals
      when 'load_factor' then row_then.ticket_revenue + row_then.ancillary_revenue + row_then.cargo_revenue
      when 'unit_spread' then row_then.seat_km
      when 'margin' then row_then.ticket_revenue + row_then.ancillary_revenue + row_then.cargo_revenue
      when 'fuel_intensity' then row_then.fuel_reference_kg
      when 'block_overrun' then row_then.arrivals
      when 'turnaround_overrun' then row_then.turnarounds
      when 'misconnection' then row_then.connecting
      when 'satisfaction' then row_then.responses
      when 'nps' then row_then.nps_responses
      when 'compensation_exposure' then 100 * row_then.flights
      when 'chronic_delay' then row_then.flights
    end as double precision) as denominator
  from light
  inner join ranked as row_then on light.alert_id = row_then.alert_id and row_then.newest_first = 1
),

judged as (
  select
    alert_id,
    case when sign * numerator < sign * red * denominator then 1 else 0 end as is_confirmed
  from realised
  where denominator > 0 and numerator is not null and red is not null
)

select
  light.rule,
  cast(count(*) as bigint) as reds,
  cast(count(told.alert_id) as bigint) as told,
  100 * cast(count(told.alert_id) as double precision) / count(*) as told_pct,
  cast(sum(case when light.true_until is null then 1 else 0 end) as bigint) as still_red,
  cast(count(light.true_until) as bigint) as ended,
  cast(sum(extract(epoch from light.true_until) - extract(epoch from light.true_at)) as double precision)
    / 3600 as ended_hours,
  cast(sum(extract(epoch from light.true_until) - extract(epoch from light.true_at)) as double precision)
    / 3600 / nullif(count(light.true_until), 0) as mean_hours,
  cast(count(judged.alert_id) as bigint) as judged,
  cast(coalesce(sum(judged.is_confirmed), 0) as bigint) as confirmed,
  100 * cast(sum(judged.is_confirmed) as double precision) / nullif(count(judged.alert_id), 0) as confirmed_pct,
  avg(cast(told.event_to_alert_ms as double precision)) as mean_event_to_alert_ms,
  avg(cast(light.usd_per_hour as double precision)) as mean_usd_per_hour,
  cast(sum(light.is_modelled) as bigint) as modelled_reds
from light
left join told on light.alert_id = told.alert_id
left join judged on light.alert_id = judged.alert_id
group by light.rule
order by reds desc, light.rule
