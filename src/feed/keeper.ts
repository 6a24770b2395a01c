import { type EpochStart, chainInput as linkInput, epochInput as startInput } from './chain.ts';
import { packHead } from './container.ts';
import { type FeedEntry, isEntry as isWritable } from './entry.ts';
import type { SignedHead } from './head.ts';
import { type EntryRecord, decodeRecords as readRecords } from './record-reader.ts';

/**
 * What the keeper of a log needs of the formats. Functions of their own and no re-exports: what a
 * door re-exports of a module is bundled into what every verifier loads at its start.
 */
export const chainInput = (chain: string, record: Uint8Array): Uint8Array<ArrayBuffer> =>
  linkInput(chain, record);

/** See `EpochStart`: the chain before the first entry of an epoch is the SHA-256 of this. */
export const epochInput = (start: EpochStart): Uint8Array<ArrayBuffer> => startInput(start);

/** Whether an entry can be written: `encodeEntry` throws for what this refuses. */
export const isEntry = (entry: FeedEntry): boolean => isWritable(entry);

/** What a log sends over a socket: its newest head, and the records that lead to it. */
export const encodeMessage = (head: SignedHead, delta: Uint8Array): Uint8Array<ArrayBuffer> =>
  packHead(head, delta);

/** The records that `bytes` is made of, to its last byte; undefined where anything is left over. */
export const decodeRecords = (bytes: Uint8Array<ArrayBuffer>): EntryRecord[] | undefined =>
  readRecords(bytes);
