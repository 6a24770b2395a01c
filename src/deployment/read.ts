import { parse, TomlError } from 'smol-toml';
import { ok, type Result, refuse } from '../result.ts';
import { decodeSource, isComposed, replacedAt, uncomposedAt } from '../source-text.ts';
import { devFaults } from './dev-rules.ts';
import { resolve, whereIs } from './environments.ts';
import { type FileFault, type KeyFault, type KeyPath, showPath } from './fault.ts';
import { CATALOGUE_DEFAULT, type Deployment, POLICY_DEFAULT } from './model.ts';
import { findPlaces, type Places } from './positions.ts';
import { profileFaults } from './profile-settings.ts';
import { RULES_OF_ENVIRONMENT, sharedFaults } from './rules.ts';
import { GATEWAY_SECRETS, ISSUER_SECRETS, isPrivateKeyText } from './secrets.ts';
import { fileFaults } from './sections.ts';
import { isAboutStandIn, withStandIns } from './stand-ins.ts';
import { isTable, member, type Table } from './values.ts';

export const DEPLOYMENT_FILE = 'hewn.toml';

/** Ten environments with a hundred upstreams each take a quarter of this. */
const DEPLOYMENT_BYTES_MAX = 256 * 1024;

/** A report of more has one cause, such as a wrong file. */
const FAULTS_MAX = 100;

/**
 * Reads `hewn.toml`. Returns the deployment, or every fault of the file: those of single values,
 * and those between the values that are valid by themselves. `name` is the file in the messages.
 */
export async function readDeployment(
  bytes: Uint8Array,
  name: string = DEPLOYMENT_FILE,
): Promise<Result<Deployment, readonly FileFault[]>> {
  const source = readSource(bytes, name);
  if (!source.ok) return refuse([source.error]);
  const { text, table } = source.value;
  const place = async (faults: readonly KeyFault[]) =>
    refuse(placed(faults, await findPlaces(text), name));

  const reserved = [...reservedFaults(table, [])];
  const told = new Set(reserved.map(({ path }) => showPath(path)));
  const { deployment, faults } = resolve(table);
  const others = [...fileFaults(table), ...faults].filter(({ path }) => !told.has(showPath(path)));
  const single = withoutRepeats([...reserved, ...others]);
  if (single.length === 0) {
    const between = rulesFaults(deployment, table);
    return between.length > 0 ? place(between) : ok(deployment);
  }
  const known = new Set(single.map(({ path }) => showPath(path)));
  const between = rulesFaults(withStandIns(table, single), table).filter(
    (fault) => !isAboutStandIn(fault) && !known.has(showPath(fault.path)),
  );
  return place([...single, ...between]);
}

/** Where a deployment file says its other files are, relative to it. */
export interface SourcePaths {
  readonly policy: string;
  readonly catalogue: string;
}

/**
 * Reads the paths out of a file that may have faults. A path that cannot be read is the default.
 */
export function readSourcePaths(bytes: Uint8Array): SourcePaths {
  const source = readSource(bytes, DEPLOYMENT_FILE);
  const textAt = (name: string, absent: string): string => {
    const value = source.ok ? member(source.value.table, name) : undefined;
    return typeof value === 'string' && value !== '' ? value : absent;
  };
  return {
    policy: textAt('policy', POLICY_DEFAULT),
    catalogue: textAt('catalogue', CATALOGUE_DEFAULT),
  };
}

interface Source {
  readonly text: string;
  readonly table: Table;
}

