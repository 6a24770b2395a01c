import {
  bool,
  bytes,
  date,
  type Fact,
  fact,
  integer,
  NULL,
  string,
  type Term,
} from '../biscuit/index.ts';
import type { JsonScalar } from '../canonical-json.ts';
import type { CheckedCall } from './call.ts';

/**
 * The facts that a verifier brings. With no call there are the time, the audience and the proven
 * key alone, which is what can be judged of a token before anything is asked of it.
 */
export function callFacts(
  now: Date,
  audience: string,
  call: Partial<CheckedCall> | undefined,
): readonly Fact[] {
  const facts = [
    fact('time', date(Math.floor(now.getTime() / 1000))),
    fact('audience', string(audience)),
  ];
  if (!call) return facts;
  const named = (name: string, text: string | undefined) => {
    if (text !== undefined) facts.push(fact(name, string(text)));
  };
  named('holder', call.holder);
  named('tool', call.tool);
  named('action', call.action);
  for (const dataset of call.datasets ?? []) named('dataset', dataset);
  named('method', call.method);
  named('path', call.path);
  if (call.argsDigest) facts.push(fact('args_sha256', bytes(call.argsDigest)));
  for (const { pointer, type, value, micros, url } of call.leaves ?? []) {
    const at = string(pointer);
    facts.push(fact('arg_type', at, string(type)));
    if (value !== undefined) facts.push(fact('arg', at, scalar(value)));
    if (micros !== undefined) facts.push(fact('arg_micros', at, integer(micros)));
    if (url === undefined) continue;
    facts.push(fact('arg_scheme', at, string(url.scheme)));
    facts.push(fact('arg_host', at, string(url.host)));
    facts.push(fact('arg_path', at, string(url.path)));
  }
  return facts;
}

function scalar(value: JsonScalar): Term {
  if (value === null) return NULL;
  if (typeof value === 'string') return string(value);
  return typeof value === 'number' ? integer(value) : bool(value);
}
