-- tables
CREATE TABLE denial (
          scope   TEXT NOT NULL,
          value   TEXT NOT NULL,
          ordered TEXT NOT NULL UNIQUE,  -- of the entry that set it
          before  INTEGER NOT NULL,      -- unix seconds; what was issued before it is stopped
          at      INTEGER NOT NULL,      -- unix seconds
          until   INTEGER,               -- unix seconds of its end; null until an operator lifts it
          reason  TEXT,                  -- null where the entry alone came back from the archive
          PRIMARY KEY (scope, value)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
          seq     INTEGER PRIMARY KEY,   -- gap-free: a reader that holds seq holds all before it
          ordered TEXT NOT NULL UNIQUE,  -- ordering the same twice is one entry
          kind    TEXT NOT NULL,         -- for the few that are looked for by it
          expires INTEGER NOT NULL,      -- unix seconds after which no token is left to hit
          record  BLOB NOT NULL,         -- the entry as verifiers get it, and as the chain has it
          chain   TEXT NOT NULL          -- the hash chain after this entry
        ) STRICT;
CREATE TABLE log (
          one       INTEGER PRIMARY KEY CHECK (one = 1),
          epoch     INTEGER NOT NULL,    -- raised when the log was restored
          seq       INTEGER NOT NULL,    -- of the newest entry, also where that has gone
          chain     TEXT NOT NULL,       -- the hash chain after it
          previous  TEXT,                -- where the epoch before ended, as JSON; null in the first
          delta_from INTEGER NOT NULL,   -- every entry after it is still here
          live      INTEGER NOT NULL,    -- workflow and block entries in the table
          issued_at INTEGER NOT NULL     -- unix seconds of the newest head signed; never goes back
        ) STRICT;
