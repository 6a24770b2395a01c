import { expect, test } from 'vitest';
import { toHex } from '../../../src/encoding.ts';
import {
  bundlePath,
  decodeBundle,
  decodeTile,
  encodeBundle,
  encodeTile,
  readBundlePath,
  readTilePath,
  rootOf,
  sha256,
  tilePath,
  tilesCompletedAt,
  tileWidth,
} from '../../../src/tlog/index.ts';
import { entryAt, leavesOf } from './vectors.ts';

test.each([
  [{ level: 0, index: 5, width: 256 }, 'tile/0/005'],
  [{ level: 0, index: 1000, width: 256 }, 'tile/0/x001/000'],
  [{ level: 2, index: 1234067, width: 256 }, 'tile/2/x001/x234/067'],
  [{ level: 1, index: 0, width: 1 }, 'tile/1/000.p/1'],
  [{ level: 63, index: 1000, width: 255 }, 'tile/63/x001/000.p/255'],
])('names the tile %j', (tile, path) => {
  expect(tilePath(tile)).toBe(path);
  expect(readTilePath(path)).toEqual(tile);
});

test('names bundles as it names tiles', () => {
  expect(bundlePath({ index: 1234067, width: 112 })).toBe('tile/entries/x001/x234/067.p/112');
  expect(readBundlePath('tile/entries/x001/x234/067.p/112')).toEqual({
    index: 1234067,
    width: 112,
  });
  expect(readTilePath('tile/entries/000')).toBe(undefined);
  expect(readBundlePath('tile/0/000')).toBe(undefined);
});

test.each([
  'tile/0/5',
  'tile/0/0005',
  'tile/0/x000/005',
  'tile/0/001/000',
  'tile/0/x001/x000',
  'tile/00/005',
  'tile/64/005',
  'tile/-1/005',
  'tile/0/005.p/0',
  'tile/0/005.p/01',
  'tile/0/005.p/256',
  'tile/0/005.p/257',
  'tile/0/005.p/',
  'tile/0/005/',
  'tile/0/005\n',
  '/tile/0/005',
  'tile/0/../0/005',
  'tile/0/x999/x999/x999/x999/x999/x999/999',
])('refuses the path %j', (path) => {
  expect(readTilePath(path)).toBe(undefined);
});

test('cuts a log of 70,000 records into the tiles that the format counts', () => {
  expect([272, 273].map((index) => tileWidth(0, index, 70_000))).toEqual([256, 112]);
  expect([0, 1, 2].map((index) => tileWidth(1, index, 70_000))).toEqual([256, 17, -239]);
  expect(tileWidth(2, 0, 70_000)).toBe(1);
  expect(tileWidth(2, 0, 65_535)).toBe(0);
});

test('says which tiles a log completes with an entry', () => {
  expect(tilesCompletedAt(0)).toEqual([]);
  expect(tilesCompletedAt(255)).toEqual([]);
  expect(tilesCompletedAt(512)).toEqual([{ level: 0, index: 1, width: 256 }]);
  expect(tilesCompletedAt(131_072).map(tilePath)).toEqual(['tile/0/511', 'tile/1/001']);
  expect(tilesCompletedAt(256 ** 3).map(tilePath)).toEqual([
    'tile/0/x065/535',
    'tile/1/255',
    'tile/2/000',
  ]);
});

test('writes the tile and the bundle of the vectors', () => {
  const leaves = leavesOf(256);
  const tile = encodeTile(leaves);
  expect([tile.length, toHex(sha256(tile))]).toEqual([
    8192,
    'fc766140e31a1b49f0b5725476be3f41e82f24d219b8cdcb6d49798c774b2654',
  ]);
  expect(rootOf(decodeTile(tile) ?? [])).toEqual(rootOf(leaves));
  const entries = leaves.map((_, index) => entryAt(index));
  const bundle = encodeBundle(entries);
  expect([bundle.length, toHex(sha256(bundle))]).toEqual([
    4242,
    '8da1fbe7dbedea19e4e383a7ad2cd25bfee07683051e9599bd9e99fc10bf35e8',
  ]);
  expect(decodeBundle(bundle)).toEqual(entries);
  expect(toHex(encodeBundle(entries.slice(0, 2)))).toBe(
    '000d6865776e207265636f72642030000d6865776e207265636f72642031',
  );
});

test('refuses tiles and bundles that are cut short', () => {
  const bundle = encodeBundle([entryAt(0), entryAt(1)]);
  for (let length = 0; length < bundle.length; length++) {
    const entries = decodeBundle(bundle.slice(0, length));
    expect(entries === undefined || entries.length < 2).toBe(true);
  }
  expect(decodeBundle(bundle.slice(0, 16))).toBe(undefined);
  expect(decodeTile(new Uint8Array())).toBe(undefined);
  expect(decodeTile(new Uint8Array(33))).toBe(undefined);
  expect(decodeTile(new Uint8Array(257 * 32))).toBe(undefined);
});

test('carries entries up to 65,535 bytes', () => {
  const longest = new Uint8Array(65_535).fill(7);
  expect(decodeBundle(encodeBundle([longest, new Uint8Array()]))).toEqual([
    longest,
    new Uint8Array(),
  ]);
  expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(RangeError);
});
