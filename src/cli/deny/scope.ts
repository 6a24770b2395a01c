import type { UnixSeconds } from '../../clock.ts';
import { DENIAL_SCOPES } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

export interface DeniedScope {
  readonly scope: (typeof DENIAL_SCOPES)[number];
  readonly value: string;
}

/** Reads `SCOPE VALUE`. */
export function readDeniedScope(operands: readonly string[]): Result<DeniedScope, string> {
  const [name = '', value = '', ...more] = operands;
  const scope = DENIAL_SCOPES.find((one) => one === name);
  if (!scope) return refuse(`SCOPE must be one of ${DENIAL_SCOPES.join(', ')}`);
  if (value === '') return refuse(`${scope} needs a VALUE: which one to deny`);
  if (more.length > 0) return refuse('expected one SCOPE and one VALUE: put quotes around a value');
  return ok({ scope, value });
}

export const rfc3339 = (time: UnixSeconds): string => new Date(time * 1000).toISOString();

/** Renders the end of a denial. */
export const describeEnd = ({ until }: { readonly until?: UnixSeconds | undefined }): string =>
  until === undefined ? 'until it is lifted' : `until ${rfc3339(until)}`;
