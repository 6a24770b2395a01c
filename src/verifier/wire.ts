import type { Denial } from './decision.ts';
import { describeRule } from './describe-rule.ts';
import { type Scheme, type WireDenial, wireForm, wireResponse } from './wire-form.ts';

/** Returns what the caller learns of a denial. */
export const toWire = (denial: Denial): WireDenial => wireForm(denial, describeRule);

/**
 * Returns the denial as an HTTP response: `{ error, code, message }` as JSON, with the challenge of
 * a 401 or 403 and the `Retry-After` of a 503.
 */
export const denialResponse = (denial: Denial, realm: string, scheme?: Scheme): Response =>
  wireResponse(toWire(denial), realm, scheme);
