import * as v from 'valibot';
import type { PublicRoutes } from './route.ts';

const JSON_TYPE = 'application/json';

const streamId = v.pipe(v.string(), v.description('the id of the stream'));
const invalid = {
  description: 'Invalid',
  contentType: JSON_TYPE,
  schema: v.object({ err: v.string(), description: v.string() }),
};
const refused = { ...invalid, description: "Not the stream's own credential" };

export const SIGNAL_ROUTES = {
  statusList: {
    method: 'GET',
    path: '/status/v1/:list',
    summary: 'Returns a signed status list.',
    specification: 'draft-ietf-oauth-status-list',
    caller: 'anyone',
    answers: {
      200: { description: 'The list as a JWT', contentType: 'application/statuslist+jwt' },
      404: { description: 'No such list', contentType: JSON_TYPE },
    },
  },
  ssfConfiguration: {
    method: 'GET',
    path: '/.well-known/ssf-configuration',
    summary: 'Describes the transmitter of security events.',
    specification: 'SSF 1.0 section 7.1',
    caller: 'anyone',
    answers: { 200: { description: 'The configuration', contentType: JSON_TYPE } },
  },
  poll: {
    method: 'POST',
    path: '/ssf/v1/poll/:stream',
    summary: 'Delivers events to a receiver that polls, and takes its acknowledgements.',
    specification: 'RFC 8936',
    caller: 'receiver',
    request: {
      contentType: JSON_TYPE,
      schema: v.looseObject({
        maxEvents: v.optional(v.number()),
        returnImmediately: v.optional(v.boolean()),
        ack: v.optional(v.array(v.string())),
        setErrs: v.optional(v.record(v.string(), v.looseObject({ err: v.string() }))),
      }),
    },
    answers: {
      200: {
        description: 'Events by their ids',
        contentType: JSON_TYPE,
        schema: v.looseObject({ sets: v.record(v.string(), v.string()) }),
      },
      400: invalid,
      401: refused,
      413: invalid,
    },
  },
  readStream: {
    method: 'GET',
    path: '/ssf/v1/stream',
    summary: 'Returns the configuration of one stream, or of all that the credential reads.',
    specification: 'SSF 1.0 section 8.1.1.2',
    caller: 'receiver',
    query: v.object({ stream_id: v.optional(streamId) }),
    answers: {
      200: { description: 'A configuration, or a list of them', contentType: JSON_TYPE },
      401: refused,
    },
  },
  readStatus: {
    method: 'GET',
    path: '/ssf/v1/status',
    summary: 'Returns the status of a stream.',
    specification: 'SSF 1.0 section 8.1.2.1',
    caller: 'receiver',
    query: v.object({ stream_id: streamId }),
    answers: {
      200: { description: 'The status', contentType: JSON_TYPE },
      401: refused,
    },
  },
  verifyStream: {
    method: 'POST',
    path: '/ssf/v1/verify',
    summary: 'Requests a verification event.',
    specification: 'SSF 1.0 section 8.1.4',
    caller: 'receiver',
    request: {
      contentType: JSON_TYPE,
      schema: v.object({ stream_id: streamId, state: v.optional(v.string()) }),
    },
    answers: {
      204: { description: 'The event is on its way' },
      400: invalid,
      401: refused,
      429: { ...invalid, description: 'Requested a moment ago; see `Retry-After`' },
    },
  },
} as const satisfies PublicRoutes;
