import { type IdentitySource, type ObtainError, obtainCapability } from '../../agent/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { defineCommand, YES } from '../command.ts';
import { oneServer } from '../one-server.ts';
import { SESSION_FLAGS } from '../run/flags.ts';
import { serversOf } from '../run/grants.ts';
import { planSession } from '../run/session.ts';

/** Claude Code asks again after a 401, so the capability need not outlive a few calls. */
const LIFETIME_SECONDS = 300;

const { 'step-up': _step, ...FLAGS } = SESSION_FLAGS;

export const headersCommand = defineCommand({
  name: 'headers',
  summary: 'print the headers of an MCP server, for the headersHelper of Claude Code',
  operands: 'SERVER',
  description: `Obtains a capability for one MCP server of the gateway and prints the headers that send it, as a JSON object. For clients that call an MCP server themselves and run a command for its headers: "hewn connect claude --headers" writes such an entry.

The client holds this capability. It is bound to no key, so anyone who reads it can use it, and it is not narrowed to a call: it allows the grants of the profile for this server, for five minutes. A policy that requires a key refuses it. Prefer "hewn bridge", which keeps the capability from the client, wherever the client can start a command.

Each time it runs, a workflow begins, which expires with the capability.`,
  flags: FLAGS,
  examples: ['hewn headers notes', 'hewn headers notes --folder /home/alice/team-notes'],
  exitCodes: { 2: 'there is no capability, or no such server' },
  run: async ({ flags, operands }, context) => {
    const server = oneServer(operands, 'headers');
    if (!server.ok) return server;
    const planned = await planSession(context, { ...flags, 'step-up': 'never' }, server.value);
    if (!planned.ok) return planned;
    const { profile, place, sources } = planned.value;
    const grants = profile.grants.filter((grant) => serversOf([grant]).includes(server.value));
    if (grants.length === 0) return refuse(`the profile grants no tool of ${server.value}`);
    const { identity, user } = sources.identities;
    const actorToken = await tokenOf(identity, place.issuer);
    if (!actorToken.ok) return actorToken;
    const subjectToken = user && (await tokenOf(user, place.issuer));
    if (subjectToken?.ok === false) return subjectToken;
    const obtained = await obtainCapability({
      issuer: place.issuer,
      audience: place.audience,
      actorToken: actorToken.value,
      ...(subjectToken && { subjectToken: subjectToken.value }),
      task: profile.task,
      grants,
      lifetimeSeconds: LIFETIME_SECONDS,
      fetch: context.fetch,
    });
    if (!obtained.ok) return refuse(`no capability: ${reasonOf(obtained.error)}`);
    context.out(JSON.stringify({ Authorization: `Bearer ${obtained.value.token}` }));
    return YES;
  },
});

async function tokenOf(source: IdentitySource, issuer: string): Promise<Result<string, string>> {
  try {
    return ok(await source.token({ issuer }));
  } catch (error) {
    return refuse(`${source.name} has no token: ${(error as Error).message}`);
  }
}

function reasonOf(error: ObtainError): string {
  if (error.code === 'refused') return error.description || error.error;
  return 'why' in error ? `${error.code}: ${error.why}` : error.code;
}
