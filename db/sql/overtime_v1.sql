-- Overtime: what calendars allow, and what plans have opened of it.

CREATE TABLE gantry.overtime (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    calendar_id UUID NOT NULL,
    weekday INTEGER NOT NULL,
    start_minute INTEGER NOT NULL,
    end_minute INTEGER NOT NULL,
    hourly_cost NUMERIC NOT NULL,
    CONSTRAINT pk_overtime PRIMARY KEY (id),
    CONSTRAINT fk_overtime_calendar_id FOREIGN KEY (calendar_id) REFERENCES gantry.calendar (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_overtime_weekday CHECK (weekday BETWEEN 1 AND 7),
    CONSTRAINT ck_overtime_start_minute CHECK (start_minute BETWEEN 0 AND 1439),
    CONSTRAINT ck_overtime_end_minute CHECK (end_minute BETWEEN 0 AND 1440),
    CONSTRAINT ck_overtime_hourly_cost CHECK (hourly_cost >= 0 AND hourly_cost < 'Infinity'::numeric),
    CONSTRAINT ck_overtime_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_overtime UNIQUE NULLS NOT DISTINCT (calendar_id, weekday, start_minute) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.overtime_shift (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    plant_id UUID NOT NULL,
    scenario_id UUID NOT NULL,
    machine_id UUID NOT NULL,
    start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    end_at TIMESTAMP WITH TIME ZONE NOT NULL,
    cost NUMERIC NOT NULL,
    published BOOLEAN NOT NULL,
    during TSTZRANGE GENERATED ALWAYS AS (tstzrange(start_at, end_at)) STORED,
    CONSTRAINT pk_overtime_shift PRIMARY KEY (plant_id, id),
    CONSTRAINT fk_overtime_shift_plant_id FOREIGN KEY (plant_id) REFERENCES gantry.plant (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_overtime_shift_scenario_id FOREIGN KEY (plant_id, scenario_id, published) REFERENCES gantry.scenario (plant_id, id, published) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_overtime_shift_machine_id FOREIGN KEY (machine_id) REFERENCES gantry.machine (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_overtime_shift_start_at CHECK (start_at BETWEEN '1900-01-01 00:00+00' AND '9999-12-30 00:00+00'),
    CONSTRAINT ck_overtime_shift_end_at CHECK (end_at BETWEEN '1900-01-01 00:00+00' AND '9999-12-30 00:00+00'),
    CONSTRAINT ck_overtime_shift_cost CHECK (cost >= 0 AND cost < 'Infinity'::numeric),
    CONSTRAINT ck_overtime_shift_interval CHECK (start_at < end_at),
    CONSTRAINT ex_overtime_shift_machine EXCLUDE USING gist (plant_id WITH =, scenario_id WITH =, machine_id WITH =, during WITH &&) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_overtime_shift_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_overtime_shift UNIQUE NULLS NOT DISTINCT (plant_id, scenario_id, machine_id, start_at) DEFERRABLE INITIALLY DEFERRED
);

ALTER TABLE gantry.objective_profile
    ADD COLUMN overtime_weight NUMERIC NOT NULL DEFAULT 5,
    ADD CONSTRAINT ck_objective_profile_overtime_weight CHECK (overtime_weight >= 0 AND overtime_weight < 'Infinity'::numeric);

GRANT SELECT ON gantry.overtime, gantry.overtime_shift TO gantry_member;
SELECT gantry.let_write_v1('overtime', 'gantry_planner', 'gantry_admin');
SELECT gantry.let_write_v1('overtime_shift', 'gantry_planner', 'gantry_admin');
ALTER TABLE gantry.overtime ENABLE ROW LEVEL SECURITY;
ALTER TABLE gantry.overtime_shift ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON gantry.overtime TO gantry_member USING (true) WITH CHECK (true);
CREATE POLICY members ON gantry.overtime_shift TO gantry_member USING (true) WITH CHECK (true);
SELECT gantry.watch_v1('gantry.overtime'::regclass);
SELECT gantry.watch_v1('gantry.overtime_shift'::regclass);
