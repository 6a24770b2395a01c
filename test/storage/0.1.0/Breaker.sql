-- tables
CREATE TABLE living (
        workflow TEXT PRIMARY KEY,
        ends     INTEGER NOT NULL  -- unix seconds; counted until then, or until it says it ended
      ) STRICT, WITHOUT ROWID;
CREATE TABLE stop (
        rule     TEXT NOT NULL,    -- id and version
        workflow TEXT NOT NULL,
        at       INTEGER NOT NULL, -- unix milliseconds
        PRIMARY KEY (rule, workflow)
      ) STRICT, WITHOUT ROWID;
CREATE TABLE tripped (
        rule     TEXT PRIMARY KEY, -- id and version
        at       INTEGER NOT NULL  -- unix milliseconds
      ) STRICT, WITHOUT ROWID;
CREATE INDEX living_ends ON living (ends);
-- object default, alarm 3786912060000
INSERT INTO living (workflow, ends) VALUES ('wf_2xDeSMj5-SIWm8BCXAzvjA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_65nm__S69D3SeGhqpaYQbQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_6AxWXx2lxC00ig0UCX9DeQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_8qxo5-ekl3ZDL_zUdmniwQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_HXcTMeQwfLdXua7RzdR1yQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_Ww-66M4sNWEBjkx2CsSirQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_cfpBffoq_sy9iMQXg5aqlA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_hSzUn1C4CiXwm8si72oF-w', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_hmewWuOTg1N3nuUSH2qEfA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_jYSTxrxU0jZEoKlwmgTqHA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_oyopLca0drZwWeMQMJ6__Q', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_qY_cfjMV25ugEyIu3Khu1w', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_qY_cfjMV25ugEyIu3Khu1w.ZlmKYRObVsEgIf0Zhy-WAA', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_qY_cfjMV25ugEyIu3Khu1w.plX1B49uz8d92gRrwX1kxw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_xuMEmDMgS2E1SHFnj_V4uw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_yAf6kh5G8Dl6k9S-wnFPYA', 3786940800);
INSERT INTO stop (rule, workflow, at) VALUES ('out-of-scope@1', 'wf_8qxo5-ekl3ZDL_zUdmniwQ', 3786912000000);
-- triggers
