-- tables
CREATE TABLE schema_version (
      one           INTEGER PRIMARY KEY CHECK (one = 1),
      version       INTEGER NOT NULL,
      readable_from INTEGER NOT NULL
    ) STRICT;
CREATE TABLE used (
          kind    TEXT NOT NULL,    -- what it is the id of, so that two kinds share no ids
          id      TEXT NOT NULL,
          expires INTEGER NOT NULL, -- unix seconds until which a second use must be known
          PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
CREATE INDEX used_expires ON used (expires);
-- object default, alarm 3786912060000
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 1, 1);
INSERT INTO used (kind, id, expires) VALUES ('dpop', 'dBOwNgnXQ0IVdG8IVpY_B_10S-MiTLCtTHvAqTf9MXk.2fYxEKmEgfc8h7d5LUh-JA', 3786912301);
-- triggers
