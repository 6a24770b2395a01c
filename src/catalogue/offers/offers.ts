import type { Catalogue, CatalogueTool } from '../catalogue.ts';
import { matchUri, readUriTemplate, type UriTemplate } from './uri-template.ts';

/** A resource of a server, and the values of its template's variables. */
export interface FoundResource {
  readonly entry: CatalogueTool;
  readonly values: Readonly<Record<string, string>>;
}

/** What one MCP server offers besides tools. */
export interface Offers {
  readonly prompts: ReadonlyMap<string, CatalogueTool>;
  /** Entries by the text of their template. */
  readonly templates: ReadonlyMap<string, CatalogueTool>;
  /** Returns the entries that a URI belongs to. One without variables stands for itself alone. */
  readonly resourcesOf: (uri: string) => readonly FoundResource[];
}

/** Whether an entry is a resource or a prompt, which no `tools/call` reaches. */
export const isOffer = ({ resource, prompt }: CatalogueTool): boolean =>
  resource !== undefined || prompt !== undefined;

/** Returns the server of `mcp/<server>/<name>`; undefined for another name. */
export const serverOf = (name: string): string | undefined => /^mcp\/([^/]+)\//.exec(name)?.[1];

const tables = new WeakMap<Catalogue, ReadonlyMap<string, Offers>>();
const NOTHING: Offers = { prompts: new Map(), templates: new Map(), resourcesOf: () => [] };

/** Returns what a server offers. Templates are read once for each catalogue. */
export function offersOf(catalogue: Catalogue, server: string): Offers {
  const table = tables.get(catalogue) ?? readOffers(catalogue);
  tables.set(catalogue, table);
  return table.get(server) ?? NOTHING;
}

function readOffers(catalogue: Catalogue): ReadonlyMap<string, Offers> {
  const byServer = new Map<string, CatalogueTool[]>();
  for (const entry of catalogue.values()) {
    const server = isOffer(entry) ? serverOf(entry.name) : undefined;
    if (server === undefined) continue;
    byServer.set(server, [...(byServer.get(server) ?? []), entry]);
  }
  return new Map([...byServer].map(([server, entries]) => [server, offersIn(entries)]));
}

/** What must not appear twice in a catalogue; undefined for a tool. */
export const offerKey = ({ name, resource, prompt }: CatalogueTool): string | undefined =>
  resource === undefined && prompt === undefined
    ? undefined
    : JSON.stringify([serverOf(name), resource ?? null, prompt ?? null]);

function offersIn(entries: readonly CatalogueTool[]): Offers {
  const resources = entries.flatMap((entry) => templateOf(entry));
  return {
    prompts: byText(entries, ({ prompt }) => prompt),
    templates: byText(entries, ({ resource }) => resource),
    resourcesOf: (uri) => {
      const found = resources.flatMap(({ entry, template }) => {
        const values = matchUri(template, uri);
        return values ? [{ entry, values, isFixed: template.variables.length === 0 }] : [];
      });
      return found.some(({ isFixed }) => isFixed) ? found.filter(({ isFixed }) => isFixed) : found;
    },
  };
}

function templateOf(
  entry: CatalogueTool,
): readonly { readonly entry: CatalogueTool; readonly template: UriTemplate }[] {
  const read = entry.resource === undefined ? undefined : readUriTemplate(entry.resource);
  return read?.ok ? [{ entry, template: read.value }] : [];
}

const byText = (
  entries: readonly CatalogueTool[],
  textOf: (entry: CatalogueTool) => string | undefined,
): ReadonlyMap<string, CatalogueTool> =>
  new Map(
    entries.flatMap((entry) => {
      const text = textOf(entry);
      return text === undefined ? [] : [[text, entry] as const];
    }),
  );
