import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { approvalChallenge, confirmationChallenge } from '../../../../src/passkey/index.ts';
import { newApprovalId } from '../../../../workers/issuer/approval/id.ts';
import { approvals } from '../../../../workers/issuer/platform/env.ts';
import { serveKeys } from '../../../storage/dump/idp.ts';
import { OPERATOR } from '../../../storage/dump/scene.ts';
import { Authenticator, type Lies } from '../../../unit/passkey/authenticator.ts';
import { readMerged } from '../merged.ts';
import { as, codeOf, mint } from './capability.scene.ts';
import { Browser, bearer, env, ISSUER, startProvider, tokenOf, withDirectory } from './scene.ts';

const variables = withDirectory({ passkeys: true });
const network = globalThis.fetch;
beforeEach(() => {
  globalThis.fetch = serveKeys(network);
  startProvider();
});
afterEach(async () => {
  vi.restoreAllMocks();
  globalThis.fetch = network;
  await reset();
});

const ORIGIN = new URL(ISSUER).origin;
const DIGEST = 'ab'.repeat(32);

/** A person at the console, with an authenticator at hand. */
async function person(sub: string, groups: readonly string[] = []) {
  const browser = new Browser();
  await browser.signIn({ sub, groups }, variables);
  const authenticator = await Authenticator.at(ORIGIN);
  const send = (method: string, path: string, body?: object) =>
    browser.call(method, path, body, variables);
  const challenge = async () =>
    ((await (await send('GET', '/passkeys')).json()) as { challenge: string }).challenge;
  const register = async (more: object = {}, own = authenticator) => {
    const made = await own.make(await challenge());
    return codeOf(
      await send('POST', '/passkeys', {
        label: 'phone',
        id: made.id,
        client_data: made.clientData,
        authenticator_data: made.authenticatorData,
        algorithm: made.algorithm,
        public_key: made.publicKey,
        ...more,
      }),
    );
  };
  return { send, authenticator, challenge, register };
}

type Person = Awaited<ReturnType<typeof person>>;

async function answerOf(authenticator: Authenticator, challenge: string, lies: Lies = {}) {
  const { id, clientData, authenticatorData, signature } = await authenticator.use(challenge, lies);
  return { id, client_data: clientData, authenticator_data: authenticatorData, signature };
}

/** A single call, as the question about it has it. */
const CALL = {
  tool: 'mcp/mail/send',
  action: 'execute',
  dataset: ['mail/outbox'],
  args: { to: ['bob'] },
  sinks: ['/to/0'],
} as const;

async function question(agent = 'agent', calls: readonly (typeof CALL)[] = []): Promise<string> {
  const who = { agent, subject: 'user', owner: 'team', task: 'task' };
  const grants = [{ tool: 't', action: 'write', dataset: 'd' }] as const;
  const asked = await approvals(env).ask({
    id: newApprovalId(),
    digest: DIGEST,
    question: JSON.stringify({
      ...who,
      audience: 'https://gateway.example',
      ...(calls.length > 0 ? { calls } : { grants }),
    }),
    who,
    what: { audience: 'https://gateway.example', grants: [...grants] },
  });
  if (!asked.ok) throw new Error(asked.error.code);
  return asked.value.id;
}

const until = Math.floor(Date.now() / 1_000) + 600;
const yes = { decision: 'approve', digest: DIGEST, until, reason: 'as agreed' };

async function approve({ send }: Person, id: string, passkey?: object): Promise<string> {
  return codeOf(await send('POST', `/approvals/${id}`, { ...yes, ...(passkey && { passkey }) }));
}

