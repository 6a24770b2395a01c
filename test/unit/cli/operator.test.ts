import { describe, expect, test } from 'vitest';
import { hewn } from './scene.ts';

const ID = `wf_${'a'.repeat(22)}`;
const EFFECT = {
  epoch: 1,
  seq: 7,
  effective_by: '2026-11-23T10:01:00.000Z',
  by_tier: {
    0: null,
    1: '2026-11-23T10:01:00.000Z',
    2: '2026-11-23T10:00:15.000Z',
    3: '2026-11-23T10:00:00.000Z',
  },
  verifiers: { seen: 3, confirmed: 1, waiting: ['node-a', 'node\u202eb'] },
};

const WORKFLOW = {
  id: ID,
  agent: 'https://idp.example#agent',
  subject: 'https://idp.example#alice',
  owner: 'team:a',
  task: 'report',
  gen: 0,
  audience: 'https://gateway.example',
  grants: [{ tool: 't', action: 'read', dataset: 'd' }],
  startedAt: 1,
  expires: 2,
  ends: 3,
  blocks: [],
  state: 'active',
  ancestors: [],
  children: [],
  meters: [],
};

/** Runs a command against an issuer with one answer, and returns the requests that it made. */
async function ask(words: readonly string[], answer: unknown, status = 200) {
  const asked: { path: string; body: unknown }[] = [];
  const ran = await hewn(words, {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      const { pathname, search } = new URL(String(input));
      const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
      asked.push({ path: pathname + search, body });
      return Response.json(answer, { status });
    },
  });
  return { ...ran, asked };
}

describe('hewn workflows', () => {
  test('revokes, and prints when each tier denies and which verifiers have it', async () => {
    const words = ['workflows', 'revoke', ID, '--reason', 'drill', '--wait', '5'];
    const ran = await ask(words, { workflow: ID, ...EFFECT });
    expect(ran.asked).toEqual([
      { path: `/admin/v1/workflows/${ID}/revoke?wait=5`, body: { reason: 'drill' } },
    ]);
    // Two of three verifiers have not confirmed, and --wait asked for that.
    expect(ran).toMatchObject({ code: 1, err: '' });
    expect(ran.out).toMatch(/^wf_a+ {2}revoked\n {2}entry +1\.7\n {2}tier 3 +2026-11-23T10:00:00/);
    expect(ran.out).toContain('1 of 3 heard from lately have it');
    expect(ran.out).toContain('not yet     "node\\u{202e}b"');
    expect(ran.out).not.toContain('\u202e');
    const archived = await ask(words, { ...EFFECT, archived: false });
    expect(archived.out).toContain('would lose this entry');
  });

  test('shows the effect of a stop within the width of a terminal', async () => {
    const none = { seen: 0, confirmed: 0, waiting: [] };
    const { out } = await hewn(['workflows', 'revoke', ID, '--reason', 'drill'], {
      outIsTerminal: true,
      columns: 60,
      variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
      fetch: async () => Response.json({ workflow: ID, ...EFFECT, verifiers: none }),
    });
    expect(out).toContain('none reported lately');
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(60);
  });

  const effect = (seen: number, confirmed: number, more = {}) => ({
    ...EFFECT,
    verifiers: { seen, confirmed, waiting: [] },
    ...more,
  });

  test.each([
    ['no verifier was heard from', '5', effect(0, 0), 1, 'it is unknown which have it'],
    ['no verifier was heard from, without --wait', '0', effect(0, 0), 0, 'unknown'],
    ['every verifier has it', '5', effect(2, 2, { standing: 'confirmed' }), 0, '2 of 2'],
    [
      'all tokens have ended',
      '5',
      effect(0, 0, { standing: 'ended' }),
      0,
      'nothing is left to stop',
    ],
    [
      'the record is owed',
      '0',
      effect(2, 2, { recorded: false }),
      0,
      'the audit log gets its record later',
    ],
  ])(
    'tells by its exit code whether the stop is confirmed: %s',
    async (_, wait, answer, code, says) => {
      for (const words of [
        ['workflows', 'revoke', ID],
        ['watermark', 'all'],
      ]) {
        const mark = { scope: 'all', value: '', before: 1_795_428_001, matches: null };
        const ran = await ask([...words, '--reason', 'x', '--wait', wait], { ...mark, ...answer });
        expect(ran).toMatchObject({ code, out: expect.stringContaining(says) });
        expect(ran.out).not.toContain('0 of 0');
      }
    },
  );

  test('revokes one block, and an unknown workflow only with --even-unknown', async () => {
    const block = 'ab'.repeat(64);
    const words = ['workflows', 'revoke', ID, '--block', block, '--reason', 'x', '--even-unknown'];
    const { asked } = await ask([...words, '--json'], EFFECT);
    const path = `/admin/v1/workflows/${ID}/blocks/${block}/revoke?wait=0`;
    expect(asked).toEqual([{ path, body: { reason: 'x', even_unknown: true } }]);
    const unknown = await ask(
      ['workflows', 'revoke', ID, '--reason', 'x'],
      { error: 'workflow_unknown', message: 'No workflow was begun with this id.' },
      404,
    );
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('No workflow') });
  });

  test('suspends and resumes, and prints the generation', async () => {
    const moved = { workflow: ID, state: 'suspended', gen: 1, epoch: 1, seq: 8 };
    const ran = await ask(['workflows', 'suspend', ID, '--reason', 'asked first'], moved);
    const path = `/admin/v1/workflows/${ID}/suspend`;
    expect(ran).toMatchObject({ code: 0, asked: [{ path, body: { reason: 'asked first' } }] });
    expect(ran.out).toBe(`${ID}  suspended\n  generation  1\n  entry       1.8`);
    const words = ['workflows', 'resume', ID, '--reason', 'it was meant', '--json'];
    const resumed = await ask(words, { workflow: ID, state: 'active', gen: 2 });
    expect(JSON.parse(resumed.out)).toEqual({ workflow: ID, state: 'active', gen: 2 });
    const refused = { error: 'move_refused', message: 'The workflow is revoked.' };
    expect(await ask(words, refused, 409)).toMatchObject({
      code: 2,
      err: expect.stringContaining('The workflow is revoked.'),
    });
  });

  test('shows what a workflow is for and may do, with the texts of agents quoted', async () => {
    const view = { ...WORKFLOW, task: 'a\nstate revoked' };
    const ran = await ask(['workflows', 'show', ID], view);
    const lines = ran.out.split('\n');
    expect(lines[0]).toBe(`${ID}  active`);
    expect(lines).toContain('  task        "a\\nstate revoked"');
    expect(lines).toContain('  may         read d with t');
  });

  test('shows an order that is not in force yet next to the state', async () => {
    const view = { ...WORKFLOW, ordered: 'revoked', standing: 'ordered' };
    const ran = await ask(['workflows', 'show', ID], view);
    const [first, ...lines] = ran.out.split('\n');
    expect(first).toBe(`${ID}  active (revoked is ordered, and not in force yet)`);
    expect(lines).toContain('  standing    ordered');
  });

  test.each<[string, string[], RegExp]>([
    ['no reason', ['revoke', ID], /--reason/],
    ['a path', ['revoke', '../watermarks', '--reason', 'x'], /by its ID/],
    ['half a block', ['revoke', ID, '--reason', 'x', '--block', 'ab'], /--block/],
    ['a minute to wait', ['revoke', ID, '--reason', 'x', '--wait', '60'], /--wait/],
    ['two ids', ['show', ID, ID], /one workflow/],
    ['no reason to suspend', ['suspend', ID], /--reason/],
    ['no id to resume', ['resume', '--reason', 'x'], /one workflow/],
  ])('explains %s', async (_, words, why) => {
    const ran = await ask(['workflows', ...words], EFFECT);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(why), asked: [] });
  });
});

