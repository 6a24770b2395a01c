import type { Json } from '../../canonical-json.ts';
import { FEED_EXTENSIONS_MAX } from '../../limits.ts';
import { type CatalogueExtension, isCatalogueExtension } from './catalogue-extension.ts';
import { hasLogForm, isAboutLog } from './checkpoint-extension.ts';
import type { HeadExtension } from './head.ts';
import { hasKeyListForm, isKeyList } from './keys-extension.ts';
import { exactly, integer, isHash, listOf, literally } from './shape.ts';

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
  value.every((one) => !isCatalogueExtension(one) || (isCatalogue(one) && shard === 0)) &&
  value.every((one) => !isAboutLog(one) || hasLogForm(one)) &&
  value.every((one) => !isKeyList(one) || (hasKeyListForm(one) && shard === 0));

/** Returns the first critical extension that this version does not know. */
export const unknownCritical = (
  extensions: readonly HeadExtension[] = [],
): HeadExtension | undefined =>
  extensions.find((one) => one.critical && !isCatalogueExtension(one));
