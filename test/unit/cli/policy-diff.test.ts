import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { REQUEST } from './policy-request.ts';
import { emptyFolder, hewn } from './scene.ts';

describe('hewn policy diff', () => {
  test('lists what would change for the requests in the audit log', async () => {
    await using folder = await emptyFolder();
    const rule = await readFile('examples/read-summaries.datalog', 'utf8');
    const reports = await readFile('policy/reports.datalog', 'utf8');
    const next = folder.file('next.datalog');
    await writeFile(next, `${reports}\n${rule}`);
    const [granted, refused] = REQUEST.requests;
    const mint = {
      event: 'mint',
      id: 'mint.wf_1',
      at: Date.UTC(2026, 10, 23),
      workflow: 'wf_1',
      agent: 'http://127.0.0.1:9400#report-agent',
      subject: 'http://127.0.0.1:9400#alice',
      owner: 'team:growth',
      task: 'churn report',
      audience: 'http://127.0.0.1:8787',
      blocks: ['ab'],
      rules: ['allow if true'],
      expires: 1,
      grants: [granted],
      refused: [{ ...refused, code: 'no_rule' }],
    };
    const stranger = { event: 'refusal', id: 'refusal.1', at: 1, error: 'invalid_request' };
    const records = [mint, stranger].map((record, seq) => ({ seq, record }));
    const stdin = async () => JSON.stringify({ records, whole: true });
    const issuer = ['--issuer', 'local-idp=http://127.0.0.1:9400'];
    const recorded = await hewn(['policy', 'record', ...issuer], { stdin });
    expect(recorded).toMatchObject({
      code: 0,
      err: expect.stringContaining('1 refusals skipped'),
    });
    expect(JSON.parse(recorded.out)).toEqual({ ...REQUEST, time: '2026-11-23T00:00:00.000Z' });
    const unnamed = await hewn(['policy', 'record'], { stdin });
    expect(unnamed).toMatchObject({ code: 2, err: expect.stringContaining('--issuer NAME=URL') });

    const diff = (old: string, other: string, ...more: string[]) =>
      hewn(['policy', 'diff', old, other, '--requests', '-', ...more], {
        stdin: async () => `${recorded.out}\n`,
      });
    expect(await diff('policy', 'policy')).toMatchObject({
      code: 0,
      out: '1 requests, 0 would change',
    });
    const changed = await diff('policy', next);
    expect(changed.code).toBe(1);
    expect(changed.out).toMatch(
      / {2}- refused \(no_rule\).*summaries.*\n {2}\+ granted.*summaries/,
    );
    const json = JSON.parse((await diff('policy', next, '--json')).out);
    expect(json).toMatchObject({ requests: 1, changes: [{ line: 1 }] });
  });

  test.each([
    ['http://127.0.0.1:9400#report-agent', 'http://127.0.0.1:9400#alice', 'local-idp#report-agent'],
    ['spiffe://acme.example/agents/a', undefined, 'acme#spiffe://acme.example/agents/a'],
    ['https://issuer.example#nightly', undefined, 'nightly-report#nightly'],
  ])('keeps a request of %s that was refused as a whole', async (agent, subject, workload) => {
    const { task, audience, requests } = REQUEST;
    const refusal = {
      event: 'refusal',
      id: 'refusal.1',
      at: Date.UTC(2026, 10, 23),
      error: 'access_denied',
      code: 'policy_refused:no_rule',
      agent,
      subject,
      task,
      audience,
      grants: requests,
    };
    const stdin = async () => JSON.stringify({ records: [{ seq: 1, record: refusal }] });
    const issuers = [
      ...['local-idp=http://127.0.0.1:9400', 'acme=spiffe://acme.example'],
      'nightly-report=https://issuer.example#nightly',
    ].flatMap((issuer) => ['--issuer', issuer]);
    const recorded = await hewn(['policy', 'record', ...issuers], { stdin });
    expect(recorded).toMatchObject({ code: 0, err: '' });
    const request = JSON.parse(recorded.out) as { user?: string };
    expect(request).toMatchObject({ workload, task, audience, requests });
    expect(request.user).toBe(subject && 'local-idp#alice');
  });

  test('prints the line that is not a request', async () => {
    const words = ['policy', 'diff', 'policy', 'policy', '--requests', '-'];
    const stdin = async () => `${JSON.stringify(REQUEST)}\n\n{"workload":`;
    expect(await hewn(words, { stdin })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/-:3: not JSON/),
    });
    expect((await hewn(words)).err).toContain('no request');
    expect((await hewn(['policy', 'diff', 'policy', '--requests', '-'])).err).toContain(
      'OLD and NEW',
    );
  });
});