describe('hewn watermark', () => {
  const MATCHES = { living: 2, named_until: '2026-11-23T10:06:00.000Z' };
  const MARK = { scope: 'owner', value: 'team:a', before: 1_795_428_001, matches: MATCHES };

  test('stops a scope', async () => {
    const words = ['watermark', 'owner', 'team:a', '--reason', 'a leaked laptop'];
    const ran = await ask(words, { ...MARK, shard: 0, ...EFFECT });
    expect(ran.asked).toEqual([
      {
        path: '/admin/v1/watermarks?wait=0',
        body: { scope: 'owner', value: 'team:a', reason: 'a leaked laptop' },
      },
    ]);
    expect(ran.out).toMatch(/^owner "team:a": issued before 2026-11-23T[\s\S]*entry +1\.7/);
    expect(ran.out).toContain(
      '2 living workflows known; a token may name it until 2026-11-23T10:06',
    );
    const before = await ask([...words, '--before', '2026-11-23T09:00:00Z'], {
      ...MARK,
      ...EFFECT,
    });
    expect(before.asked).toMatchObject([{ body: { before: 1_795_424_400 } }]);
  });

  test('lists the watermarks in force', async () => {
    const ran = await ask(['watermark'], { watermarks: [{ ...MARK, expires: 1_795_431_661 }] });
    expect(ran).toMatchObject({ code: 0, asked: [{ path: '/admin/v1/watermarks' }] });
    expect(ran.out).toMatch(/^owner "team:a": issued before/);
    expect((await ask(['watermark'], { watermarks: [] })).out).toContain('no watermark');
  });

  test('reports that a dry run matches nothing', async () => {
    const none = { ...MARK, dry_run: true, matches: { living: 0, named_until: null } };
    const words = ['watermark', 'agent', 'local-idp#a', '--reason', 'x', '--dry-run'];
    const ran = await ask(words, none);
    expect(ran.asked).toEqual([
      {
        path: '/admin/v1/watermarks',
        body: { scope: 'agent', value: 'local-idp#a', reason: 'x', dry_run: true },
      },
    ]);
    expect(ran.out).toContain('nothing was stopped');
    expect(ran.out).toContain('0 living workflows known; no unexpired token names it');
    const insisting = await ask([...words.slice(0, 5), '--even-unknown'], { ...MARK, ...EFFECT });
    expect(insisting.asked).toMatchObject([{ body: { even_unknown: true } }]);
  });

  test('withdraws a watermark, and prints the position of the entry', async () => {
    const words = ['watermark', 'owner', 'team:a', '--withdraw', '--reason', 'a slip'];
    const ran = await ask(words, { scope: 'owner', value: 'team:a', epoch: 1, seq: 9 });
    expect(ran.asked).toEqual([
      {
        path: '/admin/v1/watermarks/withdraw',
        body: { scope: 'owner', value: 'team:a', reason: 'a slip' },
      },
    ]);
    expect(ran.out).toBe('owner "team:a": withdrawn\n  entry       1.9');
    const both = await ask([...words, '--dry-run'], {});
    expect(both).toMatchObject({ code: 2, asked: [] });
  });

  test.each<[string, string[], RegExp]>([
    ['no reason', ['all'], /--reason/],
    ['a reason alone', ['--reason', 'x'], /SCOPE must be one of/],
    ['a value for all', ['all', 'team:a', '--reason', 'x'], /no VALUE/],
    ['a value without quotes', ['owner', 'team', 'a', '--reason', 'x'], /quotes/],
  ])('explains %s', async (_, words, why) => {
    const ran = await ask(['watermark', ...words], EFFECT);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(why), asked: [] });
  });
});

