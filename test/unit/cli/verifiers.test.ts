import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hewn } from './scene.ts';

const WORDS = ['verifiers', 'new', '--audience', 'https://api.example'];

describe('hewn verifiers new', () => {
  test('writes the credential to a pipe, and its entry for hewn.toml to standard error', async () => {
    const { code, out, err } = await hewn(WORDS);
    expect(code).toBe(0);
    expect(out).toMatch(/^[\w-]{43}$/);
    const sha256 = createHash('sha256').update(out).digest('hex');
    expect(err).toContain(`{ audience = "https://api.example", sha256 = "${sha256}" }`);
    expect(err).toContain(`${sha256.slice(0, 16)}:…`);
    expect(err).not.toContain(out);
    expect((await hewn(WORDS)).out).not.toBe(out);
  });

  test('writes nothing to a terminal', async () => {
    const { code, out } = await hewn(WORDS, { outIsTerminal: true });
    expect([code, out]).toEqual([2, '']);
  });

  test.each(['', 'api.example', 'https://api.example/?a=1', 'https://API.example'])(
    'rejects the audience %j, which no token can name',
    async (audience) => {
      const { code, out } = await hewn(['verifiers', 'new', `--audience=${audience}`]);
      expect([code, out]).toEqual([2, '']);
    },
  );
});
