import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSealed, sealPublicKey } from '../../../src/upstream/index.ts';
import { VALID } from '../deployment/scene.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

const SECRET = 'sk-live-0123456789abcdef';
let folder: Folder;
beforeEach(async () => {
  folder = await emptyFolder();
  await writeFile(folder.file('hewn.toml'), VALID);
});
afterEach(() => folder[Symbol.asyncDispose]());

const seal = (args: readonly string[], stdin = `${SECRET}\n`) =>
  hewn(['seal', ...args], { cwd: folder.path, stdin: async () => stdin });

test('seals a secret to the generated key of the gateway, for the host of the upstream', async () => {
  const { code, out, err } = await seal(['--upstream', 'files']);
  expect([code, out.includes(SECRET), err.includes(SECRET)]).toEqual([0, false, false]);
  const file = folder.file('.hewn/production/secrets.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const keys = JSON.parse(await readFile(file, 'utf8')).gateway.SEAL_KEYS.split(' ');
  const [, sealed = ''] = /^sealed = "(.*)"$/m.exec(out) ?? [];
  const opened = await openSealed(sealed, keys);
  expect(opened).toMatchObject({
    secret: SECRET,
    terms: { hosts: ['files.internal.example'], methods: ['*'], paths: ['/mcp', '/mcp/*'] },
  });
});

test('seals to a stated key, for stated methods and paths of another URL', async () => {
  const key = `x25519-private/${'21'.repeat(32)}`;
  const { out } = await seal([
    ...['--upstream', 'files', '--url', 'https://login.example/token', '--method', 'POST'],
    ...['--path', '/token', '--days', '1', '--public-key', await sealPublicKey(key)],
  ]);
  const [, sealed = ''] = /^sealed = "(.*)"$/m.exec(out) ?? [];
  expect((await openSealed(sealed, [key]))?.terms).toMatchObject({
    hosts: ['login.example'],
    methods: ['POST'],
    paths: ['/token'],
  });
});

test('takes the key as the JWKS of a gateway has it', async () => {
  const key = `x25519-private/${'21'.repeat(32)}`;
  const x = Buffer.from(await sealPublicKey(key), 'hex').toString('base64url');
  const { out } = await seal(['--upstream', 'files', '--public-key', x]);
  const [, sealed = ''] = /^sealed = "(.*)"$/m.exec(out) ?? [];
  expect(await openSealed(sealed, [key])).toMatchObject({ secret: SECRET });
});

test.each([
  [
    'an unknown upstream',
    ['--upstream', 'mail'],
    SECRET,
    'the gateway has no upstream "mail": files',
  ],
  ['a short secret', ['--upstream', 'files'], 'short\n', 'must have at least 8 characters'],
  ['a secret of several lines', ['--upstream', 'files'], 'sk-live-01\nsk-live-02\n', 'on one line'],
  ['a secret beyond ASCII', ['--upstream', 'files'], 'sk-live-é-0123', 'of ASCII'],
  ['an endless life', ['--upstream', 'files', '--days', '100000'], SECRET, '--days must be'],
  [
    'a malformed key',
    ['--upstream', 'files', '--public-key', 'ab'],
    SECRET,
    '--public-key must be',
  ],
  [
    'a gateway that is not there',
    ['--upstream', 'files', '--gateway', 'other'],
    SECRET,
    'there is no gateway "other"',
  ],
  ['no URL', ['--upstream', 'files', '--url', 'login'], SECRET, '--url must be a URL'],
])('refuses %s', async (_, args, stdin, message) => {
  const { code, err } = await seal(args, stdin);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
