import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/canonical-json.ts';
import { openHead } from '../../../src/feed/format/read-head.ts';
import type { HeadExtension } from '../../../src/feed/index.ts';
import { catalogueExtension } from '../../../src/feed/log/index.ts';
import { feedKeys, headOver, sign } from '../fixtures/log.ts';

const HASH = 'ab'.repeat(32);
const CATALOGUE = catalogueExtension(HASH);

const extension = (name: string, changes: Partial<HeadExtension> = {}): HeadExtension => ({
  name,
  version: 1,
  critical: false,
  value: null,
  ...changes,
});

/** Opens a head that its log signed with this member, whatever its form. */
async function open(extensions: unknown, shard = 0) {
  const changes = { extensions: extensions as readonly HeadExtension[], shard };
  return openHead(await sign(await headOver([], 0, changes)), feedKeys.publicKey);
}

describe('a head opens with', () => {
  test.each<[string, readonly HeadExtension[], number]>([
    ['a catalogue', [CATALOGUE], 0],
    ['a catalogue between extensions that it does not know', [extension('a'), CATALOGUE], 0],
    ['another version of the catalogue, in any shard', [extension('catalogue', { version: 2 })], 1],
    ['16 extensions', numbered(16), 0],
    [
      'the longest name and the highest version',
      [extension('a'.repeat(64), { version: 65_535 })],
      0,
    ],
  ])('%s', async (_, extensions, shard) => {
    expect(await open(extensions, shard)).toMatchObject({ ok: true, value: { extensions } });
  });
});

describe('a head is malformed with', () => {
  const changed = (change: Readonly<Record<string, Json>>) => [{ ...CATALOGUE, ...change }];
  test.each<[string, unknown, number?]>([
    ['an empty list of extensions', []],
    ['extensions that are no list', CATALOGUE],
    ['17 extensions', numbered(17)],
    ['extensions that descend by name', [extension('b'), extension('a')]],
    ['two extensions of one name', [extension('a'), extension('a', { version: 2 })]],
    ['a name in upper case', [extension('A')]],
    ['a name of 65 characters', [extension('a'.repeat(65))]],
    ['version 0', [extension('a', { version: 0 })]],
    ['version 65,536', [extension('a', { version: 65_536 })]],
    [
      'an extension that does not say whether it is critical',
      [{ name: 'a', version: 1, value: 1 }],
    ],
    ['an extension without a value', [{ name: 'a', version: 1, critical: false }]],
    ['an extension with another member', [{ ...extension('a'), more: 1 }]],
    ['a catalogue in the head of another shard', [CATALOGUE], 1],
    ['a catalogue that is not critical', changed({ critical: false })],
    ['a catalogue whose hash is in upper case', changed({ value: { hash: HASH.toUpperCase() } })],
    ['a catalogue with more than a hash', changed({ value: { hash: HASH, url: 'https://x' } })],
  ])('%s', async (_, extensions, shard) => {
    expect(await open(extensions, shard)).toEqual({
      ok: false,
      error: { code: 'head_malformed' },
    });
  });
});

test('a head with an unknown critical extension is refused with its name and version', async () => {
  expect(await open([CATALOGUE, extension('quorum', { version: 3, critical: true })])).toEqual({
    ok: false,
    error: { code: 'head_extension_unknown', name: 'quorum', version: 3 },
  });
});

function numbered(count: number): readonly HeadExtension[] {
  return Array.from({ length: count }, (_, index) => extension(`a${10 + index}`));
}
