import { spawnSync } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readTrust } from '../../../src/audit/proof/index.ts';
import { toHex } from '../../../src/encoding.ts';
import type { KeyFile } from '../../../src/key-file/index.ts';
import { readMintKeys } from '../../../src/keyring/index.ts';
import { unwrap } from '../fixtures/issuer.ts';
import { emptyFolder, hewn } from './scene.ts';

const START = Date.UTC(2026, 10, 23, 10);

/** Runs `hewn keys` on its own file, with a clock that the test moves in seconds. */
async function scene() {
  const folder = await emptyFolder();
  const file = folder.file('hewn.json');
  let seconds = 0;
  const keys = (...words: string[]) =>
    hewn(['keys', ...words, '--file', file], { now: () => new Date(START + seconds * 1000) });
  return {
    folder,
    file,
    keys,
    wait: (more: number) => {
      seconds += more;
    },
    contents: async (): Promise<KeyFile> => JSON.parse(await readFile(file, 'utf8')),
    states: async () => {
      const { out } = await keys('list', '--json');
      const listed = JSON.parse(out) as { keys: { id: number; state: string }[] };
      return listed.keys.map(({ id, state }) => `${id} ${state}`);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Every secret of a file, as output would show it. */
const secretsOf = ({ mint, feed, operator }: KeyFile): readonly string[] =>
  [...mint.flatMap(({ privateKey }) => privateKey ?? []), feed.privateKey, operator].map((text) =>
    text.replace('ed25519-private/', ''),
  );

describe('hewn keys', () => {
  test('prints the key that hewn audit verify takes, by the name of a log', async () => {
    await using at = await scene();
    await at.keys('new');
    const { out } = await at.keys('list', '--issuer', 'https://issuer.example/', '--json');
    const { logPublicKey, logVerifierKey } = JSON.parse(out);
    const trust = unwrap(readTrust(logVerifierKey, []));
    expect(trust.issuer).toBe('issuer.example');
    expect(toHex(trust.publicKey)).toBe(logPublicKey);
    const feed = await at.keys('list', '--issuer', 'https://issuer.example', '--log', 'feed-0');
    expect(feed.out).toContain('LOG_VERIFIER_KEY issuer.example/feed/0+');
    expect((await at.keys('list')).out).toContain('LOG_VERIFIER_KEY names the issuer: pass');
    expect((await at.keys('list', '--log', 'x')).code).toBe(2);
  });

  test('rotates from one key to the next, and prints no secret', async () => {
    await using at = await scene();
    const printed: string[] = [];
    const does = async (...words: string[]) => {
      const ran = await at.keys(...words);
      printed.push(ran.out, ran.err);
      return ran.code;
    };
    expect(await does('new')).toBe(0);
    expect(await at.states()).toEqual(['1 active']);
    expect((await stat(at.file)).mode & 0o777).toBe(0o600);
    expect(await does('new')).toBe(0);
    const before = await at.contents();
    expect(await does('rotate')).toBe(2);
    expect(await at.contents()).toEqual(before);
    at.wait(120);
    expect(await does('rotate')).toBe(0);
    expect(await at.states()).toEqual(['1 published', '2 active']);
    expect(await does('retire', '1')).toBe(2);
    at.wait(3_660);
    expect(await does('retire', '1')).toBe(0);
    expect(await at.states()).toEqual(['1 retired', '2 active']);
    expect(await does('list')).toBe(0);
    for (const secret of secretsOf(before)) expect(printed.join('\n')).not.toContain(secret);
    expect(JSON.stringify(await at.contents())).not.toContain(secretsOf(before)[0]);
    expect(await readdir(at.folder.path)).toEqual(['hewn.json']);
  });

  test('writes one secret to a pipe, and none to a terminal', async () => {
    await using at = await scene();
    await at.keys('new');
    const { mint, feed } = await at.contents();
    const piped = await at.keys('list', '--show-secret', 'MINT_KEYS');
    expect(unwrap(readMintKeys(piped.out)).active).toEqual({ id: 1, key: mint[0]?.privateKey });
    expect((await at.keys('list', '--show-secret', 'FEED_KEY')).out).toBe(feed.privateKey);
    expect((await at.keys('list', '--show-secret', 'OPERATOR_SHA256')).out).toMatch(
      /^[0-9a-f]{64}$/,
    );
    const words = ['keys', 'list', '--file', at.file, '--show-secret', 'FEED_KEY'];
    const shown = await hewn(words, { outIsTerminal: true });
    expect(shown).toMatchObject({ code: 2, out: '', err: expect.stringContaining('pipe') });
    expect(await at.keys('list', '--show-secret', 'ALL')).toMatchObject({ code: 2, out: '' });
  });

  test('creates no file that git would track', async () => {
    await using folder = await emptyFolder();
    const made = (name: string) =>
      hewn(['keys', 'new', '--file', folder.file(name)]).then(({ code }) => code);
    expect(spawnSync('git', ['init', '--quiet', folder.path]).status).toBe(0);
    await writeFile(folder.file('.gitignore'), '.hewn/\n');
    expect(await made('hewn.json')).toBe(2);
    expect(await made('deep/down/hewn.json')).toBe(2);
    expect(await made('.hewn/dev/keys.json')).toBe(0);
    expect((await readdir(folder.path)).sort()).toEqual(['.git', '.gitignore', '.hewn']);
  });

  test('retires a stolen key at once with --now', async () => {
    await using at = await scene();
    for (const words of [['new'], ['new'], ['rotate', '--now'], ['retire', '1', '--now']]) {
      expect((await at.keys(...words)).code).toBe(0);
    }
    expect(await at.states()).toEqual(['1 retired', '2 active']);
  });

  test.each<[string, string[], RegExp]>([
    ['no next key', ['rotate'], /hewn keys new/],
    ['the active key', ['retire', '1', '--now'], /Rotate to another key first/],
    ['an unknown key', ['retire', '7'], /no key 7/],
    ['no id', ['retire'], /name the key/],
    ['a name instead of an id', ['retire', 'old'], /one key ID/],
    ['an unknown flag', ['list', '--all'], /--all/],
  ])('explains %s', async (_, words, why) => {
    await using at = await scene();
    await at.keys('new');
    expect(await at.keys(...words)).toMatchObject({ code: 2, err: expect.stringMatching(why) });
  });

  test('leaves a damaged file and a locked file unchanged', async () => {
    await using at = await scene();
    expect((await at.keys('list')).err).toContain('hewn keys new');
    await at.keys('new');
    const text = await readFile(at.file, 'utf8');
    await writeFile(`${at.file}.lock`, '');
    expect((await at.keys('new')).err).toContain('is locked');
    expect(await readFile(at.file, 'utf8')).toBe(text);
    const half = text.slice(0, 300);
    await writeFile(at.file, half);
    const { code, err } = await at.keys('list');
    expect([code, err]).toEqual([2, expect.stringContaining('not JSON')]);
    expect(err).not.toMatch(/[0-9a-f]{32}/);
    expect(await readFile(at.file, 'utf8')).toBe(half);
  });
});
