/**
 * Records as the log proves them: entries in which commitments stand for what is personal, and
 * sides with the values, encrypted under a key of each person. Erasing the key erases the values,
 * and every proof stays whole.
 */
export type { Key } from './commitment.ts';
export { type FixedRecord, type SubjectKey, toEntry } from './fix.ts';
export {
  type EntryFault,
  keyIdsOf,
  type OpenedRecord,
  type Opening,
  openEntry,
  openingsOf,
  openWith,
} from './open.ts';
export { COMMITMENTS, NO_PERSON, PERSONAL, peopleOf, personalValuesOf } from './personal.ts';
