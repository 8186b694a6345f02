-- What planners want of their plans: named profiles.

CREATE TABLE gantry.objective_profile (
    id UUID NOT NULL,
    row_version INTEGER NOT NULL,
    entered BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT NOT NULL,
    is_weighted BOOLEAN NOT NULL,
    goals TEXT[] NOT NULL,
    lateness_weight NUMERIC NOT NULL,
    setup_weight NUMERIC NOT NULL,
    work_in_progress_weight NUMERIC NOT NULL,
    changes_weight NUMERIC NOT NULL,
    preference_weight NUMERIC NOT NULL,
    CONSTRAINT pk_objective_profile PRIMARY KEY (id),
    CONSTRAINT ck_objective_profile_name CHECK (btrim(name) <> ''),
    CONSTRAINT ck_objective_profile_lateness_weight CHECK (lateness_weight >= 0 AND lateness_weight < 'Infinity'::numeric),
    CONSTRAINT ck_objective_profile_setup_weight CHECK (setup_weight >= 0 AND setup_weight < 'Infinity'::numeric),
    CONSTRAINT ck_objective_profile_work_in_progress_weight CHECK (work_in_progress_weight >= 0 AND work_in_progress_weight < 'Infinity'::numeric),
    CONSTRAINT ck_objective_profile_changes_weight CHECK (changes_weight >= 0 AND changes_weight < 'Infinity'::numeric),
    CONSTRAINT ck_objective_profile_preference_weight CHECK (preference_weight >= 0 AND preference_weight < 'Infinity'::numeric),
    CONSTRAINT ck_objective_profile_goals CHECK (cardinality(goals) > 0),
    CONSTRAINT ck_objective_profile_row_version CHECK (row_version >= 1),
    CONSTRAINT uq_objective_profile UNIQUE NULLS NOT DISTINCT (name) DEFERRABLE INITIALLY DEFERRED
);

SELECT gantry.watch_v1('gantry.objective_profile');

REVOKE ALL ON gantry.objective_profile FROM PUBLIC;
GRANT SELECT ON gantry.objective_profile TO gantry_member;
SELECT gantry.let_write_v1('objective_profile', 'gantry_planner', 'gantry_admin');

ALTER TABLE gantry.objective_profile ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON gantry.objective_profile TO gantry_member USING (true) WITH CHECK (true);
