import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { listenOnLoopback } from '../../loopback/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { visibleLine } from '../visible.ts';
import { type Endpoints, type Provider, postForm, readIdToken } from './provider.ts';

/** What a provider gave to this command, and what proves that it was given to it. */
export interface SignedIn {
  readonly idToken: string;
  /** The text whose digest is the nonce of the token. A device flow has none. */
  readonly nonceVerifier?: string;
}

/** A person signs in at their provider, with a second factor. */
const WAIT_MILLISECONDS = 300_000;
const CALLBACK = '/callback';

const randomText = (): string => randomBytes(32).toString('base64url');
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * Signs in with a browser on this machine: authorization code with PKCE, and a loopback address for
 * the answer (RFC 8252 section 7.3).
 */
export async function signInWithBrowser(
  context: CommandContext,
  provider: Provider,
  endpoints: Endpoints,
): Promise<Result<SignedIn, string>> {
  const [state, verifier, nonceVerifier] = [randomText(), randomText(), randomText()];
  let take: (answer: URLSearchParams) => void = () => {};
  const answer = new Promise<URLSearchParams>((resolve) => {
    take = resolve;
  });
  const server = await listenOnLoopback({
    port: 0,
    what: 'the answer of the provider',
    portVariable: '',
    handle: (base) => (request, response) => {
      const url = new URL(request.url ?? '/', base);
      const isAnswer =
        request.method === 'GET' &&
        url.pathname === CALLBACK &&
        request.headers.host === new URL(base).host &&
        url.searchParams.get('state') === state;
      // Any page can send the browser here. Only the provider knows the state.
      if (!isAnswer) return sendPage(response, 400, 'This is not the answer that hewn waits for.');
      const isDone = url.searchParams.has('code');
      sendPage(response, 200, isDone ? 'Signed in. Return to the terminal.' : 'Not signed in.');
      take(url.searchParams);
    },
  });
  const redirectUri = `${server.url}${CALLBACK}`;
  const target = new URL(endpoints.authorization);
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: provider.client_id,
    redirect_uri: redirectUri,
    scope: provider.scopes.join(' '),
    state,
    nonce: digestOf(nonceVerifier),
    code_challenge: digestOf(verifier),
    code_challenge_method: 'S256',
  })) {
    target.searchParams.set(name, value);
  }
  try {
    const isOpen = (await context.openBrowser?.(target.href)) === true;
    context.err(
      isOpen
        ? 'Sign in in the browser. If it did not open, open this address:'
        : 'Open this address in a browser on this machine:',
    );
    context.err(visibleLine(target.href));
    const got = await withinTime(context, answer);
    if (got === undefined) return refuse('no one signed in within five minutes');
    const code = readCode(got, endpoints);
    if (!code.ok) return code;
    const exchanged = await postForm(context, endpoints.token, {
      grant_type: 'authorization_code',
      code: code.value,
      redirect_uri: redirectUri,
      client_id: provider.client_id,
      code_verifier: verifier,
    });
    if (!exchanged.ok) return exchanged;
    const idToken = readIdToken(exchanged.value);
    return idToken.ok ? ok({ idToken: idToken.value, nonceVerifier }) : idToken;
  } finally {
    await server.close();
  }
}

function readCode(answer: URLSearchParams, { issuer }: Endpoints): Result<string, string> {
  // RFC 9207: the answer of another provider, with a code for this one.
  const from = answer.get('iss');
  if (from !== null && from !== issuer) return refuse('the answer came from another provider');
  const code = answer.get('code');
  if (code !== null) return ok(code);
  const why = answer.get('error_description') ?? answer.get('error') ?? 'it gave no code';
  return refuse(`the provider refused: ${visibleLine(why)}`);
}

async function withinTime<T>(
  { sleep }: CommandContext,
  answer: Promise<T>,
): Promise<T | undefined> {
  const waited = new AbortController();
  const { setTimeout } = await import('node:timers/promises');
  const wait = sleep ?? ((milliseconds: number) => setTimeout(milliseconds, undefined, waited));
  const timeout = wait(WAIT_MILLISECONDS).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    waited.abort();
  }
}

function sendPage(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(`<!doctype html><meta charset="utf-8"><title>hewn</title><p>${text}</p>`);
}
