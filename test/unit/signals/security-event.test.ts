import { expect, test } from 'vitest';
import { isTerminal, STATES } from '../../../src/lifecycle/index.ts';
import {
  SESSION_REVOKED,
  sessionRevoked,
  VERIFICATION,
  verificationEvent,
  type WorkflowChange,
} from '../../../src/signals/index.ts';

const RECEIVER = {
  stream: 's1',
  issuer: 'https://issuer.example',
  audience: 'https://receiver.example',
};
const CHANGE: WorkflowChange = {
  id: 'revocation.wf_a.wf_a',
  workflow: 'wf_a',
  state: 'revoked',
  at: 1_800_000_000_999,
  by: 'admin',
  subject: 'https://idp.example/#alice#2',
};

test('the end of a workflow is session-revoked, with its id as session and transaction', async () => {
  expect(await sessionRevoked(CHANGE, RECEIVER, 1_800_000_001)).toEqual({
    iss: RECEIVER.issuer,
    aud: RECEIVER.audience,
    iat: 1_800_000_001,
    txn: 'wf_a',
    jti: expect.stringMatching(/^[\w-]{43}$/),
    sub_id: {
      format: 'complex',
      session: { format: 'opaque', id: 'wf_a' },
      user: { format: 'iss_sub', iss: 'https://idp.example/', sub: 'alice#2' },
    },
    events: {
      [SESSION_REVOKED]: {
        initiating_entity: 'admin',
        reason_admin: { en: 'The workflow is revoked.' },
        event_timestamp: 1_800_000_000,
      },
    },
  });
});

test('each end is an event, and no state that can continue is one', async () => {
  for (const state of STATES) {
    const event = await sessionRevoked({ ...CHANGE, state }, RECEIVER, 1);
    expect([state, event !== undefined]).toEqual([state, isTerminal(state)]);
  }
});

test('a change has one id in a stream, and a different one in another', async () => {
  const id = async (change = CHANGE, stream = 's1') =>
    (await sessionRevoked(change, { ...RECEIVER, stream }, Math.random()))?.jti;
  expect(await id()).toBe(await id());
  expect(await id()).not.toBe(await id(CHANGE, 's2'));
  expect(await id()).not.toBe(await id({ ...CHANGE, id: 'x' }));
});

test('an unknown subject is left out, and one without an issuer is opaque', async () => {
  const unknown = await sessionRevoked({ ...CHANGE, subject: undefined }, RECEIVER, 1);
  expect(unknown?.sub_id).not.toHaveProperty('user');
  const bare = await sessionRevoked({ ...CHANGE, subject: 'alice' }, RECEIVER, 1);
  expect(bare?.sub_id).toMatchObject({ user: { format: 'opaque', id: 'alice' } });
});

test('a verification echoes the requested state, with the stream as its subject', () => {
  expect(verificationEvent(RECEIVER, { jti: 'j', state: 'x' }, 5)).toEqual({
    iss: RECEIVER.issuer,
    aud: RECEIVER.audience,
    jti: 'j',
    iat: 5,
    sub_id: { format: 'opaque', id: 's1' },
    events: { [VERIFICATION]: { state: 'x' } },
  });
});
