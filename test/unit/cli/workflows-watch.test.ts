import { expect, test } from 'vitest';
import type { CommandContext } from '../../../src/cli/index.ts';
import { hewn } from './scene.ts';

const ID = 'wf_AAAAAAAAAAAAAAAAAAAAAA';
const AS_OF = { epoch: 1, seq: 1, at: '2026-11-23T10:00:00.000Z' };
const COUNTS = { running: 1, stopped: 0, waiting: 0, denied: 0 };
const ROW = {
  id: ID,
  state: 'active',
  started: 1_795_000_000,
  agent: 'https://idp.example#agent',
  calls: 1,
  denials: 0,
  waiting: 0,
  last_call: 1_795_000_010,
};

/** Answers each path from its list, and the last answer again and again. */
function issuer(answers: Record<string, readonly (() => Response)[]>) {
  const taken = new Map<string, number>();
  const waits: number[] = [];
  const closed = new AbortController();
  const context: Partial<CommandContext> = {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    outClosed: closed.signal,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      if (waits.length === 40) closed.abort();
    },
    fetch: async (input) => {
      const path = new URL(String(input)).pathname.replace('/admin/v1/', '');
      const list = answers[path] ?? [];
      const index = taken.get(path) ?? 0;
      taken.set(path, index + 1);
      const answer = list[Math.min(index, list.length - 1)];
      return answer ? answer() : Response.json({}, { status: 404 });
    },
  };
  return { context, waits };
}

const json = (body: object) => () => Response.json(body);
const NOTHING = () => new Response(null, { status: 204 });
const changes = (rows: readonly object[], more: object = {}) =>
  json({
    workflows: rows,
    others: [],
    topics: ['workflows'],
    reload: false,
    counts: COUNTS,
    approvals: 0,
    next: '1.2',
    as_of: AS_OF,
    ...more,
  });
const LIST = json({ workflows: [ROW], counts: COUNTS, as_of: AS_OF });

test('hewn workflows watch prints one line for each change when no one looks at a terminal', async () => {
  const { context } = issuer({
    workflows: [LIST],
    changes: [changes([]), changes([{ ...ROW, calls: 2, denials: 1 }]), NOTHING],
  });
  const { code, out } = await hewn(['workflows', 'watch'], context);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    expect.stringContaining(`${ID}  active  1 calls, 0 denied`),
    expect.stringContaining(`${ID}  active  2 calls, 1 denied`),
  ]);
});

test('hewn workflows watch paints the list in place on a terminal, as high as it is', async () => {
  const rows = Array.from({ length: 30 }, (_, n) => ({
    ...ROW,
    id: `${ID.slice(0, -2)}${10 + n}`,
  }));
  const { context } = issuer({
    workflows: [json({ workflows: rows, counts: COUNTS, as_of: AS_OF })],
    changes: [changes([]), NOTHING],
  });
  const screen = { outIsTerminal: true, columns: 100, rows: 14 };
  const { out } = await hewn(['workflows', 'watch'], { ...context, ...screen });
  const [first = ''] = out.split('\u001b[H\u001b[2J').slice(1);
  expect(first.trimEnd().split('\n')).toHaveLength(12);
  expect(first).toContain('20 more');
});

test('a workflow that no longer matches leaves the list, and a rebuilt index is read again', async () => {
  const { context } = issuer({
    workflows: [LIST, json({ workflows: [], counts: COUNTS, as_of: AS_OF })],
    changes: [changes([]), changes([], { others: [ID] }), changes([], { reload: true }), NOTHING],
  });
  const screen = { outIsTerminal: true, columns: 100, rows: 14 };
  const { out } = await hewn(['workflows', 'watch'], { ...context, ...screen });
  const painted = out.split('\u001b[H\u001b[2J').slice(1);
  expect(painted[0]).toContain(ID);
  expect(painted[1]).toContain('no workflow matches yet');
});

test('--json prints each changed row as one line, with times as RFC 3339', async () => {
  const { context } = issuer({ workflows: [LIST], changes: [changes([]), NOTHING] });
  const { out } = await hewn(['workflows', 'watch', '--json'], context);
  expect(JSON.parse(out)).toMatchObject({ id: ID, started: expect.stringMatching(/Z$/) });
});

test('an issuer that restarts is asked again, and one that stays away ends the command', async () => {
  const down = () => Response.json({}, { status: 502 });
  const back = issuer({ workflows: [LIST], changes: [changes([]), down, changes([ROW]), NOTHING] });
  expect((await hewn(['workflows', 'watch'], back.context)).code).toBe(0);
  const gone = issuer({ workflows: [LIST], changes: [changes([]), down] });
  const ran = await hewn(['workflows', 'watch'], gone.context);
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('HTTP 502') });
  expect(gone.waits).toHaveLength(29);
});

const recordOf = (n: number) => ({
  log: 'control',
  index: n,
  record: {
    event: 'transition',
    id: `control.${n}`,
    at: 1_795_000_000_000 + n,
    workflow: ID,
    move: 'suspend',
    from: 'active',
    to: 'suspended',
    actor: 'alice',
    reason: 'x',
  },
});
const records = (found: readonly object[], end = true) =>
  json({ records: found, effects: [], next: `control:${found.length}`, end, as_of: AS_OF });
const WORKFLOW = {
  id: ID,
  agent: 'a',
  subject: 's',
  owner: 'o',
  task: 't',
  gen: 1,
  audience: 'https://a',
  grants: [],
  startedAt: 1,
  expires: 1,
  ends: 1,
  blocks: [],
  ancestors: [],
  children: [],
  meters: [],
  state: 'active',
};

test('hewn workflows watch ID follows one workflow, and ends when the workflow does', async () => {
  const { context } = issuer({
    [`workflows/${ID}/records`]: [records([recordOf(1)]), records([recordOf(2)]), records([])],
    [`workflows/${ID}`]: [json(WORKFLOW), json({ ...WORKFLOW, state: 'revoked' })],
  });
  const { code, out, err } = await hewn(['workflows', 'watch', ID], context);
  expect({ code, err }).toEqual({ code: 0, err: `${ID} has ended: revoked` });
  expect(out.split('\n')).toHaveLength(2);
  expect(out).not.toMatch(new RegExp(`${ID}$`, 'm'));
});

test('hewn workflows watch ID takes no filter', async () => {
  const { context } = issuer({});
  const ran = await hewn(['workflows', 'watch', ID, '--agent', 'x'], context);
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('leave out the filters') });
});
