-- What is planned with: plants, calendars, resources, items and how they are made.

CREATE TABLE gantry.plant (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    home BOOLEAN NOT NULL,
    CONSTRAINT pk_plant PRIMARY KEY (id),
    CONSTRAINT ck_plant_code CHECK (btrim(code) <> ''),
    CONSTRAINT ck_plant_timezone CHECK (btrim(timezone) <> ''),
    CONSTRAINT ex_plant_home EXCLUDE USING btree (home WITH =) WHERE (home) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_plant_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_plant UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.calendar (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    CONSTRAINT pk_calendar PRIMARY KEY (id),
    CONSTRAINT ck_calendar_code CHECK (btrim(code) <> ''),
    CONSTRAINT ck_calendar_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_calendar UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.shift (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    calendar_id UUID NOT NULL,
    weekday INTEGER NOT NULL,
    start_minute INTEGER NOT NULL,
    end_minute INTEGER NOT NULL,
    CONSTRAINT pk_shift PRIMARY KEY (id),
    CONSTRAINT fk_shift_calendar_id FOREIGN KEY(calendar_id) REFERENCES gantry.calendar (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_shift_weekday CHECK (weekday BETWEEN 1 AND 7),
    CONSTRAINT ck_shift_start_minute CHECK (start_minute BETWEEN 0 AND 1439),
    CONSTRAINT ck_shift_end_minute CHECK (end_minute BETWEEN 0 AND 1440),
    CONSTRAINT ck_shift_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_shift UNIQUE NULLS NOT DISTINCT (calendar_id, weekday, start_minute) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.holiday (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    calendar_id UUID NOT NULL,
    day_on DATE NOT NULL,
    start_minute INTEGER,
    end_minute INTEGER,
    CONSTRAINT pk_holiday PRIMARY KEY (id),
    CONSTRAINT fk_holiday_calendar_id FOREIGN KEY(calendar_id) REFERENCES gantry.calendar (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_holiday_day_on CHECK (day_on BETWEEN '1900-01-01' AND '9999-12-30'),
    CONSTRAINT ck_holiday_start_minute CHECK (start_minute BETWEEN 0 AND 1439),
    CONSTRAINT ck_holiday_end_minute CHECK (end_minute BETWEEN 0 AND 1440),
    CONSTRAINT ck_holiday_minutes CHECK ((start_minute IS NULL) = (end_minute IS NULL)),
    CONSTRAINT ck_holiday_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_holiday UNIQUE NULLS NOT DISTINCT (calendar_id, day_on, start_minute) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.work_center (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_work_center PRIMARY KEY (id),
    CONSTRAINT ck_work_center_code CHECK (btrim(code) <> ''),
    CONSTRAINT ck_work_center_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_work_center UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.machine (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    plant_id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    work_center_id UUID,
    calendar_id UUID,
    efficiency NUMERIC NOT NULL,
    hourly_cost NUMERIC NOT NULL,
    CONSTRAINT pk_machine PRIMARY KEY (id),
    CONSTRAINT fk_machine_plant_id FOREIGN KEY(plant_id) REFERENCES gantry.plant (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_machine_code CHECK (btrim(code) <> ''),
    CONSTRAINT fk_machine_work_center_id FOREIGN KEY(work_center_id) REFERENCES gantry.work_center (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_machine_calendar_id FOREIGN KEY(calendar_id) REFERENCES gantry.calendar (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_machine_efficiency CHECK (efficiency > 0 AND efficiency < 'Infinity'::numeric),
    CONSTRAINT ck_machine_hourly_cost CHECK (hourly_cost >= 0 AND hourly_cost < 'Infinity'::numeric),
    CONSTRAINT ck_machine_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_machine UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.operator (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    skills TEXT[] NOT NULL,
    calendar_id UUID,
    hourly_cost NUMERIC NOT NULL,
    CONSTRAINT pk_operator PRIMARY KEY (id),
    CONSTRAINT ck_operator_code CHECK (btrim(code) <> ''),
    CONSTRAINT fk_operator_calendar_id FOREIGN KEY(calendar_id) REFERENCES gantry.calendar (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_operator_hourly_cost CHECK (hourly_cost >= 0 AND hourly_cost < 'Infinity'::numeric),
    CONSTRAINT ck_operator_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_operator UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.downtime (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    machine_id UUID NOT NULL,
    start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    end_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT pk_downtime PRIMARY KEY (id),
    CONSTRAINT fk_downtime_machine_id FOREIGN KEY(machine_id) REFERENCES gantry.machine (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_downtime_start_at CHECK (start_at BETWEEN '1900-01-01 00:00+00' AND '9999-12-30 00:00+00'),
    CONSTRAINT ck_downtime_end_at CHECK (end_at BETWEEN '1900-01-01 00:00+00' AND '9999-12-30 00:00+00'),
    CONSTRAINT ck_downtime_interval CHECK (end_at > start_at),
    CONSTRAINT ck_downtime_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_downtime UNIQUE NULLS NOT DISTINCT (machine_id, start_at) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.changeover (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    work_center_id UUID,
    machine_id UUID,
    from_family TEXT NOT NULL,
    to_family TEXT NOT NULL,
    minutes NUMERIC NOT NULL,
    CONSTRAINT pk_changeover PRIMARY KEY (id),
    CONSTRAINT fk_changeover_work_center_id FOREIGN KEY(work_center_id) REFERENCES gantry.work_center (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_changeover_machine_id FOREIGN KEY(machine_id) REFERENCES gantry.machine (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_changeover_from_family CHECK (btrim(from_family) <> ''),
    CONSTRAINT ck_changeover_to_family CHECK (btrim(to_family) <> ''),
    CONSTRAINT ck_changeover_minutes CHECK (minutes >= 0 AND minutes < 'Infinity'::numeric),
    CONSTRAINT ck_changeover_place CHECK (num_nonnulls(work_center_id, machine_id) = 1),
    CONSTRAINT ck_changeover_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_changeover UNIQUE NULLS NOT DISTINCT (work_center_id, machine_id, from_family, to_family) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.item (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    specification TEXT NOT NULL,
    unit TEXT NOT NULL,
    type TEXT NOT NULL,
    lead_time_days NUMERIC NOT NULL,
    lot_rule TEXT NOT NULL,
    lot_size NUMERIC,
    minimum NUMERIC,
    multiple NUMERIC,
    safety_stock NUMERIC NOT NULL,
    scrap_ratio NUMERIC NOT NULL,
    standard_cost NUMERIC NOT NULL,
    tracking TEXT NOT NULL,
    shelf_life_days INTEGER,
    family TEXT NOT NULL,
    CONSTRAINT pk_item PRIMARY KEY (id),
    CONSTRAINT ck_item_code CHECK (btrim(code) <> ''),
    CONSTRAINT ck_item_unit CHECK (btrim(unit) <> ''),
    CONSTRAINT ck_item_type CHECK (type IN ('make', 'buy', 'subcontract', 'phantom')),
    CONSTRAINT ck_item_lead_time_days CHECK (lead_time_days >= 0 AND lead_time_days < 'Infinity'::numeric),
    CONSTRAINT ck_item_lot_rule CHECK (lot_rule IN ('L4L', 'FOQ', 'POQ', 'MINMAX')),
    CONSTRAINT ck_item_lot_size CHECK (lot_size > 0 AND lot_size < 'Infinity'::numeric),
    CONSTRAINT ck_item_minimum CHECK (minimum >= 0 AND minimum < 'Infinity'::numeric),
    CONSTRAINT ck_item_multiple CHECK (multiple > 0 AND multiple < 'Infinity'::numeric),
    CONSTRAINT ck_item_safety_stock CHECK (safety_stock >= 0 AND safety_stock < 'Infinity'::numeric),
    CONSTRAINT ck_item_scrap_ratio CHECK (scrap_ratio >= 0 AND scrap_ratio < 1),
    CONSTRAINT ck_item_standard_cost CHECK (standard_cost >= 0 AND standard_cost < 'Infinity'::numeric),
    CONSTRAINT ck_item_tracking CHECK (tracking IN ('none', 'lot', 'serial')),
    CONSTRAINT ck_item_shelf_life_days CHECK (shelf_life_days >= 0),
    CONSTRAINT ck_item_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_item UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.unit_conversion (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    item_id UUID NOT NULL,
    unit TEXT NOT NULL,
    factor NUMERIC NOT NULL,
    CONSTRAINT pk_unit_conversion PRIMARY KEY (id),
    CONSTRAINT fk_unit_conversion_item_id FOREIGN KEY(item_id) REFERENCES gantry.item (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_unit_conversion_unit CHECK (btrim(unit) <> ''),
    CONSTRAINT ck_unit_conversion_factor CHECK (factor > 0 AND factor < 'Infinity'::numeric),
    CONSTRAINT ck_unit_conversion_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_unit_conversion UNIQUE NULLS NOT DISTINCT (item_id, unit) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.bom_line (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    parent_id UUID NOT NULL,
    component_id UUID NOT NULL,
    operation_number INTEGER,
    quantity NUMERIC NOT NULL,
    unit TEXT NOT NULL,
    scrap_ratio NUMERIC NOT NULL,
    valid_from_on DATE,
    valid_to_on DATE,
    CONSTRAINT pk_bom_line PRIMARY KEY (id),
    CONSTRAINT fk_bom_line_parent_id FOREIGN KEY(parent_id) REFERENCES gantry.item (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_bom_line_component_id FOREIGN KEY(component_id) REFERENCES gantry.item (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_bom_line_operation_number CHECK (operation_number >= 0),
    CONSTRAINT ck_bom_line_quantity CHECK (quantity > 0 AND quantity < 'Infinity'::numeric),
    CONSTRAINT ck_bom_line_scrap_ratio CHECK (scrap_ratio >= 0 AND scrap_ratio < 1),
    CONSTRAINT ck_bom_line_valid_from_on CHECK (valid_from_on BETWEEN '1900-01-01' AND '9999-12-30'),
    CONSTRAINT ck_bom_line_valid_to_on CHECK (valid_to_on BETWEEN '1900-01-01' AND '9999-12-30'),
    CONSTRAINT ck_bom_line_components CHECK (parent_id <> component_id),
    CONSTRAINT ck_bom_line_validity CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT ck_bom_line_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_bom_line UNIQUE NULLS NOT DISTINCT (parent_id, component_id, operation_number) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.routing_operation (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    item_id UUID NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    work_center_id UUID,
    setup_minutes NUMERIC NOT NULL,
    run_minutes NUMERIC NOT NULL,
    wait_minutes NUMERIC NOT NULL,
    transfer_batch NUMERIC,
    skill TEXT NOT NULL,
    operators INTEGER NOT NULL,
    break_rule TEXT NOT NULL,
    inspection BOOLEAN NOT NULL,
    subcontract_days NUMERIC,
    CONSTRAINT pk_routing_operation PRIMARY KEY (id),
    CONSTRAINT fk_routing_operation_item_id FOREIGN KEY(item_id) REFERENCES gantry.item (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_routing_operation_number CHECK (number >= 0),
    CONSTRAINT fk_routing_operation_work_center_id FOREIGN KEY(work_center_id) REFERENCES gantry.work_center (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_routing_operation_setup_minutes CHECK (setup_minutes >= 0 AND setup_minutes < 'Infinity'::numeric),
    CONSTRAINT ck_routing_operation_run_minutes CHECK (run_minutes >= 0 AND run_minutes < 'Infinity'::numeric),
    CONSTRAINT ck_routing_operation_wait_minutes CHECK (wait_minutes >= 0 AND wait_minutes < 'Infinity'::numeric),
    CONSTRAINT ck_routing_operation_transfer_batch CHECK (transfer_batch > 0 AND transfer_batch < 'Infinity'::numeric),
    CONSTRAINT ck_routing_operation_operators CHECK (operators >= 0),
    CONSTRAINT ck_routing_operation_break_rule CHECK (break_rule IN ('pause', 'fit')),
    CONSTRAINT ck_routing_operation_subcontract_days CHECK (subcontract_days >= 0 AND subcontract_days < 'Infinity'::numeric),
    CONSTRAINT ck_routing_operation_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_routing_operation UNIQUE NULLS NOT DISTINCT (item_id, number) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE gantry.routing_machine (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    routing_operation_id UUID NOT NULL,
    machine_id UUID NOT NULL,
    speed NUMERIC NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_routing_machine PRIMARY KEY (id),
    CONSTRAINT fk_routing_machine_routing_operation_id FOREIGN KEY(routing_operation_id) REFERENCES gantry.routing_operation (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_routing_machine_machine_id FOREIGN KEY(machine_id) REFERENCES gantry.machine (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_routing_machine_speed CHECK (speed > 0 AND speed < 'Infinity'::numeric),
    CONSTRAINT ck_routing_machine_position CHECK (position >= 0),
    CONSTRAINT ck_routing_machine_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_routing_machine UNIQUE NULLS NOT DISTINCT (routing_operation_id, machine_id) DEFERRABLE INITIALLY DEFERRED
);
