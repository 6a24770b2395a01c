import { type HttpEntry, isStdio, type ServerEntry } from '../../../clients/index.ts';
import { ok, type Result, refuse } from '../../../result.ts';

/** The credential of an HTTP server, as `hewn.toml` describes it, and its secret. */
export interface FoundCredential {
  readonly config:
    | { readonly kind: 'bearer' }
    | { readonly kind: 'header'; readonly name: string; readonly prefix?: string };
  readonly secret: string;
}

/** What an entry of a client says about a server, with the secrets apart. */
export type FoundServer =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly credential?: FoundCredential;
      /** Headers that no gateway sends. */
      readonly dropped: readonly string[];
    }
  | {
      readonly kind: 'stdio';
      readonly command: readonly string[];
      /** Every variable counts as a secret: names do not tell. */
      readonly variables: Readonly<Record<string, string>>;
    };

type Variable = (name: string) => string | undefined;

/** Takes an entry apart. A text says why it cannot be moved as it is. */
export function takeApart(entry: ServerEntry, variable: Variable): Result<FoundServer, string> {
  if (!isStdio(entry)) return takeHttp(entry, variable);
  const { command, args, env = {} } = entry;
  const secret = args.findIndex((arg, index) => looksSecret(arg, args[index - 1]));
  if (secret >= 0) {
    return refuse(
      `argument ${secret + 1} of its command looks like a secret, which others can see: pass it in a variable of "env"`,
    );
  }
  const resolved: Record<string, string> = {};
  for (const [name, text] of Object.entries(env)) {
    const value = resolveText(text, variable);
    if (!value.ok) return value;
    resolved[name] = value.value;
  }
  return ok({ kind: 'stdio', command: [command, ...args], variables: resolved });
}

function takeHttp(entry: HttpEntry, variable: Variable): Result<FoundServer, string> {
  if (entry.headersHelper !== undefined) {
    return refuse('a command makes its headers, and a gateway runs none');
  }
  const { url: text, headers = {} } = entry;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return refuse('its URL is not valid');
  if (url.username !== '' || url.password !== '' || looksSecret(url.search, undefined)) {
    return refuse('its URL contains a credential: move it into a header');
  }
  const credentials = Object.entries(headers).filter(([name]) => CREDENTIAL_HEADER.test(name));
  const [found, another] = credentials;
  if (another !== undefined) {
    return refuse(`it has several credentials: ${credentials.map(([name]) => name).join(', ')}`);
  }
  const dropped = Object.keys(headers).filter((name) => !CREDENTIAL_HEADER.test(name));
  if (found === undefined) return ok({ kind: 'http', url: text, dropped });
  const value = resolveText(found[1], variable);
  if (!value.ok) return value;
  return ok({ kind: 'http', url: text, credential: credentialOf(found[0], value.value), dropped });
}

const CREDENTIAL_HEADER = /auth|api-?key|token|secret|cookie|credential/i;

function credentialOf(name: string, value: string): FoundCredential {
  const [, scheme = '', rest = ''] = /^(\S+) +(\S+)$/.exec(value) ?? [];
  if (name.toLowerCase() !== 'authorization' || scheme === '') {
    return { config: { kind: 'header', name: name.toLowerCase() }, secret: value };
  }
  if (scheme.toLowerCase() === 'bearer') return { config: { kind: 'bearer' }, secret: rest };
  const prefix = `${scheme} `;
  return { config: { kind: 'header', name: 'authorization', prefix }, secret: rest };
}

/**
 * Replaces `${NAME}`, `${NAME:-default}`, `${env:NAME}`, `{env:NAME}` and `$NAME` of the client.
 */
function resolveText(text: string, variable: Variable): Result<string, string> {
  let missing: string | undefined;
  const resolved = text.replace(
    /\$\{(?:env:)?([A-Za-z_]\w*)(?::-([^}]*))?\}|\{env:([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)/g,
    (_, braced?: string, fallback?: string, opencode?: string, plain?: string) => {
      const name = braced ?? opencode ?? plain ?? '';
      const value = variable(name) ?? fallback;
      if (value === undefined) missing ??= name;
      return value ?? '';
    },
  );
  if (missing !== undefined) return refuse(`the variable ${missing} that it names is not set`);
  return /\$\{input:/.test(resolved)
    ? refuse('the client asks for a part of it at each start')
    : ok(resolved);
}

/** An argument that is a secret by its form, or by the option before it. */
const looksSecret = (text: string, before: string | undefined): boolean =>
  /^(?:ghp_|gho_|github_pat_|glpat-|sk-|xox[a-z]-|AKIA|eyJ[\w-]+\.eyJ)/.test(text) ||
  /(?:token|secret|password|passwd|api-?key)=./i.test(text) ||
  (before !== undefined &&
    /^--?[\w-]*(?:token|secret|password|passwd|api-?key)$/i.test(before) &&
    !text.startsWith('-'));
