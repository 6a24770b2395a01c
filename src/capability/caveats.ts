import type { Block } from '../biscuit/index.ts';
import type { JsonObject } from '../canonical-json.ts';
import { pointerTo } from '../json-pointer.ts';
import { TIME_MILLISECONDS_MAX } from '../limits.ts';
import { anything, type Members, optional, optionsFault } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type ArgumentError, argumentNodes, argumentsDigest } from './arguments.ts';
import {
  type ConstraintError,
  type ConstraintsByPointer,
  writeCaveatConstraints,
} from './constraints/index.ts';
import { DatalogWriter, toBlock } from './datalog.ts';
import type { FactName } from './facts.ts';
import {
  type Action,
  checkAudience,
  checkDataset,
  checkMethod,
  checkPath,
  checkTool,
  isAction,
  type NameError,
} from './names.ts';

/**
 * What a holder narrows a token to. Each member only takes power away. What no member limits stays
 * as it is.
 */
export interface Narrowing {
  /** One tool, or several. */
  readonly tool?: string | readonly string[];
  readonly action?: Action;
  /** One dataset, or several. Datasets below them stay allowed. */
  readonly dataset?: string | readonly string[];
  /** The whole arguments, pinned by the SHA-256 of their RFC 8785 form. */
  readonly args?: JsonObject;
  /** Constraints on single arguments, by RFC 6901 pointer, if the whole is not known yet. */
  readonly constraints?: ConstraintsByPointer;
  /** The token is valid before this time, which is rounded down to whole seconds. */
  readonly expires?: Date;
  /** The absolute URL of the one resource server that accepts the token. */
  readonly audience?: string;
  /** An upper-case HTTP method. */
  readonly method?: string;
  /** A decoded URL path. Paths below it stay allowed. */
  readonly path?: string;
}

/** Why a narrowing is refused: an unknown member, or a value that is invalid or limits nothing. */
export type NarrowingError =
  | NameError
  | ArgumentError
  | ConstraintError
  | { readonly code: 'narrowing_invalid'; readonly why: string };

type Checked = Result<unknown, NarrowingError>;

/**
 * How one member of a narrowing becomes a caveat. Which facts a call has is defined in facts.ts,
 * because a gateway needs only that.
 */
interface Caveat<Value> {
  /** The kind of fact that its check reads; `arg` stands for all facts about single arguments. */
  readonly fact: FactName;
  /** Checks the value. A JavaScript caller may have passed anything. */
  readonly check: (value: Value) => Checked;
  readonly write: (caveats: DatalogWriter, value: Value) => unknown;
}

/** A member of `N` without a caveat does not compile. */
export type CaveatTable<N> = {
  readonly [Name in keyof N]-?: Caveat<Exclude<N[Name], undefined>>;
};

const invalid = (why: string): Result<never, NarrowingError> =>
  refuse({ code: 'narrowing_invalid', why });

/**
 * Each caveat is one `check all` over the facts that it limits. A call without such a fact is
 * denied, and a call with several is allowed only if every one passes. An argument has
 * each of its facts at most once, and its constraints require it (constraints/compile.ts).
 */
