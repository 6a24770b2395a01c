import { expect, test } from 'vitest';
import { hewn } from './scene.ts';

const WORKFLOW = {
  id: 'wf_AAAAAAAAAAAAAAAAAAAAAA',
  state: 'active',
  started: 1_795_000_000,
  agent: 'idp#agent',
  owner: 'team',
};

/** Runs the command against an issuer that lists so many workflows. */
const list = (words: readonly string[], count = 0) =>
  hewn(['workflows', 'list', ...words], {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async () =>
      Response.json({
        workflows: Array.from({ length: count }, (_, n) => ({
          ...WORKFLOW,
          started: WORKFLOW.started + n,
        })),
      }),
  });

test('hewn workflows list says that no workflow matches, and prints an empty list as JSON', async () => {
  expect(await list([])).toMatchObject({ code: 0, out: 'no workflow matches', err: '' });
  expect(JSON.parse((await list(['--json'])).out)).toEqual([]);
});

test('hewn workflows list prints the newest first, up to --limit', async () => {
  const { code, out, err } = await list(['--limit', '2'], 3);
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n')).toHaveLength(3);
  expect(out).toMatch(/^ID +STATE +BEGAN .*\n.*active +\S+T\S+:42Z/);
  expect(err).toContain('the newest 2: raise --limit');
});

test.each(['0', '-1', '10001', 'many'])(
  'hewn workflows list refuses a limit of %s',
  async (text) => {
    const { code, err } = await list([`--limit=${text}`], 3);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('--limit must be a number from 1 to 10000'),
    });
  },
);
