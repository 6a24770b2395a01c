import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hewn } from '../unit/cli/scene.ts';
import { exchange } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** Runs `hewn approvals` as a person types it, against the issuer's admin routes. */
let stage: Stage;
let home: string;
beforeAll(async () => {
  stage = await openStage();
  home = await mkdtemp(join(tmpdir(), 'hewn-approvals-'));
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await rm(home, { recursive: true });
});

const EDIT = { tool: 'mcp/files/edit_file', action: 'write', dataset: 'files/summaries' };
const request = (task: string) => ({
  authorization_details: JSON.stringify([{ type: 'hewn_task', task, grants: [EDIT] }]),
});
async function ask(task: string): Promise<string> {
  const { body } = await exchange(stage, request(task));
  return String(body.auth_req_id);
}

const LOCAL = 'http://127.0.0.1:8788';
type Change = (answer: unknown) => unknown;
/** Runs the command against its default issuer; `change` modifies the issuer's answers. */
const command = (words: readonly string[], change: Change = (answer) => answer) =>
  hewn(['approvals', ...words], {
    home,
    now: () => new Date(),
    variable: (name) => (name === 'HEWN_OPERATOR' ? stage.operator : undefined),
    fetch: async (input, init) => {
      const response = await stage.fetch(String(input).replace(LOCAL, stage.issuer), init);
      return Response.json(change(await response.json()), { status: response.status });
    },
  });

const digestIn = (text: string) => /digest +([0-9a-f]{64})/.exec(text)?.[1] ?? '';
const BY = ['--by', 'alice', '--reason', 'as agreed'];

describe('hewn approvals', () => {
  test('lists, shows and approves a question, and the agent gets its capability', async () => {
    const id = await ask('edit by command');
    const listed = await command(['list']);
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining(id) });
    expect(listed.out).toContain('"edit by command"');
    const json = JSON.parse((await command(['list', '--json'])).out) as { pending: number };
    expect(json.pending).toBeGreaterThan(0);
    const shown = await command(['show', id]);
    expect(shown.out).toContain('May: write with mcp/files/edit_file on files/summaries');
    const digest = digestIn(shown.out);
    const approved = await command(['approve', id, '--digest', digest, '--for', '2m', ...BY]);
    expect(approved).toMatchObject({ code: 0, out: `${id}  approved` });
    const got = await exchange(stage, { ...request('edit by command'), auth_req_id: id });
    expect(got.status).toBe(200);
    expect((await command(['show', id])).out).toMatch(/used[\s\S]*answered .*"by":"alice"/);
  });

  test('refuses a question', async () => {
    const id = await ask('no one ordered this');
    expect((await command(['refuse', id, ...BY])).out).toBe(`${id}  refused`);
    const refused = await exchange(stage, { ...request('no one ordered this'), auth_req_id: id });
    expect(refused.body).toMatchObject({ error: 'access_denied' });
  });

  test('detects an answer whose question does not match its digest', async () => {
    const id = await ask('harmless?');
    const changed: Change = (answer) => {
      const { question, ...rest } = answer as { question: object };
      return { ...rest, question: { ...question, task: 'harmless' } };
    };
    const shown = await command(['show', id], changed);
    expect(shown).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/does not match its digest/),
    });
    const other = await ask('harmless');
    const swapped = await command(['show', id], (answer) => ({
      ...(answer as object),
      id: other,
    }));
    expect(swapped).toMatchObject({ code: 2, out: '' });
    const digest = '0'.repeat(64);
    expect(await command(['approve', id, '--digest', digest, '--for', '1m', ...BY])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/digest does not match/),
    });
  });

  test.each<[string, string[], RegExp]>([
    ['a missing digest', ['approve', 'ID', '--for', '1m', ...BY], /--digest/],
    ['a missing duration', ['approve', 'ID', '--digest', 'D', ...BY], /--for/],
    [
      'a duration without a unit',
      ['approve', 'ID', '--digest', 'D', '--for', '10', ...BY],
      /--for/,
    ],
    ['a duration of a day', ['approve', 'ID', '--digest', 'D', '--for', '24h', ...BY], /--for/],
    ['a missing reason', ['refuse', 'ID', '--by', 'x'], /--reason/],
    ['a missing id', ['show'], /by its ID/],
    ['a path', ['show', '../workflows/wf_1'], /by its ID/],
    ['two ids', ['show', 'ID', 'ID'], /by its ID/],
    ['an unknown flag', ['list', '--all'], /--all/],
  ])('reports %s', async (_, words, why) => {
    const filled = words.map((word) =>
      word === 'ID' ? `apr_${'A'.repeat(43)}` : word === 'D' ? '0'.repeat(64) : word,
    );
    const ran = await command(filled);
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(why) });
  });

  test('sends the credential only to an https issuer or to this machine', async () => {
    const reached: string[] = [];
    const list = (issuer: string) =>
      hewn(['approvals', 'list', '--issuer', issuer], {
        home,
        variable: (name) => (name === 'HEWN_OPERATOR' ? stage.operator : undefined),
        fetch: async (input) => {
          reached.push(String(input));
          return new Response(null, { status: 302, headers: { location: 'https://evil.example' } });
        },
      });
    for (const issuer of [
      'http://issuer.example',
      'https://a@issuer.example',
      'issuer',
      'file:///x',
    ]) {
      expect(await list(issuer)).toMatchObject({
        code: 2,
        err: expect.stringMatching(/refusing to send the operator credential/),
      });
    }
    expect(reached).toEqual([]);
    expect(await list('https://issuer.example')).toMatchObject({ code: 2 });
    expect(reached).toEqual(['https://issuer.example/admin/v1/approvals?after=0']);
  });

  test('reports a missing credential, an unknown id and an unreadable answer', async () => {
    const none = await hewn(['approvals', 'list'], { home, variable: () => undefined });
    expect(none).toMatchObject({ code: 2, err: expect.stringMatching(/HEWN_OPERATOR/) });
    const unknown = await command(['show', `apr_${'A'.repeat(43)}`]);
    expect(unknown).toMatchObject({
      code: 2,
      err: expect.stringMatching(/No approval request has this id/),
    });
    const broken = await command(['list'], () => ({ approvals: [{ id: '\u001b[2J' }] }));
    expect(broken).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/this version/) });
  });
});
