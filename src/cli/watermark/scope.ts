import { printableJson } from '../../approval/index.ts';
import { toSeconds, type UnixSeconds } from '../../clock.ts';
import { WATERMARK_SCOPES, type WatermarkScope } from '../../feed/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, readChoice } from '../command.ts';
import { readTime } from '../time.ts';

/** What a watermark or a kill statement stops. */
export interface Scope {
  readonly scope: WatermarkScope;
  /** Empty for the scope `all`. */
  readonly value: string;
}

/** Reads `SCOPE [VALUE]`. */
export function readScope(operands: readonly string[]): Result<Scope, string> {
  const [name = '', value = '', ...more] = operands;
  const chosen = readChoice('SCOPE', name, WATERMARK_SCOPES);
  if (!chosen.ok) return chosen;
  const scope = chosen.value;
  if (more.length > 0) return refuse('expected one SCOPE and one VALUE: put quotes around a value');
  if (scope === 'all' && value !== '') return refuse('all takes no VALUE: it stops everything');
  if (scope !== 'all' && value === '') return refuse(`${scope} needs a VALUE: which one to stop`);
  return ok({ scope, value });
}

/** Renders a scope for a person. A value is someone else's text, so it is quoted. */
export const describeScope = ({ scope, value }: { scope: string; value: string }): string =>
  scope === 'all' ? 'all' : `${scope} ${printableJson(value)}`;

/**
 * Whether tokens can have this spelling of an agent or a subject. An offline statement is resolved
 * by no issuer, so the name that a policy gives to an identity issuer would stop nothing.
 */
export function isTokenSpelling({ scope, value }: Scope): boolean {
  if (scope !== 'agent' && scope !== 'subject') return true;
  const [issuer = '', ...subject] = value.split('#');
  if (subject.length > 0) return /^https?:\/\/[^/]/.test(issuer) && subject.join('#') !== '';
  // A workflow without a user has its owner as subject.
  return scope === 'subject' || value.startsWith('spiffe://');
}

/** Reads `--before` of a watermark or a kill statement. */
export function readBefore(
  { now }: Pick<CommandContext, 'now'>,
  text: string | undefined,
): Result<UnixSeconds | undefined, string> {
  const before = readTime('before', text, now());
  if (!before.ok) return before;
  return ok(before.value === undefined ? undefined : toSeconds(before.value));
}