export const CAVEATS: CaveatTable<Narrowing> = {
  tool: {
    fact: 'tool',
    check: (tools) => checkEach('tool', tools, checkTool),
    write: (caveats, tools) =>
      caveats.add`check all tool($t), ${new Set(list(tools))}.contains($t)`,
  },
  action: {
    fact: 'action',
    check: (action) =>
      isAction(action)
        ? ok(null)
        : invalid('`action` is not one of read, write, delete and execute'),
    write: (caveats, action) => caveats.add`check all action($a), $a == ${action}`,
  },
  dataset: {
    fact: 'dataset',
    check: (datasets) => checkEach('dataset', datasets, checkDataset),
    write: (caveats, datasets) => writeBelow(caveats, 'dataset', list(datasets)),
  },
  args: {
    fact: 'args_sha256',
    // The whole is pinned, so nothing in it must be read.
    check: (args) =>
      argumentNodes(
        args,
        Object.keys(Object(args)).map((name) => pointerTo('', name)),
      ),
    write: async (caveats, args) =>
      caveats.add`check if args_sha256(${await argumentsDigest(args)})`,
  },
  constraints: {
    fact: 'arg',
    check: (constraints) => writeCaveatConstraints(new DatalogWriter(), constraints),
    write: writeCaveatConstraints,
  },
  expires: {
    fact: 'time',
    check: (expires) =>
      isTokenTime(expires)
        ? ok(null)
        : invalid('`expires` must be a Date after 1970 and before the year 10000'),
    write: (caveats, expires) => caveats.add`check if time($t), $t < ${expires}`,
  },
  audience: {
    fact: 'audience',
    check: checkAudience,
    write: (caveats, audience) => caveats.add`check all audience($a), $a == ${audience}`,
  },
  method: {
    fact: 'method',
    check: checkMethod,
    write: (caveats, method) => caveats.add`check all method($m), $m == ${method}`,
  },
  path: {
    fact: 'path',
    check: checkPath,
    write: (caveats, path) => writeBelow(caveats, 'path', [path]),
  },
};

const NAMES = Object.keys(CAVEATS) as (keyof Narrowing)[];
const MEMBERS = Object.fromEntries(
  NAMES.map((name) => [name, optional(anything)]),
) as Members<Narrowing>;

/**
 * Returns the caveat block of a narrowing. It has checks only.
 *
 * An unknown member, an undefined value and a value that limits nothing are refused: each would be
 * a limit that only its author believes in.
 */
export async function writeCaveats(narrowing: Narrowing): Promise<Result<Block, NarrowingError>> {
  const fault = optionsFault(narrowing, 'narrow', MEMBERS);
  if (fault !== undefined) return invalid(fault);
  // In the order of the table, so that equal narrowings are equal blocks.
  const limits = NAMES.filter((name) => Object.hasOwn(narrowing, name)).map(
    (name) => [CAVEATS[name] as Caveat<unknown>, narrowing[name]] as const,
  );
  for (const [caveat, value] of limits) {
    const checked = caveat.check(value);
    if (!checked.ok) return checked;
  }
  const caveats = new DatalogWriter();
  for (const [caveat, value] of limits) await caveat.write(caveats, value);
  const block = toBlock(caveats.done());
  if (block.checks.length === 0) return invalid('narrow: the narrowing limits nothing');
  const unread = limits.find(([{ fact }]) => !readsFact(block, fact));
  return unread ? invalid(`narrow: the limit on \`${unread[0].fact}\` limits nothing`) : ok(block);
}

const readsFact = ({ checks }: Block, fact: string): boolean =>
  checks.some(({ queries }) =>
    queries.some(({ body }) =>
      body.some(({ name }) => name === fact || name.startsWith(`${fact}_`)),
    ),
  );

function writeBelow(
  caveats: DatalogWriter,
  fact: 'dataset' | 'path',
  roots: readonly string[],
): void {
  const alternatives = roots.map((root) => {
    const inside = caveats.parameter(root.endsWith('/') ? root : `${root}/`);
    return `$d == ${caveats.parameter(root)} || $d.starts_with(${inside})`;
  });
  caveats.addText(`check all ${fact}($d), ${alternatives.join(' || ')}`);
}

function checkEach(
  member: string,
  names: string | readonly string[],
  check: (name: string) => Checked,
): Checked {
  if (list(names).length === 0)
    return invalid(`\`${member}\` is an empty list, which would allow nothing`);
  return (
    list(names)
      .map(check)
      .find(({ ok: isFit }) => !isFit) ?? ok(null)
  );
}

const isTokenTime = (date: Date): boolean =>
  date instanceof Date && date.getTime() > 0 && date.getTime() <= TIME_MILLISECONDS_MAX;

/** `Array.from` turns a hole in a list into undefined, which no check accepts. */
const list = (value: string | readonly string[]): readonly string[] =>
  Array.isArray(value) ? Array.from(value as readonly string[]) : [value as string];
