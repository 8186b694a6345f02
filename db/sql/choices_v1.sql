-- Alternate routings, operations in parts, buying instead of making.

ALTER TABLE gantry.item
    ADD COLUMN may_buy BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN buying_surcharge NUMERIC NOT NULL DEFAULT 0,
    ADD CONSTRAINT ck_item_buying_surcharge CHECK (buying_surcharge >= 0 AND buying_surcharge < 'Infinity'::numeric);

ALTER TABLE gantry.routing_operation
    ADD COLUMN routing TEXT NOT NULL DEFAULT '',
    ADD COLUMN split_most INTEGER NOT NULL DEFAULT 1,
    ADD CONSTRAINT ck_routing_operation_split_most CHECK (split_most BETWEEN 1 AND 100),
    DROP CONSTRAINT uq_routing_operation,
    ADD CONSTRAINT uq_routing_operation UNIQUE NULLS NOT DISTINCT (item_id, routing, number) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE gantry.work_order ADD COLUMN routing TEXT NOT NULL DEFAULT '';

ALTER TABLE gantry.operation
    ADD COLUMN split_most INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN part INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN quantity NUMERIC,
    ADD CONSTRAINT ck_operation_split_most CHECK (split_most BETWEEN 1 AND 100),
    ADD CONSTRAINT ck_operation_part CHECK (part >= 0),
    ADD CONSTRAINT ck_operation_quantity CHECK (quantity > 0 AND quantity < 'Infinity'::numeric),
    DROP CONSTRAINT uq_operation,
    ADD CONSTRAINT uq_operation UNIQUE NULLS NOT DISTINCT (plant_id, work_order_id, number, part) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE gantry.objective_profile
    ADD COLUMN buying_weight NUMERIC NOT NULL DEFAULT 1,
    ADD CONSTRAINT ck_objective_profile_buying_weight CHECK (buying_weight >= 0 AND buying_weight < 'Infinity'::numeric);
