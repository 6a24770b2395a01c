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
INSERT INTO list (id, opened, taken, ends, signed) VALUES ('gJP6I4WmqY9r1D1u', 3786912000, 2, 3786940860, 0);
INSERT INTO named (workflow, list, idx) VALUES ('wf_0SCQeYEc81dyFVgNYA26aw', 'gJP6I4WmqY9r1D1u', 38615);
INSERT INTO named (workflow, list, idx) VALUES ('wf_YVQ1hyx2HflYn6TReBKIjg', 'gJP6I4WmqY9r1D1u', 49383);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_YVQ1hyx2HflYn6TReBKIjg', 'gJP6I4WmqY9r1D1u', 49383, 3786940860);
INSERT INTO place (workflow, list, idx, ends) VALUES ('wf_0SCQeYEc81dyFVgNYA26aw', 'gJP6I4WmqY9r1D1u', 38615, 3786940860);
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 1, 1);
INSERT INTO standing (workflow, status, at) VALUES ('wf_rA39BxQS_JWId5FJwnLR1A', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_em-m13ewpiIruAa2dQHW9g', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_VfdAnMawbWpu2KmCfvojxQ', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_6OpnAmDZTXqShQBcmi9t8Q', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_E1_M6m7Ae7B8_woubWmwlQ', 'valid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_Lb6q4aSNcWvqyupjzoAkRw', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_LZDHiaR2GZ3S8OusjMT4pQ', 'invalid', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_u90gN5FDvK5GQpVp5BLPWA', 'suspended', 3786912000000);
INSERT INTO standing (workflow, status, at) VALUES ('wf_xrZ93Fd_rg9Q3_QRShw3dA', 'invalid', 3786912000000);
-- triggers
