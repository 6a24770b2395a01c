import { isJsonObject, type Json } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Greeted, ListingError } from './http.ts';
import { type ServerListing, toListedTool } from './listing.ts';

const PAGES_MAX = 100;
const ITEMS_MAX = 2_000; // Of one kind.

/** Asks a greeted server for everything that it says it offers, page by page. */
export async function listServer(greeted: Greeted): Promise<Result<ServerListing, ListingError>> {
  const { server, capabilities } = greeted;
  const all = async (kind: Kind): Promise<Result<readonly Json[], ListingError>> =>
    Object.hasOwn(capabilities, kind.capability) ? pages(greeted, kind) : ok([]);
  const tools = await all({ capability: 'tools', method: 'tools/list', member: 'tools' });
  if (!tools.ok) return tools;
  const resources = await all({ ...RESOURCES, method: 'resources/list', member: 'resources' });
  if (!resources.ok) return resources;
  // Older servers have resources and know no templates.
  const templates = await all({
    ...RESOURCES,
    method: 'resources/templates/list',
    member: 'resourceTemplates',
  });
  const prompts = await all({ capability: 'prompts', method: 'prompts/list', member: 'prompts' });
  if (!prompts.ok) return prompts;
  const listed = tools.value.map(toListedTool);
  if (!listed.every((tool) => tool !== undefined))
    return refuse('it lists a tool without a valid name');
  const names = new Set(listed.map(({ name }) => name));
  if (names.size < listed.length) return refuse('it lists two tools of one name');
  return ok({
    server,
    tools: [...listed].sort((one, other) => (one.name < other.name ? -1 : 1)),
    resources: [
      ...texts(resources.value, 'uri'),
      ...texts(templates.ok ? templates.value : [], 'uriTemplate'),
    ].sort(),
    prompts: [...texts(prompts.value, 'name')].sort(),
  });
}

interface Kind {
  readonly capability: string;
  readonly method: string;
  /** The member of the result with the list. */
  readonly member: string;
}

const RESOURCES = { capability: 'resources' } as const;

async function pages(
  { ask }: Greeted,
  { method, member }: Kind,
): Promise<Result<readonly Json[], ListingError>> {
  const items: Json[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const result = await ask(method, cursor === undefined ? {} : { cursor });
    if (!result.ok) return result;
    const { [member]: listed, nextCursor } = result.value;
    if (!Array.isArray(listed)) return refuse(`its answer to "${method}" has no list`);
    items.push(...(listed as readonly Json[]));
    if (items.length > ITEMS_MAX) return refuse(`it lists more than ${ITEMS_MAX} ${member}`);
    if (typeof nextCursor !== 'string') return ok(items);
    cursor = nextCursor;
  }
  return refuse(`its answer to "${method}" has more than ${PAGES_MAX} pages`);
}

const texts = (items: readonly Json[], member: string): readonly string[] =>
  items.flatMap((item) => {
    const text = isJsonObject(item) ? item[member] : undefined;
    return typeof text === 'string' ? [text] : [];
  });
