import {
  type AddressFault,
  conflictOf,
  faultOf,
  type StatedUpstream,
  tableOf,
  upstreamUrl,
} from '../upstream/index.ts';
import type { KeyFault, KeyPath, RuleFault } from './fault.ts';
import { UPSTREAM_SETTINGS } from './upstream-settings.ts';
import { isTable, MISSING, schemaFaults, settingsFaults, type Table } from './values.ts';

/** Returns every fault that a key of an upstream has by itself. */
export function upstreamFaults(upstreams: Table, base: KeyPath): KeyFault[] {
  return Object.entries(upstreams).flatMap(([name, upstream]): KeyFault[] => {
    const path = [...base, name];
    if (typeof upstream === 'string') return schemaFaults(upstreamUrl, upstream, path);
    if (!isTable(upstream)) return [];
    const missing: KeyFault = { path: [...path, 'url'], found: MISSING, allowed: 'a key "url"' };
    return [
      ...settingsFaults(UPSTREAM_SETTINGS, upstream, path),
      ...(Object.hasOwn(upstream, 'url') ? [] : [missing]),
    ];
  });
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
    const at = typeof upstream === 'string' ? path : [...path, 'url'];
    return [
      ...(key === undefined ? [] : [{ path: [...path, key], ...conflict } as RuleFault]),
      ...(fault === undefined ? [] : [{ path: at, ...ADDRESS_FAULTS[fault] }]),
    ];
  });
}
