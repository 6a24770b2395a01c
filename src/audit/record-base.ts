import * as v from 'valibot';

// A lone surrogate has no canonical form: the log could not hash it, nor any batch that holds it.
export const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
  );
export const unixMilliseconds = v.pipe(v.number(), v.safeInteger());

/** Who and what for, as the token's authority block says. */
export const attribution = {
  workflow: v.optional(text(64)),
  agent: v.optional(text(2_048)),
  subject: v.optional(text(2_048)),
  owner: v.optional(text(2_048)),
  task: v.optional(text(256)),
};

interface Attribution {
  readonly workflow?: string | undefined;
  readonly agent?: string | undefined;
  readonly subject?: string | undefined;
  readonly owner?: string | undefined;
  readonly task?: string | undefined;
}

export interface RecordBase extends Attribution {
  /** Unique; a record with an id that is already written is the same record. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** What stands in a record for a part that is too long for it. */
export interface PartDigest {
  /**
   * Of the RFC 8785 form of the part, lower-case hex: whoever has the part can show that it was.
   */
  readonly sha256: string;
  /** The length of that form, in UTF-8. */
  readonly bytes: number;
}
