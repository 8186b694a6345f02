-- What was done: change sets that arrived and every row they changed.

CREATE TABLE gantry.change_set (
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    who TEXT NOT NULL,
    label TEXT NOT NULL,
    CONSTRAINT pk_change_set PRIMARY KEY (id)
);

CREATE TABLE gantry.audit_entry (
    plant_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    who TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_id UUID NOT NULL,
    before JSONB,
    after JSONB,
    change_id UUID,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_entry PRIMARY KEY (plant_id, sequence),
    CONSTRAINT ck_audit_entry_content CHECK (num_nonnulls(before, after) > 0)
);

CREATE INDEX ix_audit_entry_row ON gantry.audit_entry (plant_id, row_id, sequence);
