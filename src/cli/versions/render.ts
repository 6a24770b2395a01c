import { printableJson } from '../../approval/index.ts';
import { showFault } from '../../deployment/index.ts';
import type { IssuerFault } from '../../issuer-api/index.ts';
import { type FileChange, renderDiff } from '../../version/index.ts';
import { type Screen, showTimestamp } from '../terminal/index.ts';
import type { Activation, VersionSummary } from './stored.ts';
import { short } from './stored.ts';

export const versionLine = (screen: Screen, version: VersionSummary): string =>
  [
    `${version.active ? '*' : ' '} ${short(version.id)}`,
    `loaded ${showTimestamp(screen, version.loaded_at)} by ${version.by}`,
    version.last_active === null
      ? 'never active'
      : `active ${showTimestamp(screen, version.last_active)}`,
    printableJson(version.reason),
  ].join('  ');

export const activationLines = (screen: Screen, one: Activation): readonly string[] => [
  `${short(one.version)}  ${one.state}${one.state === 'active' && !one.in_feed ? ', verifiers do not know it yet' : ''}`,
  `  at          ${showTimestamp(screen, one.at)} by ${one.by} (${printableJson(one.actor)})`,
  `  replaced    ${one.before === null ? 'the sources of the entry file' : short(one.before)}`,
  `  reason      ${printableJson(one.reason)}`,
];

/** A version may come from anyone with the credential, so no line of it may move the cursor. */
export const diffText = (changes: readonly FileChange[]): string =>
  renderDiff(changes)
    .split('\n')
    .map((line) => line.replace(CONTROL, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`))
    .join('\n');

const CONTROL = /[^\P{Cc}\t]|\p{Cf}/gu;

/** `1 file changed, 2 added`, or that nothing differs. */
export function countChanges(changes: readonly FileChange[]): string {
  if (changes.length === 0) return 'no difference';
  return (['changed', 'added', 'removed'] as const)
    .map((change) => [changes.filter((one) => one.change === change).length, change] as const)
    .filter(([count]) => count > 0)
    .map(([count, change]) => `${count} ${change}`)
    .join(', ');
}

export const faultLines = (faults: readonly IssuerFault[]): readonly string[] =>
  faults.map(({ file, line, key, found, allowed }) =>
    showFault({
      file,
      ...(line !== undefined && { line }),
      ...(key !== undefined && { key }),
      found,
      ...(allowed !== undefined && { allowed }),
    }),
  );
