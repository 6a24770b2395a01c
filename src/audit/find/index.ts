/**
 * How records are found: which terms they have, and an index of tags that says which bundles of
 * entries can have a term. The index holds nothing that the log does not, and is made of it.
 */
export {
  blockOf,
  type IndexBlock,
  mayHave,
  mergeBlocks,
  readBlocks,
  writeBlocks,
} from './blocks.ts';
export { type Cursor, formatCursor, readCursor } from './cursor.ts';
export { matches, type RecordFilter, wantedTerms } from './filter.ts';
export { type IndexKeys, Tagger, tagsOf, type WantedTags, wantedTags } from './tags.ts';
export { FIELDS, termsOf } from './terms.ts';
