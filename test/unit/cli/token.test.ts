import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { AUTHORITY, issuerKey, mintToken, narrowed, otherKey } from '../fixtures/issuer.ts';
import { emptyFolder, hewn } from './scene.ts';

const inspect = (token: string, ...words: readonly string[]) =>
  hewn(['token', 'inspect', ...words], { stdin: async () => token });

test('hewn token inspect shows what a capability says, with the texts of agents quoted', async () => {
  const task = 'a "churn" report';
  const { code, out, err } = await inspect(`Authorization: DPoP ${mintToken({ task })}\n`);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`${AUTHORITY.workflow}  signature not verified`);
  expect(out).toContain('  task        "a \\"churn\\" report"');
  expect(out).toMatch(/^ {2}may +\w+ \S+ with \S+/m);
  expect(out).toMatch(/^ {2}id +[0-9a-f]{128}$/m);
});

test('hewn token inspect says with a root key whether the issuer made the token', async () => {
  const token = mintToken();
  const key = ['--root-key', issuerKey.publicKey];
  expect(await inspect(token, ...key)).toMatchObject({
    code: 0,
    out: expect.stringContaining('signature valid'),
  });
  const other = await inspect(token, '--root-key', otherKey.publicKey);
  expect(other).toMatchObject({ code: 1, out: expect.stringContaining('signature invalid') });
  expect(await inspect(token, '--root-key', 'ab')).toMatchObject({ code: 2 });
});

test('hewn token inspect shows each narrowing, and what is left to grant', async () => {
  const token = await narrowed(mintToken(), { tool: 'crm.nothing' });
  const { out } = await inspect(token);
  expect(out).toContain('block 1, of a holder');
  expect(out).toContain('crm.nothing');
  expect(out).toMatch(/^ {2}may +nothing$/m);
});

test('hewn token inspect prints the same as JSON, with times as RFC 3339', async () => {
  const { out } = await inspect(mintToken(), '--json');
  const shown = JSON.parse(out);
  expect(shown).toMatchObject({ signature: 'not verified', workflow: AUTHORITY.workflow });
  expect(shown.expires).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(shown.blocks[0].id).toHaveLength(128);
});

test('hewn token inspect reads a file, and never a token from its arguments', async () => {
  await using folder = await emptyFolder();
  const token = mintToken();
  await writeFile(folder.file('capability.txt'), `${token}\n`);
  const read = await hewn(['token', 'inspect', 'capability.txt'], { cwd: folder.path });
  expect(read).toMatchObject({ code: 0, out: expect.stringContaining(AUTHORITY.workflow) });
  expect(await hewn(['token', 'inspect', token])).toMatchObject({
    code: 2,
    err: expect.stringContaining('can read a token in an argument'),
  });
});

test.each([
  ['nothing', '', /has no token/],
  ['two tokens', 'abc def', /has no token/],
  ['another text', 'abc', /not a capability/],
  ['a megabyte', 'a'.repeat(1_000_000), /larger than any token/],
])('hewn token inspect says that %s is no capability', async (_, text, message) => {
  const { code, err } = await inspect(text);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
});

test('hewn token inspect does not wait for a person to type a token', async () => {
  const confirm = async () => false;
  const { code, err } = await hewn(['token', 'inspect'], { confirm });
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('pipe the token') });
});

const KEY = ['--root-key', issuerKey.publicKey];
const why = (token: string, ...words: readonly string[]) =>
  hewn(['token', 'why', ...words], { stdin: async () => token });
const READ = ['--tool', 'crm.search', '--action', 'read', '--dataset', 'crm/contacts/eu'];

test('hewn token why allows what a verifier would, without a network and without a secret', async () => {
  const { code, out, err } = await why(mintToken(), ...READ, ...KEY);
  expect({ code, out }).toEqual({ code: 0, out: 'allowed' });
  expect(err).toContain('no stop was looked for');
});

test('hewn token why lists the rules over history that an allowed call still has to meet', async () => {
  await using folder = await emptyFolder();
  const catalogue = `
[[tool]]
name = "crm.search"
action = "read"
tier = 3
arguments = []
datasets = [{ fixed = "crm/contacts/eu" }]

[[history]]
id = "few"
kind = "calls"
tools = ["crm.search"]
most = 5
reason = "a test"
`;
  await writeFile(folder.file('tools.toml'), catalogue);
  const words = ['--tool', 'crm.search', '--catalogue', 'tools.toml', '--tier', '0', ...KEY];
  const asked = (...more: readonly string[]) =>
    hewn(['token', 'why', ...words, ...more], {
      cwd: folder.path,
      stdin: async () => mintToken(),
    });
  const few = 'At most 5 calls of crm.search of one workflow and everything below it.';
  expect((await asked()).out).toBe(`allowed\n  history     few: ${few}`);
  expect(JSON.parse((await asked('--json')).out)).toMatchObject({
    allowed: true,
    history: [{ rule: 'few', words: few }],
  });
});

test('hewn token why explains a denial by its steps, and says what would be allowed', async () => {
  const words = ['--tool', 'crm.update', '--action', 'write', '--dataset', 'crm/contacts/us'];
  const { code, out } = await why(mintToken(), ...words, ...KEY);
  expect(code).toBe(1);
  expect(out).toMatch(/^denied .*\(no_grant\)$/m);
  expect(out).toMatch(/^ {2}passed /m);
  expect(out).toMatch(/^ {2}failed /m);
  expect(out).toMatch(/^ {2}instead /m);
  const json = JSON.parse((await why(mintToken(), ...words, ...KEY, '--json')).out);
  expect(json).toMatchObject({ allowed: false, code: 'no_grant' });
});

test.each([
  ['expired', mintToken({ issuedAt: new Date('2026-11-23T09:00:00Z') }), KEY, 'expired'],
  ['of another issuer', mintToken(), ['--root-key', otherKey.publicKey], ''],
])('hewn token why denies a token that is %s', async (_, token, key, code) => {
  const ran = await why(token, ...READ, ...key);
  expect(ran).toMatchObject({ code: 1, out: expect.stringContaining(code) });
});

test.each([
  [['--tool', 'crm.search'], /--action and --dataset are required/],
  [[...READ, '--args', '{'], /--args is not JSON/],
  [[...READ, '--tier', '9'], /--tier must be/],
  [[...READ, '--catalogue', 'x'], /leave out --action/],
  [[...READ, '--root-key', 'ab'], /--root-key must be/],
])('hewn token why says which flag is wrong (%#)', async (words, message) => {
  const ran = await why(mintToken(), ...words);
  expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(message) });
});
