-- tables
CREATE TABLE approval (
          seq      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of asking
          id       TEXT NOT NULL UNIQUE,
          agent    TEXT NOT NULL,
          digest   TEXT NOT NULL,    -- SHA-256 of question, lower-case hex
          question TEXT NOT NULL,    -- canonical JSON, never changed
          state    TEXT NOT NULL
            CHECK (state IN ('pending', 'approved', 'refused', 'expired', 'used')),
          asked    INTEGER NOT NULL, -- unix seconds
          deadline INTEGER NOT NULL, -- unix seconds: the end of the question, the approval or the row
          interval INTEGER NOT NULL, -- seconds between two polls
          polled   INTEGER NOT NULL, -- unix milliseconds of the last poll; 0 before the first
          decision TEXT              -- the answer's record, from its order on; null before
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
CREATE INDEX approval_agent ON approval (agent, digest);
CREATE INDEX approval_deadline ON approval (deadline);
-- object default, alarm 3786912002000
INSERT INTO approval (seq, id, agent, digest, question, state, asked, deadline, interval, polled, decision) VALUES (1, 'apr_bvGyMYgZktT85XglrJLVWTpI24hKHqFduklBt5IqdMI', 'https://idp.example#report-agent', '90a76ed0e6a9dd413f6192d7253bafdf75db0c49c7a78394e6701f5f6768cf96', '{"agent":"https://idp.example#report-agent","audience":"https://gateway.example","budgets":{"calls":1000,"tools":[{"calls":10,"tool":"mcp/mail/send_message"}]},"grants":[{"action":"write","dataset":"files/summaries/churn.md","tool":"mcp/files/edit_file"}],"lifetimeSeconds":300,"owner":"team:growth","rules":["allow if report_agent($user), tool(\"mcp/files/edit_file\"), action(\"write\"), under(\"files/summaries\")"],"subject":"https://idp.example#alice","task":"edit one","tier":3}', 'pending', 3786912000, 3786912600, 5, 0, NULL);
INSERT INTO approval (seq, id, agent, digest, question, state, asked, deadline, interval, polled, decision) VALUES (2, 'apr_pFCL-5SBWcbfY9eLv5InlOU8hxPSvw29H6pwgdpqYDc', 'https://idp.example#report-agent', 'e55f3fd8931af812fb0f9eb5579813b1dfaf6160c5e4b8298a8ba158eb362b2d', '{"agent":"https://idp.example#report-agent","audience":"https://gateway.example","budgets":{"calls":1000,"tools":[{"calls":10,"tool":"mcp/mail/send_message"}]},"grants":[{"action":"write","dataset":"files/summaries/churn.md","tool":"mcp/files/edit_file"}],"lifetimeSeconds":300,"owner":"team:growth","rules":["allow if report_agent($user), tool(\"mcp/files/edit_file\"), action(\"write\"), under(\"files/summaries\")"],"subject":"https://idp.example#alice","task":"edit two","tier":3}', 'approved', 3786912000, 3786912250, 5, 0, '{"event":"approval_decided","id":"apr_pFCL-5SBWcbfY9eLv5InlOU8hxPSvw29H6pwgdpqYDc.decided","at":3786912000000,"approval":"apr_pFCL-5SBWcbfY9eLv5InlOU8hxPSvw29H6pwgdpqYDc","agent":"https://idp.example#report-agent","subject":"https://idp.example#alice","owner":"team:growth","task":"edit two","actor":"operator","decision":"approve","until":3786912250,"digest":"e55f3fd8931af812fb0f9eb5579813b1dfaf6160c5e4b8298a8ba158eb362b2d","by":"carol@acme.example","reason":"as agreed"}');
INSERT INTO approval (seq, id, agent, digest, question, state, asked, deadline, interval, polled, decision) VALUES (3, 'apr_j9hcp0MxPLr8_vUYm79aT71yVekSji9N2rRQa5o_soY', 'https://idp.example#report-agent', '3a77aec3968d9eda0b06b4a2a7868755f622f81b8016769f4b5894956e4cc0cc', '{"agent":"https://idp.example#report-agent","audience":"https://gateway.example","budgets":{"calls":1000,"tools":[{"calls":10,"tool":"mcp/mail/send_message"}]},"grants":[{"action":"write","dataset":"files/summaries/churn.md","tool":"mcp/files/edit_file"}],"lifetimeSeconds":300,"owner":"team:growth","rules":["allow if report_agent($user), tool(\"mcp/files/edit_file\"), action(\"write\"), under(\"files/summaries\")"],"subject":"https://idp.example#alice","task":"edit three","tier":3}', 'refused', 3786912000, 3786915600, 5, 0, '{"event":"approval_decided","id":"apr_j9hcp0MxPLr8_vUYm79aT71yVekSji9N2rRQa5o_soY.decided","at":3786912000000,"approval":"apr_j9hcp0MxPLr8_vUYm79aT71yVekSji9N2rRQa5o_soY","agent":"https://idp.example#report-agent","subject":"https://idp.example#alice","owner":"team:growth","task":"edit three","actor":"operator","decision":"refuse","digest":"3a77aec3968d9eda0b06b4a2a7868755f622f81b8016769f4b5894956e4cc0cc","by":"carol@acme.example","reason":"as agreed"}');
INSERT INTO approval (seq, id, agent, digest, question, state, asked, deadline, interval, polled, decision) VALUES (4, 'apr_mWCIh7E1F9oeG0A4DyUUuMePOKTW23KVTDdTIEBqLKM', 'https://idp.example#report-agent', '578624b594030436feeebc311cdcfd62fca59df0a616f3c83fd6abf982a6cf34', '{"agent":"https://idp.example#report-agent","audience":"https://gateway.example","budgets":{"calls":1000,"tools":[{"calls":10,"tool":"mcp/mail/send_message"}]},"grants":[{"action":"write","dataset":"files/summaries/churn.md","tool":"mcp/files/edit_file"}],"lifetimeSeconds":300,"owner":"team:growth","rules":["allow if report_agent($user), tool(\"mcp/files/edit_file\"), action(\"write\"), under(\"files/summaries\")"],"subject":"https://idp.example#alice","task":"edit four","tier":3}', 'used', 3786912000, 3786915600, 5, 0, '{"event":"approval_decided","id":"apr_mWCIh7E1F9oeG0A4DyUUuMePOKTW23KVTDdTIEBqLKM.decided","at":3786912000000,"approval":"apr_mWCIh7E1F9oeG0A4DyUUuMePOKTW23KVTDdTIEBqLKM","agent":"https://idp.example#report-agent","subject":"https://idp.example#alice","owner":"team:growth","task":"edit four","actor":"operator","decision":"approve","until":3786912250,"digest":"578624b594030436feeebc311cdcfd62fca59df0a616f3c83fd6abf982a6cf34","by":"carol@acme.example","reason":"as agreed"}');
INSERT INTO approval (seq, id, agent, digest, question, state, asked, deadline, interval, polled, decision) VALUES (5, 'apr_QtsXV-p09H8fT8-tDpxFJ5BqeYtshKVWRl2k-W6mpik', 'https://idp.example#report-agent', '32a2eda11bc27f679b14fa4ad432f046bf769f61262d98681a5b461391a1b0ab', '{"agent":"https://idp.example#report-agent","audience":"https://gateway.example","budgets":{"calls":1000,"tools":[{"calls":10,"tool":"mcp/mail/send_message"}]},"grants":[{"action":"write","dataset":"files/summaries/churn.md","tool":"mcp/files/edit_file"}],"lifetimeSeconds":300,"owner":"team:growth","rules":["allow if report_agent($user), tool(\"mcp/files/edit_file\"), action(\"write\"), under(\"files/summaries\")"],"subject":"https://idp.example#alice","task":"edit five","tier":3}', 'pending', 3786912000, 3786912600, 5, 0, '{"event":"approval_decided","id":"apr_QtsXV-p09H8fT8-tDpxFJ5BqeYtshKVWRl2k-W6mpik.decided","at":3786912000000,"approval":"apr_QtsXV-p09H8fT8-tDpxFJ5BqeYtshKVWRl2k-W6mpik","agent":"https://idp.example#report-agent","subject":"https://idp.example#alice","owner":"team:growth","task":"edit five","actor":"operator","decision":"approve","until":3786912250,"digest":"32a2eda11bc27f679b14fa4ad432f046bf769f61262d98681a5b461391a1b0ab","by":"carol@acme.example","reason":"as agreed"}');
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 2, 1);
-- triggers
CREATE TRIGGER question_is_final BEFORE UPDATE OF id, agent, digest, question ON approval
      BEGIN SELECT RAISE(ABORT, 'what was asked is never changed'); END;
CREATE TRIGGER terminal_states_absorb BEFORE UPDATE OF state ON approval
      WHEN OLD.state <> NEW.state AND NOT (
        (OLD.state = 'pending' AND NEW.state IN ('approved', 'refused', 'expired'))
        OR (OLD.state = 'approved' AND NEW.state IN ('used', 'expired', 'refused')))
      BEGIN SELECT RAISE(ABORT, 'an answer stays, and counts once'); END;
