-- Who may do what. Everybody reads; each group writes the tables of its work. Rights per plant and
-- person come by other row policies: rows are already under them.

REVOKE ALL ON ALL TABLES IN SCHEMA gantry FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gantry FROM PUBLIC;
GRANT USAGE ON SCHEMA gantry TO gantry_member;
GRANT SELECT ON ALL TABLES IN SCHEMA gantry TO gantry_member;
GRANT EXECUTE ON FUNCTION
    gantry.begin_change_v1(uuid, text), gantry.change_arrived_v1(uuid),
    gantry.audit_fault_v1(uuid), gantry.audit_content_v1(gantry.audit_entry)
TO gantry_member;

-- Lets a group write a table.
CREATE FUNCTION gantry.let_write_v1(target text, VARIADIC groups text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY groups LOOP
        EXECUTE format('GRANT INSERT, UPDATE, DELETE ON gantry.%I TO %I', target, name);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION gantry.let_write_v1(text, text[]) FROM PUBLIC;

SELECT gantry.let_write_v1(tablename, 'gantry_planner', 'gantry_admin')
FROM pg_tables
WHERE schemaname = 'gantry'
    AND tablename NOT IN ('audit_entry', 'change_set', 'schema_version');

SELECT gantry.let_write_v1(target, 'gantry_sales') FROM unnest(ARRAY['customer', 'order_line']) target;
SELECT gantry.let_write_v1(target, 'gantry_warehouse')
FROM unnest(ARRAY['supplier', 'purchase_line', 'stock']) target;

DO $$
DECLARE
    target text;
BEGIN
    FOR target IN
        SELECT tablename FROM pg_tables
        WHERE schemaname = 'gantry'
            AND tablename NOT IN ('audit_entry', 'change_set', 'schema_version')
    LOOP
        EXECUTE format('ALTER TABLE gantry.%I ENABLE ROW LEVEL SECURITY', target);
        EXECUTE format(
            'CREATE POLICY members ON gantry.%I TO gantry_member USING (true) WITH CHECK (true)',
            target
        );
    END LOOP;
END
$$;
