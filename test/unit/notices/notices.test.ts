import { describe, expect, test } from 'vitest';
import {
  keyOf,
  linkOf,
  NOTICE_TYPES,
  NOTICES,
  type Notice,
  readTargets,
  requestFor,
  type SentNotice,
  signatureHeaders,
  type Target,
} from '../../../src/notices/index.ts';
import { fromBase64 } from '../../../src/tlog/index.ts';

const ISSUER = 'https://issuer.example';
const AT = Date.parse('2026-11-29T08:00:00Z');
const SECRETS = {
  pager: `whsec_${btoa('k'.repeat(24))}`,
  chat: 'https://hooks.slack.com/services/T0/B0/secret',
  mail: 'Bearer secret',
};
const STATED = [
  { name: 'pager', kind: 'webhook', url: 'https://hooks.example/hewn' },
  { name: 'chat', kind: 'slack', events: ['approval.asked'] },
  {
    name: 'mail',
    kind: 'email',
    url: 'https://mail.example/send',
    from: 'hewn@acme.example',
    to: ['alerts@acme.example'],
  },
];

const read = (targets: unknown = STATED, secrets: unknown = SECRETS, allowLoopback = false) =>
  readTargets(targets, secrets, { allowLoopback });

function target(name: string): Target {
  const targets = read();
  const found = targets.ok ? targets.value.find((one) => one.name === name) : undefined;
  if (!found) throw new Error(`no target ${name}`);
  return found;
}

const asked = (task: string): SentNotice => ({
  type: 'approval.asked',
  id: 'msg_1',
  at: AT,
  data: {
    approval: 'apr_1',
    agent: 'ci#agent',
    subject: 'corp#alice',
    owner: 'team-reports',
    task,
    expires_at: '2026-11-29T08:10:00.000Z',
  },
});

const send = async (name: string, notice: SentNotice) => {
  const request = await requestFor(target(name), notice, { issuer: ISSUER, now: AT + 1_500 });
  return { ...request, json: JSON.parse(request.body) };
};

