import fc from 'fast-check';
import type { Json } from '../../../../src/canonical-json.ts';
import type { UrlConstraint, ValueConstraint } from '../../../../src/capability/index.ts';
import type { Models } from './model.ts';
import { isBelow } from './path.ts';
import { isPublic } from './public.ts';

const SCHEMES = ['http', 'https', 'ws', 'wss', 'ftp'] as const;
const HOSTS = [
  'api.example',
  'eu.api.example',
  '127.0.0.1',
  '[::1]',
  'xn--bcher-kva.example',
  'a_b',
];
const samples = fc
  .record({
    schemes: fc.uniqueArray(fc.constantFrom(...SCHEMES), { minLength: 1, maxLength: 2 }),
    name: fc.oneof(
      fc.record({ host: fc.constantFrom(...HOSTS) }),
      fc.record({ hostSuffix: fc.constantFrom('api.example', 'eu.api.example') }),
      fc.record({ public: fc.constant(true as const) }),
    ),
    query: fc.option(
      fc.dictionary(
        fc.constantFrom('y', 'q', 'a.b', '_'),
        fc.oneof(fc.constant(true as const), fc.constantFrom(['z'], ['1', '2'], ['', 'a/b?'])),
        { maxKeys: 2 },
      ),
      { nil: undefined },
    ),
    port: fc.option(fc.constantFrom(443, 80, 8443), { nil: undefined }),
    pathBelow: fc.option(fc.constantFrom('/', '/v1', '/v1/a%20b'), { nil: undefined }),
  })
  .map(({ schemes, name, port, pathBelow: below, query }) => {
    const host = 'public' in name ? 'api.example' : 'host' in name ? name.host : name.hostSuffix;
    const start = `${schemes[0]}://${host}${port === undefined ? '' : `:${port}`}`;
    const path = below === undefined || below === '/' ? '' : below;
    const optional = {
      ...(port !== undefined && { port }),
      ...(below !== undefined && { pathBelow: below }),
      ...(query !== undefined && { query }),
    };
    const asked = Object.entries(query ?? { y: true as const }).map(
      ([key, value]) => `${key}=${value === true ? 'any' : (value[0] ?? '')}`,
    );
    const sent = `${start}${path}/x?`;
    return {
      constraint: { url: { schemes, ...name, ...optional } },
      values: [
        ...[`${start}${path}`, `${start}${path}/x`, `${start}${path}/x?y=z#w`, `${start}${path}x`],
        ...[`${schemes.at(-1)}://eu.${host}${path}/`, start.toUpperCase() + path],
        ...[start.replace(host, `${host}.`) + path, start.replace(host, `u@${host}`) + path],
        start.replace(host, `${host}%2e`) + path,
        ...[sent + asked.join('&'), sent + [...asked].reverse().join('&'), `${sent}${asked[0]}&`],
        ...[
          sent + [...asked, ...asked].join('&'),
          `${sent}${asked[0]}&Y=1`,
          `${sent}y`,
          `${sent}y=z;q=1`,
        ],
        ...[`${sent}%79=z`, `${sent}y=z&y=z`, `${sent}y=z%26q=1`, `${sent}y=z#?q=1`, sent],
        ...[
          'https://169.254.169.254/',
          'http://[fd00::1]/',
          'https://db.internal/',
          'http://8.8.8.8/',
        ],
      ],
    };
  });

const PORTS: Readonly<Record<string, string>> = {
  http: '80',
  https: '443',
  ws: '80',
  wss: '443',
  ftp: '21',
};

const TEXT_UNITS_MAX = 2_048;

interface Read {
  readonly scheme: string;
  readonly host: string;
  readonly port: string | undefined;
  readonly path: string;
  readonly query: string;
}

/** What every reader reads; undefined for a text that is no URL, or that two read differently. */
function read(text: Json): Read | undefined {
  if (typeof text !== 'string' || text.length > TEXT_UNITS_MAX) return undefined;
  const parts = /^(\w+):\/\/([^/?#@\\]*?)(?::(\d+))?(\/[^?#]*)?(\?[^#]*)?(#.*)?$/.exec(text);
  if (
    !parts ||
    !/^[!#-;=?-Z[\]_a-z~]*$/.test(text) ||
    /[[\]]/.test(text.replace(/^\w+:\/\/\[[^\]]*\]/, ''))
  )
    return undefined;
  const [, scheme = '', name = '', written, path, query, fragment] = parts;
  const known = scheme.toLowerCase();
  if (path === undefined && (query !== undefined || fragment !== undefined)) return undefined;
  if (/:$/.test(name) || fragment?.slice(1).includes('#')) return undefined;
  if (written !== undefined && !/^(?:0|[1-9]\d{0,4})$/.test(written)) return undefined;
  const looked = name.toLowerCase().replace(/\.$/, '');
  const isHost = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(looked) || looked.startsWith('[');
  if (!isHost || !URL.canParse(text) || new URL(text).hostname.replace(/\.$/, '') !== looked)
    return undefined;
  if (!Object.hasOwn(PORTS, known)) return undefined;
  return {
    scheme: known,
    host: looked,
    port: written ?? PORTS[known],
    path: new URL(text).pathname,
    query: (query ?? '').slice(1),
  };
}

/** Whether it is a URL, and its query has one reading if that is needed. */
export function isUrl(text: Json, hasQuery: boolean): boolean {
  const url = read(text);
  return url !== undefined && (!hasQuery || parametersOf(url.query) !== undefined);
}

/** The parameters, if every reader finds the same. */
function parametersOf(query: string): ReadonlyMap<string, string> | undefined {
  if (query === '') return new Map();
  const found = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name = '', ...value] = pair.split('=');
    const isRepeated = [...found.keys()].some((one) => one.toLowerCase() === name.toLowerCase());
    if (isRepeated || !/^[\w.~-]+$/.test(name) || pair.includes(';')) return undefined;
    found.set(name, value.join('='));
  }
  return found;
}

function meetsQuery(query: string, allowed: NonNullable<UrlConstraint['query']>): boolean {
  const parameters = parametersOf(query);
  if (!parameters) return false;
  return [...parameters].every(([name, value]) => {
    const values = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    return values === true || values?.includes(value) === true;
  });
}

function isMet(
  text: Json,
  { schemes, host, hostSuffix, port, pathBelow, query, public: mustBePublic }: UrlConstraint,
): boolean {
  const url = read(text);
  if (!url) return false;
  const defaults = schemes.map((each) => PORTS[each]);
  return (
    (schemes as readonly string[]).includes(url.scheme) &&
    (host === undefined || url.host === host) &&
    (hostSuffix === undefined || url.host === hostSuffix || url.host.endsWith(`.${hostSuffix}`)) &&
    (!mustBePublic || isPublic(url.host)) &&
    (query === undefined || meetsQuery(url.query, query)) &&
    (port === undefined ? defaults.includes(url.port) : url.port === String(port)) &&
    (pathBelow === undefined || isBelow(url.path, pathBelow))
  );
}

export const URLS: Pick<Models<ValueConstraint>, 'url'> = { url: { samples, isMet } };
