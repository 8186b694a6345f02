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
