import type { Json } from '../../../src/canonical-json.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import { valueOrigin } from '../../../src/provenance/index.ts';
import type { ApprovedValues } from './approved-values.ts';
import { QUESTION } from './columns.ts';
import type { ApprovalRows } from './rows.ts';

/** From the third approval of the same by the same person on, a rule may be what they mean. */
export const SUGGESTED_AFTER = 3;
/** As many as an operator reads at once. */
export const SUGGESTIONS_MAX = 50;

/** A destination that one person has approved again and again for one agent and tool. */
export interface Suggestion {
  readonly agent: string;
  readonly tool: string;
  /** The argument, with `*` for an element of a list. */
  readonly pointer: string;
  readonly by: string;
  readonly count: number;
  readonly last: UnixSeconds;
  /** As JSON, while a question with it is still stored. Only its hash is stored for longer. */
  readonly value?: string;
}

/** Returns what a rule of the policy could say instead of asking again. Changes nothing. */
export function suggestionsOf(
  values: ApprovedValues,
  rows: ApprovalRows,
  now: UnixSeconds,
): readonly Suggestion[] {
  const repeated = values.repeated(SUGGESTED_AFTER, SUGGESTIONS_MAX, now);
  const callsOf = (agent: string) =>
    rows.ofAgent(agent).flatMap((text) => QUESTION.read(text).calls ?? []);
  const agents = new Set(repeated.map(({ agent }) => agent));
  const calls = new Map([...agents].map((agent) => [agent, callsOf(agent)]));
  return repeated.map(({ value: hash, ...row }) => {
    const value = values.valueIn(row.agent, calls.get(row.agent) ?? [], hash);
    return { ...row, ...(value !== undefined && { value }) };
  });
}

/**
 * Returns a line of a policy that would let an agent send something to this destination without a
 * question. A person decides whether it is right, and where it belongs: a requirement of the same
 * argument is joined with it, so it usually replaces the one that made the issuer ask.
 */
export function policyLine({ agent, tool, pointer, value }: Suggestion): string {
  const [issuer = '', ...subject] = agent.split('#');
  const text = value === undefined ? undefined : originOf(JSON.parse(value) as Json);
  const origin = text ?? '=<the value that was approved>';
  const from = { from: ['approved', origin] };
  const isElement = pointer.endsWith('/*');
  const argument = isElement ? pointer.slice(0, -2) : pointer;
  const constraint = isElement ? { every: from } : from;
  const words = [argument, issuer, subject.join('#'), tool].map((word) => JSON.stringify(word));
  const [place, by, name, of] = words;
  return `require_constraint(${place}, ${JSON.stringify(constraint)}) <- workload(${by}, ${name}), tool(${of});`;
}

/** The word of `from` for a value that the grant itself states. */
function originOf(value: Json): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? valueOrigin(value) : undefined;
}