describe('hewn deny', () => {
  const MATCHES = { living: 1, named_until: null };
  const DENIED = { scope: 'agent', value: 'https://idp.example#a', matches: MATCHES };

  test('adds a denial with its end, and prints its effect', async () => {
    const until = Date.parse('2026-11-23T18:00:00Z') / 1000;
    const words = ['deny', 'add', 'agent', 'local-idp#a', '--reason', 'x', '--wait', '5'];
    const ran = await ask([...words, '--until', '2026-11-23T18:00:00Z'], {
      ...DENIED,
      until,
      before: 1,
      ...EFFECT,
    });
    expect(ran.asked).toEqual([
      {
        path: '/admin/v1/denials?wait=5',
        body: { scope: 'agent', value: 'local-idp#a', reason: 'x', until },
      },
    ]);
    // Two of three verifiers have not confirmed, and --wait asked for that.
    expect(ran).toMatchObject({ code: 1, err: '' });
    expect(ran.out).toMatch(/^agent "https:\/\/idp.example#a": denied until 2026-11-23T18:00/);
    expect(ran.out).toMatch(/matches +1 living workflow known;[\s\S]*entry +1\.7/);
    const json = await ask([...words, '--json'], { ...DENIED, before: 1, ...EFFECT });
    expect(JSON.parse(json.out)).toMatchObject({ scope: 'agent', seq: 7 });
  });

  test('denies nothing in a dry run', async () => {
    const words = ['deny', 'add', 'tool', 'crm.delete', '--reason', 'x', '--dry-run'];
    const ran = await ask(words, { ...DENIED, dry_run: true });
    expect(ran.asked).toMatchObject([{ path: '/admin/v1/denials', body: { dry_run: true } }]);
    expect(ran.out).toContain('not denied');
  });

  test('lists denials with quoted values, and lifts one', async () => {
    const denial = { scope: 'tool', value: 'a\u202eb', at: 1, before: 2, reason: 'a\nlifted' };
    const lost = { scope: 'agent', value: 'a', at: 1, before: 2 };
    const ran = await ask(['deny', 'list'], { denials: [denial, lost] });
    expect(ran.asked).toEqual([{ path: '/admin/v1/denials', body: undefined }]);
    expect(ran.out).toContain('until it is lifted');
    expect(ran.out).toContain('"a\\nlifted"');
    expect(ran.out).toContain('see the audit log');
    expect(ran.out).not.toContain('\u202e');
    expect((await ask(['deny', 'list'], { denials: [] })).out).toBe('nothing is denied');
    const words = ['deny', 'lift', 'agent', 'local-idp#a', '--reason', 'y'];
    const lifted = await ask(words, { ...DENIED, epoch: 1, seq: 9 });
    expect(lifted.asked).toEqual([
      {
        path: '/admin/v1/denials/lift',
        body: { scope: 'agent', value: 'local-idp#a', reason: 'y' },
      },
    ]);
    expect(lifted.out).toContain('lifted\n  entry       1.9');
  });

  test.each<[string, string[], RegExp]>([
    ['a scope that cannot be denied', ['add', 'all', '--reason', 'x'], /SCOPE must be one of/],
    ['no value', ['add', 'agent', '--reason', 'x'], /VALUE/],
    ['no reason', ['add', 'agent', 'a'], /--reason/],
    ['no reason to lift', ['lift', 'agent', 'a'], /--reason/],
    ['a malformed end', ['add', 'agent', 'a', '--reason', 'x', '--until', '6pm'], /--until/],
    ['an argument to list', ['list', 'agent'], /unexpected argument/],
  ])('explains %s', async (_, words, why) => {
    const ran = await ask(['deny', ...words], EFFECT);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(why), asked: [] });
  });
});
