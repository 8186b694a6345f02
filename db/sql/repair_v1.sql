-- Absences of people, and how far a plant's plan is frozen.

CREATE TABLE gantry.absence (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    operator_id UUID NOT NULL,
    start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    end_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT pk_absence PRIMARY KEY (id),
    CONSTRAINT fk_absence_operator_id FOREIGN KEY (operator_id) REFERENCES gantry.operator (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_absence_start_at CHECK (start_at BETWEEN '1900-01-01T00:00:00Z' AND '9999-12-30T00:00:00Z'),
    CONSTRAINT ck_absence_end_at CHECK (end_at BETWEEN '1900-01-01T00:00:00Z' AND '9999-12-30T00:00:00Z'),
    CONSTRAINT ck_absence_interval CHECK (end_at > start_at),
    CONSTRAINT ck_absence_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_absence UNIQUE NULLS NOT DISTINCT (operator_id, start_at) DEFERRABLE INITIALLY DEFERRED
);

ALTER TABLE gantry.plant
    ADD COLUMN frozen_hours INTEGER NOT NULL DEFAULT 0,
    ADD CONSTRAINT ck_plant_frozen_hours CHECK (frozen_hours BETWEEN 0 AND 720);

GRANT SELECT ON gantry.absence TO gantry_member;
SELECT gantry.let_write_v1('absence', 'gantry_planner', 'gantry_admin');
ALTER TABLE gantry.absence ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON gantry.absence TO gantry_member USING (true) WITH CHECK (true);
SELECT gantry.watch_v1('gantry.absence'::regclass);
