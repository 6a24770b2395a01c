import { createHash } from 'node:crypto';
import { getListFromStatusListJWT } from '@sd-jwt/jwt-status-list';
import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { narrow } from '../../src/agent/index.ts';
import {
  POLL,
  PUSH,
  readStatus,
  SESSION_REVOKED,
  STREAM_UPDATED,
  VERIFICATION,
} from '../../src/signals/index.ts';
import { admin, obtain } from './agent.ts';
import { type EventReceiver, startReceiver } from './receiver.ts';
import { openStage, type Stage } from './stage.ts';

/** Token status lists, and security events by push (RFC 8935) and poll (RFC 8936). */
let stage: Stage;
let receiver: EventReceiver;

beforeAll(async () => {
  stage = await openStage({ signals: true });
  receiver = await startReceiver();
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
  await receiver.close();
  receiver = await startReceiver();
  const { streams } = (await (await admin(stage, 'streams')).json()) as Streams;
  for (const { stream_id } of streams) await remove(stream_id);
});
afterAll(async () => {
  await receiver.close();
  await stage.close();
});

interface Streams {
  readonly streams: readonly (Record<string, unknown> & { readonly stream_id: string })[];
}

const AUDIENCE = 'https://receiver.example';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const PUSH_SECRET = 'secret-of-the-endpoint';

const create = async (delivery: object, token: string, aud = AUDIENCE) => {
  const response = await admin(stage, 'streams', {
    aud,
    delivery,
    receiver_sha256: sha256(token),
  });
  const body = (await response.json()) as Record<string, unknown> & { stream_id: string };
  return { status: response.status, body, id: body.stream_id };
};
const createPushed = () =>
  create(
    { method: PUSH, endpoint_url: receiver.url, authorization_header: `Bearer ${PUSH_SECRET}` },
    'token-of-the-pushed',
  );
const createPolled = (token: string) => create({ method: POLL }, token);

const remove = (stream: string) =>
  stage.fetch(`${stage.issuer}/admin/v1/streams/${stream}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${stage.operator}` },
  });

