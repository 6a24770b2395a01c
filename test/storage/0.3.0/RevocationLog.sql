-- tables
CREATE TABLE catalogue (
          one    INTEGER PRIMARY KEY CHECK (one = 1),
          change INTEGER NOT NULL,       -- counts the changes, from 1
          hash   TEXT NOT NULL,          -- of the text that the head names
          at     INTEGER NOT NULL        -- unix seconds
        ) STRICT;
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
INSERT INTO catalogue (one, change, hash, at) VALUES (1, 1, '0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a', 3786912000);
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (1, 'block 4b1767284b819c0668051e5f9b649800a87df1a54cb83ee5dd200bee14c4a1f1dfef15c1290dd6caa8f82e738f081a7e3f4f14cc567dd47df7fcaddc4f2d5b0b', 'block', 3786912360, x'030000000000010000e1b7b1000000e1b7b268404b1767284b819c0668051e5f9b649800a87df1a54cb83ee5dd200bee14c4a1f1dfef15c1290dd6caa8f82e738f081a7e3f4f14cc567dd47df7fcaddc4f2d5b0b', '9534e47789a4a1f92ea0b39b5116a01c77dfb01659b903b259075e528bfa1eb1');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (2, 'stop wf_aBuPyUmSIEjM82k0jQEQ-g 1 suspension', 'suspension', 3786912360, x'040000000000020000e1b7b1000000e1b7b2681977665f6142755079556d5349456a4d38326b306a5145512d67', '0bf523fa95775c5095c92d562fd93c28bf11d4b9c12dac28e2c4069ad4bfbf90');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (3, 'stop wf_4Cx0D1G-48T641QEgQRc9Q 1 suspension', 'suspension', 3786912360, x'040000000000030000e1b7b1000000e1b7b2681977665f344378304431472d3438543634315145675152633951', '88004bb4ef5f2c0ba87f7ae886365cb6ec569811cfb874406f6f89ee0294d473');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (4, 'stop wf_4Cx0D1G-48T641QEgQRc9Q 2 resumption', 'resumption', 3786912360, x'050000000000040000e1b7b1000000e1b7b2680000000000021977665f344378304431472d3438543634315145675152633951', '2e801d510adc7449b3ce1f1515e307f16d6c23f5a305852c916d78929df18e6e');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (5, 'workflow wf_PV5TmoT96KobD8fKgfmbpw', 'workflow', 3786912360, x'020000000000050000e1b7b1000000e1b7b2681977665f505635546d6f5439364b6f624438664b67666d627077', '214a8beb7d9df5ef5777c631a577d3d0b73f718e77c7c57249a46d426d9c40cf');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (6, 'workflow wf_sHUMQb9QKKyKF2rOSqk5oQ', 'workflow', 3786912360, x'020000000000060000e1b7b1000000e1b7b2681977665f7348554d516239514b4b794b4632724f53716b356f51', '8f50541fcaadb75834ef61a92f2f8f1ab8d34b77ed5cd8d3352eb31dc8e4d407');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (7, 'workflow wf_8OlRw7a0JUcHQcE3lQabgA', 'workflow', 3786912360, x'020000000000070000e1b7b1000000e1b7b2681977665f384f6c52773761304a556348516345336c5161626741', '41404f7a217a58b1bf18d8bc34f0d9b71f4e8d639625fc8f5526d66ed3220793');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (8, 'stop wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ 1 suspension', 'suspension', 3786912360, x'040000000000080000e1b7b1000000e1b7b2683077665f596f644659664e6d565a5f4a7855304d7862675246772e4e6f4248644a32705a4a4675475044656267534b6451', '1342510a31c9649d77e09a11785813ba77d2e9d7ba4e3ce3b5111e4a54319162');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (9, 'workflow wf_hYq14C2-IOBst6RkW6lr4g', 'workflow', 3786912360, x'020000000000090000e1b7b1000000e1b7b2681977665f685971313443322d494f42737436526b57366c723467', '0dbc61ea41edaf03f5f71fd3ffef6928b6fc89f1f32a32f278d47cf195a6ee01');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (10, 'stop wf_fy6J3iljIcrmzkz6unHs5w 1 suspension', 'suspension', 3786912360, x'0400000000000a0000e1b7b1000000e1b7b2681977665f6679364a33696c6a4963726d7a6b7a36756e48733577', 'ec95d00fdcd1183b4160a34b454aaf68c0ba2757818b16d8fdddc9f0d790ebee');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (11, 'watermark agent 3786912001 https://idp.example#retired-agent', 'watermark', 3786915661, x'0100000000000b0000e1b7b1000000e1b7bf4d020000e1b7b101002168747470733a2f2f6964702e6578616d706c6523726574697265642d6167656e74', 'de152bcd912a6962b0d3feac401f765fbcb12c13c26190473720b6bbe4a03f25');
INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (12, 'workflow wf_ixNAWX4SFeklZ_rqFvAOUg', 'workflow', 3786912360, x'0200000000000c0000e1b7b1000000e1b7b2681977665f69784e415758345346656b6c5a5f72714676414f5567', '863e0c1e06fb94a1c7f828f0a7b478fd4ec3e4672ceb3ee1ca67047b175fa145');
INSERT INTO log (one, epoch, seq, chain, previous, delta_from, live, issued_at) VALUES (1, 1, 12, '863e0c1e06fb94a1c7f828f0a7b478fd4ec3e4672ceb3ee1ca67047b175fa145', NULL, 0, 6, 3786912000);
INSERT INTO named_scope (scope, value, expires) VALUES ('agent', 'https://idp.example#report-agent', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('audience', 'https://gateway.example', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('owner', 'team:growth', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('subject', 'https://idp.example#alice', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('tool', 'mcp/files/edit_file', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('tool', 'mcp/files/read_text_file', 3786912600);
INSERT INTO named_scope (scope, value, expires) VALUES ('tool', 'mcp/files/write_file', 3786912600);
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 3, 2);
INSERT INTO snapshot (epoch, seq, part, bytes) VALUES (1, 11, 0, x'029e18c3108949f0f53ae6e414519085ee000000fe00000001040000000000020000e1b7b1000000e1b7b2681977665f6142755079556d5349456a4d38326b306a5145512d67040000000000030000e1b7b1000000e1b7b2681977665f344378304431472d3438543634315145675152633951050000000000040000e1b7b1000000e1b7b2680000000000021977665f344378304431472d3438543634315145675152633951040000000000080000e1b7b1000000e1b7b2683077665f596f644659664e6d565a5f4a7855304d7862675246772e4e6f4248644a32705a4a4675475044656267534b64510400000000000a0000e1b7b1000000e1b7b2681977665f6679364a33696c6a4963726d7a6b7a36756e4873357703c30fc600000005567f3bcde172f4f760a450842e4dba6896b1237d4ddbf02ca9dc1b5a78441ba6fe80d4104c7c7d4a');
INSERT INTO snapshot_reference (epoch, seq, body, made_at) VALUES (1, 11, '{"seq":11,"chain":"de152bcd912a6962b0d3feac401f765fbcb12c13c26190473720b6bbe4a03f25","hash":"841b792b27acca17434ea274605304f55e3d9fc512ecf942ce9130d9f7bb227d","bytes":327,"count":5}', 3786912000);
-- triggers
CREATE TRIGGER catalogue_moves_forward BEFORE UPDATE ON catalogue WHEN NEW.change <= OLD.change
      BEGIN SELECT RAISE(ABORT, 'an earlier catalogue never comes back'); END;
CREATE TRIGGER catalogue_stays BEFORE DELETE ON catalogue
      BEGIN SELECT RAISE(ABORT, 'a log that names a catalogue always names one'); END;
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
