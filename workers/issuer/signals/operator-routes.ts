import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { ADMIN_REQUEST_BYTES_MAX, SIGNAL_STREAMS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readStreamOrder, streamConfiguration } from '../../../src/signals/index.ts';
import { type IssuerEnv, readConfig, signalStreams } from '../platform/config.ts';
import { OPERATOR, problem } from '../platform/http.ts';
import { REASON_FORM, reason } from '../platform/text.ts';
import { isStreamId } from './receiver-routes.ts';
import type { StreamView } from './streams-binding.ts';

const noStream = () => problem(404, 'stream_unknown', 'No stream has this id.');

/** `GET /admin/v1/streams` */
export async function listStreams(_request: IRequest, env: IssuerEnv): Promise<Response> {
  const streams = await signalStreams(env).list();
  return Response.json({ streams: streams.map((stream) => describe(env, stream)) });
}

/** `POST /admin/v1/streams` */
export async function createStream(request: IRequest, env: IssuerEnv): Promise<Response> {
  const body = await readBody(request);
  if (!body.ok) return body.error;
  const { signals } = readConfig(env);
  const allowLoopback = signals?.allowLoopback === true;
  const order = readStreamOrder(body.value, { allowLoopback });
  if (!order.ok && order.error.code === 'endpoint_refused') {
    return problem(400, 'endpoint_refused', 'Events are pushed to an https URL without a query.');
  }
  if (!order.ok) return problem(400, 'invalid_request', 'The body is JSON that says a stream.');
  const created = await signalStreams(env).create(order.value, OPERATOR);
  if (!created.ok) {
    return problem(409, 'streams_count', `There are ${SIGNAL_STREAMS_MAX} streams already.`);
  }
  const stream = (await signalStreams(env).list()).find(({ id }) => id === created.value);
  return stream ? Response.json(describe(env, stream), { status: 201 }) : noStream();
}

/** `DELETE /admin/v1/streams/<id>` */
export async function removeStream(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const removed = isStreamId(id) && (await signalStreams(env).remove(id, OPERATOR));
  return removed ? new Response(null, { status: 204 }) : noStream();
}

const statusBody = v.strictObject({
  status: v.picklist(['enabled', 'paused', 'disabled']),
  reason,
});

/** `POST /admin/v1/streams/<id>/status` */
export async function setStreamStatus(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const body = await readBody(request);
  if (!body.ok) return body.error;
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), statusBody), body.value);
  if (!read.success) {
    return problem(400, 'invalid_request', `The body is JSON with a status and ${REASON_FORM}.`);
  }
  const { status, reason } = read.output;
  const set =
    isStreamId(id) && (await signalStreams(env).setStatus(id, { status, reason }, OPERATOR));
  return set ? Response.json({ stream_id: id, status, reason }) : noStream();
}

/** `POST /admin/v1/streams/<id>/verify` */
export async function verifyStreamByOperator(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const verified = isStreamId(id)
    ? await signalStreams(env).verify(id, { by: 'operator' })
    : refuse({ code: 'stream_unknown' as const });
  if (verified.ok) return new Response(null, { status: 204 });
  if (verified.error.code === 'stream_unknown') return noStream();
  return problem(409, 'stream_disabled', 'A disabled stream carries no event.');
}

const describe = (env: IssuerEnv, stream: StreamView) => {
  const { status, reason, queued, dropped, failures, fault } = stream;
  return {
    ...streamConfiguration(readConfig(env).issuer, stream),
    status,
    ...(reason !== undefined && { reason }),
    queued,
    dropped,
    failures,
    ...(fault !== undefined && { fault }),
  };
};

async function readBody(request: IRequest): Promise<Result<string, Response>> {
  const body = await readBounded(request as unknown as Request, ADMIN_REQUEST_BYTES_MAX);
  if (body.ok) return ok(body.value);
  return body.error.code === 'body_too_large'
    ? refuse(problem(413, body.error.code, 'The body is too large.'))
    : refuse(problem(400, 'invalid_request', 'The body is not UTF-8.'));
}
