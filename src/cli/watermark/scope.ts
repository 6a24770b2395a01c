import { printableJson } from '../../approval/index.ts';
import { toSeconds, type UnixSeconds } from '../../clock.ts';
import { WATERMARK_SCOPES, type WatermarkScope } from '../../feed/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** What a watermark or a kill statement stops. */
export interface Scope {
  readonly scope: WatermarkScope;
  /** Empty for the scope `all`. */
  readonly value: string;
}

const isScope = (text: string): text is WatermarkScope =>
  (WATERMARK_SCOPES as readonly string[]).includes(text);

/** Reads `SCOPE [VALUE]`. */
export function readScope(operands: readonly string[]): Result<Scope, string> {
  const [scope = '', value = '', ...more] = operands;
  if (!isScope(scope)) return refuse(`SCOPE must be one of ${WATERMARK_SCOPES.join(', ')}`);
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

/** Reads an RFC 3339 time in UTC. Undefined where the flag is absent. */
export function readTime(
  flag: string,
  text: string | undefined,
): Result<UnixSeconds | undefined, string> {
  if (text === undefined) return ok(undefined);
  const parsed = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(parsed)
    ? refuse(`${flag} must be a time such as 2026-11-23T10:00:00Z`)
    : ok(toSeconds(parsed));
}

export const readBefore = (text: string | undefined): Result<UnixSeconds | undefined, string> =>
  readTime('--before', text);
