-- Machines that run several operations together, and which bookings do.

ALTER TABLE gantry.machine
    ADD COLUMN batch_capacity NUMERIC,
    ADD CONSTRAINT ck_machine_batch_capacity CHECK (batch_capacity > 0 AND batch_capacity < 'Infinity'::numeric);

ALTER TABLE gantry.routing_operation
    ADD COLUMN load NUMERIC NOT NULL DEFAULT 1,
    ADD CONSTRAINT ck_routing_operation_load CHECK (load > 0 AND load < 'Infinity'::numeric);

ALTER TABLE gantry.operation
    ADD COLUMN load NUMERIC NOT NULL DEFAULT 1,
    ADD CONSTRAINT ck_operation_load CHECK (load > 0 AND load < 'Infinity'::numeric);

-- Those of one batch name its first booking and may overlap; nothing else may.
ALTER TABLE gantry.booking
    ADD COLUMN batch_id UUID,
    DROP CONSTRAINT ex_booking_machine,
    ADD CONSTRAINT ex_booking_machine EXCLUDE USING gist (plant_id WITH =, machine_id WITH =, during WITH &&, (COALESCE(batch_id, id)) WITH <>) WHERE (published) DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX ix_booking_batch ON gantry.booking (plant_id, batch_id) WHERE batch_id IS NOT NULL;

-- So that a batch is one: whoever names a first booking runs at its time on its machine, which runs
-- several together, and that booking names none. Checked when the transaction ends, as the others.
CREATE FUNCTION gantry.in_batch_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    member gantry.booking;
BEGIN
    SELECT * INTO member FROM gantry.booking WHERE plant_id = new.plant_id AND id = new.id;
    IF member.batch_id IS NULL THEN
        RETURN NULL; -- changed again, or gone, by now
    END IF;
    -- Nobody may change it until this is written.
    PERFORM FROM gantry.booking
    WHERE plant_id = member.plant_id AND id = member.batch_id AND batch_id IS NULL
        AND scenario_id = member.scenario_id AND machine_id = member.machine_id
        AND run_start_at = member.run_start_at AND end_at = member.end_at
    FOR SHARE;
    IF NOT FOUND OR NOT EXISTS (
        SELECT FROM gantry.machine WHERE id = member.machine_id AND batch_capacity IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a booking is not at the time of its batch' USING ERRCODE = 'GT003';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION gantry.leads_batch_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gantry.booking member
        WHERE member.plant_id = old.plant_id AND member.batch_id = old.id AND NOT EXISTS (
            SELECT FROM gantry.booking leader
            WHERE leader.plant_id = old.plant_id AND leader.id = old.id AND leader.batch_id IS NULL
                AND leader.scenario_id = member.scenario_id
                AND leader.machine_id = member.machine_id
                AND leader.run_start_at = member.run_start_at AND leader.end_at = member.end_at
        )
    ) THEN
        RAISE EXCEPTION 'a batch is not at the time of its first booking' USING ERRCODE = 'GT003';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION gantry.in_batch_v1(), gantry.leads_batch_v1() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER in_batch AFTER INSERT OR UPDATE ON gantry.booking
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.batch_id IS NOT NULL)
EXECUTE FUNCTION gantry.in_batch_v1();

CREATE CONSTRAINT TRIGGER led_batch_changed AFTER UPDATE ON gantry.booking
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (
    old.batch_id IS NULL AND (
        new.batch_id IS NOT NULL OR new.scenario_id <> old.scenario_id
        OR new.machine_id IS DISTINCT FROM old.machine_id
        OR new.run_start_at <> old.run_start_at OR new.end_at <> old.end_at
    )
) EXECUTE FUNCTION gantry.leads_batch_v1();

CREATE CONSTRAINT TRIGGER led_batch_deleted AFTER DELETE ON gantry.booking
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (old.batch_id IS NULL)
EXECUTE FUNCTION gantry.leads_batch_v1();