function readSource(bytes: Uint8Array, file: string): Result<Source, FileFault> {
  if (bytes.length > DEPLOYMENT_BYTES_MAX) {
    const found = `found ${bytes.length} bytes: is this the right file?`;
    return refuse({ file, found, allowed: `at most ${DEPLOYMENT_BYTES_MAX} bytes` });
  }
  const decoded = decodeSource(bytes);
  if (!decoded.ok) {
    const line = firstInvalidLine(bytes);
    return refuse({ file, line, found: 'found bytes that are not UTF-8', allowed: 'UTF-8' });
  }
  const text = decoded.value;
  const replaced = replacedAt(text);
  if (replaced) return refuse({ file, line: replaced.line, found: `found ${replaced.why}` });
  try {
    const table = parse(text);
    if (isComposed(text)) return ok({ text, table });
    const { line, why } = uncomposedAt(text);
    return refuse({ file, line, found: `found ${why}`, allowed: 'Unicode form NFC' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    // The rest of the message quotes the line, which may have a secret.
    const why = (error.message.split('\n', 1)[0] ?? '').replace(/^Invalid TOML document: /, '');
    return refuse({ file, line, column, found: `not TOML: ${why}`, ...hintFor(text, line) });
  }
}

/** What people most often write instead of TOML. */
function hintFor(text: string, line: number): Pick<FileFault, 'allowed'> {
  const at = text.split('\n')[line - 1]?.trim() ?? '';
  if (at.startsWith('{') && line === 1) return { allowed: 'TOML: this looks like JSON' };
  if (/^[\w.-]+\s*:\s/.test(at)) return { allowed: '"key = value": this line looks like YAML' };
  if (/[\u201c\u201d\u2018\u2019]/.test(at)) return { allowed: 'straight quotes: " or \'' };
  if (/^[\w.-]+\s*=\s*[A-Za-z][\w.:/-]*$/.test(at)) return { allowed: 'texts in quotes' };
  if (/^(?:<{7}|={7}|>{7})/.test(at)) return { allowed: 'no conflict markers of git' };
  return {};
}

function firstInvalidLine(bytes: Uint8Array): number {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    if (!decodeSource(bytes.subarray(start, end)).ok) return line;
    line += 1;
    start = end + 1;
  }
  return line;
}

/** A name that every object has would be mistaken for a member somewhere. */
const RESERVED = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

const SECRETS = [...new Set([...Object.keys(ISSUER_SECRETS), ...Object.keys(GATEWAY_SECRETS)])];

/** Finds names that the file may have nowhere, and secrets, before anything reads a value. */
function* reservedFaults(value: unknown, path: KeyPath): Generator<KeyFault> {
  if (isPrivateKeyText(value)) {
    const allowed =
      'no secret in this file: "secrets" lists names, and the values go to the platform';
    yield { path, found: 'found a private key', allowed };
  }
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) yield* reservedFaults(each, [...path, index]);
  }
  if (!isTable(value)) return;
  for (const [name, each] of Object.entries(value)) {
    const at = [...path, name];
    if (RESERVED.has(name)) {
      yield { path: at, found: 'a reserved name', allowed: 'any other name', atKey: true };
    } else if (SECRETS.includes(name)) {
      const allowed = `no value: it is a secret. Write secrets = ["${name}"], and give its value to the platform`;
      yield { path: at, found: 'a secret', allowed, atKey: true };
    } else {
      yield* reservedFaults(each, at);
    }
  }
}

/** Two environments report one mistake outside of them; the report has it once. */
function withoutRepeats(faults: readonly KeyFault[]): readonly KeyFault[] {
  const byText = new Map(faults.map((fault) => [JSON.stringify(fault), fault]));
  const unknown = [...byText.values()].filter(({ suggestion, atKey }) => suggestion && atKey);
  // An unknown key with the suggestion "issuer" implies that "issuer" is missing.
  return [...byText.values()].filter(
    ({ path, found }) =>
      !found.startsWith('missing') ||
      !unknown.some(
        (other) =>
          path.includes(other.suggestion ?? '') &&
          showPath(path.slice(0, path.indexOf(other.suggestion ?? ''))) ===
            showPath(other.path.slice(0, -1)),
      ),
  );
}

function rulesFaults(deployment: Deployment, table: Table): readonly KeyFault[] {
  const { environments } = deployment;
  const isNamed = isTable(member(table, 'environments'));
  const at = (environment: string, path: KeyPath): KeyPath =>
    whereIs(table, isNamed ? environment : undefined, path);
  const within = environments.flatMap((environment) =>
    Object.values(RULES_OF_ENVIRONMENT).flatMap((rule) =>
      rule(environment).map((fault) => ({ ...fault, path: at(environment.name, fault.path) })),
    ),
  );
  const shared = sharedFaults(environments).map(({ environment, ...fault }) => ({
    ...fault,
    path: at(environment, fault.path),
  }));
  return withoutRepeats([
    ...within,
    ...shared,
    ...devFaults(deployment),
    ...profileFaults(deployment),
  ]);
}

/** Gives each fault the place of its key or value, or of the nearest table around it. */
function placed(faults: readonly KeyFault[], places: Places, file: string): readonly FileFault[] {
  const found = faults.map(({ path, atKey, ...fault }): FileFault => {
    let known = path;
    while (known.length > 0 && places(known) === undefined) known = known.slice(0, -1);
    const place = places(known);
    const isWhole = known.length === path.length && atKey !== true;
    const { line, column } = (isWhole ? place?.value : place?.key) ?? {};
    const key = path.length > 0 ? { key: showPath(path) } : {};
    return {
      file,
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
      ...key,
      ...fault,
    };
  });
  const inOrder = found.toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  if (inOrder.length <= FAULTS_MAX) return inOrder;
  const rest = { file, found: `${inOrder.length - FAULTS_MAX} more faults are not shown` };
  return [...inOrder.slice(0, FAULTS_MAX), rest];
}
