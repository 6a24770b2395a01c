import { printableJson } from '../../approval/index.ts';
import { showFault } from '../../deployment/index.ts';
import type { IssuerFault } from '../../issuer-api/index.ts';
import { type FileChange, renderDiff } from '../../version/index.ts';
import type { CommandContext } from '../command.ts';
import {
  type Column,
  renderTable,
  type Screen,
  showAge,
  showTimestamp,
} from '../terminal/index.ts';
import type { Activation, VersionSummary } from './stored.ts';
import { short } from './stored.ts';

/** Renders stored versions as a table. A star marks the active one. */
export const versionTable = (
  context: Pick<CommandContext, 'now'> & Screen,
  versions: readonly VersionSummary[],
): string => {
  const age = (time: string): string => showAge(context.now().getTime(), Date.parse(time));
  const columns: readonly Column<VersionSummary>[] = [
    {
      head: '',
      cell: ({ active }) => (active ? '*' : ''),
    },
    { head: 'VERSION', cell: ({ id }) => short(id) },
    {
      head: 'LOADED',
      cell: ({ loaded_at }) => showTimestamp(context, loaded_at),
      short: ({ loaded_at }) => age(loaded_at),
    },
    { head: 'BY', cell: ({ by }) => by },
    {
      head: 'ACTIVE',
      cell: ({ last_active: at }) => (at === null ? 'never' : showTimestamp(context, at)),
      short: ({ last_active: at }) => (at === null ? 'never' : age(at)),
    },
    { head: 'REASON', cell: ({ reason }) => printableJson(reason), cut: 'end' },
  ];
  return renderTable(context, columns, versions);
};

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
