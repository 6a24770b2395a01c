import * as v from 'valibot';
import { readBounded } from '../../body.ts';
import { isSafeUrl } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { visibleLine } from '../visible.ts';

const ANSWER_BYTES_MAX = 256 * 1024;
const ANSWER_MILLISECONDS_MAX = 20_000;

/** A provider at which people sign in, as the issuer names it. */
export interface Provider {
  readonly name: string;
  readonly issuer: string;
  readonly client_id: string;
  readonly scopes: readonly string[];
}

/** What the discovery document of a provider says (OpenID Connect Discovery 1.0 section 3). */
export interface Endpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  /** Where a device asks (RFC 8628 section 4). */
  readonly device: string | undefined;
}

const providers = v.object({
  providers: v.array(
    v.object({
      name: v.string(),
      issuer: v.string(),
      client_id: v.string(),
      scopes: v.array(v.string()),
    }),
  ),
});

/** Asks the issuer where people sign in, and returns the provider of that name. */
export async function chooseProvider(
  context: CommandContext,
  issuer: string,
  name: string | undefined,
): Promise<Result<Provider, string>> {
  const answer = await getJson(context, `${issuer}/console/providers`, providers);
  if (!answer.ok) return answer;
  const known = answer.value.providers;
  const names = known.map((one) => visibleLine(one.name)).join(', ');
  if (known.length === 0) {
    return refuse('no one can sign in at this issuer: hewn.toml has no [operators.providers]');
  }
  const [chosen, another] = name === undefined ? known : known.filter((one) => one.name === name);
  if (chosen === undefined) return refuse(`--provider must be one of ${names}`);
  return another === undefined ? ok(chosen) : refuse(`choose a provider with --provider: ${names}`);
}

const endpoint = v.pipe(v.string(), v.check(isSafeUrl));
const document = v.object({
  issuer: v.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  device_authorization_endpoint: v.optional(endpoint),
});

/** Reads the endpoints of a provider. A document of another issuer does not count. */
export async function discoverEndpoints(
  context: CommandContext,
  { issuer }: Provider,
): Promise<Result<Endpoints, string>> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = await getJson(context, url, document);
  if (!found.ok) return found;
  if (found.value.issuer !== issuer) return refuse(`${url} is the document of another issuer`);
  return ok({
    issuer,
    authorization: found.value.authorization_endpoint,
    token: found.value.token_endpoint,
    device: found.value.device_authorization_endpoint,
  });
}

async function getJson<Schema extends v.GenericSchema>(
  context: CommandContext,
  url: string,
  schema: Schema,
): Promise<Result<v.InferOutput<Schema>, string>> {
  const answer = await fetchJson(context, url, {});
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  const read = v.safeParse(schema, body);
  if (status === 200 && read.success) return ok(read.output);
  return refuse(`${url} has no usable answer (HTTP ${status})`);
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends a form, as the endpoints of OAuth take it. */
export const postForm = (
  context: CommandContext,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Result<JsonAnswer, string>> =>
  fetchJson(context, url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: new URLSearchParams(form).toString(),
  });

/** Sends JSON, as the issuer takes it. */
export const postJson = (
  context: CommandContext,
  url: string,
  body: object,
): Promise<Result<JsonAnswer, string>> =>
  fetchJson(context, url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function fetchJson(
  context: CommandContext,
  url: string,
  init: RequestInit,
): Promise<Result<JsonAnswer, string>> {
  if (!isSafeUrl(url)) return refuse(`refusing to sign in at a non-HTTPS URL: ${url}`);
  try {
    const signal = AbortSignal.timeout(ANSWER_MILLISECONDS_MAX);
    // A redirect leads to another host, which must not get a code or a token.
    const response = await context.fetch(url, { ...init, redirect: 'manual', signal });
    const text = await readBounded(response, ANSWER_BYTES_MAX);
    return ok({ status: response.status, body: parse(text.ok ? text.value : '') });
  } catch (error) {
    return refuse(`cannot reach ${url}: ${(error as Error).message}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const failure = v.object({ error: v.string(), error_description: v.optional(v.string()) });

/** Returns the error code of an answer of OAuth, and a sentence about it. */
export function describeFailure({ status, body }: JsonAnswer): { code: string; words: string } {
  const read = v.safeParse(failure, body);
  if (!read.success) return { code: '', words: `HTTP ${status} without a reason` };
  const { error, error_description: description } = read.output;
  return { code: error, words: visibleLine(description ?? error) };
}

const tokens = v.object({ id_token: v.string() });

/** Returns the ID token of an answer of the token endpoint. */
export function readIdToken(answer: JsonAnswer): Result<string, string> {
  const read = v.safeParse(tokens, answer.body);
  if (answer.status === 200 && read.success) return ok(read.output.id_token);
  return answer.status === 200
    ? refuse('the provider gave no ID token: is "openid" among the scopes of the client?')
    : refuse(`the provider refused: ${describeFailure(answer).words}`);
}
