import { expect, test } from 'vitest';
import { joinRecords, RECORDS } from '../../../../workers/issuer/log/columns.ts';

test('records that are JSON already are stored as a list of them', () => {
  const record = (id: string) => ({ event: 'checkpoint', id, at: 1, log: 'control', text: '[,]' });
  for (const ids of [[], ['one'], ['one', '"two"', '\u2028']]) {
    const records = ids.map(record) as unknown as Parameters<typeof RECORDS.write>[0];
    const text = joinRecords(records.map((one) => JSON.stringify(one)));
    expect(text).toBe(RECORDS.write(records));
    expect(RECORDS.read(text)).toEqual(records);
  }
});
