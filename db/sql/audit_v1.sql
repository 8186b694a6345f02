-- The audit trail: who changed which row from what to what, and when. Each plant has a chain of
-- entries (rows without a plant share one); every hash covers its entry and the hash before it, so
-- that a changed or missing entry shows. What is cut off at the end does not: compare with a copy.

-- One writer at a time extends the chains, until it commits: a chain has no fork, and the order of
-- entries is the order of commits.
CREATE FUNCTION gantry.audit_lock_v1() RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_advisory_xact_lock(hashtextextended('gantry.audit', 0)) $$;

-- Opens a change set: false if it has already arrived, and then nothing must be written again.
-- Taking the lock first keeps writers from waiting for each other in a circle.
CREATE FUNCTION gantry.begin_change_v1(change_id uuid, label text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM gantry.audit_lock_v1();
    INSERT INTO gantry.change_set (id, at, who, label)
    VALUES (change_id, clock_timestamp(), session_user, begin_change_v1.label)
    ON CONFLICT DO NOTHING;
    IF NOT found THEN
        RETURN false;
    END IF;
    PERFORM set_config('gantry.change_id', change_id::text, true);
    RETURN true;
END
$$;

-- Whether a change set is there. Waits for one that is being written at this moment.
CREATE FUNCTION gantry.change_arrived_v1(change_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM gantry.audit_lock_v1();
    RETURN EXISTS (SELECT FROM gantry.change_set WHERE id = change_id);
END
$$;

-- What an entry's hash covers, in one form whatever the session's settings.
CREATE FUNCTION gantry.audit_content_v1(entry gantry.audit_entry) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN convert_to(
        jsonb_build_array(
            entry.plant_id, entry.sequence, extract(epoch FROM entry.at), entry.who,
            entry.table_name, entry.row_id, entry.before, entry.after, entry.change_id
        )::text,
        'UTF8'
    );
END
$$;

CREATE FUNCTION gantry.audit_link_v1(state bytea, head bytea, content bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN sha256(coalesce(state, head, ''::bytea) || content); END $$;

-- As a window function: the hash of every entry of a run that continues the chain at `head`.
CREATE AGGREGATE gantry.audit_chain_v1(head bytea, content bytea) (
    SFUNC = gantry.audit_link_v1, STYPE = bytea
);

CREATE FUNCTION gantry.audit_append_v1(table_name text, befores jsonb[], afters jsonb[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    no_plant CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    written_at CONSTANT timestamptz := clock_timestamp();
    change_id CONSTANT uuid := nullif(current_setting('gantry.change_id', true), '')::uuid;
BEGIN
    PERFORM gantry.audit_lock_v1();
    INSERT INTO gantry.audit_entry
    WITH changed AS (
        SELECT coalesce((coalesce(c.after, c.before) ->> 'plant_id')::uuid, no_plant) AS plant_id,
            (coalesce(c.after, c.before) ->> 'id')::uuid AS row_id,
            c.before, c.after, c.place
        FROM unnest(befores, afters) WITH ORDINALITY AS c(before, after, place)
    ), heads AS (
        SELECT p.plant_id, coalesce(last.sequence, 0) AS sequence, last.hash
        FROM (SELECT DISTINCT changed.plant_id FROM changed) p
        LEFT JOIN LATERAL (
            SELECT e.sequence, e.hash FROM gantry.audit_entry e
            WHERE e.plant_id = p.plant_id ORDER BY e.sequence DESC LIMIT 1
        ) last ON true
    ), entries AS (
        SELECT h.hash AS head, ROW(
            c.plant_id,
            h.sequence + row_number() OVER (PARTITION BY c.plant_id ORDER BY c.place),
            written_at, session_user, audit_append_v1.table_name, c.row_id, c.before, c.after,
            change_id, NULL
        )::gantry.audit_entry AS entry
        FROM changed c JOIN heads h USING (plant_id)
    )
    SELECT (entry).plant_id, (entry).sequence, (entry).at, (entry).who, (entry).table_name,
        (entry).row_id, (entry).before, (entry).after, (entry).change_id,
        gantry.audit_chain_v1(head, gantry.audit_content_v1(entry)) OVER (
            PARTITION BY (entry).plant_id ORDER BY (entry).sequence ROWS UNBOUNDED PRECEDING
        )
    FROM entries;
END
$$;

-- The first entry of a plant's chain that does not follow from the one before it; null: none.
CREATE FUNCTION gantry.audit_fault_v1(plant uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT min(sequence) FROM (
        SELECT e.sequence, e.hash = sha256(
                coalesce(lag(e.hash) OVER chain, ''::bytea) || gantry.audit_content_v1(e)
            ) AND e.sequence = coalesce(lag(e.sequence) OVER chain, 0) + 1 AS sound
        FROM gantry.audit_entry e WHERE e.plant_id = plant
        WINDOW chain AS (ORDER BY e.sequence)
    ) checked WHERE NOT sound
$$;

CREATE FUNCTION gantry.append_only_v1() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'entries of % are never changed or deleted', tg_table_name
        USING ERRCODE = 'GT002';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gantry.audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION gantry.append_only_v1();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gantry.change_set
FOR EACH STATEMENT EXECUTE FUNCTION gantry.append_only_v1();
