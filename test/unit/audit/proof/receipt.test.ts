import { describe, expect, test } from 'vitest';
import { readTrust, verifyReceipt } from '../../../../src/audit/proof/index.ts';
import { ALICE, BOB } from '../entry/records.ts';
import { decision, LOG_KEY, logOfRecords, receiptOf, SEEN, WITNESS_KEY } from './signed-log.ts';

const RECORDS = Array.from({ length: 7 }, (_, n) => decision(n + 1));
const LOG = await logOfRecords(RECORDS);

function trust(key = LOG_KEY, witnesses: readonly string[] = [WITNESS_KEY]) {
  const read = readTrust(key, witnesses);
  if (!read.ok) throw new Error(read.error.code);
  return read.value;
}

describe('a receipt', () => {
  test.each(RECORDS.map((_, index) => index))('of record %d proves it', async (index) => {
    expect(await verifyReceipt(await receiptOf(LOG, index), trust())).toEqual({
      ok: true,
      value: { record: RECORDS[index], erased: [], log: LOG.log, index, size: 7, seen: SEEN },
    });
  });

  test('proves the rest of a record whose person is erased', async () => {
    const verified = await verifyReceipt(await receiptOf(LOG, 5, true), trust());
    if (!verified.ok) throw new Error(verified.error);
    expect(verified.value.record).toMatchObject({ id: 'vx-1.6', allowed: true });
    expect(verified.value.record.subject).toBeUndefined();
    expect(verified.value.erased).toEqual(['subject', 'task']);
  });

  test('needs no witness if the reader trusts none', async () => {
    const verified = await verifyReceipt(await receiptOf(LOG, 2), trust(LOG_KEY, []));
    expect(verified).toMatchObject({ ok: true, value: { seen: undefined } });
  });

  test('is refused with any line changed', async () => {
    const text = await receiptOf(LOG, 5);
    const lines = text.split('\n');
    for (const [place, line] of lines.entries()) {
      if (line === '') continue;
      const other = `${line.slice(0, -2)}${line.endsWith('A=') ? 'B=' : 'A='}`;
      const changed = lines.with(place, other).join('\n');
      expect((await verifyReceipt(changed, trust())).ok, `line ${place}`).toBe(false);
    }
  });

  test('is refused for another subject, another index and another entry', async () => {
    const text = await receiptOf(LOG, 5);
    const [, extra = ''] = /^extra (.*)$/m.exec(text) ?? [];
    const content = JSON.parse(Buffer.from(extra, 'base64').toString()) as {
      entry: string;
      openings: { key: string; members: Record<string, string> }[];
    };
    const withExtra = (value: unknown) =>
      text.replace(extra, Buffer.from(JSON.stringify(value)).toString('base64'));
    const [opening] = content.openings;
    const forged = [{ ...opening, members: { subject: BOB } }];
    expect(await verifyReceipt(withExtra({ ...content, openings: forged }), trust())).toEqual({
      ok: false,
      error: 'side_mismatch',
    });
    const entry = content.entry.replace('"allowed":true', '"allowed":false');
    expect(await verifyReceipt(withExtra({ ...content, entry }), trust())).toEqual({
      ok: false,
      error: 'inclusion_invalid',
    });
    const moved = text.replace('\nindex 5\n', '\nindex 4\n');
    expect(await verifyReceipt(moved, trust())).toEqual({ ok: false, error: 'inclusion_invalid' });
    expect(JSON.stringify(content.openings)).toContain(ALICE);
  });

  test('of another issuer is refused', async () => {
    const text = (await receiptOf(LOG, 1)).replaceAll('issuer.example', 'other.example');
    expect(await verifyReceipt(text, trust())).toEqual({ ok: false, error: 'origin_foreign' });
  });

  test('of one log does not pass for another log of the issuer', async () => {
    const text = (await receiptOf(LOG, 1)).replaceAll('decisions-1-1', 'decisions-1-2');
    expect((await verifyReceipt(text, trust())).ok).toBe(false);
  });

  test('without the line of the witness is refused to a reader who asks for it', async () => {
    const text = (await receiptOf(LOG, 1)).replace(/— witness.*\n/, '');
    expect(await verifyReceipt(text, trust())).toEqual({ ok: false, error: 'quorum_missing' });
    expect((await verifyReceipt(text, trust(LOG_KEY, []))).ok).toBe(true);
  });
});

describe('keys', () => {
  test.each([
    ['a text', 'x', [], 'key_malformed'],
    ['the key of a witness for that of the log', WITNESS_KEY, [], 'key_unfit'],
    ['the key of a log for that of a witness', LOG_KEY, [LOG_KEY], 'key_unfit'],
    [
      'a witness key with another id',
      LOG_KEY,
      [WITNESS_KEY.replace('9424', '9425')],
      'key_malformed',
    ],
  ])('are refused: %s', (_, key, witnesses, code) => {
    expect(readTrust(key, witnesses)).toMatchObject({ ok: false, error: { code } });
  });
});
