import { issuerCatalogue } from '../agent/index.ts';
import { type OpenRelay, Relay, type WiderUse } from '../bridge/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import type { StepUpMode } from '../deployment/index.ts';
import { parameterHeaders } from '../mcp-headers/index.ts';
import type { RunConnection } from './connection.ts';
import type { Tally } from './tally.ts';
import { widening } from './widen.ts';

/** What the servers of a session are served from. */
export interface RelayScene {
  readonly connection: RunConnection;
  /** The issuer's URL. */
  readonly issuer: string;
  /** The MCP servers behind the gateway that the agent gets. */
  readonly servers: readonly string[];
  readonly stepUp: StepUpMode;
  /** Gets one line for a person. */
  readonly say: (line: string) => void;
}

/** Returns what reads the catalogue of the current capability, which is fetched once. */
export function catalogueOf({
  connection,
  issuer,
}: Pick<RelayScene, 'connection' | 'issuer'>): () => Promise<Catalogue | undefined> {
  const source = issuerCatalogue({ issuer });
  return async () => {
    const current = await connection.capability.current();
    const catalogue = current.ok ? await source(current.value) : undefined;
    return catalogue?.ok ? catalogue.value : undefined;
  };
}

/** Returns what opens a relay for each client of each server of a session. */
export function openRelays(
  scene: RelayScene,
  { tally, ask }: { readonly tally: Tally; readonly ask?: (use: WiderUse) => Promise<boolean> },
): ReadonlyMap<string, OpenRelay> {
  const { connection, stepUp, say } = scene;
  const catalogue = catalogueOf(scene);
  const widen =
    stepUp === 'never'
      ? undefined
      : widening({
          capability: connection.capability,
          onGranted: (grants) => tally.granted(grants),
          say,
          ...(ask !== undefined && { ask }),
        });
  return new Map(
    scene.servers.map((server): [string, OpenRelay] => [
      server,
      (onMessage) =>
        new Relay({
          server,
          route: connection.mcp(server),
          onMessage,
          onUse: (use) => tally.count(use),
          parameters: async (tool, args) => {
            const entry = (await catalogue())?.get(`mcp/${server}/${tool}`);
            return parameterHeaders(entry?.parameterHeaders ?? {}, args);
          },
          ...(widen !== undefined && { widen }),
        }),
    ]),
  );
}
