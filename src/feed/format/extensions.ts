import type { Json } from '../../canonical-json.ts';
import { FEED_EXTENSIONS_MAX } from '../../limits.ts';
import type { Head, HeadExtension } from './head.ts';
import { exactly, integer, isHash, listOf, literally } from './shape.ts';

/** Names the catalogue by which every call is judged. Only the head of shard 0 has it. */
export interface CatalogueExtension extends HeadExtension {
  readonly name: 'catalogue';
  readonly version: 1;
  readonly critical: true;
  /** SHA-256 of the catalogue's text, in lower-case hex. */
  readonly value: { readonly hash: string };
}

const isExtension = exactly<HeadExtension>({
  name: (value): value is string =>
    typeof value === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(value),
  version: integer(1, 2 ** 16 - 1),
  critical: (value): value is boolean => typeof value === 'boolean',
  value: (value): value is Json => value !== undefined,
});

const isCatalogue = exactly<CatalogueExtension>({
  name: literally('catalogue'),
  version: literally(1),
  critical: literally(true),
  value: exactly<CatalogueExtension['value']>({ hash: isHash }),
});

const isList = listOf(FEED_EXTENSIONS_MAX, isExtension);

/**
 * Accepts at least one extension, in ascending order of the names, each once. An extension that
 * this version knows must have its form, and belong into a head of this shard.
 */
export const isExtensionList = (value: unknown, shard: number): value is readonly HeadExtension[] =>
  isList(value) &&
  value.length > 0 &&
  value.every((one, index) => index === 0 || (value[index - 1]?.name ?? '') < one.name) &&
  value.every((one) => !isKnown(one) || (isCatalogue(one) && shard === 0));

const isKnown = ({ name, version }: HeadExtension): boolean =>
  name === 'catalogue' && version === 1;

/** Returns the first critical extension that this version does not know. */
export const unknownCritical = (
  extensions: readonly HeadExtension[] = [],
): HeadExtension | undefined => extensions.find((one) => one.critical && !isKnown(one));

/** Returns the hash of the catalogue that a head names, or undefined if it names none. */
export const catalogueOf = ({ extensions = [] }: Pick<Head, 'extensions'>): string | undefined =>
  extensions.find((one) => isCatalogue(one))?.value.hash;

/** Returns the extension by which a head names a catalogue. */
export const catalogueExtension = (hash: string): CatalogueExtension => ({
  name: 'catalogue',
  version: 1,
  critical: true,
  value: { hash },
});
