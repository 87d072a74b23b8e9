-- What may leave, and the role that can read nothing else: a mistake in the ETL is refused by the database.

-- One row per airline and band of experience with at least five of its pilots (k = 5): a smaller band is joined with the
-- next, the last one with the one before, and an airline of fewer than five pilots has none.
CREATE VIEW pilot_band AS
WITH RECURSIVE limits (step, min_hours, max_hours) AS (
    VALUES (1, 0, 1500), (2, 1500, 3000), (3, 3000, 6000), (4, 6000, 10000), (5, 10000, 15000), (6, 15000, 40001)
),
counted AS (
    SELECT airlines.carrier, limits.step, limits.min_hours, limits.max_hours, count(pilots.pilot_id) AS pilots
    FROM airlines
    CROSS JOIN limits
    LEFT JOIN pilots
        ON pilots.carrier = airlines.carrier
        AND pilots.flight_hours >= limits.min_hours
        AND pilots.flight_hours < limits.max_hours
    GROUP BY airlines.carrier, limits.step, limits.min_hours, limits.max_hours
),
gathered AS (
    SELECT carrier, step, min_hours, max_hours, pilots, 1 AS band, pilots AS so_far
    FROM counted
    WHERE step = 1
    UNION ALL
    SELECT
        counted.carrier, counted.step, counted.min_hours, counted.max_hours, counted.pilots,
        CASE WHEN gathered.so_far >= 5 THEN gathered.band + 1 ELSE gathered.band END,
        CASE WHEN gathered.so_far >= 5 THEN counted.pilots ELSE gathered.so_far + counted.pilots END
    FROM gathered
    JOIN counted ON counted.carrier = gathered.carrier AND counted.step = gathered.step + 1
),
bands AS (
    SELECT carrier, band, min(min_hours) AS min_hours, max(max_hours) AS max_hours, sum(pilots) AS pilots
    FROM gathered
    GROUP BY carrier, band
),
joined AS (
    SELECT carrier, min(min_hours) AS min_hours, nullif(max(max_hours), 40001) AS max_hours, sum(pilots) AS pilots
    FROM bands
    GROUP BY carrier, CASE WHEN pilots < 5 AND band > 1 THEN band - 1 ELSE band END
    HAVING sum(pilots) >= 5
)
SELECT
    carrier,
    CASE WHEN max_hours IS NULL THEN min_hours || '+' ELSE min_hours || '-' || max_hours END AS band,
    min_hours,
    max_hours,
    pilots::bigint AS pilots
FROM joined;

-- One row per booking without anything of a person but the band of age at the day of booking and the country.
CREATE VIEW masked_booking WITH (security_barrier) AS
SELECT
    bookings.booking_id,
    flights.carrier || '-' || flights.number AS flight_number,
    flights.carrier,
    flights.number,
    routes.origin,
    routes.destination,
    flights.departure_date,
    bookings.booked_at,
    bookings.cabin,
    bookings.channel,
    bookings.passengers,
    bookings.fare_minor,
    bookings.currency,
    bookings.usd_per_unit_ppm,
    bookings.status,
    CASE
        WHEN passengers.birth_date IS NULL THEN NULL
        ELSE (ARRAY['0-11', '12-17', '18-24', '25-34', '35-44', '45-54', '55-64', '65+'])[
            1 + width_bucket(
                extract(year FROM age((bookings.booked_at AT TIME ZONE 'UTC')::date, passengers.birth_date))::integer,
                ARRAY[12, 18, 25, 35, 45, 55, 65]
            )
        ]
    END AS passenger_age_band,
    passengers.country AS passenger_country,
    pilot_band.band AS pilot_experience_band,
    bookings.updated_at
FROM bookings
JOIN flights ON flights.flight_id = bookings.flight_id
JOIN routes ON routes.route_id = flights.route_id
LEFT JOIN passengers ON passengers.passenger_id = bookings.passenger_id
LEFT JOIN pilots ON pilots.pilot_id = flights.pilot_id
LEFT JOIN pilot_band
    ON pilot_band.carrier = pilots.carrier
    AND pilots.flight_hours >= pilot_band.min_hours
    AND pilots.flight_hours < coalesce(pilot_band.max_hours, 40001);

-- Roles belong to the server: another database of it may have made it.
DO $$
BEGIN
    CREATE ROLE semaforo_booking_etl NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO semaforo_booking_etl;
GRANT SELECT ON masked_booking, pilot_band, airlines, airports, routes, deleted_rows TO semaforo_booking_etl;
GRANT SELECT (booking_id, flight_id, passenger_id, booked_at, updated_in) ON bookings TO semaforo_booking_etl;
GRANT SELECT (flight_id, route_id, carrier, pilot_id, updated_in) ON flights TO semaforo_booking_etl;
GRANT SELECT (passenger_id, updated_in) ON passengers TO semaforo_booking_etl;
GRANT SELECT (pilot_id, updated_in) ON pilots TO semaforo_booking_etl;
DO $$
BEGIN
    EXECUTE format('GRANT semaforo_booking_etl TO %I', current_user);
END $$;