const asReceiver = (path: string, token: string | undefined, body?: unknown) =>
  stage.fetch(`${stage.issuer}/ssf/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

interface PollBody {
  readonly sets: Record<string, string>;
  readonly moreAvailable?: boolean;
}
const poll = async (stream: string, token: string, request: object = {}) =>
  (await (await asReceiver(`poll/${stream}`, token, request)).json()) as PollBody;

/** Waits for events under way. Nothing that stops a workflow waits for them. */
async function pollUntil(stream: string, token: string, count: number): Promise<PollBody> {
  const end = Date.now() + 5_000;
  for (;;) {
    const body = await poll(stream, token);
    if (Object.keys(body.sets).length >= count || Date.now() > end) return body;
    await new Promise((soon) => setTimeout(soon, 20));
  }
}

const keys = async () => {
  const document = await (await stage.fetch(`${stage.issuer}/.well-known/jwks.json`)).json();
  return createLocalJWKSet(document as Parameters<typeof createLocalJWKSet>[0]);
};

/** Verifies as a receiver does, with jose and what the issuer publishes. */
async function verifySet(set: string): Promise<JWTPayload & Record<string, unknown>> {
  const { payload } = await jwtVerify(set, await keys(), {
    issuer: stage.issuer,
    audience: AUDIENCE,
    typ: 'secevent+jwt',
    algorithms: ['EdDSA'],
  });
  return payload;
}

const revoke = (workflow: string) =>
  admin(stage, `workflows/${workflow}/revoke`, { reason: 'words of the operator' });

describe('a stream that is pushed', () => {
  test('sends session-revoked to a real receiver, which verifies it', async () => {
    const { id } = await createPushed();
    const { workflow } = await obtain(stage);
    expect((await revoke(workflow)).status).toBe(200);
    const [request, ...others] = await receiver.until(1);
    expect(others).toEqual([]);
    expect(request?.headers).toMatchObject({
      'content-type': 'application/secevent+jwt',
      authorization: `Bearer ${PUSH_SECRET}`,
    });
    const claims = await verifySet(request?.body ?? '');
    expect(claims).toEqual({
      iss: stage.issuer,
      aud: AUDIENCE,
      txn: workflow,
      iat: expect.any(Number),
      jti: expect.any(String),
      sub_id: {
        format: 'complex',
        session: { format: 'opaque', id: workflow },
        user: { format: 'iss_sub', iss: stage.identity.issuer, sub: 'alice' },
      },
      events: {
        [SESSION_REVOKED]: {
          initiating_entity: 'admin',
          reason_admin: { en: 'The workflow is revoked.' },
          event_timestamp: expect.any(Number),
        },
      },
    });
    expect(await viewOf(id)).toMatchObject({ queued: 0, dropped: 0, failures: 0 });
  });

  test('is retried with the same id if the receiver fails', async () => {
    const { id } = await createPushed();
    receiver.answer({ status: 503 });
    const { workflow } = await obtain(stage);
    await revoke(workflow);
    await receiver.until(1);
    await expect
      .poll(() => viewOf(id))
      .toMatchObject({ failures: 1, fault: 'http_503', queued: 1 });
    const [first, second] = await receiver.until(2);
    expect(decodeJwt(second?.body ?? '').jti).toBe(decodeJwt(first?.body ?? '').jti);
    await expect.poll(() => viewOf(id)).toMatchObject({ failures: 0, queued: 0, dropped: 0 });
  });

  test('treats a redirect as a failure', async () => {
    const elsewhere = await startReceiver();
    try {
      const { id } = await createPushed();
      receiver.answer({ status: 307, headers: { location: elsewhere.url } });
      const { workflow } = await obtain(stage);
      await revoke(workflow);
      await receiver.until(1);
      // The harness between the Worker and loopback turns the response into a 500.
      await expect.poll(() => viewOf(id)).toMatchObject({ failures: 1, queued: 1 });
      expect(elsewhere.received).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });

  test('delays and fails no revocation if the receiver is gone', async () => {
    const { id } = await createPushed();
    await receiver.close();
    const { workflow } = await obtain(stage);
    const revoked = await revoke(workflow);
    expect(await revoked.json()).toMatchObject({ workflow, seq: expect.any(Number) });
    await expect.poll(() => viewOf(id)).toMatchObject({ failures: 1, queued: 1 });
  });

  test('an event that its receiver rejects does not delay the next one', async () => {
    const { id } = await createPushed();
    const body = JSON.stringify({ err: 'invalid_audience', description: 'not mine' });
    receiver.answer({ status: 400, body });
    const [one, two] = [await obtain(stage), await obtain(stage)];
    await revoke(one.workflow);
    await receiver.until(1);
    await revoke(two.workflow);
    const [, next] = await receiver.until(2);
    expect(decodeJwt(next?.body ?? '').txn).toBe(two.workflow);
    // The event leaves the queue once the receiver's answer has arrived.
    await expect.poll(() => viewOf(id)).toMatchObject({ queued: 1 });
  });

  test('does not delay other streams, however slow its receiver is', async () => {
    const slow = await startReceiver();
    try {
      const answers = Array.from({ length: 8 }, () => ({ status: 202, milliseconds: 9_000 }));
      slow.answer(...answers);
      await create({ method: PUSH, endpoint_url: slow.url }, 'token-of-the-slow');
      await createPushed();
      for (let n = 1; n <= 3; n++) {
        const { workflow } = await obtain(stage);
        await revoke(workflow);
        const before = Date.now();
        expect(await receiver.until(n, 8_000)).toHaveLength(n);
        expect(Date.now() - before).toBeLessThan(8_000);
      }
      // It is not skipped: its first event is under way all this time.
      expect(slow.received).toHaveLength(1);
    } finally {
      await slow.close();
    }
  }, 40_000);

  test('is returned without the credential of its endpoint', async () => {
    const { status, body, id } = await createPushed();
    expect(status).toBe(201);
    const shown = [
      body,
      await (await admin(stage, 'streams')).json(),
      await (await asReceiver(`stream?stream_id=${id}`, 'token-of-the-pushed')).json(),
      await (await admin(stage, 'audit')).json(),
    ];
    expect(JSON.stringify(shown)).not.toContain(PUSH_SECRET);
    expect(JSON.stringify(shown)).not.toContain(sha256('token-of-the-pushed'));
    expect(shown[2]).toMatchObject({
      stream_id: id,
      iss: stage.issuer,
      aud: AUDIENCE,
      delivery: { method: PUSH, endpoint_url: receiver.url },
    });
  });
});

const viewOf = async (id: string) => {
  const { streams } = (await (await admin(stage, 'streams')).json()) as Streams;
  return streams.find(({ stream_id }) => stream_id === id);
};

describe('a stream that is polled', () => {
  test('returns an event until it is acknowledged', async () => {
    const { id, body } = await createPolled('token-a');
    expect(body.delivery).toEqual({
      method: POLL,
      endpoint_url: `${stage.issuer}/ssf/v1/poll/${id}`,
    });
    const [one, two] = [await obtain(stage), await obtain(stage)];
    await revoke(one.workflow);
    await pollUntil(id, 'token-a', 1);
    await revoke(two.workflow);
    const { sets } = await pollUntil(id, 'token-a', 2);
    const claims = await Promise.all(Object.values(sets).map(verifySet));
    expect(claims.map(({ txn }) => txn)).toEqual([one.workflow, two.workflow]);
    expect(Object.keys(sets)).toEqual(claims.map(({ jti }) => jti));
    const [first = '', second = ''] = Object.keys(sets);
    expect(Object.keys((await poll(id, 'token-a', { ack: [first] })).sets)).toEqual([second]);
    const setErrs = { [second]: { err: 'invalid_audience', description: 'x' } };
    expect(await poll(id, 'token-a', { maxEvents: 0, setErrs })).toEqual({ sets: {} });
    expect(await poll(id, 'token-a')).toEqual({ sets: {} });
    const status = await asReceiver(`status?stream_id=${id}`, 'token-a');
    expect(await status.json()).toEqual({
      stream_id: id,
      status: 'enabled',
      reason: 'events dropped: 1',
    });
  });

  test.each([undefined, '', 'token-b', 'wrong'])(
    'is refused to a caller with %j, as if it did not exist',
    async (token) => {
      const { id } = await createPolled('token-a');
      await createPolled('token-b');
      const answers = [];
      for (const stream of [id, 'AAAAAAAAAAAAAAAA', 'x']) {
        for (const [path, body] of [
          [`poll/${stream}`, {}],
          [`stream?stream_id=${stream}`, undefined],
          [`status?stream_id=${stream}`, undefined],
          ['verify', { stream_id: stream }],
        ] as const) {
          const response = await asReceiver(path, token, body);
          answers.push(`${response.status} ${await response.text()}`);
        }
      }
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toMatch(/^401 /);
    },
  );

  test('keeps its events when the receiver of another stream acknowledges them', async () => {
    const [one, other] = [await createPolled('token-a'), await createPolled('token-b')];
    const { workflow } = await obtain(stage);
    await revoke(workflow);
    const [jti = ''] = Object.keys((await pollUntil(one.id, 'token-a', 1)).sets);
    await poll(other.id, 'token-b', { ack: [jti], setErrs: { [jti]: { err: 'x' } } });
    expect(Object.keys((await poll(one.id, 'token-a')).sets)).toEqual([jti]);
  });

  test('rejects a body that is too large or has another media type', async () => {
    const { id } = await createPolled('token-a');
    const send = async (body: unknown) => (await asReceiver(`poll/${id}`, 'token-a', body)).status;
    expect(await send(`{"ack":["${'x'.repeat(140_000)}"]}`)).toBe(413);
    for (const bad of ['{', '[]', '{"ack":1}', '{"maxEvents":"2"}'])
      expect(await send(bad)).toBe(400);
    const { id: pushed } = await createPushed();
    expect((await asReceiver(`poll/${pushed}`, 'token-of-the-pushed', {})).status).toBe(400);
  });

  test('is verified when its receiver asks, and not again at once', async () => {
    const { id } = await createPolled('token-a');
    const ask = async () =>
      (await asReceiver('verify', 'token-a', { stream_id: id, state: 'abc' })).status;
    expect(await ask()).toBe(204);
    expect(await ask()).toBe(429);
    const [set = ''] = Object.values((await poll(id, 'token-a')).sets);
    expect(await verifySet(set)).toMatchObject({
      sub_id: { format: 'opaque', id },
      events: { [VERIFICATION]: { state: 'abc' } },
    });
  });
});

describe('streams', () => {
  test('are created by the operator only', async () => {
    const body = JSON.stringify({ aud: AUDIENCE, delivery: { method: POLL } });
    for (const authorization of ['', `Bearer ${stage.verifier}`]) {
      const url = `${stage.issuer}/admin/v1/streams`;
      const response = await stage.fetch(url, { method: 'POST', headers: { authorization }, body });
      expect(response.status).toBe(401);
    }
  });

  test.each(['http://receiver.example/in', 'http://10.0.0.1/', 'https://a:b@receiver.example/'])(
    'are not pushed to %s',
    async (endpoint_url) => {
      const made = await create({ method: PUSH, endpoint_url }, 't');
      expect(made).toMatchObject({ status: 400, body: { error: 'endpoint_refused' } });
    },
  );

  test('are paused, verified and removed by the operator', async () => {
    const { id } = await createPushed();
    const set = (status: string) =>
      admin(stage, `streams/${id}/status`, { status, reason: 'maintenance' });
    expect((await set('paused')).status).toBe(200);
    expect((await admin(stage, `streams/${id}/verify`, {})).status).toBe(204);
    const status = await asReceiver(`status?stream_id=${id}`, 'token-of-the-pushed');
    expect(await status.json()).toEqual({ stream_id: id, status: 'paused', reason: 'maintenance' });
    // A paused stream sends only the event that it is paused.
    const received = async (count: number) => {
      const sets = (await receiver.until(count)).map(({ body }) => verifySet(body));
      return (await Promise.all(sets)).map(({ events }) => events);
    };
    const updated = (status: string) => ({ [STREAM_UPDATED]: { status, reason: 'maintenance' } });
    expect(await received(1)).toEqual([updated('paused')]);
    await set('enabled');
    expect(await received(3)).toEqual([
      updated('paused'),
      { [VERIFICATION]: {} },
      updated('enabled'),
    ]);
    expect((await set('asleep')).status).toBe(400);
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(404);
  });

  test('inform their receiver that they were disabled, and send nothing after that', async () => {
    const { id } = await createPolled('token-of-the-polled');
    await admin(stage, `streams/${id}/status`, { status: 'disabled', reason: 'left' });
    const { workflow } = await obtain(stage);
    await revoke(workflow);
    const { sets } = await pollUntil(id, 'token-of-the-polled', 1);
    const events = await Promise.all(Object.values(sets).map(verifySet));
    expect(events.map(({ events }) => events)).toEqual([
      { [STREAM_UPDATED]: { status: 'disabled', reason: 'left' } },
    ]);
  });

  test('are listed for the credential that reads them, and for no other', async () => {
    const [one, two] = [await createPolled('token-of-both'), await createPolled('token-of-both')];
    const other = await createPolled('token-of-another');
    const listed = async (token: string | undefined) => {
      const response = await asReceiver('stream', token);
      return response.status === 200
        ? ((await response.json()) as { stream_id: string }[]).map(({ stream_id }) => stream_id)
        : response.status;
    };
    expect(await listed('token-of-both')).toEqual([one.id, two.id]);
    expect(await listed('token-of-another')).toEqual([other.id]);
    expect(await listed('token-of-no-stream')).toBe(401);
    expect(await listed(undefined)).toBe(401);
  });

  test('are found by the configuration of the transmitter', async () => {
    const url = `${stage.issuer}/.well-known/ssf-configuration`;
    expect(await (await stage.fetch(url)).json()).toEqual({
      spec_version: '1_0',
      issuer: stage.issuer,
      default_subjects: 'ALL',
      jwks_uri: `${stage.issuer}/.well-known/jwks.json`,
      delivery_methods_supported: [PUSH, POLL],
      configuration_endpoint: `${stage.issuer}/ssf/v1/stream`,
      status_endpoint: `${stage.issuer}/ssf/v1/status`,
      verification_endpoint: `${stage.issuer}/ssf/v1/verify`,
      critical_subject_members: ['session'],
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6750' }],
    });
  });
});

const introspect = async (token: string) => {
  const response = await stage.fetch(`${stage.issuer}/introspect`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Bearer ${stage.verifier}`,
    },
    body: String(new URLSearchParams({ token })),
  });
  return (await response.json()) as {
    readonly active: boolean;
    readonly status?: { readonly status_list: { readonly idx: number; readonly uri: string } };
  };
};

