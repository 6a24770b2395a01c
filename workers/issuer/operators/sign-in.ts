import { readClock, toSeconds } from '../../../src/clock.ts';
import type { PublicApi } from '../../../src/issuer-api/index.ts';
import type { Directory, ProviderSettings } from '../../../src/operators/index.ts';
import { report } from '../../../src/report.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import { problem } from '../platform/http.ts';
import type { PublicHandlers } from '../platform/router.ts';
import {
  clearSessionCookie,
  clearSignInCookie,
  readSessionCookie,
  readSignInCookie,
  sessionCookie,
  signInCookie,
} from './cookies.ts';
import { requireRole, verifyPerson } from './person.ts';
import { discover, exchangeCode } from './provider.ts';
import { isFromOwnPage } from './same-origin.ts';
import { base64UrlDigest, hexDigest, isSessionToken, randomText } from './session-token.ts';
import { beginSession } from './sessions.ts';

/** Where the console is. A sign-in ends nowhere else, whatever a request says. */
const CONSOLE = '/console/';

const callbackOf = ({ issuer }: IssuerConfig): string => `${issuer}/console/callback`;

/** Sign-in of the console: authorization code with PKCE, state and nonce. */
export const consoleRoutes: Omit<PublicHandlers<PublicApi['console']>, 'openSession'> = {
  providers: (_request, env) => {
    const { directory } = readConfig(env);
    const providers = Object.entries(directory?.providers ?? {});
    return Response.json(
      {
        providers: providers.map(([name, { issuer, clientId, scopes = [] }]) => ({
          name,
          issuer,
          client_id: clientId,
          scopes: scopesOf(scopes),
        })),
      },
      { headers: { 'cache-control': 'no-store' } },
    );
  },

  signIn: async (request, env) => {
    const config = readConfig(env);
    const chosen = chooseProvider(config, new URL(request.url).searchParams.get('provider'));
    if (!chosen) return ended(config, 'provider_unknown');
    const { name, settings } = chosen;
    const found = await discover(config, name, settings);
    if (!found.ok) {
      report('operator.sign_in_failed', {
        provider: name,
        code: found.error.code,
        why: found.error.why,
      });
      return ended(config, 'provider_unavailable');
    }
    const [state, verifier, nonce] = [randomText(32), randomText(32), randomText(32)];
    const target = new URL(found.value.authorizationEndpoint);
    const parameters = {
      response_type: 'code',
      client_id: settings.clientId,
      redirect_uri: callbackOf(config),
      scope: scopesOf(settings.scopes ?? []).join(' '),
      state,
      nonce,
      code_challenge: await base64UrlDigest(verifier),
      code_challenge_method: 'S256',
    };
    for (const [key, value] of Object.entries(parameters)) target.searchParams.set(key, value);
    const value = [name, state, verifier, nonce].join('.');
    return redirect(target.href, [signInCookie(config.issuer, value)]);
  },

  callback: async (request, env) => {
    const config = readConfig(env);
    const asked = readAsked(request.headers, config.issuer);
    const answer = new URL(request.url).searchParams;
    const settings = asked && config.directory?.providers[asked.provider];
    // A code that this browser did not ask for would sign it in as someone else.
    if (!config.directory || !asked || !settings || answer.get('state') !== asked.state) {
      return ended(config, 'not_asked');
    }
    const code = answer.get('code');
    if (code === null) return ended(config, 'declined');
    const signedIn = await finish(config, config.directory, {
      ...asked,
      settings,
      answer,
      code,
      env,
    });
    if (typeof signedIn === 'object') {
      const { token, seconds } = signedIn;
      const cookies = [
        sessionCookie(config.issuer, token, seconds),
        clearSignInCookie(config.issuer),
      ];
      return redirect(CONSOLE, cookies);
    }
    return ended(config, signedIn);
  },

  signOut: async (request, env) => {
    const { issuer } = readConfig(env);
    if (!isFromOwnPage(request, issuer)) return problem({ code: 'cross_site_refused' });
    const token = readSessionCookie(request.headers, issuer);
    if (token !== undefined && isSessionToken(token)) {
      await operators(env).end(await hexDigest(token));
    }
    return new Response(null, {
      status: 204,
      headers: { 'set-cookie': clearSessionCookie(issuer), 'cache-control': 'no-store' },
    });
  },
};

