import type { Term } from '../biscuit/index.ts';
import { toHex, utf8 } from '../encoding.ts';
import { isThumbprint } from '../jwk-thumbprint.ts';
import {
  ANCESTORS_MAX,
  FEED_SHARDS_MAX,
  IDENTITY_BYTES_MAX,
  TASK_BYTES_MAX,
  TIME_MILLISECONDS_MAX,
  WORKFLOW_ID_BYTES_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';
import { checkGrants, type Grant, type GrantError } from './grant.ts';
import { grantReads } from './grant-reads.ts';
import { ASCII, checkAudience, type NameError } from './names.ts';

/** What the authority block says. Only the issuer writes it. */
export interface Authority {
  readonly issuer: string;
  readonly workflow: string;
  readonly agent: string;
  /** The user on whose behalf the agent works. */
  readonly subject: string;
  /** The team that answers for the workflow. */
  readonly owner: string;
  readonly task: string;
  /** The generation of the workflow. Resuming raises it, so that older tokens stay invalid. */
  readonly gen: number;
  readonly issuedAt: Date;
  readonly audience: string;
  /** Parent workflows, written root first. Facts have no order, so they are read in any order. */
  readonly ancestors: readonly string[];
  /** The revocation log of this workflow and its children; 0 if absent. */
  readonly shard?: number;
  /** RFC 7638 thumbprint, if the capability is bound to a key. */
  readonly holder?: string;
  /**
   * SHA-256 of the text of the tool catalogue that the policy was evaluated with, in lower-case
   * hex. Verifiers do not compare it: a call is judged by the catalogue that the feed head names.
   */
  readonly catalogue?: string;
  /**
   * The salted digest of the request of the user, in lower-case hex: see `promptDigest`. Absent if
   * the workflow began without one.
   */
  readonly prompt?: string;
  readonly grants: readonly Grant[];
}

/** Why an authority is not written or not read. */
export type AuthorityError =
  | NameError
  | GrantError
  | { readonly code: 'authority_invalid'; readonly fact: string; readonly why: string };

export const invalidFact = (fact: string, why: string): Result<never, AuthorityError> =>
  refuse({ code: 'authority_invalid', fact, why });

/** Authority facts by predicate. Each row is the list of one fact's terms. */
export type AuthorityRows = Readonly<Record<string, readonly (readonly unknown[])[]>>;

/** The predicates that `readAuthority` reads, with their number of terms. */
export const AUTHORITY_PREDICATES = {
  issuer: 1,
  workflow: 1,
  agent: 1,
  subject: 1,
  owner: 1,
  task: 1,
  gen: 1,
  issued_at: 1,
  audience: 1,
  ancestor: 1,
  shard: 1,
  holder: 1,
  catalogue: 1,
  prompt: 1,
  grant: 3,
  reads: 2,
} as const;

/**
 * Reads the authority of a verified token. If a fact that must be single is missing or repeated,
 * the token is refused: with two `workflow` facts, a revocation of one would miss the other.
 */
export function readAuthority(rows: AuthorityRows): Result<Authority, AuthorityError> {
  const texts: Partial<Record<string, string>> = {};
  for (const fact of ['issuer', 'workflow', 'agent', 'subject', 'owner', 'task', 'audience']) {
    const value = single(rows[fact]);
    if (typeof value !== 'string') return invalidFact(fact, 'not exactly one string');
    texts[fact] = value;
  }
  const gen = single(rows.gen);
  if (typeof gen !== 'number') return invalidFact('gen', 'not exactly one number');
  const issuedAt = single(rows.issued_at);
  if (!(issuedAt instanceof Date)) return invalidFact('issued_at', 'not exactly one date');
  const [holder, shard = 0] = [rows.holder, rows.shard].map(atMostOne);
  if (holder !== undefined && typeof holder !== 'string')
    return invalidFact('holder', 'not one string');
  if (typeof shard !== 'number') return invalidFact('shard', 'not one number');
  const hashes: { catalogue?: string; prompt?: string } = {};
  for (const fact of ['catalogue', 'prompt'] as const) {
    const hash = atMostOne(rows[fact]);
    if (hash === undefined) continue;
    if (!(hash instanceof Uint8Array)) return invalidFact(fact, 'not one array of bytes');
    hashes[fact] = toHex(hash);
  }

  const reads = (rows.reads ?? []).map(grantsOfReads);
  if (reads.includes(undefined)) return invalidFact('reads', 'not a set of strings and a string');
  for (const fact of ['ancestor', 'grant']) {
    const terms = (rows[fact] ?? []).flat();
    if (!terms.every((term) => typeof term === 'string'))
      return invalidFact(fact, 'not only strings');
  }

  const { issuer = '', workflow = '', agent = '', subject = '', owner = '' } = texts;
  const authority: Authority = {
    issuer,
    workflow,
    agent,
    subject,
    owner,
    gen,
    issuedAt,
    task: texts.task ?? '',
    audience: texts.audience ?? '',
    ancestors: (rows.ancestor ?? []).map(([ancestor]) => String(ancestor)),
    ...(shard !== 0 && { shard }),
    ...(holder !== undefined && { holder }),
    ...hashes,
    grants: [
      ...(rows.grant ?? []).map(([tool, action, dataset]) => ({
        tool: String(tool),
        action: String(action) as Grant['action'],
        dataset: String(dataset),
      })),
      ...reads.flatMap((grants = []) => grants),
    ],
  };
  const checked = checkAuthority(authority);
  if (checked.ok || checked.error.code === 'authority_invalid') return checked;
  return invalidFact(
    checked.error.code === 'name_invalid' ? checked.error.kind : 'grant',
    'not valid',
  );
}

/** Checks an authority, both before it is written and after it is read. */
export function checkAuthority(authority: Authority): Result<Authority, AuthorityError> {
  const { issuer, workflow, agent, subject, owner, task, gen, ancestors, holder } = authority;
  for (const [fact, text] of Object.entries({ issuer, agent, subject, owner })) {
    // A task may contain emoji. A name must not look like another name.
    if (!isPlainText(text, IDENTITY_BYTES_MAX) || UNSEEN.test(text))
      return invalidFact(fact, 'empty, too long or unprintable');
  }
  if (!isPlainText(task, TASK_BYTES_MAX))
    return invalidFact('task', 'empty, too long or unprintable');
  if (!Number.isSafeInteger(gen) || gen < 1) return invalidFact('gen', 'not a positive integer');
  const { shard = 0 } = authority;
  if (!Number.isSafeInteger(shard) || shard < 0 || shard >= FEED_SHARDS_MAX) {
    return invalidFact('shard', `not an integer from 0 to ${FEED_SHARDS_MAX - 1}`);
  }
  const issuedAt = authority.issuedAt.getTime();
  if (!(issuedAt > 0 && issuedAt <= TIME_MILLISECONDS_MAX))
    return invalidFact('issued_at', 'not a date');
  if (ancestors.length > ANCESTORS_MAX)
    return invalidFact('ancestor', `more than ${ANCESTORS_MAX}`);
  for (const [fact, ids] of Object.entries({ workflow: [workflow], ancestor: ancestors })) {
    // The feed could not revoke a workflow with a longer id.
    if (!ids.every((id) => isPlainText(id, WORKFLOW_ID_BYTES_MAX))) {
      return invalidFact(fact, 'empty, too long or unprintable');
    }
  }
  if (holder !== undefined && !isThumbprint(holder)) {
    return invalidFact('holder', 'not an RFC 7638 SHA-256 thumbprint');
  }
  for (const fact of ['catalogue', 'prompt'] as const) {
    const hash = authority[fact];
    if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash)) {
      return invalidFact(fact, 'not 32 bytes in lower-case hex');
    }
  }
  const audience = checkAudience(authority.audience);
  if (!audience.ok) return audience;
  const grants = checkGrants(authority.grants);
  return grants.ok ? ok(authority) : grants;
}

