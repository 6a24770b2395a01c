import { joinSocket, openBridgeEndpoint, serveLines } from '../../bridge/index.ts';
import { catalogueOf, endWorkflow, openRelays, Tally } from '../../run/index.ts';
import {
  type Answer,
  type CommandContext,
  defineCommand,
  type FlagValues,
  YES,
} from '../command.ts';
import { aborted } from '../dev/stop.ts';
import { oneServer } from '../one-server.ts';
import { SESSION_FLAGS } from '../run/flags.ts';
import { type OpenSession, openSession } from '../run/session.ts';

const FLAGS = {
  ...SESSION_FLAGS,
  socket: {
    kind: 'text',
    value: 'PATH',
    description: 'join the run that listens on this socket, and hold no capability',
  },
  http: {
    kind: 'switch',
    description: 'listen on a random port of 127.0.0.1 instead, and print the URL',
  },
} as const;

export const bridgeCommand = defineCommand({
  name: 'bridge',
  summary: 'be an MCP server of the gateway, for a client that knows only a command',
  operands: 'SERVER',
  description: `Speaks MCP on its standard streams, as the server of this name behind the gateway. For clients that start a command for each server, such as Claude Desktop, Cursor, VS Code or the MCP Inspector.

It obtains a capability as hewn run does, from a profile of hewn.toml or from flags, narrows and proves every call, renews ahead of expiry, and opens lost sessions again: the client sees neither 401, 403 nor 404. The workflow ends with the client. A desktop program starts it anywhere, so name the folder with an absolute path.

For a client that knows only a URL, --http prints one instead, and serves Streamable HTTP until it is stopped. Its path is a secret of this session.

Inside a run, the agent's entry names a socket instead: then this process passes messages on, and holds nothing.`,
  flags: FLAGS,
  examples: [
    'hewn bridge notes --folder /home/alice/team-notes',
    'hewn bridge notes --profile assistant --step-up never',
  ],
  exitCodes: { 2: 'there is no capability, or no such server' },
  run: async ({ flags, operands }, context) => {
    const server = oneServer(operands, 'bridge');
    if (!server.ok) return server;
    const streams = { input: process.stdin, output: process.stdout };
    if (flags.socket !== undefined) {
      const joined = await joinSocket(flags.socket, server.value, streams);
      return joined.ok ? YES : joined;
    }
    return serveAlone(context, flags, server.value);
  },
});

async function serveAlone(
  context: CommandContext,
  flags: FlagValues<typeof FLAGS>,
  server: string,
): Promise<Answer> {
  const session = await openSession(context, flags, server);
  if (!session.ok) return session;
  const { input, output } = { input: process.stdin, output: process.stdout };
  const stopped = new AbortController();
  const onSignal = (): void => {
    stopped.abort();
    input.destroy();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  try {
    const open = relayOf(context, session.value, server);
    if (flags.http) {
      const endpoint = await openBridgeEndpoint(new Map([[server, open]]));
      context.out(endpoint.urls[server] ?? '');
      await aborted(stopped.signal);
      await endpoint.close();
    } else await serveLines(open, { input, output });
  } finally {
    await endWorkflow(session.value.connection, { code: 0 });
  }
  return YES;
}

function relayOf(context: CommandContext, session: OpenSession, server: string) {
  const scene = {
    ...session,
    servers: [server],
    say: (line: string) => context.err(`hewn: ${line}`),
  };
  const open = openRelays(scene, { tally: new Tally(catalogueOf(scene)) }).get(server);
  if (open === undefined) throw new Error(`no relay for ${server}`);
  return open;
}
