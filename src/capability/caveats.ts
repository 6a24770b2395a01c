import type { Block } from '../biscuit/index.ts';
import type { JsonObject } from '../canonical-json.ts';
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

/** What a holder cuts a token down to. Every member only takes away; absent means unchanged. */
export interface Narrowing {
  /** One or several tools. */
  readonly tool?: string | readonly string[];
  readonly action?: Action;
  /** One or several datasets; what lies below each stays allowed. */
  readonly dataset?: string | readonly string[];
  /** The whole arguments, pinned by the SHA-256 of their RFC 8785 form. */
  readonly args?: JsonObject;
  /** Constraints on single arguments by RFC 6901 pointer, where the whole is not known yet. */
  readonly constraints?: ConstraintsByPointer;
  /** Exclusive, in whole seconds. */
  readonly expires?: Date;
  readonly audience?: string;
  readonly method?: string;
  /** A URL path; what lies below it stays allowed. */
  readonly path?: string;
}

export type NarrowingError =
  | NameError
  | ArgumentError
  | ConstraintError
  | { readonly code: 'narrowing_invalid'; readonly why: string };

type Checked = Result<unknown, NarrowingError>;

/** How one member of a narrowing becomes a caveat. */
interface Caveat<Value> {
  /** The kind of fact that its check reads; `arg` stands for all that tell of single arguments. */
  readonly fact: string;
  /** Judges the value, which a JavaScript caller may have made of anything. */
  readonly check: (value: Value) => Checked;
  readonly write: (caveats: DatalogWriter, value: Value) => unknown;
}

/** A member of `N` that has no caveat yet does not compile. */
export type CaveatTable<N> = {
  readonly [Name in keyof N]-?: Caveat<Exclude<N[Name], undefined>>;
};

const invalid = (why: string): Result<never, NarrowingError> =>
  refuse({ code: 'narrowing_invalid', why });

/**
 * Each writes one `check all` over the fact kind that it limits, so that a call which brings no
 * such fact is denied and one which brings several is allowed only if every one passes. An argument
 * brings each of its facts at most once and its constraints want it there (constraints/compile.ts).
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
    check: (action) => (isAction(action) ? ok(null) : invalid('`action` is none of the four')),
    write: (caveats, action) => caveats.add`check all action($a), $a == ${action}`,
  },
  dataset: {
    fact: 'dataset',
    check: (datasets) => checkEach('dataset', datasets, checkDataset),
    write: (caveats, datasets) => writeBelow(caveats, 'dataset', list(datasets)),
  },
  args: {
    fact: 'args_sha256',
    check: argumentNodes,
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
      isTokenTime(expires) ? ok(null) : invalid('`expires` is not a valid Date'),
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
 * The caveat block of a narrowing: checks alone. An unknown member, an undefined value and a value
 * that limits nothing are refused: each would be a limit that only its author believes in.
 */
export async function writeCaveats(narrowing: Narrowing): Promise<Result<Block, NarrowingError>> {
  const fault = optionsFault(narrowing, 'narrow', MEMBERS);
  if (fault !== undefined) return invalid(fault);
  // In the order of the table, whatever the narrowing's: equal narrowings are equal blocks.
  const cuts = NAMES.filter((name) => Object.hasOwn(narrowing, name)).map(
    (name) => [CAVEATS[name] as Caveat<unknown>, narrowing[name]] as const,
  );
  for (const [caveat, value] of cuts) {
    const checked = caveat.check(value);
    if (!checked.ok) return checked;
  }
  const caveats = new DatalogWriter();
  for (const [caveat, value] of cuts) await caveat.write(caveats, value);
  const block = toBlock(caveats.done());
  if (block.checks.length === 0) return invalid('narrow: nothing to narrow');
  const unread = cuts.find(([{ fact }]) => !readsFact(block, fact));
  return unread
    ? invalid(`narrow: a limit on \`${unread[0].fact}\` that limits nothing`)
    : ok(block);
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
  if (list(names).length === 0) return invalid(`\`${member}\` is an empty list`);
  return (
    list(names)
      .map(check)
      .find(({ ok: isFit }) => !isFit) ?? ok(null)
  );
}

const isTokenTime = (date: Date): boolean =>
  date instanceof Date && date.getTime() > 0 && date.getTime() <= TIME_MILLISECONDS_MAX;

/** A hole in a list is undefined here, which is no name. */
const list = (value: string | readonly string[]): readonly string[] =>
  Array.isArray(value) ? Array.from(value as readonly string[]) : [value as string];
