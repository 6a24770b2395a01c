import * as v from 'valibot';
import { tableOf } from '../upstream/index.ts';
import { wholeNumber } from '../whole-number.ts';
import type { KeyPath, RuleFault } from './fault.ts';
import type { Environment } from './model.ts';
import type { Settings } from './settings.ts';
import { gatewayName, headerName, LOOPBACK } from './texts.ts';

/** How a Worker that no proxy stands in front of reads source addresses: not at all. */
export const NO_SOURCE_HEADER = 'none';

const port = wholeNumber(1, 65_535);
const networks = v.pipe(
  v.array(v.picklist(['public', 'private'])),
  v.minLength(1, 'a list of "public", "private" or both'),
);

/** Keys of `[serve]`: how `hewn serve` runs the Workers on a machine of one's own. */
export const SERVE_SETTINGS = {
  sourceHeader: {
    schema: headerName,
    required: true,
    variable: 'SOURCE_HEADER',
    purpose: `The header in which the reverse proxy writes the one address that a request came from. The proxy must replace what the client sent. \`${NO_SOURCE_HEADER}\`: there is no proxy, and all requests share one rate limit. It takes the place of \`sourceHeader\` of the Workers.`,
  },
  host: {
    schema: v.pipe(v.string(), v.regex(/^[\w.:[\]*-]{1,253}$/, 'an address, such as "127.0.0.1"')),
    absent: '`127.0.0.1`',
    purpose: 'The address to listen on. `*` is every address of the machine.',
  },
  issuerPort: { schema: port, absent: '`8788`', purpose: 'The port of the issuer.' },
  gatewayPorts: {
    schema: v.record(v.pipe(v.string(), v.regex(gatewayName)), port),
    absent: '`8787` for the only gateway',
    purpose: 'The port of each gateway, by its name.',
  },
  state: {
    schema: v.pipe(
      v.string(),
      v.check((text) => text !== '' && !/\0|^\s|\s$|:\/\//.test(text), 'the path of a folder'),
    ),
    absent: '`.hewn/<environment>/state`',
    purpose: 'The folder of the SQLite files, relative to this file.',
  },
  issuerNetwork: {
    schema: networks,
    absent: '`["public"]`',
    purpose:
      'Which addresses the issuer may connect to. `private` is needed for an identity provider on a private address.',
  },
  gatewayNetwork: {
    schema: networks,
    absent: '`["public"]`',
    purpose:
      'Which addresses gateways may connect to. `private` is needed for MCP servers on private addresses, loopback included.',
  },
} as const satisfies Settings;

/** The only gateway of an environment needs no stated port. */
const ISSUER_PORT_DEFAULT = 8788;
const GATEWAY_PORT_DEFAULT = 8787;

/** Returns the ports of the Workers by role, or the names of the gateways that have none. */
export function servePorts({
  gateways,
  serve,
}: Pick<Environment, 'gateways' | 'serve'>): ReadonlyMap<string, number | undefined> {
  const isOnly = gateways.length === 1;
  const ports = gateways.map(
    ({ name }) =>
      [name, serve.gatewayPorts?.[name] ?? (isOnly ? GATEWAY_PORT_DEFAULT : undefined)] as const,
  );
  return new Map([['issuer', serve.issuerPort ?? ISSUER_PORT_DEFAULT], ...ports]);
}

/** What must hold between the values of `[serve]` and the rest. Nothing, if the table is absent. */
export function serveFaults(environment: Environment): readonly RuleFault[] {
  if (Object.keys(environment.serve).length === 0) return [];
  return [...portFaults(environment), ...networkFaults(environment)];
}

function portFaults(environment: Environment): readonly RuleFault[] {
  const { gateways, serve } = environment;
  const names = gateways.map(({ name }) => name);
  const unknown = Object.keys(serve.gatewayPorts ?? {})
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: ['serve', 'gatewayPorts', name],
      found: 'is no gateway of this environment',
      allowed: names.join(', ') || 'no port, because there is no gateway',
    }));
  const used = new Map<number, string>();
  const faults: RuleFault[] = [...unknown];
  for (const [role, number] of servePorts(environment)) {
    const path = role === 'issuer' ? ['serve', 'issuerPort'] : ['serve', 'gatewayPorts', role];
    if (number === undefined) {
      faults.push({ path, found: 'missing', allowed: 'a port for each of several gateways' });
      continue;
    }
    const other = used.get(number);
    used.set(number, role);
    if (other !== undefined) {
      faults.push({ path, found: `${number} is also the port of "${other}"`, allowed: 'another' });
    }
  }
  return faults;
}

/** A call to a private address would fail at the first request, with a message of the network. */
function networkFaults({ gateways, providers, serve }: Environment): readonly RuleFault[] {
  const refused = (key: 'issuerNetwork' | 'gatewayNetwork', path: KeyPath, url: unknown) =>
    typeof url === 'string' && isPrivate(url) && !(serve[key] ?? ['public']).includes('private')
      ? [
          {
            path,
            found: `is at a private address, and serve.${key} does not allow it`,
            allowed: `a public address, or ${key} = ["public", "private"]`,
          },
        ]
      : [];
  return [
    ...gateways.flatMap(({ name, upstreams }) =>
      Object.entries(upstreams).flatMap(([server, upstream]) =>
        refused('gatewayNetwork', ['gateways', name, 'upstreams', server], tableOf(upstream).url),
      ),
    ),
    ...providers.flatMap((provider) =>
      ['jwksUri', 'bundleUri'].flatMap((key) =>
        refused('issuerNetwork', ['providers', String(provider.name), key], provider[key]),
      ),
    ),
  ];
}

/** True for loopback and private addresses, and for names without a dot: those of containers. */
function isPrivate(url: string): boolean {
  const { hostname } = new URL(url);
  if (LOOPBACK.test(hostname)) return true;
  if (hostname.startsWith('[')) return /^\[(?:f[cd]|fe[89ab])/.test(hostname);
  if (/^\d+(?:\.\d+){3}$/.test(hostname)) {
    return /^(?:10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./.test(hostname);
  }
  return !hostname.includes('.');
}
