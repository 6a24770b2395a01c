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
CREATE TABLE schema_version (
      one           INTEGER PRIMARY KEY CHECK (one = 1),
      version       INTEGER NOT NULL,
      readable_from INTEGER NOT NULL
    ) STRICT;
CREATE TABLE standing (
          workflow TEXT PRIMARY KEY,
          status   TEXT NOT NULL CHECK (status IN ('valid', 'invalid', 'suspended')),
          at       INTEGER NOT NULL  -- unix milliseconds of the change that says so
        ) STRICT;
-- object default, alarm 3786915600000
INSERT INTO list (id, opened, taken, ends, signed) VALUES ('jlfkMffelOkdyyv5', 3786912000, 2, 3786940860, 0);
INSERT INTO named (workflow, list, idx) VALUES ('wf_xh9lOv_xMa02YLjeSIvPAw', 'jlfkMffelOkdyyv5', 53742);
INSERT INTO named (workflow, list, idx) VALUES ('wf_usFKGr4JAM9oT1hsRpBIOg', 'jlfkMffelOkdyyv5', 61016);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_usFKGr4JAM9oT1hsRpBIOg', 'jlfkMffelOkdyyv5', 61016, 3786940860);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_xh9lOv_xMa02YLjeSIvPAw', 'jlfkMffelOkdyyv5', 53742, 3786940860);
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 1, 1);
INSERT INTO standing (workflow, status, at) VALUES ('wf_aBuPyUmSIEjM82k0jQEQ-g', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_4Cx0D1G-48T641QEgQRc9Q', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_PV5TmoT96KobD8fKgfmbpw', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_sHUMQb9QKKyKF2rOSqk5oQ', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_u9H0f_4ywz4TUa9QoILRHg', 'valid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_8OlRw7a0JUcHQcE3lQabgA', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_hYq14C2-IOBst6RkW6lr4g', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_fy6J3iljIcrmzkz6unHs5w', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_ixNAWX4SFeklZ_rqFvAOUg', 'invalid', 3786912000000);
-- triggers
