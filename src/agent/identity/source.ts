import { expecting } from '../../options.ts';

/** What a token is needed for. A source that always has the same token may ignore it. */
export interface IdentityRequest {
  /** The issuer's URL, which is the usual `aud` of a token that proves an identity to it. */
  readonly issuer: string;
}

/**
 * Where the tokens of one party come from: the agent's own workload, or the user that it acts for.
 * `token` is called before each request to the issuer, so it must return a token that is valid now.
 */
export interface IdentitySource {
  /** What messages call it, such as `GitHub Actions`. Contains no secret. */
  readonly name: string;
  /** Returns a JWT for the issuer, or rejects with an error that says what is missing. */
  readonly token: (request: IdentityRequest) => Promise<string>;
}

export const identitySource = expecting(
  'an identity source, such as `identityFrom(async () => jwt)`',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<IdentitySource>).token === 'function' &&
    typeof (value as Partial<IdentitySource>).name === 'string',
);

/**
 * Returns the identity source that calls a function for each token.
 *
 * @example
 * ```ts
 * import { identityFrom } from 'hewn/agent';
 *
 * const identity = identityFrom(async () => actorToken);
 * console.log(identity.name);
 * ```
 */
export const identityFrom = (
  token: (request: IdentityRequest) => string | Promise<string>,
  name = 'a function',
): IdentitySource => ({ name, token: async (request) => token(request) });

/**
 * Returns the JWT that a text consists of. Throws an error that names `where` and never the text,
 * which may be a secret of another kind.
 */
export function jwtIn(text: string, where: string): string {
  const jwt = text.trim();
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt)) return jwt;
  throw new Error(jwt === '' ? `${where} is empty` : `${where} does not contain a JWT`);
}