describe('a signed webhook', () => {
  test('has the signature of the published example of Standard Webhooks', async () => {
    const key = fromBase64('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') ?? new Uint8Array();
    const headers = await signatureHeaders(key, {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      now: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('carries type, time and data, and a link to the console', async () => {
    const { url, headers, json } = await send('pager', asked('send the summary'));
    expect(url).toBe('https://hooks.example/hewn');
    expect(headers).toMatchObject({ 'webhook-id': 'msg_1', 'content-type': 'application/json' });
    expect(json).toMatchObject({
      type: 'approval.asked',
      timestamp: '2026-11-29T08:00:00.000Z',
      data: { task: 'send the summary', link: `${ISSUER}/console/#/approvals/apr_1` },
    });
    expect(JSON.stringify([headers, json])).not.toContain(SECRETS.pager);
  });
});

describe('a message for a chat', () => {
  const HOSTILE = '<!channel> <https://evil.example|approve> *now* @here \u202e\u200bok';

  test('has texts of an agent only in plain text, with hidden characters as numbers', async () => {
    const { json } = await send('chat', asked(HOSTILE));
    expect(json.text).toBe(
      `${NOTICES['approval.asked'].title}: ${ISSUER}/console/#/approvals/apr_1`,
    );
    const markup = json.blocks.filter(
      ({ text }: { text: { type: string } }) => text.type !== 'plain_text',
    );
    expect(JSON.stringify(markup)).not.toContain('evil.example');
    const [, facts] = json.blocks;
    expect(facts.text).toMatchObject({ type: 'plain_text', emoji: false });
    expect(facts.text.text).toContain('task: "<!channel>');
    expect(facts.text.text).not.toMatch(/[\u202e\u200b]/);
  });

  test('cuts a text that is too long for a block', async () => {
    const { json } = await send('chat', asked('a'.repeat(5_000)));
    expect(json.blocks[1].text.text.length).toBeLessThan(3_000);
  });

  test('names at most twenty verifiers', async () => {
    const verifiers = Array.from({ length: 100 }, (_, n) => `own:${n}`);
    const data = { cause: 'stale', shard: 0, verifiers } as const;
    const { json } = await send('chat', { type: 'verifier.stale', id: 'msg_2', at: AT, data });
    expect(json.blocks[1].text.text).toContain('and 80 more');
  });
});

test('a mail has a subject without any text of an agent, and a key against repetition', async () => {
  const { headers, json } = await send('mail', asked('x\r\nBcc: everyone@acme.example'));
  expect(json).toMatchObject({
    from: 'hewn@acme.example',
    to: ['alerts@acme.example'],
    subject: '[hewn] An agent asks a person to approve something',
  });
  expect(json.text).toContain('task: "x\\r\\nBcc: everyone@acme.example"');
  expect(json.text).toContain('An answer to this message has no effect.');
  expect(headers).toMatchObject({ authorization: 'Bearer secret', 'idempotency-key': 'msg_1' });
});

describe('the targets', () => {
  test('get all events unless some are named', () => {
    expect(target('pager').events).toEqual(NOTICE_TYPES);
    expect(target('chat').events).toEqual(['approval.asked']);
    expect(NOTICE_TYPES).not.toContain('test');
  });

  test.each([
    ['a URL that is not https', [{ ...STATED[0], url: 'http://hooks.example/' }], SECRETS],
    ['a URL with a query', [{ ...STATED[0], url: 'https://hooks.example/?key=1' }], SECRETS],
    ['an unknown kind', [{ name: 'pager', kind: 'pigeon' }], SECRETS],
    ['an unknown event', [{ ...STATED[1], events: ['approval.given'] }], SECRETS],
    ['an unknown member', [{ ...STATED[1], url: 'https://hooks.example/' }], SECRETS],
    ['a name twice', [STATED[0], STATED[0]], SECRETS],
    [
      'a mail to a list of addresses in one text',
      [{ ...STATED[2], to: ['a@b.c, d@e.f'] }],
      SECRETS,
    ],
    [
      'more than sixteen',
      Array.from({ length: 17 }, (_, n) => ({ name: `t${n}`, kind: 'slack' })),
      {},
    ],
    ['no secret', [STATED[0]], {}],
    ['a secret of a prototype', [{ ...STATED[1], name: 'constructor' }], {}],
    ['a key that is too short', [STATED[0]], { pager: `whsec_${btoa('short')}` }],
    ['a key without its prefix', [STATED[0]], { pager: btoa('k'.repeat(24)) }],
    ['a chat at a plain URL', [STATED[1]], { chat: 'http://hooks.slack.com/services/T0' }],
    ['a header with a line break', [STATED[2]], { mail: 'Bearer a\r\nx: y' }],
  ])('are refused with %s, without their secrets in the reason', (_case, targets, secrets) => {
    const refused = read(targets, secrets);
    expect(refused.ok).toBe(false);
    for (const secret of Object.values(secrets)) {
      expect(JSON.stringify(refused)).not.toContain(secret);
    }
  });

  test('may be on loopback only in a local deployment', () => {
    const local = [{ ...STATED[0], url: 'http://127.0.0.1:9/hook' }];
    expect(read(local).ok).toBe(false);
    expect(read(local, SECRETS, true).ok).toBe(true);
    expect(read([{ ...STATED[0], url: 'http://10.0.0.1/hook' }], SECRETS, true).ok).toBe(false);
  });
});

test('a link leads into the console and nowhere else, whatever an id contains', () => {
  const notice: Notice = {
    type: 'rule.suspended',
    data: { rule: 'r@1', workflow: '../../evil?x=#y', action: 'suspend' },
  };
  expect(linkOf(ISSUER, notice)).toBe(`${ISSUER}/console/#/w/..%2F..%2Fevil%3Fx%3D%23y`);
});

test('a notice is recognised by what it is about', () => {
  const tripped = (rule: string): Notice => ({
    type: 'breaker.tripped',
    data: { rule, stopped: 21, bound: 20 },
  });
  expect(keyOf(tripped('a@1'))).toBe(keyOf(tripped('a@1')));
  expect(keyOf(tripped('a@1'))).not.toBe(keyOf(tripped('b@1')));
});
