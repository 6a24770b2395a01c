import * as v from 'valibot';
import { streamRequestBody } from '../../signals/index.ts';
import type { AdminRoutes } from '../route.ts';
import { count, reason, STREAM_ID } from '../values.ts';

const id = {
  schema: v.pipe(v.string(), v.regex(STREAM_ID), v.description('the id of a stream')),
  problem: 'stream_unknown',
} as const;

const status = v.picklist(['enabled', 'paused', 'disabled']);

const stream = v.object({
  stream_id: v.string(),
  iss: v.string(),
  aud: v.string(),
  delivery: v.object({ method: v.string(), endpoint_url: v.string() }),
  events_supported: v.array(v.string()),
  events_requested: v.array(v.string()),
  events_delivered: v.array(v.string()),
  min_verification_interval: count,
  status,
  reason: v.optional(v.string()),
  queued: v.pipe(count, v.description('events that wait to be delivered')),
  dropped: v.pipe(
    count,
    v.description('events lost: the queue was full, they were too old, or the receiver refused'),
  ),
  failures: v.pipe(count, v.description('failed pushes in a row')),
  fault: v.pipe(v.optional(v.string()), v.description('the code of the last failed push')),
});

export const STREAM_ROUTES = {
  listStreams: {
    method: 'GET',
    path: '/streams',
    needs: 'read',
    summary: 'Lists the streams of security events: receiver, delivery, status and losses.',
    params: {},
    answer: v.object({ streams: v.array(stream) }),
    problems: [],
  },
  createStream: {
    method: 'POST',
    path: '/streams',
    needs: 'streams',
    summary: 'Creates a stream (SSF 1.0 section 8.1.1).',
    params: {},
    body: streamRequestBody,
    status: 201,
    answer: stream,
    problems: ['endpoint_refused', 'streams_count', 'stream_unknown'],
  },
  removeStream: {
    method: 'DELETE',
    path: '/streams/:id',
    needs: 'streams',
    summary: 'Removes a stream and everything that waits in it.',
    params: { id },
    status: 204,
    problems: ['stream_unknown'],
  },
  setStreamStatus: {
    method: 'POST',
    path: '/streams/:id/status',
    needs: 'streams',
    summary: 'Enables, pauses or disables a stream.',
    description: 'Disabling a stream loses the events that wait in it.',
    params: { id },
    body: v.strictObject({
      status: v.pipe(status, v.description('`enabled`, `paused` or `disabled`')),
      reason,
    }),
    answer: v.object({ stream_id: v.string(), status, reason: v.string() }),
    problems: ['stream_unknown'],
  },
  verifyStream: {
    method: 'POST',
    path: '/streams/:id/verify',
    needs: 'streams',
    summary: 'Puts a verification event into a stream.',
    params: { id },
    status: 204,
    problems: ['stream_unknown', 'stream_disabled'],
  },
} as const satisfies AdminRoutes;
