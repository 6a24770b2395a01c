import * as v from 'valibot';
import { isJsonObject } from '../canonical-json.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import { ok, type Result, refuse } from '../result.ts';
import { checkTool } from './names.ts';

// Each entry is counted with every call that the workflow reports.
export const BUDGET_TOOLS_MAX = 32; // As many as a capability has grants.
const BUDGET_SUMS_MAX = 16;

/**
 * How much a workflow may do in total, however many capabilities it gets. Plain JSON: the policy
 * states it, the mint records it, and the workflow counts against it. A missing member sets no
 * limit; 0 allows nothing.
 */
export interface Budgets {
  /** Allowed calls, of all tools. */
  readonly calls?: number;
  /** Allowed calls per tool. Each tool appears once. */
  readonly tools?: readonly ToolBudget[];
  /** Denied calls. */
  readonly denials?: number;
  /** Seconds from the start of the workflow to its end, whatever it does. */
  readonly wallSeconds?: number;
  /** How many levels of workflows may be below this one. With 0 it has no children. */
  readonly delegationDepth?: number;
  /** What an argument may add up to. Each pair of tool and pointer appears once. */
  readonly sums?: readonly SumBudget[];
}

/** How often one tool may be called. */
export interface ToolBudget {
  readonly tool: string;
  readonly calls: number;
}

/**
 * A limit on splitting: fifty payments of one pound each meet every constraint that one of them
 * meets.
 */
export interface SumBudget {
  readonly tool: string;
  /** RFC 6901 pointer to a number among the arguments. */
  readonly pointer: string;
  /** The maximum sum over all allowed calls, in millionths. */
  readonly micros: number;
}

/** Why budgets were not read. */
export interface BudgetsError {
  readonly code: 'budgets_invalid';
  /** Where, as in `sums.0.micros`; empty for the whole. */
  readonly where: string;
  readonly why: string;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const tool = v.pipe(
  v.string(),
  v.check((name) => checkTool(name).ok, 'not the name of a tool'),
);
const pointer = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed() && readPointer(text) !== undefined, 'not a pointer'),
  v.check(
    (text) => !readPointer(text)?.includes(EACH_ELEMENT),
    'a sum over the elements of a list, which is not counted',
  ),
);

const once = <T>(key: (entry: T) => string) =>
  v.check((entries: T[]) => new Set(entries.map(key)).size === entries.length, 'twice');

const budgetsSchema = v.strictObject({
  calls: v.exactOptional(count),
  tools: v.exactOptional(
    v.pipe(
      v.array(v.strictObject({ tool, calls: count })),
      v.maxLength(BUDGET_TOOLS_MAX),
      once(({ tool: name }: ToolBudget) => name),
    ),
  ),
  denials: v.exactOptional(count),
  // A workflow of 0 seconds would end before its token is issued.
  wallSeconds: v.exactOptional(v.pipe(count, v.minValue(1))),
  delegationDepth: v.exactOptional(count),
  sums: v.exactOptional(
    v.pipe(
      v.array(v.strictObject({ tool, pointer, micros: count })),
      v.maxLength(BUDGET_SUMS_MAX),
      once(({ tool: name, pointer: sum }: SumBudget) => JSON.stringify([name, sum])),
    ),
  ),
});

/** Parses budgets from untrusted JSON. Strict, so that a misspelt limit is not lost. */
export function parseBudgets(input: unknown): Result<Budgets, BudgetsError> {
  if (!isJsonObject(input)) {
    return refuse({ code: 'budgets_invalid', where: '', why: 'not an object' });
  }
  const parsed = v.safeParse(budgetsSchema, input, { abortEarly: true });
  if (parsed.success) return ok(parsed.output);
  const [issue] = parsed.issues;
  const where = issue.path?.map(({ key }) => String(key)).join('.') ?? '';
  return refuse({ code: 'budgets_invalid', where, why: issue.message });
}

type Count = 'calls' | 'denials' | 'wallSeconds' | 'delegationDepth';
type Smallest = {
  readonly [Name in keyof Budgets]-?: (all: readonly Budgets[]) => Budgets[Name] | undefined;
};

const least =
  (name: Count) =>
  (all: readonly Budgets[]): number | undefined => {
    const stated = all.flatMap((budgets) => budgets[name] ?? []);
    return stated.length === 0 ? undefined : Math.min(...stated);
  };

const orNone = <T>(entries: readonly T[]): readonly T[] | undefined =>
  entries.length === 0 ? undefined : entries;

/** A new limit that is missing here does not compile: combining two budgets would lose it. */
const SMALLEST: Smallest = {
  calls: least('calls'),
  tools: (all) =>
    orNone(
      smallestBy(
        all.flatMap((budgets) => budgets.tools ?? []),
        (entry) => entry.tool,
        (entry) => entry.calls,
      ),
    ),
  denials: least('denials'),
  wallSeconds: least('wallSeconds'),
  delegationDepth: least('delegationDepth'),
  sums: (all) =>
    orNone(
      smallestBy(
        all.flatMap((budgets) => budgets.sums ?? []),
        (entry) => JSON.stringify([entry.tool, entry.pointer]),
        (entry) => entry.micros,
      ),
    ),
};

/**
 * Returns the budgets that are within all of these: the smallest of each limit, even if only one of
 * them has it. The lists are sorted, so that equal budgets have equal texts.
 */
export const smallestBudgets = (all: readonly Budgets[]): Budgets =>
  Object.fromEntries(
    Object.entries(SMALLEST).flatMap(([name, smallest]) => {
      const bound = smallest(all);
      return bound === undefined ? [] : [[name, bound] as const];
    }),
  );

function smallestBy<T>(
  entries: readonly T[],
  key: (entry: T) => string,
  bound: (entry: T) => number,
): readonly T[] {
  const byKey = new Map<string, T>();
  for (const entry of entries) {
    const current = byKey.get(key(entry));
    if (current === undefined || bound(entry) < bound(current)) byKey.set(key(entry), entry);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
