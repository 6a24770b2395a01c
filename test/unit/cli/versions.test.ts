import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { emptyFolder, hewn } from './scene.ts';

/** `hewn versions` where an issuer's answers are unusual; test/e2e/versions.test.ts has the usual. */

const AT = '2026-11-28T10:00:00.000Z';
const summary = (id: string, more: object = {}) => ({
  id,
  catalogue_hash: 'c'.repeat(64),
  files: ['policy/a.datalog'],
  bytes: 1,
  loaded_at: AT,
  loaded_by: 'operator',
  by: 'operator',
  reason: 'r',
  active: false,
  last_active: null,
  ...more,
});
const ONE = `abcdef1${'0'.repeat(57)}`;
const TWO = `abcdef2${'0'.repeat(57)}`;
const activation = (version: string, before: string | null) => ({
  n: 1,
  version,
  before,
  catalogue_hash: 'c'.repeat(64),
  at: AT,
  actor: 'operator',
  by: 'operator',
  reason: 'r',
  state: 'active',
  in_feed: false,
});

/** Runs the command against an issuer that has these answers, by method and path. */
const versions = (words: readonly string[], answers: Readonly<Record<string, unknown>>) =>
  hewn(['versions', ...words], {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'secret' : undefined),
    fetch: async (input, init) => {
      const call = `${init?.method} ${new URL(String(input)).pathname.replace('/admin/v1', '')}`;
      const answer = answers[call];
      return answer === undefined
        ? Response.json({ error: 'version_unknown', message: 'No such version.' }, { status: 404 })
        : Response.json(answer);
    },
  });

const LIST = { versions: [summary(ONE), summary(TWO, { active: true, last_active: AT })] };

test('the start of an id must be long enough, and must mean one version', async () => {
  const answers = {
    'GET /versions': LIST,
    [`GET /versions/${ONE}`]: { ...summary(ONE), policy: {}, catalogue: '' },
  };
  expect((await versions(['show', 'abcdef1'], answers)).out).toContain(ONE);
  expect((await versions(['show', 'abcdef'], answers)).err).toContain('2 versions have ids');
  expect((await versions(['show', 'abcde'], answers)).err).toContain('at least 6 digits');
  expect((await versions(['show', 'fffffff'], answers)).err).toContain('no stored version');
  expect((await versions(['show'], answers)).code).toBe(2);
});

test('texts of a version cannot move the cursor or hide characters', async () => {
  const stored = (id: string, text: string) => ({
    ...summary(id, { reason: 'a\u001b[2Jb' }),
    policy: { 'policy/a.datalog': text },
    catalogue: '',
  });
  const answers = {
    [`GET /versions/${ONE}`]: stored(ONE, 'old\n'),
    [`GET /versions/${TWO}`]: stored(TWO, '\u001b[31mnew\u202e\tend\n'),
  };
  const diff = await versions(['diff', TWO, '--from', ONE], answers);
  expect(diff.code).toBe(1);
  expect(diff.out).toContain('+\\u{1b}[31mnew\\u{202e}\tend');
  const shown = await versions(['show', ONE], answers);
  expect(shown.out).not.toContain('\u001b');
  const json = JSON.parse((await versions(['diff', TWO, '--from', ONE, '--json'], answers)).out);
  expect(json).toMatchObject({ from: ONE, changes: [{ file: 'policy/a.datalog' }] });
});

test('a file of a version is written into its folder, or none of them is', async () => {
  await using folder = await emptyFolder();
  const stored = {
    ...summary(ONE),
    policy: { 'policy/a.datalog': 'a', '../was-not/b.datalog': 'b' },
    catalogue: '',
  };
  const words = ['show', ONE, '--to', folder.file('was')];
  const shown = await versions(words, { [`GET /versions/${ONE}`]: stored });
  expect(shown.code).toBe(2);
  expect(shown.err).toContain('the file name "../was-not/b.datalog", which leads out of');
  expect(await readdir(folder.path)).toEqual([]);
});

test.each(['', '-1', '1e3', 'abc', '1'.repeat(16)])(
  'a history before %j, which is no activation, is not requested',
  async (before) => {
    const ran = await versions(['history', `--before=${before}`], {});
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('the n of an activation')]);
  },
);

test('a rollback needs an activation that replaced another', async () => {
  const active = (value: unknown) => ({
    'GET /versions/active': { active: value, recording: null, last_by: {} },
  });
  const words = ['rollback', '--reason', 'x'];
  expect((await versions(words, active(null))).err).toContain('no version is active');
  expect((await versions(words, active(activation(ONE, null)))).err).toContain('no earlier one');
  const dropped = await versions(words, active(activation(ONE, TWO)));
  expect(dropped).toMatchObject({ code: 2, err: expect.stringContaining('No such version') });
});

test('an activation that verifiers do not know yet says so', async () => {
  const answers = {
    'GET /versions/active': { active: null, recording: null, last_by: {} },
    [`POST /versions/${ONE}/activate`]: { changed: true, activation: activation(ONE, null) },
    [`GET /versions/${ONE}`]: {
      ...summary(ONE),
      policy: { 'policy/a.datalog': 'x' },
      catalogue: '',
    },
  };
  const ran = await versions(['activate', ONE, '--reason', 'x'], answers);
  expect(ran).toMatchObject({
    code: 0,
    out: expect.stringContaining('verifiers do not know it yet'),
  });
  const unchanged = { changed: false, activation: activation(ONE, null) };
  const again = { ...answers, [`POST /versions/${ONE}/activate`]: unchanged };
  expect((await versions(['activate', ONE, '--reason', 'x'], again)).out).toContain(
    'active already',
  );
});
