-- Longest waits, branches in routings, transfers between plants, orders that must finish.

CREATE TABLE gantry.transfer (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    from_plant_id UUID NOT NULL,
    to_plant_id UUID NOT NULL,
    minutes NUMERIC NOT NULL,
    CONSTRAINT pk_transfer PRIMARY KEY (id),
    CONSTRAINT fk_transfer_from_plant_id FOREIGN KEY (from_plant_id) REFERENCES gantry.plant (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_transfer_to_plant_id FOREIGN KEY (to_plant_id) REFERENCES gantry.plant (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_transfer_minutes CHECK (minutes >= 0 AND minutes < 'Infinity'::numeric),
    CONSTRAINT ck_transfer_plants CHECK (from_plant_id <> to_plant_id),
    CONSTRAINT ck_transfer_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_transfer UNIQUE NULLS NOT DISTINCT (from_plant_id, to_plant_id) DEFERRABLE INITIALLY DEFERRED
);

ALTER TABLE gantry.routing_operation
    ADD COLUMN max_wait_minutes NUMERIC,
    ADD COLUMN after INTEGER[],
    ADD CONSTRAINT ck_routing_operation_max_wait_minutes CHECK (max_wait_minutes >= 0 AND max_wait_minutes < 'Infinity'::numeric),
    ADD CONSTRAINT ck_routing_operation_max_wait CHECK (max_wait_minutes >= wait_minutes),
    ADD CONSTRAINT ck_routing_operation_after CHECK (number > ALL (after));

ALTER TABLE gantry.operation
    ADD COLUMN max_wait_minutes NUMERIC,
    ADD COLUMN after INTEGER[],
    ADD CONSTRAINT ck_operation_max_wait_minutes CHECK (max_wait_minutes >= 0 AND max_wait_minutes < 'Infinity'::numeric),
    ADD CONSTRAINT ck_operation_max_wait CHECK (max_wait_minutes >= wait_minutes),
    ADD CONSTRAINT ck_operation_after CHECK (number > ALL (after));

ALTER TABLE gantry.order_line ADD COLUMN must_finish BOOLEAN NOT NULL DEFAULT false;

GRANT SELECT ON gantry.transfer TO gantry_member;
SELECT gantry.let_write_v1('transfer', 'gantry_planner', 'gantry_admin');
ALTER TABLE gantry.transfer ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON gantry.transfer TO gantry_member USING (true) WITH CHECK (true);
SELECT gantry.watch_v1('gantry.transfer'::regclass);
