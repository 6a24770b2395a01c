import { relative } from 'node:path';
import type { Dev } from '../../dev/index.ts';

/** Renders where everything of a run is. `cwd` is where a person reads it. */
export function whereabouts(dev: Dev, cwd: string): readonly string[] {
  const stage = dev.stage();
  const { users, agents } = stage.identity.parties;
  const names = (parties: ReadonlyMap<string, unknown>) => [...parties.keys()].join(', ') || 'none';
  const [user] = users.keys();
  const [agent] = agents.keys();
  const who = [user && `--user ${user}`, agent && `--agent ${agent}`].filter(Boolean).join(' ');
  const isOfApi = (audience: string) => stage.gateways.every(({ url }) => url !== audience);
  const path = (file: string) => relative(cwd, file);
  return [
    row('issuer', stage.issuer),
    row('  console', `${stage.issuer}/console/`),
    ...stage.gateways.flatMap(({ name, url, servers, apis }) => [
      row(`gateway ${name}`, url),
      ...servers.map((server) => row(`  MCP ${server}`, `${url}/mcp/${server}`)),
      ...apis.map((api) => row(`  API ${api}`, `${url}/http/${api}`)),
    ]),
    ...stage.audiences.filter(isOfApi).map((url) => row('your API', url)),
    row('identity provider', stage.identity.url),
    row('  users', names(users)),
    row('  agents', names(agents)),
    row('variables', `${path(dev.variablesFile)}   node --env-file=${path(dev.variablesFile)} …`),
    row('log of the Workers', path(dev.logFile)),
    ...(who === '' ? [] : [row('credentials', `npx hewn dev token ${who}`)]),
  ];
}

const LABEL_COLUMNS = 20;

const row = (label: string, text: string): string => `  ${label.padEnd(LABEL_COLUMNS)} ${text}`;