/** Why a sign-in ended without a session, as the console shows it. A closed set. */
type Ending =
  | 'provider_unknown'
  | 'provider_unavailable'
  | 'not_asked'
  | 'declined'
  | 'refused'
  | 'no_role';

const ended = (config: IssuerConfig, why: Ending): Response =>
  redirect(`${CONSOLE}#/signed-out/${why}`, [clearSignInCookie(config.issuer)]);

function redirect(location: string, cookies: readonly string[]): Response {
  const headers = new Headers({
    location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status: 303, headers });
}

/** `openid` makes it a sign-in; the others say which claims are wanted. */
const scopesOf = (scopes: readonly string[]): readonly string[] => [
  ...new Set(['openid', ...scopes]),
];

/** The provider that is named, or the only one. */
function chooseProvider({ directory }: IssuerConfig, name: string | null) {
  const providers = Object.entries(directory?.providers ?? {});
  const [chosen] = name === null ? providers : providers.filter(([each]) => each === name);
  if (!chosen || (name === null && providers.length > 1)) return undefined;
  return { name: chosen[0], settings: chosen[1] };
}

interface Asked {
  readonly provider: string;
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
}

function readAsked(headers: Headers, issuer: string): Asked | undefined {
  const [provider = '', state = '', verifier = '', nonce = '', ...more] = (
    readSignInCookie(headers, issuer) ?? ''
  ).split('.');
  const isWhole = [state, verifier, nonce].every((text) => /^[A-Za-z0-9_-]{43}$/.test(text));
  return isWhole && more.length === 0 ? { provider, state, verifier, nonce } : undefined;
}

interface Finish extends Asked {
  readonly settings: ProviderSettings;
  readonly answer: URLSearchParams;
  readonly code: string;
  readonly env: IssuerEnv;
}

/** Exchanges the code, verifies the person, and begins the session; or says why not. */
async function finish(
  config: IssuerConfig,
  directory: Directory,
  { provider, verifier, nonce, settings, answer, code, env }: Finish,
): Promise<{ readonly token: string; readonly seconds: number } | Ending> {
  const failed = (why: string): Ending => {
    report('operator.sign_in_failed', { provider, code: 'refused', why });
    return 'refused';
  };
  const found = await discover(config, provider, settings);
  if (!found.ok) return 'provider_unavailable';
  // RFC 9207: the answer of another provider, with a code for this one.
  const from = answer.get('iss');
  if (from === null ? found.value.namesItself : from !== settings.issuer) return failed('issuer');
  const secret = settings.secret === undefined ? undefined : secretOf(env, settings.secret);
  if (settings.secret !== undefined && secret === undefined) return failed('secret_missing');
  const exchanged = await exchangeCode(found.value, {
    code,
    verifier,
    redirectUri: callbackOf(config),
    clientId: settings.clientId,
    secret,
  });
  if (!exchanged.ok) return failed(exchanged.error.why);
  const source = sourceOf(provider, settings, found.value.jwksUri);
  const verified = await verifyPerson(config, directory, source, exchanged.value);
  if (!verified.ok) return failed(verified.error.why);
  const { person, identity } = verified.value;
  if (identity.claims.nonce !== nonce) return failed('nonce');
  if (!requireRole(directory, person).ok) {
    report('operator.sign_in_failed', { provider, code: 'no_role', person: person.name });
    return 'no_role';
  }
  const begun = await beginSession(env, directory, { person, source: 'console' });
  return begun ? { token: begun.token, seconds: begun.ends - toSeconds(readClock()) } : 'refused';
}

/** A secret of the Worker, by the name that the configuration gives it. */
function secretOf(env: IssuerEnv, name: string): string | undefined {
  const value = (env as unknown as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** How tokens of a provider are verified. */
export const sourceOf = (provider: string, settings: ProviderSettings, jwksUri: string) => ({
  provider,
  issuer: settings.issuer,
  jwksUri,
  audience: settings.clientId,
  subjectClaim: settings.subjectClaim,
});
