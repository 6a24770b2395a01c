import * as v from 'valibot';
import type { UnixMilliseconds } from '../../clock.ts';
import { IDENTITY_BYTES_MAX, TASK_BYTES_MAX, WORKFLOW_ID_BYTES_MAX } from '../../limits.ts';

/** A name of ours or a code. The longest is a record id: a verifier's name and its counter. */
export const ID_CHARACTERS_MAX = 128;

/**
 * Returns a schema for a text of bounded length. Rejects lone surrogates: they have no canonical
 * form, so the log could hash neither the record nor any batch that contains it.
 */
export const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
  );

/**
 * Cuts a caller's text, and replaces what a log or a terminal cannot show. An untyped caller may
 * have passed a value that is not a string; its denial is still recorded.
 */
export const quote = (value: unknown, lengthMax: number): string =>
  (typeof value === 'string' ? value : `(${value === null ? 'null' : typeof value})`)
    .slice(0, lengthMax)
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\u{FFFD}');

export const unixMilliseconds = v.pipe(v.number(), v.safeInteger());

/** The parties of a record, as the token's authority block names them. */
export const attribution = {
  workflow: v.optional(text(WORKFLOW_ID_BYTES_MAX)),
  agent: v.optional(text(IDENTITY_BYTES_MAX)),
  subject: v.optional(text(IDENTITY_BYTES_MAX)),
  owner: v.optional(text(IDENTITY_BYTES_MAX)),
  task: v.optional(text(TASK_BYTES_MAX)),
};

interface Attribution {
  readonly workflow?: string | undefined;
  readonly agent?: string | undefined;
  readonly subject?: string | undefined;
  readonly owner?: string | undefined;
  readonly task?: string | undefined;
}

/** The members that every record has. */
export interface RecordBase extends Attribution {
  /** Unique. The log writes a record with a known id only once. */
  readonly id: string;
  readonly at: UnixMilliseconds;
}

/** How an order of an operator came, beside the name of its orderer (`actor`). */
export interface OrderVia {
  readonly source: 'console' | 'cli' | 'api';
  /** The person who confirmed it, where it needed two. */
  readonly second?: string;
  /**
   * The operator capability that it came with. `actor` made that, and its holder gave the
   * order: the last of `hops`, or the first holder.
   */
  readonly capability?: {
    readonly id: string;
    /** The revocation ids of the blocks of the token. */
    readonly blocks: readonly string[];
    readonly hops: readonly { readonly by: string; readonly to: string; readonly name?: string }[];
  };
}

/** A record of what an operator may have ordered. */
export interface OrderedRecord extends RecordBase {
  /** Absent if no operator ordered it, and in records that were written before release 0.4.0. */
  readonly via?: OrderVia;
}

/** What a record contains instead of a part that is too long for it. */
export interface PartDigest {
  /** Of the part's RFC 8785 form, lower-case hex. A party that has the part can prove the match. */
  readonly sha256: string;
  /** The length of that form in UTF-8. */
  readonly bytes: number;
}

/**
 * What causes records of a kind, which decides when a full log stops taking them. `traffic`: any
 * call and any stranger, so these fill the log first. `grant`: gives power, and is refused if it
 * cannot be recorded. `stop`: takes power or explains why, and is in force already.
 */
export type RecordClass = 'traffic' | 'grant' | 'stop';

/**
 * Everything that depends on the kind of a record. To add a kind, add a file with its type and its
 * entry, and list the entry in index.ts: the union, the log's bounds and the documentation follow.
 */
export interface RecordKind<R extends RecordBase = RecordBase> {
  /** The schema of a record that a verifier may send; `issuer` for what only the issuer writes. */
  readonly from: 'issuer' | v.GenericSchema<unknown, R>;
  classOf(record: R): RecordClass;
  /**
   * The refused party: an agent, or `stranger` if none was proven. Undefined if it is no refusal.
   */
  refusedParty(record: R): { readonly agent: string } | 'stranger' | undefined;
  /** For docs/reference/audit-log.md: when the record is written. */
  readonly written: string;
  /** For docs/reference/audit-log.md: what the record contains. */
  readonly contents: string;
}

/** For kinds that never record a refusal. */
export const noRefusal = (): undefined => undefined;

/**
 * The agent that was refused. A name that was too long for the record is there as a digest, whose
 * text serves as the name.
 */
export const refusedAgent = (agent: unknown): { readonly agent: string } => ({
  agent: typeof agent === 'string' ? agent : JSON.stringify(agent ?? ''),
});
