import * as v from 'valibot';
import { printableJson } from '../../approval/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** What can be denied, as the issuer's route has it. */
export const DENIAL_SCOPES = ['agent', 'subject', 'owner', 'tool'] as const;

const time = v.pipe(v.number(), v.minValue(0), v.maxValue(253_402_300_799));

export const denialEntries = {
  scope: v.string(),
  value: v.string(),
  until: v.optional(time),
};

export const denialShape = v.object({
  ...denialEntries,
  at: time,
  before: time,
  reason: v.optional(v.string()),
});

export interface DeniedScope {
  readonly scope: (typeof DENIAL_SCOPES)[number];
  readonly value: string;
}

/** `SCOPE VALUE`, as two words. */
export function readDenied(words: readonly string[]): Result<DeniedScope, string> {
  const [word = '', value = '', ...more] = words;
  const scope = DENIAL_SCOPES.find((one) => one === word);
  if (!scope) return refuse(`SCOPE is one of ${DENIAL_SCOPES.join(', ')}`);
  if (value === '') return refuse(`${scope} takes a VALUE: which one to deny`);
  if (more.length > 0) return refuse('it takes one SCOPE and one VALUE: put quotes around a value');
  return ok({ scope, value });
}

export const whom = ({ scope, value }: { scope: string; value: string }): string =>
  `${scope} ${printableJson(value)}`;

export const rfc3339 = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Until when, in words. */
export const untilWords = ({ until }: { readonly until?: number | undefined }): string =>
  until === undefined ? 'until it is lifted' : `until ${rfc3339(until)}`;
