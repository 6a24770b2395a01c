import type { Term } from '../biscuit/index.ts';
import { canonicalJson } from '../canonical-json.ts';
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
import { type Ask, stating } from './bounds.ts';
import { fromTerm } from './json-terms.ts';
import type { RefusalReason } from './policy.ts';

const OPEN_SINK_REASON_BYTES_MAX = 256; // A sentence, for the record.

/** The facts that this reads, with their number of terms. */
export const REQUIREMENT_FACTS: Readonly<Record<string, number>> = {
  require_constraint: 2,
  open_sink: 2,
};

export interface Requirements {
  /** Each required constraint as it was stated, in one form. */
  readonly stated: ReadonlySet<string>;
  /** What a grant must also keep to, joined where one pointer has several constraints. */
  readonly required: ConstraintsByPointer;
  /** The sinks that may stay open, with the reason. */
  readonly opened: ReadonlyMap<string, string>;
}

/** What is stated and cannot be read refuses the grant, like a bound. */
export function readRequirements(ask: Ask): Result<Requirements, RefusalReason> {
  const required = readRequired(ask);
  if (!required.ok) return required;
  const opened = readOpened(ask);
  if (!opened.ok) return opened;
  return ok({ ...required.value, opened: opened.value });
}

function readRequired(ask: Ask): Result<Pick<Requirements, 'required' | 'stated'>, RefusalReason> {
  const stated = stating(ask, 'require_constraint', 2);
  if (!stated.ok) return stated;
  const constraints: [pointer: string, constraint: Constraint][] = [];
  const ordered = inOneOrder(stated.value);
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

/** Facts have no order; what is joined has one, and a renewal must come to the same. */
function inOneOrder(stated: readonly (readonly Term[])[]): readonly {
  readonly pointer: string | undefined;
  readonly value: unknown;
  readonly key: string;
}[] {
  return stated
    .map(([pointer, term]) => ({
      pointer: pointer?.kind === 'string' ? pointer.value : undefined,
      value: term && fromTerm(term),
    }))
    .map((one) => ({ ...one, key: canonicalJson([one.pointer ?? null, one.value ?? null]) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function readOpened(ask: Ask): Result<ReadonlyMap<string, string>, RefusalReason> {
  const stated = stating(ask, 'open_sink', 2);
  if (!stated.ok) return stated;
  const reasons = new Map<string, string>();
  for (const [pointer, reason] of stated.value) {
    if (pointer?.kind !== 'string' || reason?.kind !== 'string' || !isReason(reason.value)) {
      return refuse({ code: 'open_sink_invalid' });
    }
    const before = reasons.get(pointer.value);
    // Of several the first by its text: which one it is must not change from mint to mint.
    const isFirst = before === undefined || reason.value < before;
    if (isFirst) reasons.set(pointer.value, reason.value);
  }
  return ok(reasons);
}

const isReason = (text: string): boolean =>
  text.trim() !== '' && text.isWellFormed() && utf8(text).length <= OPEN_SINK_REASON_BYTES_MAX;

/** The grant as it is given: what was asked for, and what the policy requires besides. */
export function withRequired(
  catalogue: Catalogue,
  grant: Grant,
  required: ConstraintsByPointer,
): Result<Grant, RefusalReason> {
  if (Object.keys(required).length === 0) return ok(grant);
  const listed = catalogue.get(grant.tool)?.arguments;
  // Of a tool that nobody has described, nobody knows what else it takes.
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
 * The grant with its constraints read. One on an argument that the tool does not take would bound
 * nothing, and whoever misspelt it believes in it.
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
    const why = `the tool takes no ${unlisted}`;
    return refuse({ code: 'constraints_invalid', pointer: '', why });
  }
  return ok({ ...grant, constraints: parsed.value });
}
