import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { streamConfiguration, toStreamRequest } from '../../../src/signals/index.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, signalStreams } from '../platform/env.ts';
import type { StreamView } from './streams-binding.ts';

export const streamRoutes = bindAdmin(ADMIN_API.streams, {
  listStreams: async (_input, { env }) => {
    const streams = await signalStreams(env).list();
    return ok({ streams: streams.map((stream) => describe(env, stream)) });
  },

  createStream: async ({ body }, { env, actor, via }) => {
    const request = toStreamRequest(body, readConfig(env).signals?.allowLoopback === true);
    if (!request.ok) return request;
    const created = await signalStreams(env).create(request.value, { actor, via });
    if (!created.ok) return created;
    const stream = (await signalStreams(env).list()).find(({ id }) => id === created.value);
    return stream ? ok(describe(env, stream)) : refuse({ code: 'stream_unknown' });
  },

  removeStream: async ({ params: { id } }, { env, actor, via }) =>
    (await signalStreams(env).remove(id, { actor, via }))
      ? ok(undefined)
      : refuse({ code: 'stream_unknown' }),

  setStreamStatus: async ({ params: { id }, body }, { env, actor, via }) =>
    (await signalStreams(env).setStatus(id, body, { actor, via }))
      ? ok({ stream_id: id, ...body })
      : refuse({ code: 'stream_unknown' }),

  verifyStream: async ({ params: { id } }, { env }) => {
    const verified = await signalStreams(env).verify(id, { by: 'operator' });
    if (verified.ok) return ok(undefined);
    const { code } = verified.error;
    return refuse({ code: code === 'stream_unknown' ? code : 'stream_disabled' });
  },
});

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
