import * as v from 'valibot';
import { toMicros } from '../capability/index.ts';
import { utf8 } from '../encoding.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import { type ArgumentOf, HISTORY_RESULTS, HISTORY_SCOPES, type HistoryRule } from './rule.ts';

/** Of one catalogue. A call is judged by each rule of its tool. */
export const HISTORY_RULES_MAX = 32;
/** Of one list of a rule. */
const TOOLS_MAX = 16;
const REASON_BYTES_MAX = 256; // One sentence, in a refusal.
/** A month, with the longest one in it. A scope remembers a person for no longer. */
export const HISTORY_SECONDS_MAX = 31 * 24 * 3_600;
/** More calls in a month than anyone counts one by one. */
const CALLS_MAX = 1_000_000;
/** Each is remembered. */
const DISTINCT_MAX = 256;
/** Earlier calls that a rule asks for, or permits by one. */
const ORDER_MAX = 64;
/** So that the sum of what was paid and what is to be paid is exact. */
const SUM_MICROS_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 2);

const pointer = v.pipe(
  v.string(),
  v.check((text) => readPointer(text) !== undefined, 'not an RFC 6901 pointer'),
);
const single = v.pipe(
  pointer,
  v.check((text) => !readPointer(text)?.includes(EACH_ELEMENT), 'must be one value, without *'),
);
const argument = v.union(
  [pointer, v.record(v.string(), pointer)],
  'must be an RFC 6901 pointer, or one for each tool',
);
const listOfTools = v.pipe(
  v.array(v.string()),
  v.minLength(1, 'must have at least one tool'),
  v.maxLength(TOOLS_MAX, `over ${TOOLS_MAX} tools`),
  v.check((list) => new Set(list).size === list.length, 'has one twice'),
);
const whole = (most: number) =>
  v.pipe(
    v.number(),
    v.integer(`must be a whole number from 1 to ${most}`),
    v.minValue(1, `must be a whole number from 1 to ${most}`),
    v.maxValue(most, `must be a whole number from 1 to ${most}`),
  );
const same = v.union(
  [
    v.pipe(
      single,
      v.transform((text) => ({ here: text, there: text })),
    ),
    v.strictObject({ here: single, there: single }),
  ],
  'must be an RFC 6901 pointer without *, or { here = "/…", there = "/…" }',
);

const common = {
  id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/, 'not a plain lower-case name')),
  tools: listOfTools,
  scope: v.exactOptional(v.picklist(HISTORY_SCOPES)),
  within: v.exactOptional(whole(HISTORY_SECONDS_MAX)),
  reason: v.pipe(
    v.string(),
    v.check((text) => text.trim() !== '', 'a reason is required'),
    v.check((text) => utf8(text).length <= REASON_BYTES_MAX, `over ${REASON_BYTES_MAX} bytes`),
  ),
};

/** The members of each kind. A new kind of rule does not compile until it is listed. */
const KINDS = {
  calls: { ...common, most: whole(CALLS_MAX) },
  sum: {
    ...common,
    argument,
    most: v.pipe(
      v.number(),
      v.check((most) => {
        const micros = toMicros(most);
        return micros !== undefined && micros >= 0n && micros <= BigInt(SUM_MICROS_MAX);
      }, 'not an amount of at most six decimals'),
    ),
  },
  distinct: { ...common, argument, most: whole(DISTINCT_MAX) },
  once: { ...common, argument },
  after: {
    ...common,
    of: listOfTools,
    result: v.exactOptional(v.picklist(['ok', 'any'])),
    same: v.exactOptional(same),
    least: v.exactOptional(whole(ORDER_MAX)),
    uses: v.exactOptional(whole(ORDER_MAX)),
    unless: v.exactOptional(listOfTools),
  },
  not_after: {
    ...common,
    of: listOfTools,
    result: v.exactOptional(v.picklist(HISTORY_RESULTS)),
    same: v.exactOptional(same),
  },
} as const satisfies Record<HistoryRule['kind'], v.ObjectEntries>;

const HISTORY_KINDS = Object.keys(KINDS) as readonly HistoryRule['kind'][];

