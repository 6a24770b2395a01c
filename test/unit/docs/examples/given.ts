import { type Capability, createDpopKey } from '../../../../src/agent/index.ts';
import { parseCatalogue } from '../../../../src/catalogue/index.ts';
import { createProtection, createVerifier, type Feed } from '../../../../src/verifier/index.ts';
import {
  AUDIENCE,
  AUTHORITY,
  ISSUER,
  issuerKey,
  mintToken,
  unwrap,
} from '../../fixtures/issuer.ts';
import { feedKeys } from '../../fixtures/log.ts';
import { readProjectFile } from '../markdown.ts';

/**
 * What the examples of docstrings use without declaring it. An example that names one of these
 * gets it imported; anything else it has to declare or import itself.
 */

export const issuer = ISSUER;
export const audience = AUDIENCE;
/** JWTs of a user and of a workload; the issuer below does not verify them. */
export const subjectToken = 'header.user.signature';
export const actorToken = 'header.workload.signature';
export const issuerKeys = [issuerKey];
/** The public half of the key that signs the feed. */
export const feedKey = feedKeys.publicKey;
/** A credential for `confirmOverHttp` and `createRecorder`. */
export const credential = 'a credential of VERIFIER_CREDENTIALS';

const seconds = (): number => Math.floor(Date.now() / 1000);
const grants = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }] as const;

/** A capability for `audience`, minted now, that grants `crm.search` on `crm/contacts`. */
export const token = mintToken({ issuedAt: new Date(seconds() * 1000), grants });
export const capability: Capability = {
  token,
  workflow: AUTHORITY.workflow,
  task: AUTHORITY.task,
  audience,
  grants,
  expires: new Date(Date.now() + 300_000),
};

/** The key of an agent, and its capability, which is bound to that key. */
export const dpop = await createDpopKey();
export const bound: Capability = {
  ...capability,
  token: mintToken({ issuedAt: new Date(seconds() * 1000), grants, holder: dpop.thumbprint }),
  holder: dpop,
};

export const reportsDatalog = await readProjectFile('policy/reports.datalog');
export const toolsToml = await readProjectFile('policy/tools.toml');
export const catalogue = unwrap(parseCatalogue(toolsToml));

/** A feed whose head is fresh and that stops nothing. */
export const feed: Feed = {
  get head() {
    return { epoch: 1, seq: 7, issued_at: seconds(), keys: issuerKeys };
  },
  find: () => undefined,
  refresh: async () => ({ ok: true }),
};
export const verifier = createVerifier({ issuer, audience, keys: issuerKeys, feed });
/** What `protect` returns: it decides as the verifier does. */
export const protection = createProtection({ issuer, audience, verifier });

/** A request of the agent to the API at `audience`. */
export const request = new Request(`${audience}/contacts/eu`, {
  headers: { authorization: `Bearer ${token}` },
});

/** Answers as the issuer does, and as an API that allows everything. Nothing leaves the process. */
export async function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  if (pathname === '/.well-known/oauth-authorization-server') {
    return Response.json({ issuer, token_endpoint: `${issuer}/token` });
  }
  if (pathname === '/token') {
    return Response.json({
      access_token: token,
      token_type: new Request(input, init).headers.has('dpop') ? 'DPoP' : 'Bearer',
      expires_in: 300,
      authorization_details: [
        { type: 'hewn_task', workflow: AUTHORITY.workflow, task: AUTHORITY.task, grants },
      ],
    });
  }
  if (pathname === '/verifier/v1/records') return Response.json({ written: 1, refused: [] });
  return Response.json({});
}
