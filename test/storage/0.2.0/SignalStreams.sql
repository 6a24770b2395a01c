-- tables
CREATE TABLE event (
          seq      INTEGER PRIMARY KEY AUTOINCREMENT,
          stream   TEXT NOT NULL,
          jti      TEXT NOT NULL,    -- by which its receiver acknowledges it
          claims   TEXT NOT NULL,    -- as JSON; signed anew whenever it is sent
          at       INTEGER NOT NULL, -- unix seconds
          refusals INTEGER NOT NULL DEFAULT 0, -- how often its receiver would not take it
          due      INTEGER NOT NULL DEFAULT 0, always INTEGER NOT NULL DEFAULT 0, -- unix milliseconds before which it is not pushed
          UNIQUE (stream, jti)
        ) STRICT;
CREATE TABLE heard (
          change TEXT PRIMARY KEY,  -- a change that is told again makes no second event
          at     INTEGER NOT NULL   -- unix seconds; forgotten when no event of it is left
        ) STRICT;
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
CREATE TABLE stream (
          id            TEXT PRIMARY KEY, -- random
          audience      TEXT NOT NULL,    -- the receiver, as events name it
          method        TEXT NOT NULL,    -- urn:ietf:rfc:8935 (push) or urn:ietf:rfc:8936 (poll)
          url           TEXT,             -- where events are pushed to
          authorization TEXT,             -- secret: the header that the endpoint asks for
          receiver      TEXT NOT NULL,    -- SHA-256 of the receiver's token, hex
          status        TEXT NOT NULL CHECK (status IN ('enabled', 'paused', 'disabled')),
          reason        TEXT,             -- the operator's, for the status
          dropped       INTEGER NOT NULL DEFAULT 0, -- events that were lost to it
          failures      INTEGER NOT NULL DEFAULT 0, -- pushes in a row that did not go through
          fault         TEXT,             -- code of the last of them
          due           INTEGER NOT NULL DEFAULT 0, -- unix milliseconds before which nothing is pushed
          verified      INTEGER NOT NULL DEFAULT 0  -- unix seconds of the last verification event
        ) STRICT;
CREATE INDEX heard_at ON heard (at);
-- object default, alarm null
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (1, 'v88tmrWlBo7NPKmE', 'UGO4y_TAUPomNv7qqsBhyhqxKub8zCr8AiMaUQTaJbg', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"UGO4y_TAUPomNv7qqsBhyhqxKub8zCr8AiMaUQTaJbg","iat":3786912000,"txn":"wf_VfdAnMawbWpu2KmCfvojxQ","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_VfdAnMawbWpu2KmCfvojxQ"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (2, 'v88tmrWlBo7NPKmE', 'GJyB20izXR09ODfDUFCplVOLjf9Li1T0xfMyhmV8IJI', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"GJyB20izXR09ODfDUFCplVOLjf9Li1T0xfMyhmV8IJI","iat":3786912000,"txn":"wf_6OpnAmDZTXqShQBcmi9t8Q","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_6OpnAmDZTXqShQBcmi9t8Q"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is completed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (3, 'v88tmrWlBo7NPKmE', 'MA6hMToIyBUZSEeh-AsMJVAvg3yF2IIRevxiBJTl2yQ', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"MA6hMToIyBUZSEeh-AsMJVAvg3yF2IIRevxiBJTl2yQ","iat":3786912000,"txn":"wf_Lb6q4aSNcWvqyupjzoAkRw","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_Lb6q4aSNcWvqyupjzoAkRw"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is failed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (4, 'v88tmrWlBo7NPKmE', 'LQL_-VdW2rCuUqHz5AY6Vs9yPjBcpr0sV3uzxdeEnl4', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"LQL_-VdW2rCuUqHz5AY6Vs9yPjBcpr0sV3uzxdeEnl4","iat":3786912000,"txn":"wf_LZDHiaR2GZ3S8OusjMT4pQ","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_LZDHiaR2GZ3S8OusjMT4pQ"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (5, 'v88tmrWlBo7NPKmE', 'V-2u5G-aeB90_RdcljIBjZcBzwS0b3CqwdK9haADm90', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"V-2u5G-aeB90_RdcljIBjZcBzwS0b3CqwdK9haADm90","iat":3786912000,"txn":"wf_xrZ93Fd_rg9Q3_QRShw3dA","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_xrZ93Fd_rg9Q3_QRShw3dA"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO heard (change, at) VALUES ('revocation.wf_VfdAnMawbWpu2KmCfvojxQ.wf_VfdAnMawbWpu2KmCfvojxQ', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_6OpnAmDZTXqShQBcmi9t8Q.1.completed', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_Lb6q4aSNcWvqyupjzoAkRw.1.failed', 3786912000);
INSERT INTO heard (change, at) VALUES ('revocation.wf_LZDHiaR2GZ3S8OusjMT4pQ.wf_LZDHiaR2GZ3S8OusjMT4pQ', 3786912000);
INSERT INTO heard (change, at) VALUES ('revocation.wf_xrZ93Fd_rg9Q3_QRShw3dA.wf_xrZ93Fd_rg9Q3_QRShw3dA', 3786912000);
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 2, 1);
INSERT INTO stream (id, audience, method, url, authorization, receiver, status, reason, dropped, failures, fault, due, verified) VALUES ('v88tmrWlBo7NPKmE', 'https://receiver.example', 'urn:ietf:rfc:8936', NULL, NULL, '54875be666a8fcef83db32f94fb2bcd15ec2a95b0e448b140dd45875d8f9af4e', 'enabled', NULL, 0, 0, NULL, 0, 0);
-- triggers
