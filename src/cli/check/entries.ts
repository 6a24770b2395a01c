import { basename, join } from 'node:path';
import {
  type Deployment,
  type FileFault,
  GATEWAY_ENTRY_DEFAULT,
  ISSUER_ENTRY_DEFAULT,
  OBJECT_CLASSES,
} from '../../deployment/index.ts';
import type { CommandContext } from '../command.ts';
import { readText } from '../policy/files.ts';

type Role = 'issuer' | 'gateway';

export interface EntriesReport {
  readonly faults: readonly FileFault[];
  readonly warnings: readonly FileFault[];
}

const CREATED_BY: Readonly<Record<Role, string>> = {
  issuer: 'createIssuer',
  gateway: 'createGateway',
};

/**
 * Checks that the entry files of the Workers exist and export what the platform needs. It reads
 * them as text; the bundler finds everything else.
 */
export async function checkEntries(
  context: Pick<CommandContext, 'cwd'>,
  shown: string,
  deployment: Deployment,
  policyFiles: readonly string[],
): Promise<EntriesReport> {
  const faults: FileFault[] = [];
  const warnings: FileFault[] = [];
  for (const [entry, role] of entriesOf(deployment)) {
    const file = join(shown, entry);
    const source = await readText(context, file);
    if (!source.ok) {
      const allowed = `a file with export default ${CREATED_BY[role]}()`;
      faults.push({ file, found: `the entry file of the ${role} cannot be read`, allowed });
      continue;
    }
    const code = withoutComments(source.value);
    faults.push(...exportFaults(code, role).map((fault) => ({ file, ...fault })));
    warnings.push(...importFaults(code, policyFiles).map((found) => ({ file, found })));
  }
  return { faults, warnings };
}

/** Returns the entry files of all environments. One that several share is there once. */
export function entriesOf({ environments }: Deployment): ReadonlyMap<string, Role> {
  const entries = new Map<string, Role>();
  for (const { issuer, gateways } of environments) {
    entries.set(issuer.entry ?? ISSUER_ENTRY_DEFAULT, 'issuer');
    for (const { entry } of gateways) entries.set(entry ?? GATEWAY_ENTRY_DEFAULT, 'gateway');
  }
  return entries;
}

const withoutComments = (code: string): string =>
  code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');

function exportFaults(code: string, role: Role): readonly Omit<FileFault, 'file'>[] {
  const other = role === 'issuer' ? 'gateway' : 'issuer';
  const calls = (name: string): boolean => new RegExp(`\\b${name}\\s*\\(`).test(code);
  if (calls(CREATED_BY[other]) && !calls(CREATED_BY[role])) {
    const found = `is the entry file of a ${other}, and the ${role} uses it`;
    return [{ found, allowed: `export default ${CREATED_BY[role]}()` }];
  }
  if (!/\bexport\s+default\b|\bas\s+default\b/.test(code)) {
    const found = 'has no default export, which is what the platform runs';
    return [{ found, allowed: `export default ${CREATED_BY[role]}()` }];
  }
  if (role === 'gateway' || /\bexport\s*\*/.test(code)) return [];
  const missing = Object.keys(OBJECT_CLASSES).filter(
    (name) => !new RegExp(`\\b${name}\\b`).test(code),
  );
  if (missing.length === 0) return [];
  const found = `does not export ${missing.join(', ')}`;
  return [{ found, allowed: "export * from 'hewn/issuer/objects'" }];
}

/** An entry file that passes its own policy decides by it until a version is active. */
function importFaults(code: string, policyFiles: readonly string[]): readonly string[] {
  if (!/\.datalog['"]/.test(code)) return [];
  const missing = policyFiles.map((file) => basename(file)).filter((name) => !code.includes(name));
  return missing.map((name) => `does not import ${name}: it decides only once a version is active`);
}
