-- tables
CREATE TABLE living (
        workflow TEXT PRIMARY KEY,
        ends     INTEGER NOT NULL  -- unix seconds; counted until then, or until it says it ended
      ) STRICT, WITHOUT ROWID;
CREATE TABLE stop (
        rule     TEXT NOT NULL,    -- id and version
        workflow TEXT NOT NULL,
        at       INTEGER NOT NULL, -- unix milliseconds
        PRIMARY KEY (rule, workflow)
      ) STRICT, WITHOUT ROWID;
CREATE TABLE tripped (
        rule     TEXT PRIMARY KEY, -- id and version
        at       INTEGER NOT NULL  -- unix milliseconds
      ) STRICT, WITHOUT ROWID;
CREATE INDEX living_ends ON living (ends);
-- object default, alarm 3786912060000
INSERT INTO living (workflow, ends) VALUES ('wf_1vnHWLBOxZuWxhBKX2b7gA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_1zToxg06rnrVPnxkoP3ecA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_CUE-TcF38Vd9ayy-9uwChg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_F6aSOQb8xrsbzRJR2E6kmA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_HAZY-msHNZ7uAg2KvkI-Hw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_HL2pOtW3_DMUixjjX9O34g', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_MWxMOB5Klswwx1sd21C0rw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_UsLEtB7MT13O_OniI4tyaw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_WQO5zvnocpV5Sn6My6Dudw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_dKo_4tPqfuNyjEKAwYdjnw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_dKo_4tPqfuNyjEKAwYdjnw.8N2IQ9V2r3dW6xKKhONg8w', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_dKo_4tPqfuNyjEKAwYdjnw.O4hBwS2sh5uqwxaElYl4TA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_n2RZgyONAJcrhS3dJJPbnw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_tMyk1owatrS-321F-SbPTg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_uOQiL4-1imlbP9KcYmiaXQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_xElMj9yK4J_SoBl4Zpg7Uw', 3786940800);
INSERT INTO stop (rule, workflow, at) VALUES ('out-of-scope@1', 'wf_HAZY-msHNZ7uAg2KvkI-Hw', 3786912000000);
-- triggers