/** One thing that is wrong in a declaration. */
interface DeclarationFault {
  /** The member, as in `tools.0`; empty for the whole. */
  readonly where: string;
  readonly why: string;
}

/** What is read of one declaration: a rule, or everything that is wrong. */
type ReadDeclaration =
  | { readonly rule: HistoryRule }
  | { readonly faults: readonly DeclarationFault[] };

/** Reads one `[[history]]` of a catalogue. Strict, so that a misspelt bound is not lost. */
export function readDeclaration(written: unknown): ReadDeclaration {
  const { kind } = Object(written) as { readonly kind?: unknown };
  const known = HISTORY_KINDS.find((one) => one === kind);
  if (known === undefined) {
    const why = `is ${JSON.stringify(kind) ?? 'missing'}. Allowed: ${HISTORY_KINDS.join(', ')}`;
    return { faults: [{ where: 'kind', why }] };
  }
  const entries: v.ObjectEntries = { kind: v.literal(known), ...KINDS[known] };
  const read = v.safeParse(v.strictObject(entries), written);
  if (!read.success) {
    return { faults: read.issues.map((issue) => faultOf(issue, Object.keys(entries))) };
  }
  const rule = asRule(read.output as Written);
  const faults = [...faultsOf(rule)];
  return faults.length > 0 ? { faults } : { rule };
}

function faultOf(issue: v.BaseIssue<unknown>, allowed: readonly string[]): DeclarationFault {
  const where = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  const { kind, expected, received, message } = issue;
  if (kind !== 'schema') return { where, why: message };
  if (received === 'undefined') return { where, why: 'missing' };
  if (expected === 'never') return { where, why: `unknown key. Allowed: ${allowed.join(', ')}` };
  if (issue.type === 'picklist') {
    const list = expected?.replaceAll(/[()"]/g, '').replaceAll(' | ', ', ');
    return { where, why: `is ${received}. Allowed: ${list}` };
  }
  return { where, why: message };
}

/** A declaration as it is written: its kind, and members that may be left out. */
type Written = Omit<HistoryRule, 'scope'> & {
  readonly kind: HistoryRule['kind'];
  readonly scope?: HistoryRule['scope'];
  readonly most?: number;
};

function asRule({ most, ...written }: Written): HistoryRule {
  // A bound of money is that of a person: a new workflow must not begin a new sum.
  const scope = written.scope ?? (written.kind === 'sum' ? 'subject' : 'workflow');
  const DEFAULTS = { after: { result: 'ok', least: 1 }, not_after: { result: 'any' } } as const;
  const defaults =
    written.kind === 'after' || written.kind === 'not_after' ? DEFAULTS[written.kind] : {};
  const bound =
    written.kind === 'sum'
      ? { mostMicros: Number(toMicros(most ?? 0)) }
      : most !== undefined && { most };
  return { ...defaults, ...written, scope, ...bound } as unknown as HistoryRule;
}

function* faultsOf(rule: HistoryRule): Generator<DeclarationFault> {
  const { kind, scope, within, tools } = rule;
  if (scope !== 'workflow' && within === undefined) {
    const why = `missing: what a ${scope} did is remembered for a time`;
    yield { where: 'within', why };
  }
  if (scope !== 'workflow' && (kind === 'after' || kind === 'not_after')) {
    yield { where: 'scope', why: 'an order of calls is that of a workflow' };
  }
  if ('argument' in rule) yield* argumentFaults(rule.argument, tools);
  if (kind !== 'after') return;
  const both = rule.unless?.find((tool) => rule.of.includes(tool) || tools.includes(tool));
  if (both !== undefined) yield { where: 'unless', why: `${both} is in another list as well` };
}

function* argumentFaults(argument: ArgumentOf, tools: readonly string[]) {
  if (typeof argument === 'string') return;
  const lacking = tools.find((tool) => !Object.hasOwn(argument, tool));
  if (lacking !== undefined) yield { where: 'argument', why: `has no pointer for ${lacking}` };
  const foreign = Object.keys(argument).find((tool) => !tools.includes(tool));
  if (foreign !== undefined) yield { where: 'argument', why: `${foreign} is not one of tools` };
}
