/** The issuer's admin route, as an operator asks it from a terminal. */
import * as v from 'valibot';
import { readBounded } from '../body.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Surroundings } from './command.ts';
import { readKeyFile } from './keys/file.ts';
import { keyFileAt } from './keys/target.ts';

const ADMIN_MILLISECONDS_MAX = 20_000; // One question of the command: half of it may be a wait.
const ADMIN_ANSWER_BYTES_MAX = 8 * 1024 * 1024; // A page of 50 questions, said twice over.

export const ISSUER_FLAGS = { issuer: { type: 'string' }, file: { type: 'string' } } as const;

export const ISSUER_HELP = `The issuer is --issuer URL, or HEWN_ISSUER, or http://127.0.0.1:8788, that of npm start.
The operator credential is HEWN_OPERATOR, or that of the key file: --file, or .hewn/local.json.`;

const LOCAL_ISSUER = 'http://127.0.0.1:8788';

export interface IssuerFlags {
  readonly issuer?: string | undefined;
  readonly file?: string | undefined;
}

export const issuerOf = (at: Surroundings, { issuer }: IssuerFlags): string =>
  issuer ?? at.variable('HEWN_ISSUER') ?? LOCAL_ISSUER;

const problem = v.object({ error: v.string(), message: v.string() });

/** Asks, and reads what was answered; a text says why that could not be done. */
export async function askIssuer<Schema extends v.GenericSchema>(
  at: Surroundings,
  flags: IssuerFlags,
  path: string,
  schema: Schema,
  body?: object,
): Promise<Result<v.InferOutput<Schema>, string>> {
  const issuer = issuerOf(at, flags);
  if (!isSafe(issuer)) return refuse(`${issuer} is no https URL: the credential stays here`);
  const credential = await readCredential(at, flags.file);
  if (!credential.ok) return credential;
  try {
    const response = await at.fetch(`${issuer}/admin/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${credential.value}` },
      // Somebody else's host, where the issuer's points at one, does not get the credential.
      redirect: 'manual',
      signal: AbortSignal.timeout(ADMIN_MILLISECONDS_MAX),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await readBounded(response, ADMIN_ANSWER_BYTES_MAX);
    const answer: unknown = text.ok ? JSON.parse(text.value) : undefined;
    if (!response.ok) {
      const said = v.safeParse(problem, answer);
      return refuse(said.success ? said.output.message : `it answered ${response.status}`);
    }
    const read = v.safeParse(schema, answer);
    return read.success ? ok(read.output) : refuse('the answer is not as this version has it');
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('the answer is no JSON');
    return refuse(`${issuer} cannot be reached: ${(error as Error).message}`);
  }
}

/** Whether what is sent there goes over TLS, or stays on this machine. */
export function goesSafely(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username } = new URL(url);
  const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && isLocal));
}

const isSafe = (issuer: string): boolean => goesSafely(issuer) && !/[?#]/.test(issuer);

async function readCredential(
  at: Surroundings,
  file: string | undefined,
): Promise<Result<string, string>> {
  const given = file === undefined ? at.variable('HEWN_OPERATOR') : undefined;
  if (given) return ok(given);
  const path = keyFileAt(at, file);
  const keys = await readKeyFile(path);
  return keys.ok
    ? ok(keys.value.operator)
    : refuse(`the operator credential is not in ${path}: set HEWN_OPERATOR, or name --file`);
}