/** Fit for a log line: bounded, well-formed, and without invisible characters. */
const isPlainText = (text: string, bytesMax: number): boolean =>
  (text.length <= bytesMax && ASCII.test(text)) || isPlainUnicode(text, bytesMax);

const isPlainUnicode = (text: string, bytesMax: number): boolean =>
  text !== '' &&
  text.isWellFormed() &&
  !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) &&
  utf8(text).length <= bytesMax;

/** Undefined unless it is a set of strings, and a string. */
function grantsOfReads([tools, dataset]: readonly unknown[]): readonly Grant[] | undefined {
  if (!Array.isArray(tools) || typeof dataset !== 'string') return undefined;
  const names = (tools as readonly Partial<Term>[]).map(({ kind, value }) =>
    kind === 'string' ? value : undefined,
  );
  const isNamed = names.every((name): name is string => typeof name === 'string');
  return isNamed ? grantReads(names, dataset) : undefined;
}

function single(rows: readonly (readonly unknown[])[] | undefined): unknown {
  return rows?.length === 1 ? rows[0]?.[0] : undefined;
}

/** Returns undefined for a fact that is absent, and null for one that is repeated. */
const atMostOne = (rows?: readonly (readonly unknown[])[]): unknown =>
  rows?.length === 1 ? rows[0]?.[0] : rows && null;
