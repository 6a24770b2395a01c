import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  isFromProgram,
  type LoopbackPort,
  listenOnLoopback,
  readBody,
} from '../../loopback/index.ts';
import type { IdentityKey } from './key.ts';
import { OperatorSignIn } from './operator-sign-in.ts';
import { issuerUrlOf, type Parties } from './parties.ts';
import type { DevPerson } from './people.ts';
import { issueToken, type TokenScene } from './tokens.ts';

export interface IdentityProvider {
  readonly url: string;
  readonly tokenEndpoint: string;
  readonly key: IdentityKey;
  readonly parties: Parties;
  readonly close: () => Promise<void>;
}

const REQUEST_BYTES_MAX = 8 * 1024;

/**
 * Starts an identity provider that vouches for the users and agents of `[dev]`, without a password.
 * It listens on 127.0.0.1 only, and its key exists in memory only.
 */
export async function startIdentityProvider(options: {
  readonly port: LoopbackPort;
  readonly audience: string;
  readonly key: IdentityKey;
  readonly parties: Parties;
  readonly people: ReadonlyMap<string, DevPerson>;
}): Promise<IdentityProvider> {
  const { port, audience, key, parties, people } = options;
  const http = await listenOnLoopback({
    ...port,
    handle: (base) =>
      listener(
        { base, audience, key, parties },
        new OperatorSignIn({ base, issuer: audience, key, people }),
      ),
  });
  return { url: http.url, tokenEndpoint: `${http.url}/token`, key, parties, close: http.close };
}

const listener =
  (scene: TokenScene, signIn: OperatorSignIn): RequestListener =>
  (request, response) => {
    answerAny(scene, signIn, request, response).catch(() => response.destroy());
  };

async function answerAny(
  scene: TokenScene,
  signIn: OperatorSignIn,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const page = await signIn.answer(request);
  if (page) {
    response.writeHead(page.status, page.headers);
    response.end(page.body);
    return;
  }
  const { status, body } = await answer(scene, request);
  send(response, status, body);
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function answer(scene: TokenScene, request: IncomingMessage): Promise<Answer> {
  if (!isFromProgram(request)) {
    return { status: 403, body: { error: 'access_denied' } };
  }
  const path = new URL(request.url ?? '/', scene.base).pathname;
  if (request.method === 'GET') return answerGet(scene, path);
  if (request.method !== 'POST' || path !== '/token') return { status: 404, body: {} };
  const text = await readBody(request, REQUEST_BYTES_MAX);
  const form = new URLSearchParams(text ?? '');
  const issued = await issueToken(scene, {
    user: form.get('user') ?? undefined,
    agent: form.get('agent') ?? undefined,
  });
  if (!issued.ok) {
    return { status: 400, body: { error: 'invalid_request', error_description: issued.error } };
  }
  const { token, isAssertion, expiresInSeconds } = issued.value;
  const named = isAssertion ? { client_assertion: token } : { access_token: token };
  return { status: 200, body: { ...named, token_type: 'Bearer', expires_in: expiresInSeconds } };
}

/** Discovery and keys, of every provider of the deployment that it speaks for. */
function answerGet({ base, key, parties }: TokenScene, path: string): Answer {
  if (path === '/jwks') return { status: 200, body: { keys: [key.publicJwk] } };
  const known = [...parties.users.values(), ...parties.agents.values()].map(({ entry }) =>
    issuerUrlOf(base, entry),
  );
  const issuer = known.find(
    (each) => `${base}${path}` === `${each}/.well-known/openid-configuration`,
  );
  if (issuer === undefined) return { status: 404, body: {} };
  const document = { issuer, jwks_uri: `${base}/jwks`, token_endpoint: `${base}/token` };
  return { status: 200, body: document };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
