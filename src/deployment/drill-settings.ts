import * as v from 'valibot';
import { wholeNumber } from '../whole-number.ts';
import type { Settings } from './settings.ts';

/** Between two runs of the scheduled drill, in seconds. */
export const DRILL_EVERY_DEFAULT = 60;

/** Keys of `[drill]`: how often a stop is rehearsed, and how long it may take to arrive. */
export const DRILL_SETTINGS = {
  every: {
    schema: v.union([v.literal('off'), wholeNumber(10, 3_600)], 'a number of seconds, or "off"'),
    variable: 'DRILL',
    absent: `\`${DRILL_EVERY_DEFAULT}\``,
    purpose:
      'How many seconds lie between two runs. Each run stops a canary workflow and measures when every verifier has the stop. `"off"`: none runs.',
  },
  within: {
    schema: wholeNumber(1, 300),
    variable: 'DRILL',
    absent: '`15`, the age of a head for writes',
    purpose: 'How many seconds a verifier may take. A later one raises an alarm.',
  },
} as const satisfies Settings;
