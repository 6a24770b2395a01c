import type { Term } from '../biscuit/index.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  type ConstraintsByPointer,
  type Grant,
  joinConstraints,
  joinRequired,
  parseArgumentConstraints,
  parseByPointer,
} from '../capability/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import { utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Ask, termsOf } from './bounds.ts';
import { fromTerm } from './json-terms.ts';
import type { RefusalReason } from './policy.ts';

const OPEN_SINK_REASON_BYTES_MAX = 256; // One sentence, for the audit record.

/** The facts that `readRequirements` reads, with their number of terms. */
export const REQUIREMENT_FACTS: Readonly<Record<string, number>> = {
  require_constraint: 2,
  require_user_claim: 2,
  open_sink: 2,
};

export interface Requirements {
  /** Each required constraint as it was stated, in canonical form. */
  readonly stated: ReadonlySet<string>;
  /** What the grant must meet, with the constraints of each pointer joined. */
  readonly required: ConstraintsByPointer;
  /** The sinks that may stay open, each with its reason. */
  readonly opened: ReadonlyMap<string, string>;
}

/** Reads the requirements of a grant. As with bounds, a malformed fact refuses the grant. */
export function readRequirements(ask: Ask): Result<Requirements, RefusalReason> {
  const required = readRequired(ask);
  if (!required.ok) return required;
  const opened = readOpened(ask);
  if (!opened.ok) return opened;
  return ok({ ...required.value, opened: opened.value });
}

function readRequired(ask: Ask): Result<Pick<Requirements, 'required' | 'stated'>, RefusalReason> {
  const stated = termsOf(ask, 'require_constraint', 2);
  if (!stated.ok) return stated;
  const constraints: [pointer: string, constraint: Constraint][] = [];
  const claimed = readClaimed(ask);
  if (!claimed.ok) return claimed;
  const ordered = sortStated(stated.value, claimed.value);
  for (const { pointer, value } of ordered) {
    const parsed = pointer === undefined ? undefined : parseByPointer({ [pointer]: value });
    const constraint = parsed?.ok ? parsed.value[pointer ?? ''] : undefined;
    if (pointer === undefined || constraint === undefined) {
      return refuse({ code: 'requirement_invalid' });
    }
    constraints.push([pointer, constraint]);
  }
  const joined = joinRequired(constraints);
  if (!joined.ok) return refuse({ code: 'constraints_unmet', pointer: joined.error.pointer });
  return ok({ required: joined.value, stated: new Set(ordered.map(({ key }) => key)) });
}

/**
 * Reads `require_user_claim(pointer, claim)`: the argument is the value of the person's claim, or
 * one of its values. Without a person, or without the claim, the grant is refused: it would be
 * bound to no one. The claim `sub` is the person's subject.
 */
function readClaimed(ask: Ask): Result<readonly Stated[], RefusalReason> {
  const stated = termsOf(ask, 'require_user_claim', 2);
  if (!stated.ok || stated.value.length === 0) return stated.ok ? ok([]) : stated;
  const claims = termsOf(ask, 'user_claim', 2);
  if (!claims.ok) return claims;
  const users = termsOf(ask, 'user', 2);
  if (!users.ok) return users;
  const constraints: Stated[] = [];
  for (const [pointer, claim] of stated.value) {
    if (pointer?.kind !== 'string' || claim?.kind !== 'string') {
      return refuse({ code: 'requirement_invalid' });
    }
    const subjects = claim.value === 'sub' ? users.value.map(([, subject]) => subject) : [];
    const listed = claims.value.filter(
      ([name]) => name?.kind === 'string' && name.value === claim.value,
    );
    const terms = [...subjects, ...listed.map(([, value]) => value)];
    const values = [...new Set(terms.map((term) => term && fromTerm(term)))].sort();
    if (values.length === 0) return refuse({ code: 'requirement_invalid' });
    const value = values.length === 1 ? { exact: values[0] } : { oneOf: values };
    constraints.push({ pointer: pointer.value, value });
  }
  return ok(constraints);
}

/** A constraint as a policy states it, before it is parsed. */
interface Stated {
  readonly pointer: string | undefined;
  readonly value: unknown;
}

/** Sorts: facts have no order, joining depends on it, and a renewal must give the same result. */
function sortStated(
  stated: readonly (readonly Term[])[],
  claimed: readonly Stated[],
): readonly (Stated & { readonly key: string })[] {
  const written = stated.map(
    ([pointer, term]): Stated => ({
      pointer: pointer?.kind === 'string' ? pointer.value : undefined,
      value: term && fromTerm(term),
    }),
  );
  return [...written, ...claimed]
    .map((one) => ({
      ...one,
      key: canonicalJson([one.pointer ?? null, (one.value ?? null) as Json]),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function readOpened(ask: Ask): Result<ReadonlyMap<string, string>, RefusalReason> {
  const stated = termsOf(ask, 'open_sink', 2);
  if (!stated.ok) return stated;
  const reasons = new Map<string, string>();
  for (const [pointer, reason] of stated.value) {
    if (pointer?.kind !== 'string' || reason?.kind !== 'string' || !isReason(reason.value)) {
      return refuse({ code: 'open_sink_invalid' });
    }
    const before = reasons.get(pointer.value);
    // The first by its text, so that every mint takes the same one.
    const isFirst = before === undefined || reason.value < before;
    if (isFirst) reasons.set(pointer.value, reason.value);
  }
  return ok(reasons);
}

const isReason = (text: string): boolean =>
  text.trim() !== '' && text.isWellFormed() && utf8(text).length <= OPEN_SINK_REASON_BYTES_MAX;

/** Adds what the policy requires to a requested grant. */
export function withRequired(
  catalogue: Catalogue,
  grant: Grant,
  required: ConstraintsByPointer,
): Result<Grant, RefusalReason> {
  if (Object.keys(required).length === 0) return ok(grant);
  const listed = catalogue.get(grant.tool)?.arguments;
  // The other arguments of an unlisted tool are unknown, so they cannot be listed.
  if (!grant.constraints && !listed) return refuse({ code: 'constraints_unmet', pointer: '' });
  const asked: ArgumentConstraints = grant.constraints ?? {
    arguments: listed ?? [],
    constraints: {},
  };
  const joined = joinConstraints(asked, required);
  if (!joined.ok) return refuse({ code: 'constraints_unmet', pointer: joined.error.pointer });
  return ok({ ...grant, constraints: joined.value });
}

/**
 * Parses the constraints of a grant. A constraint on an argument that the tool does not take would
 * bound nothing, and the author of the misspelt name would rely on it.
 */
export function readConstraints(catalogue: Catalogue, grant: Grant): Result<Grant, RefusalReason> {
  if (grant.constraints === undefined) return ok(grant);
  const parsed = parseArgumentConstraints(grant.constraints);
  if (!parsed.ok) {
    const { pointer, why } = parsed.error;
    return refuse({ code: 'constraints_invalid', pointer, why });
  }
  const listed = catalogue.get(grant.tool)?.arguments;
  const unlisted = listed && parsed.value.arguments.find((name) => !listed.includes(name));
  if (unlisted !== undefined) {
    const why = `the tool takes no argument ${unlisted}`;
    return refuse({ code: 'constraints_invalid', pointer: '', why });
  }
  return ok({ ...grant, constraints: parsed.value });
}
