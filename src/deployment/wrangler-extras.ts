import type { KeyFault, KeyPath } from './fault.ts';
import { isTable, notTable, type Table, unknownKey } from './values.ts';

/**
 * What `[wrangler.issuer]` and `[wrangler.gateway]` must not set, and where it is set instead. Each
 * of them decides which code runs, under which name, or to which Worker it is bound.
 */
export const PROTECTED_KEYS: Readonly<Record<string, string>> = {
  name: '"name" at the top of the file',
  main: '"entry" of the issuer or of the gateway',
  compatibility_date: 'nothing: it belongs to the version of hewn',
  compatibility_flags: 'nothing: they belong to the version of hewn',
  exports: 'nothing: the classes belong to the version of hewn',
  migrations: 'nothing: the classes belong to the version of hewn',
  durable_objects: 'nothing: the classes belong to the version of hewn',
  services: 'nothing: a gateway is bound to the issuer of its own environment',
  unsafe: 'nothing: it could bind a Worker of another environment',
  env: '[environments.NAME] of this file',
  vars: 'the keys of [issuer] and [gateways.NAME]',
  secrets: '"secrets" of [issuer] and [gateways.NAME]',
  rules: 'nothing: they belong to the entry files',
  ratelimits: '"rateLimits" of [issuer] and [gateways.NAME]',
  route: '"routes" of [issuer] and [gateways.NAME]',
  routes: '"routes" of [issuer] and [gateways.NAME]',
  workers_dev: '"url" of [issuer] and [gateways.NAME]',
  base_dir: 'nothing: paths are relative to this file',
  no_bundle: 'nothing: the Workers are always bundled',
  alias: 'nothing: it would replace code of the Workers',
  define: 'nothing: it would replace code of the Workers',
  build: 'nothing: the Workers are built from "entry"',
  site: 'nothing: a Worker of Hewn serves no files',
  assets: 'nothing: a Worker of Hewn serves no files',
  pages_build_output_dir: 'nothing: a Worker of Hewn serves no files',
  type: 'nothing: Hewn writes it',
  $schema: 'nothing: Hewn writes it',
};

/** The Workers whose configuration can be extended. */
const EXTENDED = ['issuer', 'gateway'] as const;

export function wranglerFaults(table: Table, path: KeyPath): KeyFault[] {
  return Object.entries(table).flatMap(([role, value]): KeyFault[] => {
    const at = [...path, role];
    if (!EXTENDED.some((known) => known === role)) return [unknownKey(at, EXTENDED)];
    if (!isTable(value)) return [notTable(value, at)];
    return Object.entries(value).flatMap(([key, each]): KeyFault[] => {
      const where = [...at, key];
      const elsewhere = Object.hasOwn(PROTECTED_KEYS, key) ? PROTECTED_KEYS[key] : undefined;
      if (elsewhere !== undefined) {
        return [{ path: where, found: 'a key that Hewn writes', allowed: elsewhere, atKey: true }];
      }
      return datesIn(each, where);
    });
  });
}

/** wrangler reads JSON here, which has no dates. */
const datesIn = (value: unknown, path: KeyPath): KeyFault[] => {
  if (value instanceof Date) return [{ path, found: 'found a date', allowed: 'a text in quotes' }];
  if (Array.isArray(value)) return value.flatMap((each, i) => datesIn(each, [...path, i]));
  return isTable(value)
    ? Object.entries(value).flatMap(([key, each]) => datesIn(each, [...path, key]))
    : [];
};
