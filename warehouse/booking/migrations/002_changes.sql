-- What changed since an ETL looked, without losing what was still being written when it did.
--
-- `updated_in` is the transaction that wrote the row last, and the watermark: of all transactions below
-- pg_snapshot_xmin(pg_current_snapshot()) none is running any more, so nothing can appear below it later. An instant
-- cannot promise that: a transaction that began earlier may commit later. `updated_at` is for people.
--
-- A row that is deleted leaves a tombstone rather than staying with a flag: what a person asks to have deleted is gone.

CREATE TABLE deleted_rows (
    table_name text NOT NULL,
    row_id text NOT NULL,
    -- of a booking: says which month's file its row is in
    booked_at timestamptz,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    deleted_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (table_name, row_id)
);
CREATE INDEX ON deleted_rows (deleted_in);

CREATE FUNCTION mark_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    NEW.updated_in := pg_current_xact_id();
    RETURN NEW;
END $$;

-- The argument names the primary key's column.
CREATE FUNCTION note_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone jsonb := to_jsonb(OLD);
BEGIN
    INSERT INTO deleted_rows (table_name, row_id, booked_at)
    VALUES (TG_TABLE_NAME, gone ->> TG_ARGV[0], (gone ->> 'booked_at')::timestamptz)
    ON CONFLICT (table_name, row_id) DO UPDATE SET deleted_at = EXCLUDED.deleted_at, deleted_in = EXCLUDED.deleted_in;
    RETURN OLD;
END $$;

DO $$
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT *
        FROM (VALUES
            ('airlines', 'carrier'), ('airports', 'airport'), ('routes', 'route_id'), ('pilots', 'pilot_id'),
            ('flights', 'flight_id'), ('passengers', 'passenger_id'), ('bookings', 'booking_id')
        ) AS tables (name, key)
    LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(), '
                       'ADD COLUMN updated_in xid8 NOT NULL DEFAULT pg_current_xact_id()', named.name);
        EXECUTE format('CREATE INDEX ON %I (updated_in)', named.name);
        EXECUTE format('CREATE TRIGGER mark_updated BEFORE INSERT OR UPDATE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION mark_updated()', named.name);
        EXECUTE format('CREATE TRIGGER note_deleted AFTER DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION note_deleted(%L)', named.name, named.key);
    END LOOP;
END $$;

-- A number is used once: the row of a deleted booking downstream is told by it.
CREATE FUNCTION refuse_used_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used text;
BEGIN
    SELECT row_id INTO used
    FROM deleted_rows
    JOIN new_rows ON row_id = booking_id::text
    WHERE table_name = 'bookings'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'booking_id % was deleted: a number is used once', used
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_used_number AFTER INSERT ON bookings REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION refuse_used_number();

-- The month of a booking's file follows from it, and its masked key from its number.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a booking keeps its booking_id and booked_at: delete it and book anew'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_identity BEFORE UPDATE OF booking_id, booked_at ON bookings
FOR EACH ROW WHEN (OLD.booking_id <> NEW.booking_id OR OLD.booked_at <> NEW.booked_at)
EXECUTE FUNCTION refuse_change();
