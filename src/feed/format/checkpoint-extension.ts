import type { HeadExtension } from './head.ts';
import { exactly, type Form, integer, listOf, literally, textUpTo } from './shape.ts';

/** What shows that the witnesses of a log have seen the position of a head. */
export type CheckpointValue = {
  /** A checkpoint of the log's tree with cosignatures, as C2SP tlog-checkpoint writes it. */
  readonly note: string;
  /** The `seq` of the leaf with the index 1. */
  readonly first: number;
  /**
   * The inclusion proof of the leaf with the index 0: hashes in base64, the leaf's sibling first.
   */
  readonly opening: readonly string[];
  /** The inclusion proof of the last leaf. */
  readonly newest: readonly string[];
};

/** Proves to a verifier that demands witnesses that a head has one history. */
export interface CheckpointExtension extends HeadExtension {
  readonly name: 'checkpoint';
  readonly version: 1;
  readonly critical: false;
  readonly value: CheckpointValue;
}

/** Carries the newest checkpoint of the log of logs, so that every verifier holds a copy. */
export interface AuditExtension extends HeadExtension {
  readonly name: 'audit';
  readonly version: 1;
  readonly critical: false;
  readonly value: { readonly note: string };
}

/** Of the payload of a head, which has 16 KiB: room for 32 witnesses. */
const NOTE_CHARACTERS_MAX = 5_120;
/** A proof of 2^48 leaves has no more. */
const PROOF_HASHES_MAX = 48;
/** 32 bytes in base64. */
const HASH_CHARACTERS = 44;

const isProof = listOf(PROOF_HASHES_MAX, textUpTo(HASH_CHARACTERS));

const isCheckpoint: Form<CheckpointExtension> = exactly<CheckpointExtension>({
  name: literally('checkpoint'),
  version: literally(1),
  critical: literally(false),
  value: exactly<CheckpointValue>({
    note: textUpTo(NOTE_CHARACTERS_MAX),
    first: integer(0),
    opening: isProof,
    newest: isProof,
  }),
});

const isAudit: Form<AuditExtension> = exactly<AuditExtension>({
  name: literally('audit'),
  version: literally(1),
  critical: literally(false),
  value: exactly<AuditExtension['value']>({ note: textUpTo(NOTE_CHARACTERS_MAX) }),
});

/** Returns whether a head can carry a checkpoint. */
export const fitsHead = ({ note }: Pick<CheckpointValue, 'note'>): boolean =>
  note.length <= NOTE_CHARACTERS_MAX;

/** Returns the extension by which a head proves that witnesses have seen its position. */
export const checkpointExtension = (value: CheckpointValue): CheckpointExtension => ({
  name: 'checkpoint',
  version: 1,
  critical: false,
  value,
});

/** Returns the extension by which a head carries a checkpoint of the log of logs. */
export const auditExtension = (note: string): AuditExtension => ({
  name: 'audit',
  version: 1,
  critical: false,
  value: { note },
});

const isNamed = (one: HeadExtension, name: string): boolean =>
  one.name === name && one.version === 1;

/**
 * Returns whether an extension is about the log, and not a part of what the log says: the leaf of a
 * head leaves it out.
 */
export const isAboutLog = (one: HeadExtension): boolean =>
  isNamed(one, 'checkpoint') || isNamed(one, 'audit');

/** Returns whether an extension for which `isAboutLog` is true has its form. */
export const hasLogForm = (one: HeadExtension): boolean => isCheckpoint(one) || isAudit(one);

/** Returns the checkpoint of a head, if it carries one. */
export const checkpointOf = ({
  extensions = [],
}: {
  readonly extensions?: readonly HeadExtension[] | undefined;
}): CheckpointValue | undefined => extensions.find(isCheckpoint)?.value;
