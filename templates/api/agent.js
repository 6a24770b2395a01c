// An agent: gets a capability for one task, and calls the API. Each request carries a token that is
// narrowed to that one call.  npm run agent, while npm run dev and npm run api run
import { narrow, obtainCapability } from 'hewn/agent';

const { HEWN_ISSUER, HEWN_AUDIENCE, HEWN_TOKEN_ENDPOINT } = process.env;

/** Asks the identity provider of `hewn dev`. Elsewhere, ask the provider that hewn.toml names. */
async function tokenOf(names) {
  const body = new URLSearchParams(names);
  const response = await fetch(HEWN_TOKEN_ENDPOINT, { method: 'POST', body });
  const { access_token: token, error_description: why } = await response.json();
  if (!token) throw new Error(why);
  return token;
}

const obtained = await obtainCapability({
  issuer: HEWN_ISSUER,
  audience: HEWN_AUDIENCE,
  subjectToken: await tokenOf({ user: 'alice', agent: 'assistant' }),
  actorToken: await tokenOf({ agent: 'assistant' }),
  task: 'call list',
  grants: [{ tool: 'contacts.search', action: 'read', dataset: 'contacts/eu' }],
});
if (!obtained.ok) throw new Error(`no capability: ${JSON.stringify(obtained.error)}`);
const capability = obtained.value;
console.log(`capability until ${capability.expires.toISOString()}, ${capability.workflow}`);

async function search(region) {
  const narrowed = await narrow(capability.token, {
    tool: 'contacts.search',
    dataset: [`contacts/${region}`],
    args: { region },
    expires: new Date(Math.ceil(Date.now() / 1000) * 1000 + 30_000),
  });
  if (!narrowed.ok) throw new Error(narrowed.error.code);
  const headers = { authorization: `Bearer ${narrowed.value}` };
  const response = await fetch(`${HEWN_AUDIENCE}/contacts?region=${region}`, { headers });
  console.log(`${response.ok ? 'allowed' : 'denied '}  ${region}: ${await response.text()}`);
}

await search('eu');
await search('us'); // no grant covers it
