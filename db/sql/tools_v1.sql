-- Tools that operations hold besides their machine.

CREATE TABLE gantry.tool (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_tool PRIMARY KEY (id),
    CONSTRAINT ck_tool_code CHECK (btrim(code) <> ''),
    CONSTRAINT ck_tool_count CHECK (count BETWEEN 0 AND 1000),
    CONSTRAINT ck_tool_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_tool UNIQUE NULLS NOT DISTINCT (code) DEFERRABLE INITIALLY DEFERRED
);

ALTER TABLE gantry.routing_operation
    ADD COLUMN tool_id UUID,
    ADD COLUMN tools INTEGER NOT NULL DEFAULT 1,
    ADD CONSTRAINT fk_routing_operation_tool_id FOREIGN KEY (tool_id) REFERENCES gantry.tool (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT ck_routing_operation_tools CHECK (tools BETWEEN 1 AND 1000);

ALTER TABLE gantry.operation
    ADD COLUMN tool_id UUID,
    ADD COLUMN tools INTEGER NOT NULL DEFAULT 1,
    ADD CONSTRAINT fk_operation_tool_id FOREIGN KEY (tool_id) REFERENCES gantry.tool (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT ck_operation_tools CHECK (tools BETWEEN 1 AND 1000);

GRANT SELECT ON gantry.tool TO gantry_member;
SELECT gantry.let_write_v1('tool', 'gantry_planner', 'gantry_admin');
ALTER TABLE gantry.tool ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON gantry.tool TO gantry_member USING (true) WITH CHECK (true);
SELECT gantry.watch_v1('gantry.tool'::regclass);
