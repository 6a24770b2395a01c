import { deflateSync } from 'node:zlib';
import { StatusList } from '@sd-jwt/jwt-status-list';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toBase64Url } from '../../../src/encoding.ts';
import type { Status } from '../../../src/signals/index.ts';
import { packStatuses } from '../../../src/signals/index.ts';
import { statusAt } from '../../../src/signals/status-list.ts';

const CODES = { valid: 0, invalid: 1, suspended: 2 } as const;
const status = fc.constantFrom<Status>('valid', 'invalid', 'suspended');

/** The test vectors of draft-ietf-oauth-status-list section 4.1, with their zlib data. */
const VECTORS = [
  {
    bits: 1,
    zipped: '78dadbb918000217015d',
    codes: [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1],
  },
  { bits: 2, zipped: '78da3be9f2130003df0207', codes: [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3] },
] as const;

describe('a status list', () => {
  test.each(VECTORS)('of the draft with $bits bits is read', async ({ bits, zipped, codes }) => {
    const body = { bits, lst: toBase64Url(fromHex(zipped) ?? new Uint8Array()) };
    const names = ['valid', 'invalid', 'suspended', { fault: 'status_unknown' }];
    for (const [index, code] of codes.entries()) {
      expect(await statusAt(body, index)).toEqual(names[code]);
    }
    expect(await statusAt(body, codes.length)).toEqual({ fault: 'index_outside' });
  });

  test('that we pack reads the same for a peer and for us', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(status, { minLength: 1, maxLength: 64 }), async (statuses) => {
        const body = await packStatuses(statuses.length, statuses.entries());
        const peer = StatusList.decompressStatusList(body.lst, 2);
        for (const [index, expected] of statuses.entries()) {
          expect(peer.getStatus(index)).toBe(CODES[expected]);
          expect(await statusAt(body, index)).toBe(expected);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('that a peer packs is read by us', async () => {
    const peer = new StatusList([0, 1, 2, 0, 1], 2);
    const body = { bits: 2, lst: peer.compressStatusList() };
    expect(await statusAt(body, 1)).toBe('invalid');
    expect(await statusAt(body, 2)).toBe('suspended');
    expect(await statusAt(body, 3)).toBe('valid');
  });

  test('uses the last mark of an index', async () => {
    const body = await packStatuses(8, [
      [5, 'suspended'],
      [5, 'invalid'],
    ]);
    expect(await statusAt(body, 5)).toBe('invalid');
    expect(await statusAt(body, 4)).toBe('valid');
  });

  test('rejects an index beyond the list', async () => {
    for (const index of [-1, 8, 1.5, Number.NaN]) {
      await expect(packStatuses(8, [[index, 'invalid']])).rejects.toThrow(RangeError);
    }
  });

  test('rejects a few bytes that unpack to many', async () => {
    const bomb = toBase64Url(deflateSync(new Uint8Array(64 * 1024 * 1024)));
    expect(bomb.length).toBeLessThan(128 * 1024);
    expect(await statusAt({ bits: 2, lst: bomb }, 0)).toEqual({ fault: 'list_malformed' });
  });

  test.each(['', 'AAAA', '%%%', toBase64Url(deflateSync(new Uint8Array(8)).subarray(0, 6))])(
    'rejects the list %j',
    async (lst) => {
      const { fault } = (await statusAt({ bits: 2, lst }, 0)) as { fault: string };
      expect(['list_malformed', 'index_outside']).toContain(fault);
    },
  );
});
