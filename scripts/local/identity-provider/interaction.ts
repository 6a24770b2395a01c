/** The provider's pages for a person: sign in, then consent to what the client requests. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { errors, type Interaction, type Provider } from 'oidc-provider';

/** The path of the pages; the provider redirects here. */
export const INTERACTION_PATH = '/interaction/';

/** Fits a user name and a password. A longer form is not a sign-in. */
const FORM_BYTES_MAX = 4096;

export interface Account {
  readonly user: string;
  readonly password: string;
}

export function interactionPages(provider: Provider, account: Account) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const interaction = await provider.interactionDetails(request, response);
      if (request.method !== 'POST') return page(response, 200, formFor(interaction));
      const form = await readForm(request);
      if (form === undefined) return page(response, 413, 'The form is too long.');
      if (interaction.prompt.name === 'consent') {
        const consent = { grantId: await grantAsked(provider, interaction) };
        return await provider.interactionFinished(request, response, { consent });
      }
      if (form.get('login') !== account.user || form.get('password') !== account.password) {
        return page(response, 401, `Wrong user name or password.${formFor(interaction)}`);
      }
      const login = { accountId: account.user };
      await provider.interactionFinished(request, response, { login });
    } catch (error) {
      // An old bookmark or a missing cookie. The provider throws for these mistakes of the caller.
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      page(response, error.statusCode, 'This sign-in is unknown or has ended.');
    }
  };
}

/** Grants what the client requested and the person saw, and nothing else. */
async function grantAsked(provider: Provider, asked: Interaction): Promise<string> {
  const grant = new provider.Grant({
    accountId: asked.session?.accountId,
    clientId: String(asked.params.client_id),
  });
  const { missingOIDCScope, missingResourceScopes } = asked.prompt.details as {
    missingOIDCScope?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  if (missingOIDCScope !== undefined) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  return grant.save();
}

const LOGIN_FIELDS =
  '<label>User <input name="login" autocomplete="username" required></label>' +
  '<label>Password <input name="password" type="password" required></label>';

function formFor({ uid, prompt, params }: Interaction): string {
  const ask =
    prompt.name === 'login'
      ? LOGIN_FIELDS
      : `<p>Let ${asHtml(params.client_id)} act for you at ${asHtml(params.resource)}?</p>`;
  const action = `${INTERACTION_PATH}${asHtml(uid)}`;
  return `<form method="post" action="${action}">${ask}<button>Continue</button></form>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
};
const asHtml = (value: unknown): string =>
  String(value).replace(/[&<>"]/g, (character) => `&${ENTITIES[character]};`);

function page(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
  });
  response.end(`<!doctype html><html lang="en"><title>Sign in</title><body>${body}</body></html>`);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (Number(request.headers['content-length'] ?? Infinity) > FORM_BYTES_MAX) return undefined;
  return new URLSearchParams(await text(request));
}
