import { WATERMARK_SCOPES, type WatermarkScope } from '../../feed/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** Whom a watermark or a kill statement stops, as its words name it. */
export interface Scope {
  readonly scope: WatermarkScope;
  /** Empty where the scope is `all`. */
  readonly value: string;
}

const isScope = (word: string): word is WatermarkScope =>
  (WATERMARK_SCOPES as readonly string[]).includes(word);

export function readScope(words: readonly string[]): Result<Scope, string> {
  const [scope = '', value = '', ...more] = words;
  if (!isScope(scope)) return refuse(`SCOPE is one of ${WATERMARK_SCOPES.join(', ')}`);
  if (more.length > 0) return refuse('it takes one SCOPE and one VALUE: put quotes around a value');
  if (scope === 'all' && value !== '') return refuse('all takes no VALUE: it stops everything');
  if (scope !== 'all' && value === '') return refuse(`${scope} takes a VALUE: which one to stop`);
  return ok({ scope, value });
}

/**
 * Whether tokens can have this spelling of an agent or subject. A statement that no issuer resolves
 * stops nothing under the name that a policy gives to an identity issuer.
 */
export function isTokenSpelling({ scope, value }: Scope): boolean {
  if (scope !== 'agent' && scope !== 'subject') return true;
  const [issuer = '', ...subject] = value.split('#');
  if (subject.length > 0) return /^https?:\/\/[^/]/.test(issuer) && subject.join('#') !== '';
  // Without a user, the owner of a workflow is its subject.
  return scope === 'subject' || value.startsWith('spiffe://');
}

/** A time as RFC 3339 has it, in Unix seconds; undefined where it is not said. */
export function readTime(
  flag: string,
  text: string | undefined,
): Result<number | undefined, string> {
  if (text === undefined) return ok(undefined);
  const parsed = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(parsed)
    ? refuse(`${flag} is a time such as 2026-11-23T10:00:00Z`)
    : ok(Math.floor(parsed / 1000));
}

export const readBefore = (text: string | undefined): Result<number | undefined, string> =>
  readTime('--before', text);
