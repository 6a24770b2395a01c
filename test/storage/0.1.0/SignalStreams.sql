-- tables
CREATE TABLE event (
        seq      INTEGER PRIMARY KEY AUTOINCREMENT,
        stream   TEXT NOT NULL,
        jti      TEXT NOT NULL,    -- by which its receiver acknowledges it
        claims   TEXT NOT NULL,    -- as JSON; signed anew whenever it is sent
        at       INTEGER NOT NULL, -- unix seconds
        refusals INTEGER NOT NULL DEFAULT 0, -- how often its receiver would not take it
        due      INTEGER NOT NULL DEFAULT 0, -- unix milliseconds before which it is not pushed
        UNIQUE (stream, jti)
      ) STRICT;
CREATE TABLE heard (
        change TEXT PRIMARY KEY,  -- a change that is told again makes no second event
        at     INTEGER NOT NULL   -- unix seconds; forgotten when no event of it is left
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
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (1, 'VejIG9r7dB1z77kA', 'nBY0NaHfQhWYkpP2fBAXL0MImP6WYouYW8dtbJqzsb8', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"nBY0NaHfQhWYkpP2fBAXL0MImP6WYouYW8dtbJqzsb8","iat":3786912000,"txn":"wf_7cekWuA-5tzphzC5nSr3TA","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_7cekWuA-5tzphzC5nSr3TA"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (2, 'VejIG9r7dB1z77kA', 'u0oGJFZa5EVfPHdP2aB_LBDtS5VGaF8aKuZUk8hFEGI', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"u0oGJFZa5EVfPHdP2aB_LBDtS5VGaF8aKuZUk8hFEGI","iat":3786912000,"txn":"wf_P4VGUIbpfgadDSYM3-17mQ","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_P4VGUIbpfgadDSYM3-17mQ"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is completed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (3, 'VejIG9r7dB1z77kA', '9Y-seQEetexzGo8BqOzKIU8LQA2oLM6r-JbugJbKIzU', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"9Y-seQEetexzGo8BqOzKIU8LQA2oLM6r-JbugJbKIzU","iat":3786912000,"txn":"wf_V0xF0oUiAxKcWlzO1onlfg","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_V0xF0oUiAxKcWlzO1onlfg"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is failed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (4, 'VejIG9r7dB1z77kA', '7xxp2TXIw5nS8sAaJpYYxwrIlaAkkN1btkDo3j2So8U', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"7xxp2TXIw5nS8sAaJpYYxwrIlaAkkN1btkDo3j2So8U","iat":3786912000,"txn":"wf_mWNveSreIiOCiDSqTF-uSw","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_mWNveSreIiOCiDSqTF-uSw"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO heard (change, at) VALUES ('revocation.wf_7cekWuA-5tzphzC5nSr3TA.wf_7cekWuA-5tzphzC5nSr3TA', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_P4VGUIbpfgadDSYM3-17mQ.1.completed', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_V0xF0oUiAxKcWlzO1onlfg.1.failed', 3786912000);
INSERT INTO heard (change, at) VALUES ('revocation.wf_mWNveSreIiOCiDSqTF-uSw.wf_mWNveSreIiOCiDSqTF-uSw', 3786912000);
INSERT INTO stream (id, audience, method, url, authorization, receiver, status, reason, dropped, failures, fault, due, verified) VALUES ('VejIG9r7dB1z77kA', 'https://receiver.example', 'urn:ietf:rfc:8936', NULL, NULL, '54875be666a8fcef83db32f94fb2bcd15ec2a95b0e448b140dd45875d8f9af4e', 'enabled', NULL, 0, 0, NULL, 0, 0);
-- triggers
