/**
 * Approvals of single calls. A person approves exactly one call, and the approval is a third-party
 * block on the token of that call's step. A verifier reads it offline, from the block, its
 * signature and the keys of the head alone (docs/reference/call-approval.md).
 */
import type { LoadedBlock, PublicKey, Term } from '../biscuit/index.ts';
import type { UnixSeconds } from '../clock.ts';
import { fromHex, toHex, utf8 } from '../encoding.ts';
import { APPROVED_CALLS_MAX } from '../limits.ts';
import { type Members, optionsFault, text } from '../options.ts';
import { UNSEEN } from '../unseen.ts';
import { type Datalog, DatalogWriter } from './datalog.ts';
import { expiryOf } from './expiry.ts';

/** The fact by which a third-party block approves one call. */
const APPROVED_FACT = 'approved';

/** The approval of one call, as its block states it. */
export interface ApprovedCall {
  /** Names this approval: `ap_` and 128 bits. Tier 3 spends it, and records name it. */
  readonly id: string;
  readonly tool: string;
  /** SHA-256 of the RFC 8785 form of the arguments, in lower-case hex. */
  readonly args: string;
  /** The person who approved, as the issuer's records have them. */
  readonly by: string;
  /** The version of policy and catalogue that was in force: the first 16 digits of its id. */
  readonly version: string;
}

/** A block that approves calls, and what a verifier compares it with. */
export interface ApprovalBlock {
  readonly calls: readonly ApprovedCall[];
  /** No call of a token with this block is allowed from then on. */
  readonly until: UnixSeconds;
  readonly key: PublicKey;
  /**
   * The signature of the approver, in lower-case hex. A holder can append the block again under
   * another revocation id, but not under another signature, so a withdrawal names this one.
   */
  readonly signature: string;
}

const ID = /^ap_[A-Za-z0-9_-]{22}$/;
const HASH = /^[0-9a-f]{64}$/;
const VERSION = /^[0-9a-f]{16}$/;
const BY_BYTES_MAX = 256; // As long as an issuer lets a person's name be.

const MEMBERS: Members<ApprovedCall> = {
  id: text,
  tool: text,
  args: text,
  by: text,
  version: text,
};

/**
 * Returns why the approval of a call has no form that a verifier reads. Returns undefined if it
 * has.
 */
export function approvedCallFault(call: ApprovedCall): string | undefined {
  const fault = optionsFault(call, 'approved call', MEMBERS);
  if (fault !== undefined) return fault;
  const { id, tool, args, by, version } = call;
  if (!ID.test(id)) return 'the id is not `ap_` and 22 characters';
  if (!HASH.test(args)) return 'the digest of the arguments is not 64 digits of lower-case hex';
  if (!VERSION.test(version)) return 'the version is not 16 digits of lower-case hex';
  if (tool === '') return 'the tool has no name';
  if (!isName(by)) return 'the name of the person is longer than 256 bytes or cannot be shown';
  return undefined;
}

/** Fit for a log line, as the names of the authority block. */
const isName = (text: string): boolean =>
  text !== '' &&
  utf8(text).length <= BY_BYTES_MAX &&
  /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(text) &&
  !UNSEEN.test(text);

/** Returns the payload of a block that approves up to 32 calls, as Datalog. */
export function writeApproval(calls: readonly ApprovedCall[], until: Date): Datalog {
  const block = new DatalogWriter();
  for (const { id, tool, args, by, version } of calls) {
    block.add`approved(${id}, ${tool}, ${bytesOf(args)}, ${by}, ${bytesOf(version)})`;
  }
  return block.add`check if time($t), $t < ${until}`.done();
}

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();

/** Returns the blocks that approve calls: see `readApprovals`. */
export const approvalsIn = (blocks: readonly LoadedBlock[]): readonly ApprovalBlock[] =>
  blocks.flatMap(({ block, externalKey, externalSignature }) => {
    // Without a third party's signature, it is a fact that any holder may have added.
    if (!externalKey || !externalSignature) return [];
    const { facts, rules, checks } = block;
    const until = expiryOf([block]);
    if (until === undefined || rules.length > 0 || checks.length !== 1) return [];
    if (facts.length === 0 || facts.length > APPROVED_CALLS_MAX) return [];
    const calls = facts.flatMap(({ name, terms }) => (name === APPROVED_FACT ? callOf(terms) : []));
    if (calls.length !== facts.length) return [];
    return [{ calls, until, key: externalKey, signature: toHex(externalSignature) }];
  });

function callOf([id, tool, args, by, version, ...others]: readonly Term[]): ApprovedCall[] {
  if (id?.kind !== 'string' || tool?.kind !== 'string' || by?.kind !== 'string') return [];
  if (args?.kind !== 'bytes' || version?.kind !== 'bytes' || others.length > 0) return [];
  const call = {
    id: id.value,
    tool: tool.value,
    args: toHex(args.value),
    by: by.value,
    version: toHex(version.value),
  };
  return approvedCallFault(call) === undefined ? [call] : [];
}
