import {
  type AddressFault,
  CREDENTIALS,
  type CredentialKind,
  conflictOf,
  credentialSchema,
  faultOf,
  type StatedUpstream,
  tableOf,
  upstreamUrl,
} from '../upstream/index.ts';
import type { KeyFault, KeyPath, RuleFault } from './fault.ts';
import { UPSTREAM_SETTINGS } from './upstream-settings.ts';
import {
  isTable,
  MISSING,
  member,
  notTable,
  schemaFaults,
  settingsFaults,
  type Table,
} from './values.ts';

/** Returns every fault that a key of an upstream has by itself. */
export function upstreamFaults(upstreams: Table, base: KeyPath): KeyFault[] {
  return Object.entries(upstreams).flatMap(([name, upstream]): KeyFault[] => {
    const path = [...base, name];
    if (typeof upstream === 'string') return schemaFaults(upstreamUrl, upstream, path);
    if (!isTable(upstream)) return [];
    const missing: KeyFault = { path: [...path, 'url'], found: MISSING, allowed: 'a key "url"' };
    const { credential, ...others } = upstream;
    return [
      ...settingsFaults(UPSTREAM_SETTINGS, others, path),
      ...(credential === undefined ? [] : credentialFaults(credential, [...path, 'credential'])),
      ...(Object.hasOwn(upstream, 'url') ? [] : [missing]),
    ];
  });
}

/** By the schema of its kind, so that a fault names the keys of that kind. */
function credentialFaults(credential: unknown, path: KeyPath): KeyFault[] {
  const kind = member(credential, 'kind');
  const isKnown = typeof kind === 'string' && Object.hasOwn(CREDENTIALS, kind);
  const schema = isKnown ? CREDENTIALS[kind as CredentialKind] : credentialSchema;
  return isTable(credential)
    ? schemaFaults(schema, credential, path)
    : [notTable(credential, path)];
}

const ADDRESS_FAULTS: Readonly<Record<AddressFault, Pick<RuleFault, 'found' | 'allowed'>>> = {
  unlisted: {
    found: 'leads to a private or special address that is not listed',
    allowed: 'a public host, or { url = "…", addresses = ["…"] } with its network or its name',
  },
  insecure: {
    found: 'is plain http on a public network',
    allowed: 'https, or http to an address that "addresses" lists',
  },
};

/** Returns what does not fit between the keys of each upstream. */
export function upstreamRuleFaults(
  base: KeyPath,
  upstreams: Readonly<Record<string, StatedUpstream>>,
): readonly RuleFault[] {
  return Object.entries(upstreams).flatMap(([name, upstream]): RuleFault[] => {
    const path = [...base, name];
    const table = tableOf(upstream);
    const { key, ...conflict } = conflictOf(table) ?? {};
    const fault = faultOf(table);
    const isBinding = /^[A-Z]/.test(table.service ?? '');
    const named = { found: 'is the name of a binding', allowed: 'the name of a Worker' };
    const at = typeof upstream === 'string' ? path : [...path, 'url'];
    return [
      ...(isBinding ? [{ path: [...path, 'service'], ...named }] : []),
      ...(key === undefined ? [] : [{ path: [...path, key], ...conflict } as RuleFault]),
      ...(fault === undefined ? [] : [{ path: at, ...ADDRESS_FAULTS[fault] }]),
    ];
  });
}
