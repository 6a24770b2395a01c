import { listedParams, logLevel } from '../params.ts';
import type { Method } from './method.ts';

/** Log messages of a server, in the revisions in which a session has one level. */
export const LOGGING = {
  'logging/setLevel': {
    revisions: ['2025-03-26', '2025-11-25'],
    form: 'request',
    about: 'Forwarded.',
    params: listedParams({ level: logLevel }),
  },
} as const satisfies Readonly<Record<string, Method>>;
