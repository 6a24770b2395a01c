import {
  budgetsOverHttp,
  createRecorder,
  type OverHttpOptions,
  type RecorderOptions,
  recordsOverHttp,
} from '../../../src/audit/index.ts';
import { ISSUER } from '../fixtures/issuer.ts';
import { nothing, unanswered, type Walk, walk } from './walk.ts';

const OVER_HTTP = { issuer: ISSUER, credential: 'x', service: unanswered };

/** The functions of `hewn/audit` that take options. */
export const AUDIT: readonly Walk[] = [
  walk<OverHttpOptions>('recordsOverHttp', OVER_HTTP, ['service'], recordsOverHttp),
  walk<OverHttpOptions>('budgetsOverHttp', OVER_HTTP, ['service'], budgetsOverHttp),
  walk<RecorderOptions>(
    'createRecorder',
    { ...OVER_HTTP, report: nothing },
    ['service', 'report'],
    createRecorder,
  ),
];
