-- What happens when rows change: versions grow, the audit trail is written, clients are told.

-- A client writes the next version itself; any other change of a row makes one.
CREATE FUNCTION gantry.row_version_v1() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF new.row_version < old.row_version THEN
        RAISE EXCEPTION 'the version of a row only grows' USING ERRCODE = 'GT001';
    END IF;
    new.row_version := old.row_version + 1;
    RETURN new;
END
$$;

-- Once a statement: the audit entries, and one notification with the table and the ids, never data.
-- Over 100 ids there is no list, and whoever listens reads the whole table again.
CREATE FUNCTION gantry.rows_changed_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO'
AS $$
DECLARE
    most CONSTANT integer := 100;
    befores jsonb[];
    afters jsonb[];
    ids uuid[];
BEGIN
    IF tg_op = 'INSERT' THEN
        SELECT array_agg(NULL::jsonb), array_agg(to_jsonb(n)), array_agg(n.id)
        INTO befores, afters, ids FROM new_rows n;
    ELSIF tg_op = 'DELETE' THEN
        SELECT array_agg(to_jsonb(o)), array_agg(NULL::jsonb), array_agg(o.id)
        INTO befores, afters, ids FROM old_rows o;
    ELSE
        SELECT array_agg(to_jsonb(o)), array_agg(to_jsonb(n)), array_agg(n.id)
        INTO befores, afters, ids FROM old_rows o JOIN new_rows n USING (id);
    END IF;
    IF ids IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM gantry.audit_append_v1(tg_table_name::text, befores, afters);
    PERFORM pg_notify('gantry', jsonb_build_object(
        'table', tg_table_name,
        'ids', CASE WHEN cardinality(ids) <= most THEN to_jsonb(ids) END
    )::text);
    RETURN NULL;
END
$$;

-- Puts a table under all of this; every table of rows is.
CREATE FUNCTION gantry.watch_v1(watched regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER row_version BEFORE UPDATE ON %s FOR EACH ROW '
        'WHEN (new.row_version <= old.row_version) EXECUTE FUNCTION gantry.row_version_v1()',
        watched
    );
    EXECUTE format(
        'CREATE TRIGGER rows_inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION gantry.rows_changed_v1()',
        watched
    );
    EXECUTE format(
        'CREATE TRIGGER rows_updated AFTER UPDATE ON %s '
        'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION gantry.rows_changed_v1()',
        watched
    );
    EXECUTE format(
        'CREATE TRIGGER rows_deleted AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION gantry.rows_changed_v1()',
        watched
    );
END
$$;

SELECT gantry.watch_v1(format('gantry.%I', tablename)::regclass)
FROM pg_tables
WHERE schemaname = 'gantry'
    AND tablename NOT IN ('audit_entry', 'change_set', 'schema_version');
