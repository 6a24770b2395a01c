import type { LoopbackPort } from '../loopback/index.ts';
import { ok, type Result, refuse } from '../result.ts';

const DEFAULTS = {
  gateway: { port: 8787, what: 'gateway', portVariable: 'HEWN_GATEWAY_PORT' },
  issuer: { port: 8788, what: 'issuer', portVariable: 'HEWN_ISSUER_PORT' },
  identityProvider: { port: 9400, what: 'identity provider', portVariable: 'HEWN_IDP_PORT' },
  servers: { port: 9500, what: 'MCP bridge', portVariable: 'HEWN_MCP_PORT' },
} as const satisfies Readonly<Record<string, LoopbackPort>>;

/** The ports of the local servers. */
export type LocalPorts = Readonly<Record<keyof typeof DEFAULTS, LoopbackPort>>;

export interface PortsError {
  readonly code: 'port_invalid';
  readonly message: string;
}

/**
 * Returns the port of each server: of its variable, else of the file, else its default. Accepts 0,
 * for any free port. Anything else that is not a port is an error that names the variable.
 */
export function readPorts(
  variable: (name: string) => string | undefined,
  stated: Readonly<Partial<Record<keyof typeof DEFAULTS, number>>> = {},
): Result<LocalPorts, PortsError> {
  const ports: Record<string, LoopbackPort> = {};
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    const fallback = stated[name as keyof typeof DEFAULTS] ?? standard.port;
    const text = variable(standard.portVariable) ?? String(fallback);
    const port = Number(text);
    if (!/^\d{1,5}$/.test(text) || port > 65_535) {
      const message = `${standard.portVariable} is "${text}", which is not a port (0 to 65535).`;
      return refuse({ code: 'port_invalid', message });
    }
    ports[name] = { ...standard, port };
  }
  return ok(ports as LocalPorts);
}
