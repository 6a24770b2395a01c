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
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (1, 'block 49d9757b84ec31862a85b4fef1e77c1d78765c2ab432ef40b262c665ff21a7e5a6cf5184582c402c9827a755acdf0f65346651056078f0967def122578080101', 'block', 3786912360, x'030000000000010000e1b7b1000000e1b7b2684049d9757b84ec31862a85b4fef1e77c1d78765c2ab432ef40b262c665ff21a7e5a6cf5184582c402c9827a755acdf0f65346651056078f0967def122578080101', 'c429c6206f28e8e195cdbddc1711c173a34d75bcbe092b82bd819ccb16a6c35f');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (2, 'stop wf_cfpBffoq_sy9iMQXg5aqlA 1 suspension', 'suspension', 3786912360, x'040000000000020000e1b7b1000000e1b7b2681977665f6366704266666f715f737939694d5158673561716c41', 'b175bd13345803825e32bea2e3eb7f30b5f3c70f6dac5aaad0b0d865d02d6d47');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (3, 'stop wf_jYSTxrxU0jZEoKlwmgTqHA 1 suspension', 'suspension', 3786912360, x'040000000000030000e1b7b1000000e1b7b2681977665f6a59535478727855306a5a456f4b6c776d6754714841', '701f1c41a6f054b8c12d59bac5c520f5d284487eadc345cc8181106ff5a1b460');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (4, 'stop wf_jYSTxrxU0jZEoKlwmgTqHA 2 resumption', 'resumption', 3786912360, x'050000000000040000e1b7b1000000e1b7b2680000000000021977665f6a59535478727855306a5a456f4b6c776d6754714841', 'dcf2292d8d604822cbc245df22905331fd85b433d069568c52a134e3132ea009');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (5, 'workflow wf_7cekWuA-5tzphzC5nSr3TA', 'workflow', 3786912360, x'020000000000050000e1b7b1000000e1b7b2681977665f3763656b5775412d35747a70687a43356e5372335441', 'd8643856b3e4177d82b63d01899113cffc80913d5cdd073f7698d422721033b4');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (6, 'workflow wf_P4VGUIbpfgadDSYM3-17mQ', 'workflow', 3786912360, x'020000000000060000e1b7b1000000e1b7b2681977665f5034564755496270666761644453594d332d31376d51', '143476a61cd9a71291c268fe22fa7a095af453fcfbd60d612fcedacc48f6b678');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (7, 'workflow wf_V0xF0oUiAxKcWlzO1onlfg', 'workflow', 3786912360, x'020000000000070000e1b7b1000000e1b7b2681977665f56307846306f556941784b63576c7a4f316f6e6c6667', '95554785881240b33d658ff8e2979c1db2533cac75f95ccebd054a404d73ae34');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (8, 'stop wf_qY_cfjMV25ugEyIu3Khu1w.plX1B49uz8d92gRrwX1kxw 1 suspension', 'suspension', 3786912360, x'040000000000080000e1b7b1000000e1b7b2683077665f71595f63666a4d563235756745794975334b687531772e706c5831423439757a386439326752727758316b7877', 'f037f54b9f9a0bbed39dd59a455ba6132a156ccb7eae234f7e7f067aa795e4f3');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (9, 'stop wf_8qxo5-ekl3ZDL_zUdmniwQ 1 suspension', 'suspension', 3786912360, x'040000000000090000e1b7b1000000e1b7b2681977665f3871786f352d656b6c335a444c5f7a55646d6e697751', '052817a8ff88ec4708630c0336f3fced4c7ee2dc8fc189d9c5648ac3dafa1648');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (10, 'watermark agent 3786912001 https://idp.example#retired-agent', 'watermark', 3786915661, x'0100000000000a0000e1b7b1000000e1b7bf4d020000e1b7b101002168747470733a2f2f6964702e6578616d706c6523726574697265642d6167656e74', '4e738095bf4d6c5502258b35ca3696da6590d98fac48143e37ba2e7d1bfe8e75');
INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (11, 'workflow wf_mWNveSreIiOCiDSqTF-uSw', 'workflow', 3786912360, x'0200000000000b0000e1b7b1000000e1b7b2681977665f6d574e766553726549694f436944537154462d755377', '65dee39833591c9cff4744491fb9aee5afe0be56e578b74bfb37f8689801258c');
INSERT INTO position (one, epoch, seq, chain) VALUES (1, 1, 11, '65dee39833591c9cff4744491fb9aee5afe0be56e578b74bfb37f8689801258c');
-- triggers
CREATE TRIGGER kept_is_final BEFORE UPDATE ON kept
        BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER position_moves_forward BEFORE UPDATE ON position
        WHEN NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq
        BEGIN SELECT RAISE(ABORT, 'the archive never goes back'); END;
