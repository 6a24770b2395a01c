import { type CheckReading, sourceOf } from '../../bounds/index.ts';
import type { JsonObject } from '../../canonical-json.ts';
import {
  type Action,
  argumentNodes,
  type CheckedCall,
  type Constraint,
  callFacts,
  checkDataset,
  covers,
  type VerifiedCapability,
} from '../../capability/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type ReadColumn,
  readArgumentColumns,
  readScopeColumns,
  type ScopeColumns,
} from './columns.ts';
import { intersectRoots } from './datasets.ts';
import { columnValue, withValues } from './row-args.ts';
import type { ScopeError } from './scope-error.ts';
import type { SettledScope, ValueBound } from './settled.ts';
import { postgresFilter, type SqlFilter, sqliteFilter } from './sql.ts';
import {
  readProperties,
  type ScopeProperties,
  type VectorizeFilter,
  vectorizeFilter,
} from './vectorize.ts';

/** What the token says about one argument. */
export type ArgumentBound =
  | { readonly pointer: string; readonly constraint: Constraint; readonly block: number }
  /** A bound that no constraint expresses: Datalog of a holder, or a kind that is not read back. */
  | { readonly pointer?: string; readonly source: string; readonly block: number };

/** What a scope is made of. */
export interface ScopeParts {
  readonly token: VerifiedCapability;
  /**
   * The retrieval as a call: its datasets are what it asks for, and its arguments what is known.
   */
  readonly call: CheckedCall;
  readonly args: JsonObject;
  readonly datasets: readonly string[];
  readonly checks: readonly CheckReading[];
  readonly audience: string;
  readonly now: Date;
}

/**
 * What a retrieval may touch: everything that the grants, the policy's constraints and the caveats
 * of every block allow together. A row is in scope if a call would be allowed that reads the row's
 * dataset, with the row's columns as the arguments that the token bounds.
 *
 * It is made once, for one request, and describes the token at that time.
 */
export class RetrievalScope {
  readonly tool: string;
  readonly action: Action;
  /**
   * What may be read: each of these with everything below it. None lies below another. Empty means
   * nothing.
   */
  readonly datasets: readonly string[];
  readonly #parts: ScopeParts;

  constructor(parts: ScopeParts) {
    const { call, datasets } = parts;
    this.tool = call.tool;
    this.action = call.action;
    this.datasets = datasets;
    this.#parts = parts;
  }

