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
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (1, 'bp8jzPfaaYE0cY46', '8sN8L8bEe2HQcUMoELCHhGixvW2_ugPr9VtQzvhBWKk', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"8sN8L8bEe2HQcUMoELCHhGixvW2_ugPr9VtQzvhBWKk","iat":3786912000,"txn":"wf_A3IMmTdBC84Zo39hoqZgfQ","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_A3IMmTdBC84Zo39hoqZgfQ"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (2, 'bp8jzPfaaYE0cY46', 'OeqLQYCArm70pvtypiK5Xs6J87pzuD5G3NpRvj9NxJ0', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"OeqLQYCArm70pvtypiK5Xs6J87pzuD5G3NpRvj9NxJ0","iat":3786912000,"txn":"wf_PBXcW9gTpu9qGR0renxBQA","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_PBXcW9gTpu9qGR0renxBQA"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is completed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (3, 'bp8jzPfaaYE0cY46', '0mOfGiR9pTesY2hSU9hoObfiLTA5fuWsfTQSMoQnNJA', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"0mOfGiR9pTesY2hSU9hoObfiLTA5fuWsfTQSMoQnNJA","iat":3786912000,"txn":"wf_27UJygZzYuypv0HimBN1Ew","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_27UJygZzYuypv0HimBN1Ew"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"system","reason_admin":{"en":"The workflow is failed."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO event (seq, stream, jti, claims, at, refusals, due) VALUES (4, 'bp8jzPfaaYE0cY46', 'aj36pI7ge8zM1dtXnS2qxV580KXcy9oW1XR50BXL9Gg', '{"iss":"https://issuer.example","aud":"https://receiver.example","jti":"aj36pI7ge8zM1dtXnS2qxV580KXcy9oW1XR50BXL9Gg","iat":3786912000,"txn":"wf_dvqnsiAuq3btal0JQuWhgg","sub_id":{"format":"complex","session":{"format":"opaque","id":"wf_dvqnsiAuq3btal0JQuWhgg"},"user":{"format":"iss_sub","iss":"https://idp.example","sub":"alice"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{"initiating_entity":"admin","reason_admin":{"en":"The workflow is revoked."},"event_timestamp":3786912000}}}', 3786912000, 0, 0);
INSERT INTO heard (change, at) VALUES ('revocation.wf_A3IMmTdBC84Zo39hoqZgfQ.wf_A3IMmTdBC84Zo39hoqZgfQ', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_PBXcW9gTpu9qGR0renxBQA.1.completed', 3786912000);
INSERT INTO heard (change, at) VALUES ('transition.wf_27UJygZzYuypv0HimBN1Ew.1.failed', 3786912000);
INSERT INTO heard (change, at) VALUES ('revocation.wf_dvqnsiAuq3btal0JQuWhgg.wf_dvqnsiAuq3btal0JQuWhgg', 3786912000);
INSERT INTO stream (id, audience, method, url, authorization, receiver, status, reason, dropped, failures, fault, due, verified) VALUES ('bp8jzPfaaYE0cY46', 'https://receiver.example', 'urn:ietf:rfc:8936', NULL, NULL, '54875be666a8fcef83db32f94fb2bcd15ec2a95b0e448b140dd45875d8f9af4e', 'enabled', NULL, 0, 0, NULL, 0, 0);
-- triggers
