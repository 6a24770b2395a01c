import { type Block, blockBytes } from '../biscuit/index.ts';
import { fromHex } from '../encoding.ts';
import { CAPABILITY_SECONDS_MAX } from '../limits.ts';
import { anything, type Members, optional, optionsFault } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Authority, type AuthorityError, checkAuthority, invalidFact } from './authority.ts';
import { writeConstraints } from './constraints/index.ts';
import { type Datalog, DatalogWriter, toBlock } from './datalog.ts';
import { constraintsByTool, type GrantConstraintError } from './grant.ts';
import { groupReads } from './grant-reads.ts';

const AUTHORITY_BYTES_MAX = 4 * 1024; // Half of a token: the rest is for blocks of caveats.
const AUTHORITY_CHECKS_MAX = 128; // Each is evaluated for every call, of any tool.

/** Why an authority is not written. */
export type AuthorityWriteError =
  | AuthorityError
  | GrantConstraintError
  /** The block leaves no room for narrowing, or has too many checks to evaluate per call. */
  | { readonly code: 'authority_over_limit'; readonly limit: 'bytes' | 'checks' };

/** An authority block: as Datalog with its values, and as a block of `hewn/biscuit`. */
export interface AuthorityBlock extends Datalog {
  readonly block: Block;
}

type Facts<T> = { readonly [Name in keyof T]-?: (block: DatalogWriter, value: T[Name]) => void };

/** Writes the facts of each member, in this order. A member without a fact does not compile. */
const FACTS: Facts<Required<Authority>> = {
  issuer: (block, issuer) => block.add`issuer(${issuer})`,
  workflow: (block, workflow) => block.add`workflow(${workflow})`,
  agent: (block, agent) => block.add`agent(${agent})`,
  subject: (block, subject) => block.add`subject(${subject})`,
  owner: (block, owner) => block.add`owner(${owner})`,
  task: (block, task) => block.add`task(${task})`,
  gen: (block, gen) => block.add`gen(${gen})`,
  issuedAt: (block, issuedAt) => block.add`issued_at(${issuedAt})`,
  audience: (block, audience) => block.add`audience(${audience})`,
  ancestors: (block, ancestors) => {
    for (const ancestor of ancestors) block.add`ancestor(${ancestor})`;
  },
  shard: (block, shard) => shard !== 0 && block.add`shard(${shard})`,
  holder: (block, holder) => block.add`holder(${holder})`,
  catalogue: (block, hash) => block.add`catalogue(${fromHex(hash) ?? new Uint8Array()})`,
  prompt: (block, digest) => block.add`prompt(${fromHex(digest) ?? new Uint8Array()})`,
  grants: (block, grants) => {
    for (const grant of groupReads(grants)) {
      const { action, dataset } = grant;
      if ('tools' in grant) block.add`reads(${new Set(grant.tools)}, ${dataset})`;
      else block.add`grant(${grant.tool}, ${action}, ${dataset})`;
    }
  },
};
const NAMES = Object.keys(FACTS) as (keyof Authority)[];
const MEMBERS = Object.fromEntries(
  NAMES.map((name) => [name, optional(anything)]),
) as unknown as Members<Authority>;

/**
 * Returns the authority block as Datalog. The token is valid before `expires`, which is rounded
 * down to whole seconds, and at most `secondsMax` after the time of issue: an hour, unless the
 * capability is one of an operator. The constraints of grants become checks
 * (constraints/compile.ts).
 */
export function writeAuthority(
  authority: Authority,
  expires: Date,
  secondsMax: number = CAPABILITY_SECONDS_MAX,
): Result<AuthorityBlock, AuthorityWriteError> {
  const fault = optionsFault(authority, 'authority', MEMBERS);
  if (fault !== undefined) return invalidFact('authority', fault);
  const checked = checkAuthority(authority);
  if (!checked.ok) return checked;
  const seconds = (expires.getTime() - authority.issuedAt.getTime()) / 1000;
  if (!(seconds > 0 && seconds <= secondsMax)) {
    return invalidFact('time', `not within ${secondsMax} seconds after the time of issue`);
  }

  const block = new DatalogWriter();
  for (const name of NAMES) {
    if (!Object.hasOwn(authority, name)) continue;
    (FACTS[name] as (block: DatalogWriter, value: unknown) => void)(block, authority[name]);
  }
  block.add`check if time($t), $t < ${expires}`;
  const tools = constraintsByTool(authority.grants);
  if (!tools.ok) return tools;
  for (const [tool, constraints] of tools.value) {
    const written = writeConstraints(block, tool, constraints);
    if (!written.ok) return written;
  }
  return withinLimits(block.done());
}

function withinLimits(datalog: Datalog): Result<AuthorityBlock, AuthorityWriteError> {
  const block = toBlock(datalog);
  const limit =
    block.checks.length > AUTHORITY_CHECKS_MAX
      ? 'checks'
      : blockBytes(block) > AUTHORITY_BYTES_MAX && 'bytes';
  return limit ? refuse({ code: 'authority_over_limit', limit }) : ok({ ...datalog, block });
}
