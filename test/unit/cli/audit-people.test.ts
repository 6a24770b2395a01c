import { describe, expect, test } from 'vitest';
import { hewn } from './scene.ts';

/** Runs a command against an issuer with one answer, and returns the requests that it made. */
async function ask(words: readonly string[], answer: unknown, status = 200) {
  const asked: { path: string; body: unknown }[] = [];
  const ran = await hewn(words, {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
      asked.push({ path: new URL(String(input)).pathname, body });
      return Response.json(answer, { status });
    },
  });
  return { ...ran, asked };
}

const HOLD = {
  hold: 'hold.6c1f5c1e-6d0c-4a6c-9f2b-0d6f1f7f3a55',
  subject: 'idp#alice\u202e',
  reason: 'a claim',
  actor: 'operator',
  at: '2026-11-23T10:00:00.000Z',
};

describe('hewn audit erase', () => {
  const ERASED = {
    erasure: 'erasure.1',
    at: '2026-11-23T10:00:00.000Z',
    complete_at: '2026-12-23T10:00:00.000Z',
    living: 2,
    recorded: false,
  };

  test('says when it is complete, and that backups have the key', async () => {
    const words = ['audit', 'erase', 'idp#alice', '--reference', 'DSR-1'];
    const ran = await ask(words, ERASED);
    expect(ran.asked).toEqual([
      { path: '/admin/v1/audit/erasures', body: { subject: 'idp#alice', reference: 'DSR-1' } },
    ]);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain('complete    2026-12-23T10:00:00Z');
    expect(ran.out).toContain('backups');
    expect(ran.out).toContain('workflows   2 still running');
    expect(ran.out).toContain('erasure.1 (not in the log yet');
  });

  test('needs exactly one subject', async () => {
    expect(await ask(['audit', 'erase'], ERASED)).toMatchObject({ code: 2, asked: [] });
    expect(await ask(['audit', 'erase', 'a', 'b'], ERASED)).toMatchObject({ code: 2, asked: [] });
  });
});

describe('hewn audit holds', () => {
  test('lists subjects and reasons as text that a terminal can show', async () => {
    const ran = await ask(['audit', 'holds'], { holds: [HOLD] });
    expect(ran.out).toContain('"idp#alice\\u{202e}"');
    expect(ran.out).toContain('reason      "a claim"');
    expect((await ask(['audit', 'holds'], { holds: [] })).out).toContain('there is no legal hold');
  });

  test('sets and releases them', async () => {
    const set = await ask(['audit', 'hold', 'idp#alice', '--reason', 'a claim'], HOLD, 201);
    expect(set.asked).toEqual([
      { path: '/admin/v1/audit/holds', body: { subject: 'idp#alice', reason: 'a claim' } },
    ]);
    const released = await ask(['audit', 'release', HOLD.hold, '--reason', 'settled'], HOLD);
    expect(released.asked).toEqual([
      { path: `/admin/v1/audit/holds/${HOLD.hold}/release`, body: { reason: 'settled' } },
    ]);
    expect(released.out).toContain('released');
  });
});
