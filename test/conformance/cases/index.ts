/** The cases of our own vectors, by theme: what the official data does not cover. */
export * from './case.ts';

import type { VectorCase } from './case.ts';
import { DECISIONS } from './decisions.ts';
import { ENVELOPE } from './envelope.ts';
import { EXPRESSIONS } from './expressions.ts';
import { SCOPES } from './scopes.ts';
import { TABLES } from './tables.ts';
import { VALUES } from './values.ts';

export const CASES: readonly VectorCase[] = [
  ...SCOPES,
  ...TABLES,
  ...VALUES,
  ...EXPRESSIONS,
  ...DECISIONS,
  ...ENVELOPE,
];
