// cspell:ignore afbf
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { POLL, PUSH, SESSION_REVOKED } from '../../../src/signals/index.ts';
import { atIssuer } from './issuer-scene.ts';

const ID = '4fT0aQ9xLr2bWm7c';
const AUD = 'https://receiver.example';
const STREAM = {
  stream_id: ID,
  iss: 'https://issuer.example',
  aud: `${AUD}\u202e`,
  delivery: { method: PUSH, endpoint_url: `${AUD}/events` },
  events_supported: [SESSION_REVOKED],
  events_requested: [SESSION_REVOKED],
  events_delivered: [SESSION_REVOKED],
  min_verification_interval: 30,
  status: 'paused',
  reason: 'moved',
  queued: 4,
  dropped: 1,
  failures: 2,
  fault: 'answered_503',
};

describe('hewn streams list', () => {
  test('shows receiver, delivery, status and losses', async () => {
    const polled = { ...STREAM, delivery: { method: POLL, endpoint_url: 'x' }, failures: 0 };
    const { code, out } = await atIssuer(['streams', 'list'], { streams: [STREAM, polled] });
    expect(code).toBe(0);
    const [, pushed = '', second = ''] = out.split('\n');
    expect(pushed).toContain(`https://receiver.example\\u{202e}  push to ${AUD}/events  paused`);
    expect(pushed).toContain('answered_503 ×2');
    expect(second).toContain('  poll  ');
    expect(second).not.toContain('×');
  });
});

describe('hewn streams create', () => {
  const CREATE = ['streams', 'create', AUD];

  test('writes only the token of the receiver to standard output, and sends only its digest', async () => {
    const ran = await atIssuer([...CREATE, '--poll'], STREAM);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^[\w-]{43}$/);
    const digest = createHash('sha256').update(ran.out).digest('hex');
    expect(ran.sent).toEqual([
      {
        call: 'POST /admin/v1/streams',
        body: { aud: AUD, receiver_sha256: digest, delivery: { method: POLL } },
      },
    ]);
    expect(ran.err).toContain(`hewn streams verify ${ID}`);
    expect(ran.err).toContain('https://issuer.example/.well-known/ssf-configuration');
  });

  test('takes the header of the endpoint from standard input, and shows it nowhere', async () => {
    const digest = 'a'.repeat(64);
    const words = ['--push', `${AUD}/events`, '--authorization-stdin', '--receiver-sha256', digest];
    const stdin = async () => 'Bearer the-secret\n';
    const ran = await atIssuer([...CREATE, ...words], STREAM, { stdin, outIsTerminal: true });
    expect(ran.sent[0]?.body).toMatchObject({
      receiver_sha256: digest,
      delivery: { authorization_header: 'Bearer the-secret', endpoint_url: `${AUD}/events` },
    });
    expect(ran.out + ran.err).not.toContain('the-secret');
    expect(ran.out).toContain(`${ID}  created`);
  });

  test.each([
    [[], 'either --push URL or --poll'],
    [['--push', 'https://a.example', '--poll'], 'either --push URL or --poll'],
    [['--poll', '--authorization-stdin'], 'goes with --push'],
    [['--push', 'https://a.example', '--authorization-stdin'], 'no Authorization header'],
    [['--poll', '--receiver-sha256', 'abc'], '64 lower-case hex digits'],
  ])('asks nothing of the issuer with %j', async (words, reason) => {
    const ran = await atIssuer([...CREATE, ...words], STREAM);
    expect(ran).toMatchObject({ code: 2, out: '', sent: [] });
    expect(ran.err).toContain(reason);
  });

  test('writes no token to a terminal', async () => {
    const ran = await atIssuer([...CREATE, '--poll'], STREAM, { outIsTerminal: true });
    expect(ran).toMatchObject({ code: 2, out: '', sent: [] });
    expect(ran.err).toContain('a terminal keeps what it shows');
  });
});

test('an issuer without a key for signals says how it gets one', async () => {
  const fetch = async () => Response.json({ error: 'not_found' }, { status: 404 });
  const ran = await atIssuer(['streams', 'list'], undefined, { fetch });
  expect(ran.code).toBe(2);
  expect(ran.err).toContain('signals are off at this issuer: give it a SIGNAL_KEY');
});

describe('a command for one stream', () => {
  test.each([
    ['enable', 'enabled'],
    ['pause', 'paused'],
    ['disable', 'disabled'],
  ])('hewn streams %s sets the status %s', async (verb, status) => {
    const answer = { stream_id: ID, status, reason: 'why' };
    const ran = await atIssuer(['streams', verb, ID, '--reason', 'why'], answer);
    expect(ran).toMatchObject({ code: 0, out: `${ID}  ${status}` });
    expect(ran.sent).toEqual([
      { call: `POST /admin/v1/streams/${ID}/status`, body: { status, reason: 'why' } },
    ]);
  });

  test('hewn streams remove and verify name the stream that they act on', async () => {
    const removed = await atIssuer(['streams', 'remove', ID]);
    expect(removed.sent).toEqual([{ call: `DELETE /admin/v1/streams/${ID}` }]);
    const verified = await atIssuer(['streams', 'verify', ID]);
    expect(verified.sent).toEqual([{ call: `POST /admin/v1/streams/${ID}/verify` }]);
  });

  test('an id that begins with a hyphen is taken after --', async () => {
    const ran = await atIssuer(['streams', 'remove', '--', `-${ID.slice(1)}`]);
    expect(ran.sent).toEqual([{ call: `DELETE /admin/v1/streams/-${ID.slice(1)}` }]);
  });

  test('a text that is no id is refused before the issuer is asked', async () => {
    for (const ids of [[], ['short'], [ID, ID], ['../../../../x/y/']]) {
      const ran = await atIssuer(['streams', 'remove', ...ids]);
      expect(ran).toMatchObject({ code: 2, sent: [] });
      expect(ran.err).toContain('hewn streams list');
    }
  });
});
