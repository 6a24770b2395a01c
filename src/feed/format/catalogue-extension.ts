import type { Head, HeadExtension } from './head.ts';

/** Names the catalogue by which every call is judged. Only the head of shard 0 has it. */
export interface CatalogueExtension extends HeadExtension {
  readonly name: 'catalogue';
  readonly version: 1;
  readonly critical: true;
  /** SHA-256 of the catalogue's text, in lower-case hex. */
  readonly value: { readonly hash: string };
}

/** Returns the extension by which a head names a catalogue. */
export const catalogueExtension = (hash: string): CatalogueExtension => ({
  name: 'catalogue',
  version: 1,
  critical: true,
  value: { hash },
});

/** Returns whether an extension is this one. In an opened head, it then has its form. */
export const isCatalogueExtension = (one: HeadExtension): one is CatalogueExtension =>
  one.name === 'catalogue' && one.version === 1;

/** Returns the hash of the catalogue that a head names, or undefined if it names none. */
export const catalogueOf = ({ extensions = [] }: Pick<Head, 'extensions'>): string | undefined =>
  extensions.find(isCatalogueExtension)?.value.hash;
