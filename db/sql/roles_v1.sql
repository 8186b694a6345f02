-- Roles belong to the whole server, and several databases may be set up at once: only what is
-- missing is made, and the caller tries again if somebody else was faster.
DO $$
DECLARE
    groups CONSTANT text[] := ARRAY[
        'gantry_planner', 'gantry_sales', 'gantry_warehouse', 'gantry_quality',
        'gantry_shopfloor', 'gantry_manager', 'gantry_admin'
    ];
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['gantry_owner', 'gantry_member'] || groups LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
    FOREACH name IN ARRAY groups LOOP
        IF NOT pg_has_role(name, 'gantry_member', 'MEMBER') THEN
            EXECUTE format('GRANT gantry_member TO %I', name);
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'gantry_owner', 'USAGE') THEN
        EXECUTE format('GRANT gantry_owner TO %I', current_user);
    END IF;
END
$$;
