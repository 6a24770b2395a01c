import { bundlePath, TILE_HASHES, type Tile, tilePath } from '../../../../src/tlog/index.ts';

/** Objects of the archive that are replaced with each round. Everything else is written once. */
export const CHECKPOINT = 'checkpoint';
export const TAIL = 'tail';
export const TAIL_SIDE = 'tail-side';

/** A month, as `2026-11`. */
export type Month = string;

/** Each month with the number of its first bundle, in order. */
export type Months = readonly (readonly [month: Month, firstBundle: number])[];

const numberOf = (bundle: number): string =>
  bundlePath({ index: bundle, width: TILE_HASHES }).slice('tile/entries/'.length);

/** What a bundle has: the entries, and beside them what can be erased. */
export type BundlePart = 'entries' | 'side';

/** Returns the beginning of the paths of a part of all bundles of a month. */
export const monthPrefix = (month: Month, part: BundlePart): string => `m/${month}/${part}/`;

export const entriesPath = (month: Month, bundle: number): string =>
  `${monthPrefix(month, 'entries')}${numberOf(bundle)}`;

export const sidePath = (month: Month, bundle: number): string =>
  `${monthPrefix(month, 'side')}${numberOf(bundle)}`;

/** Returns the beginning of the paths of bundles that legal holds keep beyond their month. */
export const heldPrefix = (part: BundlePart): string => `held/${part}/`;

export const heldPath = (part: BundlePart, bundle: number): string =>
  `${heldPrefix(part)}${numberOf(bundle)}`;

export const fullTilePath = ({ level, index }: Omit<Tile, 'width'>): string =>
  tilePath({ level, index, width: TILE_HASHES });

/** Returns the month below which a full bundle is stored; undefined if there is no such bundle. */
export const monthOfBundle = (months: Months, bundle: number): Month | undefined =>
  months.findLast(([, first]) => first <= bundle)?.[0];
