export const REQUEST = {
  workload: 'local-idp#report-agent',
  user: 'local-idp#alice',
  task: 'churn report',
  audience: 'http://127.0.0.1:8787',
  time: '2026-11-23T10:00:00Z',
  requests: [
    { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
    { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/summaries' },
  ],
};
export const GIVEN = `[given]
workload = "local-idp#report-agent"
user = "local-idp#alice"
task = "churn report"
audience = "http://127.0.0.1:8787"
time = 2026-11-23T10:00:00Z
`;
export const caseOf = (lines: string) => `${GIVEN}\n[[case]]\nname = "one"\n${lines}\n`;
export const READS =
  '{ tool = "mcp/files/read_text_file", action = "read", dataset = "files/reports" }';
