import { ENTRY_SCHEMAS } from '../identity/index.ts';
import { targetName } from '../notices/index.ts';
import { serverName } from '../upstream/index.ts';
import { AUDIT_SETTINGS } from './audit-settings.ts';
import { DEV_SETTINGS } from './dev-settings.ts';
import { DRILL_SETTINGS } from './drill-settings.ts';
import type { KeyFault, KeyPath } from './fault.ts';
import { nearest } from './nearest.ts';
import { notifyFaults } from './notify-settings.ts';
import { OPERATOR_SETTINGS } from './operator-settings.ts';
import { PROFILE_SETTINGS } from './profile-settings.ts';
import { SERVE_SETTINGS } from './serve-settings.ts';
import { DEPLOYMENT_SETTINGS, GATEWAY_SETTINGS, ISSUER_SETTINGS } from './settings.ts';
import { environmentName, gatewayName, profileName, providerName } from './texts.ts';
import { upstreamFaults } from './upstream-faults.ts';
import {
  describeFound,
  isTable,
  member,
  notTable,
  schemaFaults,
  settingsFaults,
  type Table,
  unknownKey,
} from './values.ts';
import { wranglerFaults } from './wrangler-extras.ts';

type ReadSection = (value: unknown, path: KeyPath) => KeyFault[];

/** What an environment may have, and what may stand outside all environments. */
const SECTIONS: Readonly<Record<string, ReadSection>> = {
  issuer: (value, path) =>
    isTable(value) ? settingsFaults(ISSUER_SETTINGS, value, path) : [notTable(value, path)],
  providers: (value, path) =>
    eachNamed(value, path, providerName, 'lower-case letters, digits and "-"', providerFaults),
  gateways: (value, path) =>
    eachNamed(value, path, gatewayName, GATEWAY_NAME, (gateway, at) => gatewayFaults(gateway, at)),
  audit: (value, path) =>
    isTable(value) ? settingsFaults(AUDIT_SETTINGS, value, path) : [notTable(value, path)],
  notify: (value, path) => eachNamed(value, path, targetName, TARGET_NAME, notifyFaults),
  drill: (value, path) =>
    isTable(value) ? settingsFaults(DRILL_SETTINGS, value, path) : [notTable(value, path)],
  operators: (value, path) =>
    isTable(value) ? settingsFaults(OPERATOR_SETTINGS, value, path) : [notTable(value, path)],
  serve: (value, path) =>
    isTable(value) ? settingsFaults(SERVE_SETTINGS, value, path) : [notTable(value, path)],
  wrangler: (value, path) =>
    isTable(value) ? wranglerFaults(value, path) : [notTable(value, path)],
};

const GATEWAY_NAME =
  'lower-case letters, digits and "-", at most 20, starting with a letter and not ending in "-"';
const TARGET_NAME = 'lower-case letters, digits and "-", at most 32, starting with a letter';
const PROFILE_NAME = 'lower-case letters, digits and "-", at most 32, starting with a letter';
const ENVIRONMENT_NAME =
  'lower-case letters, digits and "-", at most 16, starting with a letter and not ending in "-"';

const FILE_KEYS = [
  ...Object.keys(DEPLOYMENT_SETTINGS),
  ...Object.keys(SECTIONS),
  'environments',
  'dev',
  'profiles',
];

/** Returns every fault that a value of the file has by itself. */
export function fileFaults(file: Table): KeyFault[] {
  return Object.entries(file).flatMap(([name, value]) => {
    const section = Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
    if (section) return section(value, [name]);
    if (Object.hasOwn(DEPLOYMENT_SETTINGS, name)) {
      return settingsFaults(DEPLOYMENT_SETTINGS, { [name]: value }, []);
    }
    if (name === 'dev') {
      return isTable(value)
        ? settingsFaults(DEV_SETTINGS, value, [name])
        : [notTable(value, [name])];
    }
    if (name === 'profiles') {
      return eachNamed(value, [name], profileName, PROFILE_NAME, (profile, path) =>
        settingsFaults(PROFILE_SETTINGS, profile, path),
      );
    }
    return name === 'environments' ? environmentsFaults(value) : [unknownKey([name], FILE_KEYS)];
  });
}

/** An empty table would otherwise deploy the environment `production`. */
const NO_ENVIRONMENT: KeyFault = {
  path: ['environments'],
  found: 'found an empty table',
  allowed: 'at least one table [environments.NAME], or no "environments" at all',
};

const environmentsFaults = (value: unknown): KeyFault[] =>
  isTable(value) && Object.keys(value).length === 0 ? [NO_ENVIRONMENT] : environmentTables(value);

