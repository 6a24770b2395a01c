import {
  checkProof,
  createDpopKey,
  createNonces,
  type ProofExpectations,
  type ProofRequest,
  seenProofs,
  signProof,
} from '../../../src/dpop/index.ts';
import {
  type Receiver,
  readStatus,
  readStreamRequest,
  type StatusReference,
  sessionRevoked,
  streamUpdatedEvent,
  verificationEvent,
} from '../../../src/signals/index.ts';
import { AUDIENCE, at, ISSUER } from '../fixtures/issuer.ts';
import { nothing, token, type Walk, walk } from './walk.ts';

const key = await createDpopKey();
export const DPOP: readonly Walk[] = [
  walk<ProofRequest>(
    'signProof',
    { method: 'POST', url: AUDIENCE, now: at(0), token, nonce: 'n' },
    ['token', 'nonce'],
    (given) => signProof(key, given),
  ),
  walk<ProofExpectations>(
    'checkProof',
    {
      method: 'POST',
      url: AUDIENCE,
      now: at(0),
      ath: 'x',
      nonces: createNonces(new Uint8Array(32).fill(7)),
      seen: seenProofs(),
    },
    ['ath', 'nonces', 'seen'],
    (given) => checkProof('', given),
  ),
];

export const SIGNALS: readonly Walk[] = [
  walk<StatusReference>(
    'readStatus',
    { issuer: ISSUER, uri: `${ISSUER}/status/1`, idx: 0, keys: nothing as never, now: new Date() },
    [],
    (given) => readStatus('', given),
  ),
  walk<{ allowLoopback: boolean }>('readStreamRequest', { allowLoopback: true }, [], (given) =>
    readStreamRequest('{}', given),
  ),
  walk<Receiver>(
    'sessionRevoked',
    { stream: 's', issuer: ISSUER, audience: AUDIENCE },
    [],
    (given) =>
      sessionRevoked({ id: 'c', workflow: 'w', state: 'revoked', at: 1, by: 'admin' }, given, 1),
  ),
  walk<Receiver>(
    'verificationEvent',
    { stream: 's', issuer: ISSUER, audience: AUDIENCE },
    [],
    (given) => verificationEvent(given, { jti: 'j' }, 1),
  ),
  walk<{ jti: string; status: 'paused'; reason?: string }>(
    'streamUpdatedEvent',
    { jti: 'j', status: 'paused', reason: 'r' },
    ['reason'],
    (given) => streamUpdatedEvent({ stream: 's', issuer: ISSUER, audience: AUDIENCE }, given, 1),
  ),
  walk<{ jti: string; state?: string }>(
    'verificationEvent: asked',
    { jti: 'j', state: 's' },
    ['state'],
    (given) => verificationEvent({ stream: 's', issuer: ISSUER, audience: AUDIENCE }, given, 1),
  ),
];
