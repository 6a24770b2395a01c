import type { Json, JsonObject } from '../canonical-json.ts';
import { decodeDatasetName, type Grant, readText } from '../capability/index.ts';
import { type CatalogueTool, URL_KIND, type UrlBounds } from '../catalogue/index.ts';
import { valuesAt } from './values-at.ts';

/** What else may stand in a URL, besides what the catalogue lists. */
export interface UrlSources {
  /** The grants of the token. Their datasets name hosts and segments. */
  readonly grants: readonly Pick<Grant, 'tool' | 'dataset'>[];
  /** Values that a receipt or the request of the user attests: a whole URL, or one segment. */
  readonly attested: readonly string[];
}

/** Why a read may not request a URL. */
export interface UrlFault {
  /** The sink, as the catalogue has it. */
  readonly pointer: string;
  readonly why: string;
}

/**
 * Returns why a read that leaves may not request one of its URLs. Returns undefined if it may. A
 * free choice of a URL is a way out, whatever the page answers: the host learns each character of
 * it.
 */
export function outgoingFault(
  tool: CatalogueTool,
  args: JsonObject,
  sources: UrlSources,
): UrlFault | undefined {
  if (tool.action !== 'read' || !tool.leaves) return undefined;
  for (const { argument, kind, url = {} } of tool.sink ?? []) {
    if (kind !== URL_KIND) continue;
    const allowed = withGrants(url, tool, sources);
    for (const value of valuesAt(args, argument)) {
      const why = faultOf(value, allowed, sources.attested);
      if (why !== undefined) return { pointer: argument, why };
    }
  }
  return undefined;
}

interface Allowed {
  readonly hosts: ReadonlySet<string>;
  readonly segments: ReadonlySet<string>;
}

/** A grant on `web/docs.example/guides` names a host and a segment, if URLs name datasets. */
function withGrants(
  { hosts = [], segments = [] }: UrlBounds,
  { name, datasets }: CatalogueTool,
  { grants, attested }: UrlSources,
): Allowed {
  const granted = datasets.flatMap((source) => {
    if (!('argument' in source) || source.names !== 'url') return [];
    const root = `${source.under}/`;
    return grants
      .filter(({ tool, dataset }) => tool === name && dataset.startsWith(root))
      .map(({ dataset }) => dataset.slice(root.length).split('/').map(decodeDatasetName));
  });
  return {
    hosts: new Set([...hosts, ...granted.flatMap(([host = '']) => host)]),
    segments: new Set([...segments, ...granted.flatMap(([, ...path]) => path), ...attested]),
  };
}

/**
 * In one spelling: a lower-case name, no port, no user info, no query and no fragment, which an
 * empty `?` or `#` begins as well.
 */
const PLAIN = /^https?:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:\/[\w.~!$&'()*+,;=:@%-]+)*)\/?$/;

function faultOf(
  value: Json,
  { hosts, segments }: Allowed,
  attested: readonly string[],
): string | undefined {
  if (typeof value !== 'string') return 'not a text';
  const [, host = '', path = ''] = PLAIN.exec(value) ?? [];
  const read = value.isWellFormed() ? readText(value) : undefined;
  if (host === '' || !read?.ok || !read.value.forms.includes('url')) {
    return 'not a plain http or https URL: no query, fragment, user info, port or second spelling';
  }
  if (read.value.url?.host !== host) return 'a host with another spelling';
  if (attested.includes(value)) return undefined;
  if (!hosts.has(host)) return 'a host that neither the catalogue nor a grant lists';
  return path
    .split('/')
    .slice(1)
    .every((segment) => isAllowed(segment, segments))
    ? undefined
    : 'a segment that neither the catalogue, a grant nor an attested value has';
}

/** Letters that are encoded without need would carry a bit each. */
function isAllowed(segment: string, segments: ReadonlySet<string>): boolean {
  const decoded = decodeURIComponent(segment);
  const isPlain = segment === decoded || segment === encodeURIComponent(decoded);
  return isPlain && segments.has(decoded);
}
