import * as v from 'valibot';
import { NOTICE_TYPES, TARGET_SCHEMAS, type TargetKind, targetName } from '../../notices/index.ts';
import type { AdminRoutes } from '../route.ts';
import { count, timestamp } from '../values.ts';

const name = {
  schema: v.pipe(v.string(), v.regex(targetName), v.description('the name of a target')),
  problem: 'target_unknown',
} as const;

export const NOTIFICATION_ROUTES = {
  listTargets: {
    method: 'GET',
    path: '/notifications',
    needs: 'read',
    summary: 'Lists the targets of notifications, and how their deliveries go.',
    params: {},
    answer: v.object({
      targets: v.array(
        v.object({
          name: v.string(),
          kind: v.picklist(Object.keys(TARGET_SCHEMAS) as TargetKind[]),
          events: v.array(v.picklist(NOTICE_TYPES)),
          queued: v.pipe(count, v.description('messages that wait to be delivered')),
          dropped: v.pipe(
            count,
            v.description(
              'messages lost: the queue was full, they were too old, or the receiver refused',
            ),
          ),
          failures: v.pipe(count, v.description('failed deliveries in a row')),
          fault: v.pipe(v.optional(v.string()), v.description('the code of the last failure')),
          delivered_at: v.pipe(v.optional(timestamp), v.description('the last delivery')),
        }),
      ),
    }),
    problems: [],
  },
  testTarget: {
    method: 'POST',
    path: '/notifications/:name/test',
    needs: 'streams',
    summary: 'Sends a test message to a target, whatever its events are.',
    params: { name },
    status: 204,
    problems: ['target_unknown'],
  },
} as const satisfies AdminRoutes;
