-- tables
CREATE TABLE list (
        id     TEXT PRIMARY KEY,   -- random: a number would count the workflows for everybody
        opened INTEGER NOT NULL,   -- unix seconds
        taken  INTEGER NOT NULL,   -- how many of its indexes are somebody's
        ends   INTEGER NOT NULL,   -- unix seconds: the latest end of its places
        signed INTEGER NOT NULL    -- unix seconds of its newest token; never goes back
      ) STRICT;
CREATE TABLE named (
        workflow TEXT NOT NULL,    -- that of a place, or one above it
        list     TEXT NOT NULL,    -- the place whose status it bears on
        idx      INTEGER NOT NULL,
        PRIMARY KEY (list, idx, workflow)
      ) STRICT, WITHOUT ROWID;
CREATE TABLE place (
        workflow TEXT PRIMARY KEY, -- each has one index for all of its life
        list     TEXT NOT NULL,    -- of which list
        idx      INTEGER NOT NULL, -- drawn at random within it, and never given out again
        ends     INTEGER NOT NULL, -- unix seconds after which it is invalid whatever was heard
        UNIQUE (list, idx)
      ) STRICT;
CREATE TABLE standing (
        workflow TEXT PRIMARY KEY,
        status   TEXT NOT NULL CHECK (status IN ('valid', 'invalid', 'suspended')),
        at       INTEGER NOT NULL  -- unix milliseconds of the change that says so
      ) STRICT;
-- object default, alarm 3786915600000
INSERT INTO list (id, opened, taken, ends, signed) VALUES ('QVUBAr65yR3rj9_e', 3786912000, 2, 3786940860, 0);
INSERT INTO named (workflow, list, idx) VALUES ('wf_xuMEmDMgS2E1SHFnj_V4uw', 'QVUBAr65yR3rj9_e', 24440);
INSERT INTO named (workflow, list, idx) VALUES ('wf_6AxWXx2lxC00ig0UCX9DeQ', 'QVUBAr65yR3rj9_e', 38773);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_xuMEmDMgS2E1SHFnj_V4uw', 'QVUBAr65yR3rj9_e', 24440, 3786940860);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_6AxWXx2lxC00ig0UCX9DeQ', 'QVUBAr65yR3rj9_e', 38773, 3786940860);
INSERT INTO standing (workflow, status, at) VALUES ('wf_cfpBffoq_sy9iMQXg5aqlA', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_jYSTxrxU0jZEoKlwmgTqHA', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_7cekWuA-5tzphzC5nSr3TA', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_P4VGUIbpfgadDSYM3-17mQ', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_V0xF0oUiAxKcWlzO1onlfg', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_qY_cfjMV25ugEyIu3Khu1w.ZlmKYRObVsEgIf0Zhy-WAA', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_qY_cfjMV25ugEyIu3Khu1w.plX1B49uz8d92gRrwX1kxw', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_8qxo5-ekl3ZDL_zUdmniwQ', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_mWNveSreIiOCiDSqTF-uSw', 'invalid', 3786912000000);
-- triggers
