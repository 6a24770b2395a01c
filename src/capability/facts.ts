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
import type { ArgumentNode } from './arguments.ts';
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
  for (const dataset of call.dataset ?? []) named('dataset', dataset);
  named('method', call.method);
  named('path', call.path);
  if (call.argsDigest) facts.push(fact('args_sha256', bytes(call.argsDigest)));
  for (const node of call.nodes ?? []) argumentFacts(node, facts);
  return facts;
}

/**
 * At most eight facts (`ARGUMENT_FACTS_MAX`). A check may rely on it that every value but the whole
 * brings one `arg_type`; every object one `arg_members`, the whole included; every array one
 * `arg_count`; every text one `arg`, one `arg_length` and one `arg_forms`; every number one
 * `arg_micros`; every text with the form `url` one `arg_scheme`, `arg_host`, `arg_port` and
 * `arg_path`; every text with the form `ip` one `arg_ip`.
 */
function argumentFacts(node: ArgumentNode, facts: Fact[]): void {
  const { pointer, type, value, micros, text, members, count } = node;
  const bring = (name: string, term: Term | undefined) => {
    if (term !== undefined) facts.push(fact(name, string(pointer), term));
  };
  if (pointer !== '') bring('arg_type', string(type));
  bring('arg', value === undefined ? undefined : scalar(value));
  bring('arg_micros', micros === undefined ? undefined : integer(micros));
  bring('arg_members', members && set(members.map(string)));
  bring('arg_count', count === undefined ? undefined : integer(count));
  if (!text) return;
  const { length, forms, url, ip } = text;
  bring('arg_length', integer(length));
  bring('arg_forms', set(forms.map(string)));
  bring('arg_ip', ip === undefined ? undefined : string(ip));
  if (!url) return;
  bring('arg_scheme', string(url.scheme));
  bring('arg_host', string(url.host));
  bring('arg_port', url.port === undefined ? undefined : integer(url.port));
  bring('arg_path', string(url.path));
}

function scalar(value: JsonScalar): Term {
  if (value === null) return NULL;
  if (typeof value === 'string') return string(value);
  return typeof value === 'number' ? integer(value) : bool(value);
}
