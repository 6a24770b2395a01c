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
INSERT INTO list (id, opened, taken, ends, signed) VALUES ('My6TZqozk3PBxruW', 3786912000, 2, 3786940860, 0);
INSERT INTO named (workflow, list, idx) VALUES ('wf_MWxMOB5Klswwx1sd21C0rw', 'My6TZqozk3PBxruW', 18388);
INSERT INTO named (workflow, list, idx) VALUES ('wf_n2RZgyONAJcrhS3dJJPbnw', 'My6TZqozk3PBxruW', 31530);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_MWxMOB5Klswwx1sd21C0rw', 'My6TZqozk3PBxruW', 18388, 3786940860);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_n2RZgyONAJcrhS3dJJPbnw', 'My6TZqozk3PBxruW', 31530, 3786940860);
INSERT INTO standing (workflow, status, at) VALUES ('wf_WQO5zvnocpV5Sn6My6Dudw', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_xElMj9yK4J_SoBl4Zpg7Uw', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_A3IMmTdBC84Zo39hoqZgfQ', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_PBXcW9gTpu9qGR0renxBQA', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_1vnHWLBOxZuWxhBKX2b7gA', 'valid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_27UJygZzYuypv0HimBN1Ew', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_dKo_4tPqfuNyjEKAwYdjnw.O4hBwS2sh5uqwxaElYl4TA', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_dKo_4tPqfuNyjEKAwYdjnw.8N2IQ9V2r3dW6xKKhONg8w', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_HAZY-msHNZ7uAg2KvkI-Hw', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_dvqnsiAuq3btal0JQuWhgg', 'invalid', 3786912000000);
-- triggers
