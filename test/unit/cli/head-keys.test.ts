import { describe, expect, test } from 'vitest';
import type { CommandContext } from '../../../src/cli/index.ts';
import { hewn } from './scene.ts';

const PUBLIC = 'ab'.repeat(32);
const GATEWAY = 'https://gateway.example';
const RECEIPT = { id: 1, public_key: PUBLIC, gateway: GATEWAY, until: null };
const APPROVER = {
  id: 2,
  public_key: PUBLIC,
  approver: 'corp#ann',
  datasets: ['bank/eu'],
  until: 1_795_431_600,
};
const OUTCOME = { changed: true, archived: true, recorded: true };

/** An issuer that names these two keys, and notes what it is sent. */
function issuer(answer: () => Response = () => Response.error()) {
  const sent: { readonly call: string; readonly body: unknown }[] = [];
  const context: Partial<CommandContext> = {
    now: () => new Date(Date.UTC(2026, 10, 23, 10)),
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      const call = `${init?.method} ${new URL(String(input)).pathname.replace('/admin/v1', '')}`;
      if (call === 'GET /receipt-keys') return Response.json({ keys: [RECEIPT] });
      if (call === 'GET /approver-keys') return Response.json({ keys: [APPROVER] });
      sent.push({ call, body: JSON.parse(String(init?.body)) });
      return answer();
    },
  };
  return { sent, context };
}

const answering = (key: object) => issuer(() => Response.json({ key, ...OUTCOME }));

test('hewn keys published shows whose keys the head names, and until when', async () => {
  const { out, code } = await hewn(['keys', 'published'], issuer().context);
  expect(code).toBe(0);
  expect(out).toContain(`receipt 1: ${PUBLIC}\n  gateway     "${GATEWAY}"\n  until       it is`);
  expect(out).toContain('  approver    "corp#ann"\n  datasets    "bank/eu"');
  const json = await hewn(['keys', 'published', '--json'], issuer().context);
  expect(JSON.parse(json.out)).toMatchObject({
    receipt_keys: [{ id: 1 }],
    approver_keys: [{ id: 2 }],
  });
});

describe('hewn keys publish', () => {
  const REASON = ['--reason', 'a new one'];

  test('sends the key of a gateway', async () => {
    const { sent, context } = answering(RECEIPT);
    const words = ['keys', 'publish', 'receipt', PUBLIC, '--gateway', GATEWAY, ...REASON];
    expect(await hewn(words, context)).toMatchObject({ code: 0 });
    const body = { public_key: PUBLIC, gateway: GATEWAY, reason: 'a new one' };
    expect(sent).toEqual([{ call: 'POST /receipt-keys', body }]);
  });

  test('sends the key of an approver with its datasets and its end', async () => {
    const { sent, context } = answering(APPROVER);
    const words = ['keys', 'publish', 'approver', PUBLIC, '--approver', 'corp#ann', ...REASON];
    const more = ['--dataset', 'bank/eu', '--until', '1h'];
    expect(await hewn([...words, ...more], context)).toMatchObject({ code: 0 });
    const facts = { public_key: PUBLIC, approver: 'corp#ann', datasets: ['bank/eu'] };
    const body = { ...facts, until: Date.UTC(2026, 10, 23, 11) / 1000, reason: 'a new one' };
    expect(sent).toEqual([{ call: 'POST /approver-keys', body }]);
  });

  test.each([
    ['a use that does not exist', ['feed', PUBLIC, '--gateway', GATEWAY]],
    ['a key that is no hex', ['receipt', 'key', '--gateway', GATEWAY]],
    ['a receipt key without its gateway', ['receipt', PUBLIC]],
    [
      'a receipt key with an approver',
      ['receipt', PUBLIC, '--gateway', GATEWAY, '--approver', 'a'],
    ],
    ['an approver key without its approver', ['approver', PUBLIC]],
    ['an approver key of a gateway', ['approver', PUBLIC, '--approver', 'a', '--gateway', GATEWAY]],
  ])('refuses %s', async (_, words) => {
    const { sent, context } = issuer();
    const { code } = await hewn(['keys', 'publish', ...words, ...REASON], context);
    expect(code).toBe(2);
    expect(sent).toEqual([]);
  });
});

test('hewn keys withdraw removes a key by its id, and refuses a missing one', async () => {
  const { sent, context } = answering(RECEIPT);
  const words = ['keys', 'withdraw', 'receipt'];
  const { out, code } = await hewn([...words, '1', '--reason', 'leaked'], context);
  expect({ out, code }).toEqual({ out: 'receipt 1: withdrawn', code: 0 });
  expect(sent).toEqual([{ call: 'POST /receipt-keys/1/remove', body: { reason: 'leaked' } }]);
  expect((await hewn([...words, '--reason', 'leaked'], context)).code).toBe(2);
});
