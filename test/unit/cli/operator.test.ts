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

/** An issuer that answers one thing, and what it was asked. */
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
  test('revokes, and says by when and who has it', async () => {
    const words = ['workflows', 'revoke', ID, '--reason', 'drill', '--wait', '5'];
    const told = await ask(words, { workflow: ID, ...EFFECT });
    expect(told.asked).toEqual([
      { path: `/admin/v1/workflows/${ID}/revoke?wait=5`, body: { reason: 'drill' } },
    ]);
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toMatch(/^wf_a+ {2}revoked\n {2}entry +1\.7\n {2}tier 3 +2026-11-23T10:00:00/);
    expect(told.out).toContain('1 of 3 that were heard of lately have it');
    expect(told.out).toContain('not yet     "node\\u{202e}b"');
    expect(told.out).not.toContain('\u202e');
    const archived = await ask(words, { ...EFFECT, archived: false });
    expect(archived.out).toContain('a restore of now would lose it');
  });

  test('revokes one block, and what is unknown only where that is said', async () => {
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

  test('suspends and resumes, and says in which generation', async () => {
    const moved = { workflow: ID, state: 'suspended', gen: 1, epoch: 1, seq: 8 };
    const told = await ask(['workflows', 'suspend', ID, '--reason', 'asked first'], moved);
    const path = `/admin/v1/workflows/${ID}/suspend`;
    expect(told).toMatchObject({ code: 0, asked: [{ path, body: { reason: 'asked first' } }] });
    expect(told.out).toBe(`${ID}  suspended\n  generation  1\n  entry       1.8`);
    const words = ['workflows', 'resume', ID, '--reason', 'it was meant', '--json'];
    const resumed = await ask(words, { workflow: ID, state: 'active', gen: 2 });
    expect(JSON.parse(resumed.out)).toEqual({ workflow: ID, state: 'active', gen: 2 });
    const refused = { error: 'move_refused', message: 'The workflow is revoked.' };
    expect(await ask(words, refused, 409)).toMatchObject({
      code: 2,
      err: expect.stringContaining('The workflow is revoked.'),
    });
  });

  test('shows every member of a workflow, quoted', async () => {
    const view = { id: ID, state: 'active', task: 'a\nstate revoked', grants: [{ tool: 't' }] };
    const told = await ask(['workflows', 'show', ID], view);
    expect(told.out.split('\n')).toEqual([
      `${ID}  active`,
      '  task        "a\\nstate revoked"',
      '  grants      [{"tool":"t"}]',
    ]);
  });

  test.each<[string, string[], RegExp]>([
    ['no reason', ['revoke', ID], /--reason/],
    ['a path', ['revoke', '../watermarks', '--reason', 'x'], /by its ID/],
    ['half a block', ['revoke', ID, '--reason', 'x', '--block', 'ab'], /--block/],
    ['an hour to wait', ['revoke', ID, '--reason', 'x', '--wait', '60'], /--wait/],
    ['two ids', ['show', ID, ID], /one workflow/],
    ['no reason to suspend', ['suspend', ID], /--reason/],
    ['no id to resume', ['resume', '--reason', 'x'], /one workflow/],
  ])('says what is wrong with %s', async (_, words, why) => {
    const told = await ask(['workflows', ...words], EFFECT);
    expect(told).toMatchObject({ code: 2, err: expect.stringMatching(why), asked: [] });
  });
});

describe('hewn watermark', () => {
  const MARK = { scope: 'owner', value: 'team:a', before: 1_795_428_001 };

  test('stops a scope', async () => {
    const words = ['watermark', 'owner', 'team:a', '--reason', 'a leaked laptop'];
    const told = await ask(words, { ...MARK, shard: 0, ...EFFECT });
    expect(told.asked).toEqual([
      {
        path: '/admin/v1/watermarks?wait=0',
        body: { scope: 'owner', value: 'team:a', reason: 'a leaked laptop' },
      },
    ]);
    expect(told.out).toMatch(/^owner "team:a": issued before 2026-11-23T[\s\S]*entry +1\.7/);
    const before = await ask([...words, '--before', '2026-11-23T09:00:00Z'], {
      ...MARK,
      ...EFFECT,
    });
    expect(before.asked).toMatchObject([{ body: { before: 1_795_424_400 } }]);
  });

  test('lists what is stopped', async () => {
    const told = await ask(['watermark'], { watermarks: [{ ...MARK, expires: 1_795_431_661 }] });
    expect(told).toMatchObject({ code: 0, asked: [{ path: '/admin/v1/watermarks' }] });
    expect(told.out).toMatch(/^owner "team:a": issued before/);
    expect((await ask(['watermark'], { watermarks: [] })).out).toContain('no watermark');
  });

  test.each<[string, string[], RegExp]>([
    ['no reason', ['all'], /--reason/],
    ['a reason alone', ['--reason', 'x'], /SCOPE is one of/],
    ['all of something', ['all', 'team:a', '--reason', 'x'], /no VALUE/],
    ['a value without quotes', ['owner', 'team', 'a', '--reason', 'x'], /quotes/],
  ])('says what is wrong with %s', async (_, words, why) => {
    const told = await ask(['watermark', ...words], EFFECT);
    expect(told).toMatchObject({ code: 2, err: expect.stringMatching(why), asked: [] });
  });
});