  /** What every block says about arguments. A row has to meet all of them. */
  get bounds(): readonly ArgumentBound[] {
    return this.#parts.checks.flatMap((reading): readonly ArgumentBound[] => {
      const { block, bound, reads } = reading;
      if (bound?.kind === 'datasets') return [];
      if (bound?.kind === 'value') {
        return [{ pointer: bound.pointer, constraint: bound.constraint, block }];
      }
      if (bound) return [{ pointer: bound.pointer, constraint: { absent: true }, block }];
      const [pointer, ...others] = reads.pointers;
      if (pointer === undefined && reads.below.length === 0 && !reads.digest) return [];
      const named = pointer !== undefined && others.length === 0 ? { pointer } : {};
      return [{ ...named, source: sourceOf(reading), block }];
    });
  }

  /** Returns the scope without what lies outside these datasets: what the caller asks for. */
  within(dataset: string | readonly string[]): RetrievalScope {
    const datasets = intersectRoots(this.datasets, [dataset].flat());
    return new RetrievalScope({ ...this.#parts, datasets });
  }

  /**
   * Returns one scope for each dataset, for a target that filters by one at a time. Together they
   * are this scope, and no row is in two of them. Never an empty list.
   */
  split(): readonly RetrievalScope[] {
    const { datasets } = this;
    if (datasets.length < 2) return [this];
    return datasets.map((dataset) => new RetrievalScope({ ...this.#parts, datasets: [dataset] }));
  }

  /**
   * Returns a function that says whether a row is in scope. It decides as the verifier decides the
   * call of that row, and so expresses every bound.
   */
  predicate(
    columns: Omit<ScopeColumns, 'table'>,
  ): Result<(row: Readonly<Record<string, unknown>>) => boolean, ScopeError> {
    const { dataset } = readScopeColumns(columns, 'predicate');
    const mapped = readArgumentColumns(columns.arguments, 'predicate');
    const settled = this.#settle(mapped);
    if (!settled.ok) return settled;
    const { passed, nothing, datasets } = settled.value;
    return ok((row) => {
      const name = row[dataset];
      if (nothing || typeof name !== 'string' || !checkDataset(name).ok) return false;
      if (!datasets.some((root) => covers(root, name))) return false;
      return passed.size === 0 || this.#allows(row, passed);
    });
  }

  /** Returns the condition of a statement for SQLite, with a parameter for each value. */
  sqlite(columns: ScopeColumns): Result<SqlFilter, ScopeError> {
    const { dataset, table } = readScopeColumns(columns, 'sqlite');
    const settled = this.#settle(readArgumentColumns(columns.arguments, 'sqlite'));
    return settled.ok ? sqliteFilter(settled.value, { dataset, table }) : settled;
  }

  /**
   * Returns the condition of a statement for PostgreSQL. Its parameters are numbered from
   * `firstParameter` on; 1 by default.
   */
  postgres(columns: ScopeColumns, firstParameter = 1): Result<SqlFilter, ScopeError> {
    const { dataset, table } = readScopeColumns(columns, 'postgres');
    const settled = this.#settle(readArgumentColumns(columns.arguments, 'postgres'));
    return settled.ok ? postgresFilter(settled.value, { dataset, table, firstParameter }) : settled;
  }

  /** Returns the `filter` of a query to Vectorize. It is never empty: `{}` would filter nothing. */
  vectorize(properties: ScopeProperties): Result<VectorizeFilter, ScopeError> {
    const { dataset, columns } = readProperties(properties);
    const settled = this.#settle(columns);
    return settled.ok ? vectorizeFilter(settled.value, dataset) : settled;
  }

  /** Evaluates everything that is known without a row, and returns what depends on the row. */
  #settle(columns: ReadonlyMap<string, ReadColumn>): Result<SettledScope, ScopeError> {
    const { checks, args, call } = this.#parts;
    const passed = new Map([...columns].filter(([pointer]) => this.#isBounded(pointer)));
    const placeholder = withValues(args, new Map([...passed.keys()].map((at) => [at, null])));
    if (!placeholder.ok) return refuse({ code: 'arguments_conflict', pointer: placeholder.error });
    const nodes = argumentNodes(placeholder.value, call.content);
    const { argsDigest: _digest, ...rest } = call;
    const known = passed.size === 0 ? call : rest;
    // Without facts about their values: a check of them could fail to evaluate.
    const structure = nodes.ok ? nodes.value.filter((node) => !passed.has(node.pointer)) : [];
    const failed = this.#failed({ ...known, nodes: structure });
    if (!failed.ok) return failed;
    const values: ValueBound[] = [];
    let nothing = this.datasets.length === 0 || !nodes.ok;
    for (const reading of checks) {
      const { block, bound, reads } = reading;
      if (bound?.kind === 'datasets') continue;
      if (reads.digest && passed.size > 0) return refuse({ code: 'arguments_pinned', block });
      const pointer = [...passed.keys()].find((at) => isRead(reading, at));
      const column = pointer === undefined ? undefined : passed.get(pointer);
      if (pointer !== undefined && bound?.kind === 'absent') nothing = true;
      else if (pointer !== undefined && column !== undefined) {
        // What is content meets no constraint on its value, in whatever column it is.
        const isPlain = !isContent(call.content, pointer);
        const isValue = isPlain && bound?.kind === 'value' && bound.pointer === pointer;
        const source = sourceOf(reading);
        const constraint = isValue ? bound.constraint : undefined;
        values.push({ pointer, column, block, source, ...(constraint && { constraint }) });
      } else if (failed.value.some((one) => one.block === block && one.check === reading.check)) {
        const missing = missingIn(reading, call);
        if (missing !== undefined && !passed.has(missing)) {
          return refuse({ code: 'bound_unmapped', pointer: missing });
        }
        nothing = true;
      }
    }
    return ok({ datasets: this.datasets, nothing, values, passed });
  }

  /**
   * Whether the token says anything about the value of an argument, other than that it is absent.
   */
  #isBounded(pointer: string): boolean {
    return this.#parts.checks.some(
      (reading) => reading.bound?.kind !== 'absent' && isRead(reading, pointer),
    );
  }

  #allows(
    row: Readonly<Record<string, unknown>>,
    passed: ReadonlyMap<string, ReadColumn>,
  ): boolean {
    const values = new Map<string, NonNullable<ReturnType<typeof columnValue>> | null>();
    for (const [pointer, { name, type }] of passed) {
      const value = columnValue(row[name], type);
      if (value === undefined) return false;
      values.set(pointer, value);
    }
    const args = withValues(this.#parts.args, values);
    const nodes = args.ok ? argumentNodes(args.value, this.#parts.call.content) : undefined;
    if (!nodes?.ok) return false;
    const { argsDigest: _digest, ...call } = this.#parts.call;
    const failed = this.#failed({ ...call, nodes: nodes.value });
    return failed.ok && failed.value.every(({ facts }) => facts.includes('dataset'));
  }

  #failed(call: CheckedCall): ReturnType<VerifiedCapability['failedChecks']> {
    const { token, now, audience } = this.#parts;
    return token.failedChecks(callFacts(now, audience, call));
  }
}

/** Whether the result of a check depends on the value at a pointer. */
const isRead = ({ bound, reads }: CheckReading, pointer: string): boolean =>
  bound?.kind === 'value'
    ? bound.pointer === pointer
    : reads.pointers.has(pointer) || reads.below.some((prefix) => pointer.startsWith(prefix));

/** The argument without which a check fails; undefined if it fails for another reason. */
export function missingIn({ reads }: CheckReading, { nodes }: CheckedCall): string | undefined {
  const given = new Set(nodes.map(({ pointer }) => pointer));
  const named = [...reads.pointers].filter((pointer) => pointer !== '');
  return named.length > 0 && named.every((pointer) => !given.has(pointer))
    ? named.at(-1)
    : undefined;
}

const isContent = (content: readonly string[] = [], pointer: string): boolean =>
  content.some((one) => pointer === one || pointer.startsWith(`${one}/`));
