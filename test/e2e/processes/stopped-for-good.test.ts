import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/index.ts';
import { admin, call, exchange, obtain, read, send } from '../agent.ts';
import { openProcesses, type Processes } from './processes.ts';

/** What an operator types, with issuer and gateway 100 ms apart. */
let stage: Processes;

beforeAll(async () => {
  stage = await openProcesses();
  stage.wire.delay(100);
}, 120_000);
afterAll(() => stage?.close());

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });
const good = () => read(stage.documents.reports[0] ?? '');

async function hewn(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const variables: Record<string, string> = {
    HEWN_ISSUER: stage.issuer,
    HEWN_OPERATOR: stage.operator,
  };
  const code = await run(words, {
    cwd: process.cwd(),
    home: process.cwd(),
    now: () => new Date(),
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    outIsTerminal: false,
    stdin: async () => '',
    fetch: stage.fetch,
    variable: (name) => variables[name],
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A watermark stops tokens of its own second as well. */
const nextSecond = () => sleep(1_500);

describe('hewn watermark', () => {
  test.each(['local-idp#report-agent', 'the spelling with the issuer'])(
    'stops an agent by %s',
    async (spelling) => {
      const value = spelling.includes('#') ? spelling : `${stage.identity.issuer}#report-agent`;
      const { token } = await obtain(stage);
      expect((await send(stage, token, write())).status).toBe(200);
      const dry = await hewn('watermark', 'agent', value, '--reason', 'drill', '--dry-run');
      expect([dry.code, dry.err]).toEqual([0, '']);
      expect((await send(stage, token, write())).status).toBe(200);
      const done = await hewn('watermark', 'agent', value, '--reason', 'drill');
      expect([done.code, done.err]).toEqual([0, '']);
      expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
      await nextSecond();
    },
    60_000,
  );

  test('refuses a value that no configured issuer could name, and exits with 2', async () => {
    const { token } = await obtain(stage);
    const values = [
      'locl-idp#report-agent',
      'https://elsewhere.example#a',
      'spiffe://no.example/a',
    ];
    for (const value of values) {
      const { code, err } = await hewn('watermark', 'agent', value, '--reason', 'a slip');
      expect([value, code]).toEqual([value, 2]);
      expect(err).not.toBe('');
    }
    expect((await send(stage, token, write())).status).toBe(200);
  }, 60_000);
});

describe('hewn deny', () => {
  test('keeps a stopped agent from coming back, until the denial is lifted', async () => {
    const { token } = await obtain(stage);
    const agent = 'local-idp#report-agent';
    const added = await hewn('deny', 'add', 'agent', agent, '--reason', 'it came back');
    expect([added.code, added.err]).toEqual([0, '']);
    expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
    await nextSecond();
    expect((await exchange(stage)).status).not.toBe(200);
    expect((await hewn('deny', 'list')).out).toContain('report-agent');
    const lifted = await hewn('deny', 'lift', 'agent', agent, '--reason', 'mended');
    expect([lifted.code, lifted.err]).toEqual([0, '']);
    await nextSecond();
    const { token: next } = await obtain(stage);
    expect((await send(stage, next, write())).status).toBe(200);
    expect(await send(stage, token, write())).toMatchObject({ status: 401 });
  }, 60_000);

  test('of a tool is obeyed by the gateway, and the workflow keeps its other tools', async () => {
    const { token } = await obtain(stage);
    const tool = 'mcp/files/write_file';
    expect((await hewn('deny', 'add', 'tool', tool, '--reason', 'a bug')).code).toBe(0);
    expect(await send(stage, token, write())).toMatchObject({ status: 403, code: 'tool_denied' });
    expect((await send(stage, token, good())).status).toBe(200);
    await obtain(stage).then(({ token: next }) => send(stage, next, good()));
    expect((await hewn('deny', 'lift', 'tool', tool, '--reason', 'mended')).code).toBe(0);
    expect((await send(stage, token, write())).status).toBe(200);
  }, 60_000);
});

describe('the answer to a stop', () => {
  test('is never early: no read is allowed after the time that it names', async () => {
    const { token, workflow } = await obtain(stage);
    expect((await send(stage, token, good())).status).toBe(200);
    const answer = await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    const { by_tier } = (await answer.json()) as { by_tier: Record<string, string> };
    const until = Date.parse(by_tier['3'] ?? '');
    expect(until).toBeGreaterThan(0);
    let last = 0;
    // Tier 3 asks the log: allowed until then at most, whatever the wire takes.
    for (let i = 0; i < 20; i++) {
      const sent = Date.now();
      if ((await send(stage, token, write())).status === 200) last = sent;
    }
    expect(last).toBeLessThanOrEqual(until);
  }, 60_000);

  test('says revoked only if the feed has the revocation, and ordered before that', async () => {
    const { workflow } = await obtain(stage);
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    const shown = await hewn('workflows', 'show', workflow);
    expect([shown.code, shown.out]).toEqual([0, expect.stringContaining('revoked')]);
  }, 60_000);
});