const environmentTables = (value: unknown): KeyFault[] =>
  eachNamed(value, ['environments'], environmentName, ENVIRONMENT_NAME, (environment, path) =>
    Object.entries(environment).flatMap(([name, section]) => {
      const read = Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
      if (read) return read(section, [...path, name]);
      const isShared = Object.hasOwn(DEPLOYMENT_SETTINGS, name);
      if (!isShared) return [unknownKey([...path, name], Object.keys(SECTIONS))];
      const found = `"${name}" is the same in every environment`;
      return [{ path: [...path, name], found, allowed: `${name} above all tables`, atKey: true }];
    }),
  );

/** Checks a table of named tables, such as `[gateways.main]`. */
function eachNamed(
  value: unknown,
  path: KeyPath,
  pattern: RegExp,
  allowed: string,
  read: (table: Table, path: KeyPath) => KeyFault[],
): KeyFault[] {
  if (Array.isArray(value)) {
    const name = path.at(-1);
    const found = `found a list of tables, as [[${name}]] writes it`;
    return [{ path, found, allowed: `a table with a name for each: [${name}.NAME]`, atKey: true }];
  }
  if (!isTable(value)) return [notTable(value, path)];
  return Object.entries(value).flatMap(([name, table]): KeyFault[] => {
    const at = [...path, name];
    // `[gateways] url = …`: the name of the table was forgotten.
    if (!isTable(table)) {
      const found = `${describeFound(table, at)}, and no table`;
      return [
        { path: at, found, allowed: `keys in a table with a name: [${path.join('.')}.NAME]` },
      ];
    }
    const misnamed: KeyFault = {
      path: at,
      found: `${JSON.stringify(name.slice(0, 64))} is not a valid name`,
      allowed,
      atKey: true,
    };
    return [...(pattern.test(name) ? [] : [misnamed]), ...read(table, at)];
  });
}

function gatewayFaults(gateway: Table, path: KeyPath): KeyFault[] {
  const upstreams = member(gateway, 'upstreams');
  const names = isTable(upstreams) ? Object.keys(upstreams) : [];
  const misnamed = names
    .filter((name) => !serverName.test(name))
    .map(
      (name): KeyFault => ({
        path: [...path, 'upstreams', name],
        found: `${JSON.stringify(name.slice(0, 64))} is not a valid name of a server`,
        allowed: 'lower-case letters, digits and "-", at most 32',
        atKey: true,
      }),
    );
  const isEmpty = isTable(upstreams) && names.length === 0;
  const empty: KeyFault = {
    path: [...path, 'upstreams'],
    found: 'found an empty table',
    allowed: 'at least one server, such as files = "https://files.internal.example/mcp"',
  };
  return [
    ...settingsFaults(GATEWAY_SETTINGS, gateway, path),
    ...(isTable(upstreams) ? upstreamFaults(upstreams, [...path, 'upstreams']) : []),
    ...misnamed,
    ...(isEmpty ? [empty] : []),
  ];
}

/** The schema of a provider, by its kind. */
export const PROVIDER_SCHEMAS = ENTRY_SCHEMAS;

const PROVIDER_KINDS = Object.keys(ENTRY_SCHEMAS);

/** The kind of a provider that states none, as in `IDENTITY_ISSUERS`. */
export const PROVIDER_KIND_DEFAULT = 'oidc';

function providerFaults(provider: Table, path: KeyPath): KeyFault[] {
  const kind = member(provider, 'kind') ?? PROVIDER_KIND_DEFAULT;
  const schema =
    typeof kind === 'string' && Object.hasOwn(ENTRY_SCHEMAS, kind)
      ? ENTRY_SCHEMAS[kind]
      : undefined;
  if (!schema) {
    const suggestion = typeof kind === 'string' ? nearest(kind, PROVIDER_KINDS) : undefined;
    const at = [...path, 'kind'];
    const allowed = PROVIDER_KINDS.map((each) => JSON.stringify(each)).join(', ');
    const fault = { path: at, found: describeFound(kind, at), allowed };
    return [suggestion === undefined ? fault : { ...fault, suggestion }];
  }
  const renamed = Object.hasOwn(provider, 'name');
  const name: KeyFault = {
    path: [...path, 'name'],
    found: 'unknown key',
    allowed: 'the name in the header of the table, [providers.NAME]',
    atKey: true,
  };
  // The header is checked where it is read. Here the schema needs any valid name.
  const faults = schemaFaults(schema, { ...provider, name: 'name' }, path).map(explainProvider);
  return [...(renamed ? [name] : []), ...faults];
}

/** The schemas of providers say what is wrong with a value where no one form is right. */
function explainProvider(fault: KeyFault): KeyFault {
  const { allowed = '', atKey, ...rest } = fault;
  if (atKey) return { ...fault, allowed: allowed.replace('kind, name, ', 'kind, ') };
  if (!REASONS.some((reason) => allowed.includes(reason))) return fault;
  return { ...rest, found: `${fault.found}: ${allowed}` };
}

const REASONS = ['are not supported', 'a private key', 'has another number'];
