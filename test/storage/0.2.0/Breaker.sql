-- tables
CREATE TABLE living (
          workflow TEXT PRIMARY KEY,
          ends     INTEGER NOT NULL  -- unix seconds; counted until then, or until it says it ended
        ) STRICT, WITHOUT ROWID;
CREATE TABLE living_scope (
          scope    TEXT NOT NULL,    -- as of a watermark
          value    TEXT NOT NULL,
          workflow TEXT NOT NULL,
          PRIMARY KEY (scope, value, workflow)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE schema_version (
      one           INTEGER PRIMARY KEY CHECK (one = 1),
      version       INTEGER NOT NULL,
      readable_from INTEGER NOT NULL
    ) STRICT;
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
CREATE INDEX living_scope_workflow ON living_scope (workflow);
-- object default, alarm 3786912060000
INSERT INTO living (workflow, ends) VALUES ('wf_0SCQeYEc81dyFVgNYA26aw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_1yvPdB4u0TtRprDIIllX9Q', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_22VAFxThS-4AFpqnNyD7Ow', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_CrhE7N9KlGFT9B0NpM6wQw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_E1_M6m7Ae7B8_woubWmwlQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_FKBEShHQEqsT-g6goyQp_Q', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_JtsQnw3FgYTPw1MGNrUIqw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_Qv8qOPNry1E-ZjvIbUy6_w', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_YVQ1hyx2HflYn6TReBKIjg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_em-m13ewpiIruAa2dQHW9g', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_qCDhJQj2CcCrFmVJ3EQVQg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_rA39BxQS_JWId5FJwnLR1A', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_u90gN5FDvK5GQpVp5BLPWA', 3786940800);
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_0SCQeYEc81dyFVgNYA26aw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_0SCQeYEc81dyFVgNYA26aw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_0SCQeYEc81dyFVgNYA26aw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_0SCQeYEc81dyFVgNYA26aw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_0SCQeYEc81dyFVgNYA26aw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_0SCQeYEc81dyFVgNYA26aw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_1yvPdB4u0TtRprDIIllX9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_1yvPdB4u0TtRprDIIllX9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_1yvPdB4u0TtRprDIIllX9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_1yvPdB4u0TtRprDIIllX9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_1yvPdB4u0TtRprDIIllX9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_1yvPdB4u0TtRprDIIllX9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/write_file', 'wf_1yvPdB4u0TtRprDIIllX9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_1yvPdB4u0TtRprDIIllX9Q.6LShHQCjOIo1hnIvQXHntg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_1yvPdB4u0TtRprDIIllX9Q.seomD_m-edY2f9_ALI-fJQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_22VAFxThS-4AFpqnNyD7Ow');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_22VAFxThS-4AFpqnNyD7Ow');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_22VAFxThS-4AFpqnNyD7Ow');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_22VAFxThS-4AFpqnNyD7Ow');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_22VAFxThS-4AFpqnNyD7Ow');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_22VAFxThS-4AFpqnNyD7Ow');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_CrhE7N9KlGFT9B0NpM6wQw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_CrhE7N9KlGFT9B0NpM6wQw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_CrhE7N9KlGFT9B0NpM6wQw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_CrhE7N9KlGFT9B0NpM6wQw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_CrhE7N9KlGFT9B0NpM6wQw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_CrhE7N9KlGFT9B0NpM6wQw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_E1_M6m7Ae7B8_woubWmwlQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_E1_M6m7Ae7B8_woubWmwlQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_E1_M6m7Ae7B8_woubWmwlQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_E1_M6m7Ae7B8_woubWmwlQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_E1_M6m7Ae7B8_woubWmwlQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_E1_M6m7Ae7B8_woubWmwlQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_FKBEShHQEqsT-g6goyQp_Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_FKBEShHQEqsT-g6goyQp_Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_FKBEShHQEqsT-g6goyQp_Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_FKBEShHQEqsT-g6goyQp_Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_FKBEShHQEqsT-g6goyQp_Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_FKBEShHQEqsT-g6goyQp_Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_JtsQnw3FgYTPw1MGNrUIqw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_JtsQnw3FgYTPw1MGNrUIqw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_JtsQnw3FgYTPw1MGNrUIqw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_JtsQnw3FgYTPw1MGNrUIqw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_JtsQnw3FgYTPw1MGNrUIqw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/edit_file', 'wf_JtsQnw3FgYTPw1MGNrUIqw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_Qv8qOPNry1E-ZjvIbUy6_w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_Qv8qOPNry1E-ZjvIbUy6_w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_Qv8qOPNry1E-ZjvIbUy6_w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_Qv8qOPNry1E-ZjvIbUy6_w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_Qv8qOPNry1E-ZjvIbUy6_w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_Qv8qOPNry1E-ZjvIbUy6_w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/write_file', 'wf_Qv8qOPNry1E-ZjvIbUy6_w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_YVQ1hyx2HflYn6TReBKIjg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_YVQ1hyx2HflYn6TReBKIjg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_YVQ1hyx2HflYn6TReBKIjg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_YVQ1hyx2HflYn6TReBKIjg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_YVQ1hyx2HflYn6TReBKIjg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_YVQ1hyx2HflYn6TReBKIjg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_em-m13ewpiIruAa2dQHW9g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_em-m13ewpiIruAa2dQHW9g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_em-m13ewpiIruAa2dQHW9g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_em-m13ewpiIruAa2dQHW9g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_em-m13ewpiIruAa2dQHW9g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_em-m13ewpiIruAa2dQHW9g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_qCDhJQj2CcCrFmVJ3EQVQg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_qCDhJQj2CcCrFmVJ3EQVQg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_qCDhJQj2CcCrFmVJ3EQVQg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_qCDhJQj2CcCrFmVJ3EQVQg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_qCDhJQj2CcCrFmVJ3EQVQg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_qCDhJQj2CcCrFmVJ3EQVQg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_rA39BxQS_JWId5FJwnLR1A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_rA39BxQS_JWId5FJwnLR1A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_rA39BxQS_JWId5FJwnLR1A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_rA39BxQS_JWId5FJwnLR1A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_rA39BxQS_JWId5FJwnLR1A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_rA39BxQS_JWId5FJwnLR1A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_u90gN5FDvK5GQpVp5BLPWA');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_u90gN5FDvK5GQpVp5BLPWA');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_u90gN5FDvK5GQpVp5BLPWA');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_u90gN5FDvK5GQpVp5BLPWA');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_u90gN5FDvK5GQpVp5BLPWA');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_u90gN5FDvK5GQpVp5BLPWA');
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 2, 1);
INSERT INTO stop (rule, workflow, at) VALUES ('out-of-scope@2', 'wf_u90gN5FDvK5GQpVp5BLPWA', 3786912000000);
-- triggers
