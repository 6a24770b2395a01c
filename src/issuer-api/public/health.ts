import * as v from 'valibot';
import { readinessSchema } from '../../health/index.ts';
import type { PublicRoutes } from './route.ts';

const JSON_TYPE = 'application/json';
const readiness = { contentType: JSON_TYPE, schema: readinessSchema };

export const HEALTH_ROUTES = {
  healthz: {
    method: 'GET',
    path: '/healthz',
    summary: 'Says that the issuer runs. It depends on nothing.',
    caller: 'anyone',
    answers: {
      200: {
        description: 'The issuer runs',
        contentType: JSON_TYPE,
        schema: v.object({ alive: v.literal(true) }),
      },
    },
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    summary: 'Says whether the issuer can serve, and which check fails.',
    caller: 'anyone',
    answers: {
      200: { description: 'Every check is ok', ...readiness },
      429: { description: 'Too many requests; see `Retry-After`', contentType: JSON_TYPE },
      503: { description: 'A check fails', ...readiness },
    },
  },
} as const satisfies PublicRoutes;
