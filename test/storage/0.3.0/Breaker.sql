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
INSERT INTO living (workflow, ends) VALUES ('wf_4Cx0D1G-48T641QEgQRc9Q', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_DwAlfvbEZeQZyfdXkMWhug', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_YJX5gg2OoAiF82RHp9IkmQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_YodFYfNmVZ_JxU0MxbgRFw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_aBuPyUmSIEjM82k0jQEQ-g', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_dUMmq4ijmwgeMWgAGqs6yw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_fy6J3iljIcrmzkz6unHs5w', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_qgISAn9KRcpMUYQ37ytkdg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_szoKkFJRWAU3jpboJDoFWg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_u9H0f_4ywz4TUa9QoILRHg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_usFKGr4JAM9oT1hsRpBIOg', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_xh9lOv_xMa02YLjeSIvPAw', 3786940800);
INSERT INTO living (workflow, ends) VALUES ('wf_yhSQ4U560OZ8XQYXtAE87A', 3786940800);
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_4Cx0D1G-48T641QEgQRc9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_4Cx0D1G-48T641QEgQRc9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_4Cx0D1G-48T641QEgQRc9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_4Cx0D1G-48T641QEgQRc9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_4Cx0D1G-48T641QEgQRc9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_4Cx0D1G-48T641QEgQRc9Q');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_DwAlfvbEZeQZyfdXkMWhug');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_DwAlfvbEZeQZyfdXkMWhug');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_DwAlfvbEZeQZyfdXkMWhug');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_DwAlfvbEZeQZyfdXkMWhug');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_DwAlfvbEZeQZyfdXkMWhug');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_DwAlfvbEZeQZyfdXkMWhug');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_YJX5gg2OoAiF82RHp9IkmQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_YJX5gg2OoAiF82RHp9IkmQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_YJX5gg2OoAiF82RHp9IkmQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_YJX5gg2OoAiF82RHp9IkmQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_YJX5gg2OoAiF82RHp9IkmQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_YJX5gg2OoAiF82RHp9IkmQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/write_file', 'wf_YJX5gg2OoAiF82RHp9IkmQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_YodFYfNmVZ_JxU0MxbgRFw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_YodFYfNmVZ_JxU0MxbgRFw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_YodFYfNmVZ_JxU0MxbgRFw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_YodFYfNmVZ_JxU0MxbgRFw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_YodFYfNmVZ_JxU0MxbgRFw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_YodFYfNmVZ_JxU0MxbgRFw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/write_file', 'wf_YodFYfNmVZ_JxU0MxbgRFw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_YodFYfNmVZ_JxU0MxbgRFw.0xSQcN3SKJefadhvQsNdeQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_YodFYfNmVZ_JxU0MxbgRFw.NoBHdJ2pZJFuGPDebgSKdQ');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_aBuPyUmSIEjM82k0jQEQ-g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_aBuPyUmSIEjM82k0jQEQ-g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_aBuPyUmSIEjM82k0jQEQ-g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_aBuPyUmSIEjM82k0jQEQ-g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_aBuPyUmSIEjM82k0jQEQ-g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_aBuPyUmSIEjM82k0jQEQ-g');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_dUMmq4ijmwgeMWgAGqs6yw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_dUMmq4ijmwgeMWgAGqs6yw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_dUMmq4ijmwgeMWgAGqs6yw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_dUMmq4ijmwgeMWgAGqs6yw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_dUMmq4ijmwgeMWgAGqs6yw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/edit_file', 'wf_dUMmq4ijmwgeMWgAGqs6yw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_fy6J3iljIcrmzkz6unHs5w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_fy6J3iljIcrmzkz6unHs5w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_fy6J3iljIcrmzkz6unHs5w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_fy6J3iljIcrmzkz6unHs5w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_fy6J3iljIcrmzkz6unHs5w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_fy6J3iljIcrmzkz6unHs5w');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_qgISAn9KRcpMUYQ37ytkdg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_qgISAn9KRcpMUYQ37ytkdg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_qgISAn9KRcpMUYQ37ytkdg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_qgISAn9KRcpMUYQ37ytkdg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_qgISAn9KRcpMUYQ37ytkdg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_qgISAn9KRcpMUYQ37ytkdg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_szoKkFJRWAU3jpboJDoFWg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_szoKkFJRWAU3jpboJDoFWg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_szoKkFJRWAU3jpboJDoFWg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_szoKkFJRWAU3jpboJDoFWg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_szoKkFJRWAU3jpboJDoFWg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_szoKkFJRWAU3jpboJDoFWg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_u9H0f_4ywz4TUa9QoILRHg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_u9H0f_4ywz4TUa9QoILRHg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_u9H0f_4ywz4TUa9QoILRHg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_u9H0f_4ywz4TUa9QoILRHg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_u9H0f_4ywz4TUa9QoILRHg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_u9H0f_4ywz4TUa9QoILRHg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_usFKGr4JAM9oT1hsRpBIOg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_usFKGr4JAM9oT1hsRpBIOg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_usFKGr4JAM9oT1hsRpBIOg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_usFKGr4JAM9oT1hsRpBIOg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_usFKGr4JAM9oT1hsRpBIOg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_usFKGr4JAM9oT1hsRpBIOg');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_xh9lOv_xMa02YLjeSIvPAw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_xh9lOv_xMa02YLjeSIvPAw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_xh9lOv_xMa02YLjeSIvPAw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_xh9lOv_xMa02YLjeSIvPAw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_xh9lOv_xMa02YLjeSIvPAw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_xh9lOv_xMa02YLjeSIvPAw');
INSERT INTO living_scope (scope, value, workflow) VALUES ('agent', 'https://idp.example#report-agent', 'wf_yhSQ4U560OZ8XQYXtAE87A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('audience', 'https://gateway.example', 'wf_yhSQ4U560OZ8XQYXtAE87A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('issuer_key', '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', 'wf_yhSQ4U560OZ8XQYXtAE87A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('owner', 'team:growth', 'wf_yhSQ4U560OZ8XQYXtAE87A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('subject', 'https://idp.example#alice', 'wf_yhSQ4U560OZ8XQYXtAE87A');
INSERT INTO living_scope (scope, value, workflow) VALUES ('tool', 'mcp/files/read_text_file', 'wf_yhSQ4U560OZ8XQYXtAE87A');
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 2, 1);
INSERT INTO stop (rule, workflow, at) VALUES ('out-of-scope@2', 'wf_fy6J3iljIcrmzkz6unHs5w', 3786912000000);
-- triggers
