// An agent: gets a capability for one task, and calls tools through the gateway. Each request
// carries a token that is narrowed to that one call.  npm run agent, while npm run dev runs
import { createDpopKey, issuerCatalogue, narrowingFetch, obtainCapability } from 'hewn/agent';

const { HEWN_ISSUER, HEWN_GATEWAY, HEWN_MCP_NOTES, HEWN_TOKEN_ENDPOINT } = process.env;

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
  audience: HEWN_GATEWAY,
  subjectToken: await tokenOf({ user: 'alice', agent: 'assistant' }),
  actorToken: await tokenOf({ agent: 'assistant' }),
  task: 'weekly summary',
  grants: [
    { tool: 'mcp/notes/read_note', action: 'read', dataset: 'notes/team' },
    { tool: 'mcp/notes/write_note', action: 'write', dataset: 'notes/drafts' },
  ],
  dpop: await createDpopKey(), // a thief of the token lacks this key
});
if (!obtained.ok) throw new Error(`no capability: ${JSON.stringify(obtained.error)}`);
const capability = obtained.value;
console.log(`capability until ${capability.expires.toISOString()}, ${capability.workflow}`);

const catalogue = issuerCatalogue({ issuer: HEWN_ISSUER });
const send = narrowingFetch({ capability, catalogue, server: 'notes' });

async function call(name, args) {
  const response = await send(HEWN_MCP_NOTES, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args },
    }),
  });
  const { result, error } = await response.json();
  const denial = error ?? result._meta?.['hewn.dev/denial'];
  const said = denial ? denial.message : result.content[0].text.split('\n')[0];
  console.log(`${denial ? 'denied ' : 'allowed'}  ${name} ${args.path}: ${said}`);
}

await call('read_note', { path: 'team/monday.md' });
await call('write_note', { path: 'drafts/week.md', text: 'The release moves to Thursday.\n' });
await call('read_note', { path: 'private/diary.md' }); // no grant covers it
