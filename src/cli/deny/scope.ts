import type { UnixSeconds } from '../../clock.ts';
import { DENIAL_SCOPES } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readChoice } from '../command.ts';
import { type Screen, showSeconds } from '../terminal/index.ts';

export interface DeniedScope {
  readonly scope: (typeof DENIAL_SCOPES)[number];
  readonly value: string;
}

/** Reads `SCOPE VALUE`. */
export function readDeniedScope(operands: readonly string[]): Result<DeniedScope, string> {
  const [name = '', value = '', ...more] = operands;
  const scope = readChoice('SCOPE', name, DENIAL_SCOPES);
  if (!scope.ok) return scope;
  if (value === '') return refuse(`${scope.value} needs a VALUE: which one to deny`);
  if (more.length > 0) return refuse('expected one SCOPE and one VALUE: put quotes around a value');
  return ok({ scope: scope.value, value });
}

/** Renders the end of a denial. */
export const describeEnd = (
  screen: Screen,
  { until }: { readonly until?: UnixSeconds | undefined },
): string => (until === undefined ? 'until it is lifted' : `until ${showSeconds(screen, until)}`);
