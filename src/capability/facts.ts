import {
  bool,
  bytes,
  date,
  type Fact,
  fact,
  integer,
  NULL,
  set,
  string,
  type Term,
} from '../biscuit/index.ts';
import type { JsonScalar } from '../canonical-json.ts';
import { toSeconds } from '../clock.ts';
import type { ArgumentNode } from './arguments.ts';
import type { CheckedCall } from './call.ts';

/**
 * What a verifier knows of a call. Its `args` and `content` are stated as `argsDigest` and `nodes`.
 */
interface Known extends Omit<CheckedCall, 'args' | 'content'> {
  readonly now: Date;
  readonly audience: string;
}

/** How one member of `Known` becomes facts. */
interface FactSource<Value> {
  /** The name of the facts; `arg` stands for all facts about single arguments. */
  readonly fact: string;
  /** `request`: known before the call is. `call`: part of the call. */
  readonly from: 'request' | 'call';
  readonly write: (value: Value) => readonly Fact[];
}

/** A member of `Known` without facts does not compile: no caveat could limit it. */
const FACTS = {
  now: {
    fact: 'time',
    from: 'request',
    write: (now) => [fact('time', date(toSeconds(now.getTime())))],
  },
  audience: {
    fact: 'audience',
    from: 'request',
    write: (audience) => [fact('audience', string(audience))],
  },
  holder: {
    fact: 'holder',
    from: 'request',
    write: (holder) => [fact('holder', string(holder))],
  },
  tool: { fact: 'tool', from: 'call', write: (tool) => [fact('tool', string(tool))] },
  action: { fact: 'action', from: 'call', write: (action) => [fact('action', string(action))] },
  dataset: {
    fact: 'dataset',
    from: 'call',
    write: (datasets) => datasets.map((dataset) => fact('dataset', string(dataset))),
  },
  method: { fact: 'method', from: 'call', write: (method) => [fact('method', string(method))] },
  path: { fact: 'path', from: 'call', write: (path) => [fact('path', string(path))] },
  argsDigest: {
    fact: 'args_sha256',
    from: 'call',
    write: (digest) => [fact('args_sha256', bytes(digest))],
  },
  nodes: { fact: 'arg', from: 'call', write: (nodes) => nodes.flatMap(argumentFacts) },
  origins: {
    fact: 'arg_origins',
    from: 'call',
    write: (origins) =>
      origins.map(({ pointer, sources }) =>
        fact('arg_origins', string(pointer), set(sources.map(string))),
      ),
  },
} as const satisfies {
  readonly [Name in keyof Known]-?: FactSource<Exclude<Known[Name], undefined>>;
};

type Sources = typeof FACTS;

/**
 * The names of the facts about a call, such as `tool` or `time`. `arg` stands for all facts about
 * single arguments. A caveat limits one of them.
 */
export type FactName = Sources[keyof Sources]['fact'];

/**
 * The facts that are known before the call is. A check that reads only these can be judged without
 * a call.
 */
export const REQUEST_FACTS: readonly string[] = namesFrom('request');

/* @__NO_SIDE_EFFECTS__ */
function namesFrom(origin: FactSource<never>['from']): readonly string[] {
  return Object.values(FACTS)
    .filter(({ from }) => from === origin)
    .map((source) => source.fact);
}

/**
 * Returns the facts that a verifier states for the checks of a token.
 *
 * Without a call, or with parts of one, these are the facts of the request: what can be judged of a
 * token before anything is asked of it.
 */
export function callFacts(
  now: Date,
  audience: string,
  call: Partial<CheckedCall> = {},
): readonly Fact[] {
  const known: Partial<Known> = { ...call, now, audience };
  return (Object.keys(FACTS) as (keyof Known)[]).flatMap((name) => {
    const { write } = FACTS[name] as FactSource<unknown>;
    return known[name] === undefined ? [] : write(known[name]);
  });
}

/**
 * At most nine facts, and ten with its origins (`ARGUMENT_FACTS_MAX`). A check may rely on these:
 * every value but the whole brings one `arg_type`; every object, the whole included, one
 * `arg_members`; every array one `arg_count`; every string one `arg`, one `arg_length` and one
 * `arg_forms`; every number one `arg_micros`; every string of the form `url` one `arg_scheme`,
 * `arg_host`, `arg_port` and `arg_path`; every string of the form `query` one `arg_query`; every
 * string of the form `ip` one `arg_ip`.
 */
function argumentFacts(node: ArgumentNode): readonly Fact[] {
  const { pointer, type, value, micros, text, members, count } = node;
  const facts: Fact[] = [];
  const bring = (name: string, term: Term | undefined) => {
    if (term !== undefined) facts.push(fact(name, string(pointer), term));
  };
  if (pointer !== '') bring('arg_type', string(type));
  bring('arg', value === undefined ? undefined : scalar(value));
  bring('arg_micros', micros === undefined ? undefined : integer(micros));
  bring('arg_members', members && set(members.map(string)));
  bring('arg_count', count === undefined ? undefined : integer(count));
  if (!text) return facts;
  const { length, forms, url, ip } = text;
  bring('arg_length', integer(length));
  bring('arg_forms', set(forms.map(string)));
  bring('arg_ip', ip === undefined ? undefined : string(ip));
  if (!url) return facts;
  bring('arg_scheme', string(url.scheme));
  bring('arg_host', string(url.host));
  bring('arg_port', url.port === undefined ? undefined : integer(url.port));
  bring('arg_path', string(url.path));
  bring('arg_query', url.query === undefined ? undefined : string(url.query));
  return facts;
}

function scalar(value: JsonScalar): Term {
  if (value === null) return NULL;
  if (typeof value === 'string') return string(value);
  return typeof value === 'number' ? integer(value) : bool(value);
}