CREATE TABLE named_scope (
          scope   TEXT NOT NULL,
          value   TEXT NOT NULL,
          expires INTEGER NOT NULL,      -- unix seconds until which a token that names it may live
          PRIMARY KEY (scope, value)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE owed (
          n      INTEGER PRIMARY KEY,  -- the order in which they are written
          id     TEXT NOT NULL UNIQUE, -- of the record
          record TEXT NOT NULL,        -- what will be written to the audit log, as JSON
          tries  INTEGER NOT NULL,     -- how often it could not be
          due    INTEGER NOT NULL      -- unix milliseconds before which it is not tried again
        ) STRICT;
CREATE TABLE schema_version (
      one           INTEGER PRIMARY KEY CHECK (one = 1),
      version       INTEGER NOT NULL,
      readable_from INTEGER NOT NULL
    ) STRICT;
CREATE TABLE snapshot (
          epoch INTEGER NOT NULL,
          seq   INTEGER NOT NULL,        -- of the last entry in it
          part  INTEGER NOT NULL,        -- a row holds at most 2 MB
          bytes BLOB NOT NULL,
          PRIMARY KEY (epoch, seq, part)
        ) STRICT;
CREATE TABLE snapshot_reference (
          epoch   INTEGER NOT NULL,
          seq     INTEGER NOT NULL,
          body    TEXT NOT NULL,         -- what the head says of it, as JSON
          made_at INTEGER NOT NULL,      -- unix seconds
          PRIMARY KEY (epoch, seq)
        ) STRICT;
CREATE INDEX entry_denial ON entry (seq) WHERE kind = 'denial';
CREATE INDEX entry_expires ON entry (expires);
CREATE INDEX entry_watermark ON entry (seq) WHERE kind = 'watermark';
CREATE INDEX entry_withdrawal ON entry (seq) WHERE kind = 'withdrawal';
CREATE INDEX named_scope_expires ON named_scope (expires);
-- object default, alarm 3786912600000
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (1, 'block e32d8a1a3bd83ac8962626cc0e6cf5b30954e92edabc98621020e94fc57231637fbed7dc06fb8753bf1ed0dff671ee860e6a5b4ab8138b382de9b3aabcc1600a', 'block', 3786912360, x'030000000000010000e1b7b1000000e1b7b26840e32d8a1a3bd83ac8962626cc0e6cf5b30954e92edabc98621020e94fc57231637fbed7dc06fb8753bf1ed0dff671ee860e6a5b4ab8138b382de9b3aabcc1600a', 'c90ea896077219829924923a152d0df2faa07f0f0da2a96bff66ad2f9df0b1fb');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (2, 'stop wf_rA39BxQS_JWId5FJwnLR1A 1 suspension', 'suspension', 3786912360, x'040000000000020000e1b7b1000000e1b7b2681977665f72413339427851535f4a57496435464a776e4c523141', '8b67ef24dd1989d9c60e0c9d29b9ffed63a07f1f52d4668a6715d94d9a6ee8f0');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (3, 'stop wf_em-m13ewpiIruAa2dQHW9g 1 suspension', 'suspension', 3786912360, x'040000000000030000e1b7b1000000e1b7b2681977665f656d2d6d313365777069497275416132645148573967', '34c5a960e9e90b58091d9a3cf0c25c391d2b750153dfa0ffa5e48a257ba63aa0');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (4, 'stop wf_em-m13ewpiIruAa2dQHW9g 2 resumption', 'resumption', 3786912360, x'050000000000040000e1b7b1000000e1b7b2680000000000021977665f656d2d6d313365777069497275416132645148573967', 'c101a17dd2560069f8185d0e11f067080c0aca0c6219c7b4210b5315117c7da2');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (5, 'workflow wf_VfdAnMawbWpu2KmCfvojxQ', 'workflow', 3786912360, x'020000000000050000e1b7b1000000e1b7b2681977665f566664416e4d617762577075324b6d4366766f6a7851', '9d46d35f6808b15a8c681d0c93118d602fcd072a6fc646f60d7e9e9971318f5d');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (6, 'workflow wf_6OpnAmDZTXqShQBcmi9t8Q', 'workflow', 3786912360, x'020000000000060000e1b7b1000000e1b7b2681977665f364f706e416d445a54587153685142636d6939743851', '8b11ee2790a74602237d806d98e3b87a36794e8f902ac43220fb616d3d55ad3e');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (7, 'workflow wf_Lb6q4aSNcWvqyupjzoAkRw', 'workflow', 3786912360, x'020000000000070000e1b7b1000000e1b7b2681977665f4c6236713461534e635776717975706a7a6f416b5277', '2e562236ae857a53395e0c6c0a83e97260d2b7bdc7cbc484eda3cfd464225a30');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (8, 'stop wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ 1 suspension', 'suspension', 3786912360, x'040000000000080000e1b7b1000000e1b7b2683077665f31797650644234753054745270724449496c6c5839512e73656f6d445f6d2d6564593266395f414c492d664a51', '12bfb48785cc410ff07b7312b597362cddf204d6e174c886567b5603b28d8df2');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (9, 'workflow wf_LZDHiaR2GZ3S8OusjMT4pQ', 'workflow', 3786912360, x'020000000000090000e1b7b1000000e1b7b2681977665f4c5a444869615232475a3353384f75736a4d54347051', '1dc9b4f10288868162e5e97558e393b6afbf254456e6847a9ff56452bff991cb');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (10, 'stop wf_u90gN5FDvK5GQpVp5BLPWA 1 suspension', 'suspension', 3786912360, x'0400000000000a0000e1b7b1000000e1b7b2681977665f753930674e354644764b35475170567035424c505741', '6c7193fb1e8b242ff653c3df06b6c0d3d861adabd774ba5197969d24ca6291d8');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (11, 'watermark agent 3786912001 https://idp.example#retired-agent', 'watermark', 3786915661, x'0100000000000b0000e1b7b1000000e1b7bf4d020000e1b7b101002168747470733a2f2f6964702e6578616d706c6523726574697265642d6167656e74', '5188b3202e2ddbece37cc3b44118afb4eb5924c3fef6391a32ae39b431fe6a32');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (12, 'workflow wf_xrZ93Fd_rg9Q3_QRShw3dA', 'workflow', 3786912360, x'0200000000000c0000e1b7b1000000e1b7b2681977665f78725a393346645f72673951335f5152536877336441', '9ea77b0a9c8fa32e8bb23af315a19d532d679bc02394b976c15701b15373b8f6');
INSERT INTO log (one, epoch, seq, chain, previous, delta_from, live, issued_at) VALUES (1, 1, 12, '9ea77b0a9c8fa32e8bb23af315a19d532d679bc02394b976c15701b15373b8f6', NULL, 0, 6, 0);
INSERT INTO named_scope (scope, value, expires) VALUES ('agent', 'https://idp.example#report-agent', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('audience', 'https://gateway.example', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('owner', 'team:growth', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('subject', 'https://idp.example#alice', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('tool', 'mcp/files/edit_file', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('tool', 'mcp/files/read_text_file', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('tool', 'mcp/files/write_file', 3786912600);
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 2, 1);
INSERT INTO snapshot (epoch, seq, part, bytes) VALUES (1, 11, 0, x'0253592936f6df13e1e0d1ea1b3bda28df000000fe00000001040000000000020000e1b7b1000000e1b7b2681977665f72413339427851535f4a57496435464a776e4c523141040000000000030000e1b7b1000000e1b7b2681977665f656d2d6d313365777069497275416132645148573967050000000000040000e1b7b1000000e1b7b2680000000000021977665f656d2d6d313365777069497275416132645148573967040000000000080000e1b7b1000000e1b7b2683077665f31797650644234753054745270724449496c6c5839512e73656f6d445f6d2d6564593266395f414c492d664a510400000000000a0000e1b7b1000000e1b7b2681977665f753930674e354644764b35475170567035424c50574103c30fc6000000052bbef5fb63900f8e38001974316bb2de3a3fde544fcf66e26b4fa6a8c555c78ed5b2f004975f49d3');
INSERT INTO snapshot_reference (epoch, seq, body, made_at) VALUES (1, 11, '{"seq":11,"chain":"5188b3202e2ddbece37cc3b44118afb4eb5924c3fef6391a32ae39b431fe6a32","hash":"1eb4fc66fd13acabe75c318a7a54d13cc0679b0227a439dfded79bc955cd1986","bytes":327,"count":5}', 3786912000);
-- triggers
CREATE TRIGGER denial_stays BEFORE DELETE ON entry
      WHEN OLD.kind = 'denial' AND (OLD.ordered IN (SELECT ordered FROM denial)
        OR OLD.seq > (SELECT delta_from FROM log))
      BEGIN SELECT RAISE(ABORT, 'what is denied, or in a delta, stays'); END;
CREATE TRIGGER entry_is_final BEFORE UPDATE ON entry
      BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry
      WHEN OLD.kind <> 'denial'
        AND (OLD.expires >= unixepoch() OR OLD.seq > (SELECT delta_from FROM log))
      BEGIN SELECT RAISE(ABORT, 'what is revoked and alive, or in a delta, stays'); END;
CREATE TRIGGER log_moves_forward BEFORE UPDATE ON log
      WHEN NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq OR NEW.delta_from < OLD.delta_from
        OR NEW.issued_at < OLD.issued_at
      BEGIN SELECT RAISE(ABORT, 'the log never goes back'); END;
CREATE TRIGGER log_stays BEFORE DELETE ON log
      BEGIN SELECT RAISE(ABORT, 'the log never goes back'); END;
