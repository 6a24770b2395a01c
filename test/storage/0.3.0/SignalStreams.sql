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
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (1, 'pBYu45GL2_5VXU_E', 'nXTdRtzkkCi0qDWygAgXbdsK0ao0Oh5wEGIqw_Yt7No', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"nXTdRtzkkCi0qDWygAgXbdsK0ao0Oh5wEGIqw_Yt7No","iat":3786912000,"txn":"wf_PV5TmoT96KobD8fKgfmbpw","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_PV5TmoT96KobD8fKgfmbpw"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (2, 'pBYu45GL2_5VXU_E', 'jaG8Kp20uXtllNcaKd7lv3Z4J-Z5eZ_YHD76968yos4', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"jaG8Kp20uXtllNcaKd7lv3Z4J-Z5eZ_YHD76968yos4","iat":3786912000,"txn":"wf_sHUMQb9QKKyKF2rOSqk5oQ","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_sHUMQb9QKKyKF2rOSqk5oQ"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is completed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (3, 'pBYu45GL2_5VXU_E', 'PkvR67bfvJv6S_hevP73Q-EPnB4W-z_tSZ4MDWIc7M8', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"PkvR67bfvJv6S_hevP73Q-EPnB4W-z_tSZ4MDWIc7M8","iat":3786912000,"txn":"wf_8OlRw7a0JUcHQcE3lQabgA","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_8OlRw7a0JUcHQcE3lQabgA"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is failed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (4, 'pBYu45GL2_5VXU_E', 'OHw29QmydoMoK6tQfqTCD6F94BBTv1BjxYTM-9CqN84', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"OHw29QmydoMoK6tQfqTCD6F94BBTv1BjxYTM-9CqN84","iat":3786912000,"txn":"wf_hYq14C2-IOBst6RkW6lr4g","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_hYq14C2-IOBst6RkW6lr4g"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due, always) VALUES (5, 'pBYu45GL2_5VXU_E', 'hHm7fRer_U0eeIiH4wuCzfyGjixI75WqbQVXCGPLXSE', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"hHm7fRer_U0eeIiH4wuCzfyGjixI75WqbQVXCGPLXSE","iat":3786912000,"txn":"wf_ixNAWX4SFeklZ_rqFvAOUg","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_ixNAWX4SFeklZ_rqFvAOUg"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0, 0);
INSERT INTO heard (change, at) VALUES ('revocation.wf_PV5TmoT96KobD8fKgfmbpw.wf_PV5TmoT96KobD8fKgfmbpw', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_sHUMQb9QKKyKF2rOSqk5oQ.1.completed', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_8OlRw7a0JUcHQcE3lQabgA.1.failed', 3786912000);
INSERT INTO heard (change, at) VALUES ('revocation.wf_hYq14C2-IOBst6RkW6lr4g.wf_hYq14C2-IOBst6RkW6lr4g', 3786912000);
INSERT INTO heard (change, at) VALUES ('revocation.wf_ixNAWX4SFeklZ_rqFvAOUg.wf_ixNAWX4SFeklZ_rqFvAOUg', 3786912000);
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 2, 1);
INSERT INTO stream (id, audience, method, url, authorization, receiver, status, reason, dropped, failures, fault, due, verified) VALUES ('pBYu45GL2_5VXU_E', 'https://receiver.example', 'urn:ietf:rfc:8936', NULL, NULL, '54875be666a8fcef83db32f94fb2bcd15ec2a95b0e448b140dd45875d8f9af4e', 'enabled', NULL, 0, 0, NULL, 0, 0);
-- triggers
