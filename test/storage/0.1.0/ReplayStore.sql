-- tables
CREATE TABLE used (
        kind    TEXT NOT NULL,    -- what it is the id of, so that two kinds share no ids
        id      TEXT NOT NULL,
        expires INTEGER NOT NULL, -- unix seconds until which a second use must be known
        PRIMARY KEY (kind, id)
      ) STRICT, WITHOUT ROWID;
CREATE INDEX used_expires ON used (expires);
-- object default, alarm 3786912060000
INSERT INTO used (kind, id, expires) VALUES ('dpop', 'm5AOsdjxV1Vi-KaRERS7zTS7MGgq0KStAUwR-14ArT0.W23tBOHZrA6UrWwcGedWcw', 3786912301);
-- triggers
