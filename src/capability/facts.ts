import { type Datalog, DatalogWriter } from '../biscuit-wasm/index.ts';
import type { CheckedCall } from './call.ts';

/**
 * The facts that a verifier brings. With no call there are the time, the audience and the proven
 * key alone, which is what can be judged of a token before anything is asked of it.
 */
export function callFacts(
  now: Date,
  audience: string,
  call: Partial<CheckedCall> | undefined,
): Datalog {
  const facts = new DatalogWriter().add`time(${now})`.add`audience(${audience})`;
  if (call?.holder !== undefined) facts.add`holder(${call.holder})`;
  if (call?.tool !== undefined) facts.add`tool(${call.tool})`;
  if (call?.action !== undefined) facts.add`action(${call.action})`;
  for (const dataset of call?.datasets ?? []) facts.add`dataset(${dataset})`;
  if (call?.method !== undefined) facts.add`method(${call.method})`;
  if (call?.path !== undefined) facts.add`path(${call.path})`;
  if (call?.argsDigest !== undefined) facts.add`args_sha256(${call.argsDigest})`;
  for (const { pointer, type, value, micros, url } of call?.leaves ?? []) {
    facts.add`arg_type(${pointer}, ${type})`;
    if (value !== undefined) facts.add`arg(${pointer}, ${value})`;
    if (micros !== undefined) facts.add`arg_micros(${pointer}, ${micros})`;
    if (url === undefined) continue;
    facts.add`arg_scheme(${pointer}, ${url.scheme})`;
    facts.add`arg_host(${pointer}, ${url.host})`;
    facts.add`arg_path(${pointer}, ${url.path})`;
  }
  return facts.done();
}
