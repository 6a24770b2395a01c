-- tables
CREATE TABLE kept (
        seq     INTEGER PRIMARY KEY,
        ordered TEXT NOT NULL,         -- as in the log
        kind    TEXT NOT NULL,
        expires INTEGER NOT NULL,      -- unix seconds; an alarm deletes it then
        record  BLOB NOT NULL,
        chain   TEXT NOT NULL
      ) STRICT;
CREATE TABLE position (
        one   INTEGER PRIMARY KEY CHECK (one = 1),
        epoch INTEGER NOT NULL,
        seq   INTEGER NOT NULL,        -- of the newest entry that was kept
        chain TEXT NOT NULL            -- the hash chain after it
      ) STRICT;
CREATE INDEX kept_expires ON kept (expires);
-- object default, alarm 3786915600000
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (1, 'block c40016916a371d1418d2cf39cc19d2e4dd39c83f5de721834bee71a4f8383fd7c3c3d4cb999c3ed9563af4fb796044dbdad60e74ebcb33f1714abd91f0f91406', 'block', 3786912360, x'030000000000010000e1b7b1000000e1b7b26840c40016916a371d1418d2cf39cc19d2e4dd39c83f5de721834bee71a4f8383fd7c3c3d4cb999c3ed9563af4fb796044dbdad60e74ebcb33f1714abd91f0f91406', '10157eea9165b1900ab480e965a810e94f97c0f496493e24a79968ae0da0b1e3');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (2, 'stop wf_WQO5zvnocpV5Sn6My6Dudw 1 suspension', 'suspension', 3786912360, x'040000000000020000e1b7b1000000e1b7b2681977665f57514f357a766e6f63705635536e364d793644756477', '7fde575cf267e150c6545b731afedb149843b2ffc85e6c5254e2c39709b0429e');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (3, 'stop wf_xElMj9yK4J_SoBl4Zpg7Uw 1 suspension', 'suspension', 3786912360, x'040000000000030000e1b7b1000000e1b7b2681977665f78456c4d6a39794b344a5f536f426c345a7067375577', '36defc86c8e3e8e19e3c0403560ef890469b465ab16f014fdbe3d941c8fadd38');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (4, 'stop wf_xElMj9yK4J_SoBl4Zpg7Uw 2 resumption', 'resumption', 3786912360, x'050000000000040000e1b7b1000000e1b7b2680000000000021977665f78456c4d6a39794b344a5f536f426c345a7067375577', 'b2e604cd0318b5aa75d24adb66a9f5e65b64515b439c5bc3ec2e22d94fdb5754');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (5, 'workflow wf_A3IMmTdBC84Zo39hoqZgfQ', 'workflow', 3786912360, x'020000000000050000e1b7b1000000e1b7b2681977665f4133494d6d5464424338345a6f3339686f715a676651', 'bd94e71c7ccae7ef5b3eafff12e249ae96148eaec4d72feb363a113b5c2de622');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (6, 'workflow wf_PBXcW9gTpu9qGR0renxBQA', 'workflow', 3786912360, x'020000000000060000e1b7b1000000e1b7b2681977665f50425863573967547075397147523072656e78425141', 'e919e07b50032b0e968c6838c9ed39fd48a53b8f8c136bc1151e72b089ddb995');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (7, 'workflow wf_27UJygZzYuypv0HimBN1Ew', 'workflow', 3786912360, x'020000000000070000e1b7b1000000e1b7b2681977665f3237554a79675a7a59757970763048696d424e314577', '8d9f8875095a4600d1216313a559a0dc3abeabfec3710fb9ac569053e2885533');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (8, 'stop wf_dKo_4tPqfuNyjEKAwYdjnw.8N2IQ9V2r3dW6xKKhONg8w 1 suspension', 'suspension', 3786912360, x'040000000000080000e1b7b1000000e1b7b2683077665f644b6f5f3474507166754e796a454b417759646a6e772e384e3249513956327233645736784b4b684f4e673877', '621e9e3a5f7aea92a80c02d824a3d358e7786d5b7ba3c82e39f30bf31ed788e9');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (9, 'stop wf_HAZY-msHNZ7uAg2KvkI-Hw 1 suspension', 'suspension', 3786912360, x'040000000000090000e1b7b1000000e1b7b2681977665f48415a592d6d73484e5a37754167324b766b492d4877', 'be8a15b192407e65337569f46f939afef1d91e9ec5140e791bb5e478dd68bd20');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (10, 'watermark agent 3786912001 https://idp.example#retired-agent', 'watermark', 3786915661, x'0100000000000a0000e1b7b1000000e1b7bf4d020000e1b7b101002168747470733a2f2f6964702e6578616d706c6523726574697265642d6167656e74', '198064f59d0897660aeceda7c113e6428dbe574397d5d972fd3346cf06cc1fcc');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (11, 'workflow wf_dvqnsiAuq3btal0JQuWhgg', 'workflow', 3786912360, x'0200000000000b0000e1b7b1000000e1b7b2681977665f6476716e7369417571336274616c304a517557686767', '6182e7d44fd944f547b3a9a97365da9325b2151f5a8c33d7e1892b337b9690d9');
INSERT INTO position (one, epoch, seq, chain) VALUES (1, 1, 11, '6182e7d44fd944f547b3a9a97365da9325b2151f5a8c33d7e1892b337b9690d9');
-- triggers
CREATE TRIGGER kept_is_final BEFORE UPDATE ON kept
        BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER position_moves_forward BEFORE UPDATE ON position
        WHEN NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq
        BEGIN SELECT RAISE(ABORT, 'the archive never goes back'); END;
