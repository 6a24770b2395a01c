import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { emptyFolder, hewn } from './scene.ts';

/** `hewn observe`, as a person types it, against an audit log of the given records. */

const IDP = 'https://idp.example';
const CATALOGUE = 'policy/tools.toml';
const AT = Date.UTC(2026, 10, 22);

let count = 0;
const observed = (change: Partial<AuditRecord> & Record<string, unknown> = {}): AuditRecord => {
  count += 1;
  return {
    event: 'decision',
    id: `v.${count}`,
    at: AT + count * 1_000,
    verifier: 'v',
    n: count,
    blocks: [],
    workflow: `wf_${count}`,
    agent: `${IDP}#report-agent`,
    subject: `${IDP}#alice`,
    owner: 'team:growth',
    task: 'quarterly churn report',
    tool: 'mcp/files/read_text_file',
    action: 'read',
    datasets: ['files/reports/q3.md'],
    tier: 1,
    allowed: false,
    mode: 'observe',
    observed: true,
    code: 'no_grant',
    detail: { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports/q3.md' },
    sample: { arguments: { path: 'reports/q3.md' } },
    ...change,
  } as AuditRecord;
};
const readsOf = (...paths: readonly string[]) =>
  paths.map((path) =>
    observed({ datasets: [`files/${path}`], sample: { arguments: { path } } } as never),
  );
const mailTo = (to: readonly string[], change: object = {}) =>
  observed({
    tool: 'mcp/mail/send_message',
    action: 'write',
    datasets: ['mail'],
    tier: 3,
    sample: { arguments: { to, subject: 'churn', body: 'see report' } },
    ...change,
  });
const stranger = (change: object = {}) =>
  observed({
    workflow: undefined,
    agent: undefined,
    subject: undefined,
    owner: undefined,
    task: undefined,
    code: 'token_missing',
    detail: {},
    sample: { arguments: { path: 'a' }, source: { credential: '3f8a91c04b7d2e65' } },
    ...change,
  });

/** An issuer that finds the records in its logs, with other records between them. */
function issuerWith(records: readonly AuditRecord[]) {
  const asked: URL[] = [];
  const fetch = async (input: string | URL | Request): Promise<Response> => {
    const url = new URL(String(input));
    asked.push(url);
    const first = Number(url.searchParams.get('after')?.split(':')[1] ?? 0);
    const from = Date.parse(url.searchParams.get('from') ?? '1970-01-01');
    const found = records
      .map((record, index) => ({ log: 'decisions-1-0', index: 10 * index, record }))
      .filter(({ index, record }) => index >= first && record.at >= from);
    const page = found.slice(0, 2);
    const next = page.at(-1)?.index ?? 0;
    const end = page.length === found.length;
    return Response.json({ records: page, next: `decisions-1-0:${next + 1}`, end });
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
}
const observe = (records: readonly AuditRecord[], ...words: readonly string[]) =>
  hewn(['observe', ...words], {
    fetch: issuerWith(records).fetch,
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'operator' : undefined),
  });
const AGENT = ['--identity', `local-idp=${IDP}`, '--agent', 'local-idp#report-agent'];

describe('hewn observe report', () => {
  test('counts what would be denied by rule, caller and tool', async () => {
    const records = [
      ...readsOf('reports/q3.md', 'reports/q2.md'),
      observed({ code: 'constraint_failed', detail: { pointer: '/path' } } as never),
      observed({ allowed: true, observed: undefined, code: undefined } as never),
      stranger(),
      observed({ observed: undefined, code: 'revoked' } as never),
    ];
    const { code, out } = await observe(records, 'report');
    expect(code).toBe(0);
    expect(out).toContain(
      '6 calls observed: 1 would be allowed, 4 would be denied, 1 were stopped',
    );
    expect(out).toContain('2 × no_grant');
    expect(out).toContain('1 × constraint_failed /path');
    expect(out).toContain('no token, credential:3f8a91c04b7d2e65');
    expect(out).toContain('{"path":"reports/q2.md"}');
    const { rows } = JSON.parse((await observe(records, 'report', '--json')).out);
    expect(rows[0]).toMatchObject({ rule: 'no_grant', count: 2, tool: 'mcp/files/read_text_file' });
    expect(rows[0].first).toBeLessThan(rows[0].last);
  });

  test('reads only since a time, and not what is older', async () => {
    const old = Array.from({ length: 400 }, () => observed({ at: AT - 30 * 86_400_000 } as never));
    const issuer = issuerWith([...old, observed({ at: Date.UTC(2026, 10, 23, 9) } as never)]);
    const variable = (name: string) => (name === 'HEWN_OPERATOR' ? 'operator' : undefined);
    const { out } = await hewn(['observe', 'report', '--since', '24h'], {
      fetch: issuer.fetch,
      variable,
    });
    expect(out).toContain('1 calls observed');
    expect(issuer.asked.map(({ searchParams }) => searchParams.get('from'))).toEqual([
      expect.stringMatching(/^2026-11-2/),
    ]);
    const wrong = await hewn(['observe', 'report', '--since', 'yesterday'], { variable });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--since must be') });
  });

  test('makes control characters of a caller visible', async () => {
    const { out } = await observe([observed({ task: '\u202Ered' } as never)], 'report');
    expect(out).not.toContain('\u202E');
  });

  test('shows a line end in a name as a character, so that no name adds a line', async () => {
    const named = observed({ tool: 'mcp/files/read\n9 × no_grant' } as never);
    const { out } = await observe([named], 'report');
    expect(out).toContain('mcp/files/read\\u{a}9 × no_grant');
  });
});

describe('hewn observe learn', () => {
  test('lists whom it could learn from, if no one is named', async () => {
    const { out } = await observe(
      [...readsOf('reports/q3.md'), stranger()],
      'learn',
      ...AGENT.slice(0, 2),
    );
    expect(out).toContain('--agent local-idp#report-agent');
    expect(out).toContain('--source credential:3f8a91c04b7d2e65=NAME');
  });

  test('writes a policy and cases that hewn policy test passes', async () => {
    await using folder = await emptyFolder();
    const records = [
      ...readsOf('reports/q1.md', 'reports/q2.md', 'reports/q3.md', 'reports/q4.md'),
      ...[1, 2, 3].map(() => mailTo(['ada@acme.example'])),
    ];
    const learned = folder.file('learned');
    const { code, out, err } = await observe(records, 'learn', ...AGENT, '--out', learned);
    expect([code, err]).toEqual([0, expect.stringContaining('written to')]);
    expect(out).toContain('mcp/files/read_text_file on files/reports');
    expect(out).toContain('/to {"subsetOf":["ada@acme.example"]}');
    expect(out).toMatch(/because +4 different datasets below it were recorded/);
    expect(out).toMatch(/% of everything/);
    const policy = `${learned}/learned-1.datalog`;
    const tested = await hewn([
      'policy',
      'test',
      `${learned}/cases`,
      '--policy',
      policy,
      '--catalogue',
      CATALOGUE,
    ]);
    expect(tested).toMatchObject({ code: 0 });
    const text = await readFile(policy, 'utf8');
    expect(text).toContain('under("files/reports")');
    expect(text).toContain('task("quarterly churn report")');
    const again = await observe(records, 'learn', ...AGENT, '--out', learned);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('new folder') });
  });

  test('does not learn from a call without a token, unless its source is named', async () => {
    const records = [stranger(), stranger(), ...readsOf('reports/q3.md')];
    const { out } = await observe(records, 'learn', ...AGENT, '--json');
    expect(JSON.parse(out).profiles).toMatchObject([{ calls: 1 }]);
    const source = ['--source', 'credential:3f8a91c04b7d2e65=local-idp#report-agent'];
    source.push('--owner', 'team:finance');
    const named = await observe(records, 'learn', ...AGENT, ...source, '--json');
    expect(JSON.parse(named.out).profiles.map(({ calls }: { calls: number }) => calls)).toEqual([
      2, 1,
    ]);
  });

  test('learns from calls without a token for every task, because they state none', async () => {
    await using folder = await emptyFolder();
    const out = folder.file('learned');
    const source = ['--source', 'credential:3f8a91c04b7d2e65=local-idp#report-agent'];
    const records = [stranger(), stranger(), stranger()];
    // A policy that names two owners refuses everything, so none is made up.
    const ownerless = await observe(records, 'learn', ...source, '--out', out);
    expect(ownerless).toMatchObject({ code: 2, err: expect.stringContaining('pass --owner TEAM') });
    source.push('--owner', 'team:finance');
    const learned = await observe(records, 'learn', ...source, '--out', out);
    expect(learned.err).toContain(`hewn policy test ${out}/cases --policy ${out}`);
    expect(learned.out).toMatch(/read_text_file files\/\S+\n +- no_rule\n +\+ granted/);
    const policy = ['--policy', out, '--catalogue', CATALOGUE];
    expect(await hewn(['policy', 'test', `${out}/cases`, ...policy])).toMatchObject({ code: 0 });
    expect(await readFile(`${out}/learned-1.datalog`, 'utf8')).not.toContain('task(');
  });

  test('does not learn from another agent, and not from a stopped call', async () => {
    const records = [
      observed({ agent: `${IDP}#hijacked` } as never),
      observed({ observed: undefined, code: 'revoked', datasets: ['files/private'] } as never),
      ...readsOf('reports/q3.md'),
    ];
    const { out } = await observe(records, 'learn', ...AGENT, '--json');
    const { profiles } = JSON.parse(out);
    expect(profiles).toHaveLength(1);
    expect(JSON.stringify(profiles)).not.toContain('private');
  });

  test('shows what the present policy grants otherwise', async () => {
    const { out } = await observe(readsOf('private/salaries.csv'), 'learn', ...AGENT);
    expect(out).toMatch(
      /mcp\/files\/read_text_file files\/private\/salaries\.csv\n +- no_rule\n +\+ granted/,
    );
  });

  test('needs the identity issuer of an agent', async () => {
    const words = ['learn', '--agent', `${IDP}#report-agent`];
    const { code, err } = await observe(readsOf('reports/q3.md'), ...words);
    expect([code, err]).toEqual([2, expect.stringContaining('--identity NAME=URL')]);
  });
});