describe('a status list', () => {
  test('is referred to by introspection, and read and verified by a peer', async () => {
    const { token, workflow } = await obtain(stage);
    const { status } = await introspect(token);
    const { idx, uri } = status?.status_list ?? { idx: -1, uri: '' };
    const read = async () => {
      const response = await stage.fetch(uri);
      expect(response.headers.get('content-type')).toBe('application/statuslist+jwt');
      expect(response.headers.get('cache-control')).toBe('public, max-age=60');
      return response.text();
    };
    const list = await read();
    const { payload } = await jwtVerify(list, await keys(), {
      issuer: stage.issuer,
      subject: uri,
      typ: 'statuslist+jwt',
    });
    expect(payload).toMatchObject({ ttl: 60, exp: Number(payload.iat) + 600 });
    expect(getListFromStatusListJWT(list).getStatus(idx)).toBe(0);
    await revoke(workflow);
    await expect.poll(async () => getListFromStatusListJWT(await read()).getStatus(idx)).toBe(1);
    const reference = { issuer: stage.issuer, uri, idx, keys: await keys(), now: new Date() };
    expect(await readStatus(await read(), reference)).toEqual({ ok: true, value: 'invalid' });
    const late = new Date(Date.now() + 700_000);
    expect(await readStatus(list, { ...reference, now: late })).toMatchObject({ ok: false });
    expect(await introspect(token)).toEqual({ active: false });
  });

  test('has one index for all the tokens of a workflow', async () => {
    const { token } = await obtain(stage);
    const cut = await narrow(token, {
      tool: 'mcp/files/write_file',
      expires: new Date(Date.now() + 30_000),
    });
    if (!cut.ok) throw new Error(cut.error.code);
    const { status } = await introspect(token);
    expect(status).toBeDefined();
    expect((await introspect(cut.value)).status).toEqual(status);
    expect((await introspect((await obtain(stage)).token)).status).not.toEqual(status);
  });

  test.each(['AAAAAAAAAAAAAAAA', 'x', '..%2F..', '1'])('named %s does not exist', async (name) => {
    expect((await stage.fetch(`${stage.issuer}/status/v1/${name}`)).status).toBe(404);
  });
});