describe('an approval of a person, where passkeys are required', () => {
  test('counts with the answer of their passkey, which the record names', async () => {
    const olivia = await person('olivia');
    expect(await olivia.register()).toBe('201');
    const id = await question();
    expect(await approve(olivia, id)).toBe('403 passkey_required');
    const challenge = await approvalChallenge({ id, digest: DIGEST, until });
    const passkey = await answerOf(olivia.authenticator, challenge);
    expect(await approve(olivia, id, passkey)).toBe('200');
    const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
    expect(records.find(({ event }) => event === 'approval_decided')).toMatchObject({
      by: 'corp#olivia',
      passkey: olivia.authenticator.id,
      via: { source: 'console' },
    });
    expect(records).toContainEqual(
      expect.objectContaining({ change: 'passkey_added', actor: 'corp#olivia' }),
    );
  });

  test('counts in the same way if it is for a single call', async () => {
    const olivia = await person('olivia');
    await olivia.register();
    const id = await question('agent', [CALL]);
    const poll = () => approvals(env).poll({ id, agent: 'agent', digest: DIGEST });
    expect(await approve(olivia, id)).toBe('403 passkey_required');
    expect(await poll()).toMatchObject({ error: { code: 'approval_pending' } });
    const challenge = await approvalChallenge({ id, digest: DIGEST, until });
    expect(await approve(olivia, id, await answerOf(olivia.authenticator, challenge))).toBe('200');
    expect(await poll()).toMatchObject({ ok: true, value: { by: 'corp#olivia' } });
  });

  test.each<[string, Lies]>([
    ['without verification of the person', { flags: 0x01 }],
    ['for another origin', { origin: 'https://evil.example' }],
    ['for another relying party', { host: 'evil.example' }],
    ['of a registration', { type: 'webauthn.create' }],
  ])('is refused with an answer %s', async (_, lies) => {
    const olivia = await person('olivia');
    await olivia.register();
    const id = await question();
    const challenge = await approvalChallenge({ id, digest: DIGEST, until });
    const passkey = await answerOf(olivia.authenticator, challenge, lies);
    expect(await approve(olivia, id, passkey)).toBe('403 passkey_refused');
  });

  test('is refused with an answer to another approval, another end, or by another person', async () => {
    const [olivia, otto] = [await person('olivia'), await person('otto')];
    await olivia.register();
    await otto.register();
    const id = await question();
    for (const [who, asked] of [
      [olivia, { id: newApprovalId(), digest: DIGEST, until }],
      [olivia, { id, digest: DIGEST, until: until + 1 }],
      [olivia, { id, digest: 'ac'.repeat(32), until }],
      [otto, { id, digest: DIGEST, until }],
    ] as const) {
      const passkey = await answerOf(who.authenticator, await approvalChallenge(asked));
      expect(await approve(olivia, id, passkey)).toBe('403 passkey_refused');
    }
  });

  test('is refused if the counter of the passkey does not rise', async () => {
    const olivia = await person('olivia');
    await olivia.register();
    const answered = async (counter: number) => {
      const id = await question(`agent ${++asked}`);
      const challenge = await approvalChallenge({ id, digest: DIGEST, until });
      const sent = await approve(
        olivia,
        id,
        await answerOf(olivia.authenticator, challenge, { counter }),
      );
      return sent;
    };
    let asked = 0;
    expect(await answered(7)).toBe('200');
    expect(await answered(7)).toBe('403 passkey_refused');
  });

  test('cannot be given by a command or an operator capability, and a refusal needs no passkey', async () => {
    const session = await tokenOf({ sub: 'olivia' }, variables);
    const held = await mint(session, [{ permission: 'approve' }], variables);
    const id = await question();
    const path = `/approvals/${id}`;
    const required = '403 passkey_required';
    expect(await codeOf(await bearer(session, 'POST', path, { body: yes, variables }))).toBe(
      required,
    );
    expect(await codeOf(await as(held, 'POST', path, { body: yes, variables }))).toBe(required);
    const no = { decision: 'refuse', digest: DIGEST, reason: 'no one ordered this' };
    expect(await codeOf(await as(held, 'POST', path, { body: no, variables }))).toBe('200');
  });

  test('can be given by the operator credential, which raises its alarm', async () => {
    const id = await question();
    const sent = { body: { ...yes, by: 'carol' }, variables };
    expect(await codeOf(await bearer(OPERATOR, 'POST', `/approvals/${id}`, sent))).toBe('200');
  });
});

describe('a passkey', () => {
  test('after the first is added with the answer of one that the person has', async () => {
    const olivia = await person('olivia');
    expect(await olivia.register()).toBe('201');
    const second = await Authenticator.at(ORIGIN);
    expect(await olivia.register({}, second)).toBe('403 passkey_refused');
    const stranger = await answerOf(second, await olivia.challenge());
    expect(await olivia.register({ confirmed_by: stranger }, second)).toBe('403 passkey_refused');
    const registration = await confirmationChallenge(await olivia.challenge(), second.id);
    const confirmed = await answerOf(olivia.authenticator, registration);
    expect(await olivia.register({ confirmed_by: confirmed }, second)).toBe('201');
    const third = await Authenticator.at(ORIGIN);
    expect(await olivia.register({ confirmed_by: confirmed }, third)).toBe('403 passkey_refused');
  });

  test('is limited to eight of a person', async () => {
    const olivia = await person('olivia');
    await olivia.register();
    const answers: string[] = [];
    for (let index = 0; index < 8; index++) {
      const own = await Authenticator.at(ORIGIN);
      const challenge = await confirmationChallenge(await olivia.challenge(), own.id);
      const confirmed_by = await answerOf(olivia.authenticator, challenge);
      answers.push(await olivia.register({ confirmed_by }, own));
    }
    expect(answers.slice(0, 7).every((answer) => answer === '201')).toBe(true);
    expect(answers[7]).toBe('409 passkeys_full');
  });

  test('is added by a person alone, and only by one who may approve', async () => {
    const session = await tokenOf({ sub: 'olivia' }, variables);
    const held = await mint(session, [{ permission: 'approve' }], variables);
    const authenticator = await Authenticator.at(ORIGIN);
    const sent = await authenticator.make('AAAA');
    const body = {
      label: 'phone',
      id: sent.id,
      client_data: sent.clientData,
      authenticator_data: sent.authenticatorData,
      algorithm: sent.algorithm,
      public_key: sent.publicKey,
    };
    const refused = '403 not_for_your_role';
    expect(await codeOf(await as(held, 'POST', '/passkeys', { body, variables }))).toBe(refused);
    expect(await codeOf(await bearer(OPERATOR, 'POST', '/passkeys', { body, variables }))).toBe(
      refused,
    );
    const viewer = await person('vera', ['staff']);
    expect(await viewer.register()).toBe(refused);
  });

  test('is removed by another person, and never by its own', async () => {
    const [olivia, otto] = [await person('olivia'), await person('otto')];
    await olivia.register();
    const path = `/passkeys/${olivia.authenticator.id}/remove`;
    const reason = { reason: 'the phone was lost' };
    expect(await codeOf(await olivia.send('POST', path, reason))).toBe('403 same_person');
    expect((await otto.send('POST', path, reason)).status).toBe(204);
    expect(await codeOf(await otto.send('POST', path, reason))).toBe('404 passkey_unknown');
    expect(await olivia.register()).toBe('201');
    const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
    expect(records).toContainEqual(
      expect.objectContaining({
        change: 'passkey_removed',
        actor: 'corp#otto',
        person: 'corp#olivia',
        reason: 'the phone was lost',
      }),
    );
  });
});
