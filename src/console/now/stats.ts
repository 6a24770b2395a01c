import { plural } from '../plural.ts';
import type { Stat } from '../ui/index.ts';
import { numberText } from '../ui/index.ts';
import { filterHref } from './filter.ts';

/** What the index counts, without looking at the rows. */
export interface Counts {
  readonly running: number;
  readonly stopped: number;
  readonly waiting: number;
  readonly denied: number;
}

/** How many verifiers have the newest entry of the feed. */
export interface VerifierCount {
  readonly seen: number;
  readonly current: number;
  /** The name of one that is behind. */
  readonly behind: string | undefined;
}

interface StatsGiven {
  readonly counts: Counts;
  /** Undefined until the series has come. */
  readonly denialsLastHour: number | undefined;
  /** How many questions this person may answer. */
  readonly waitingForMe: number;
  readonly verifiers: VerifierCount | undefined;
}

/** The numbers of the page Now. Each is a link to what it counts. */
export function statsOf({
  counts,
  denialsLastHour,
  waitingForMe,
  verifiers,
}: StatsGiven): readonly Stat[] {
  return [
    {
      href: filterHref({ show: 'running' }),
      kind: 'run',
      label: 'Running',
      value: numberText(counts.running),
      more: 'workflows',
    },
    {
      href: filterHref({ show: 'denied' }),
      kind: 'deny',
      label: 'Denials, last hour',
      value: denialsLastHour === undefined ? '…' : numberText(denialsLastHour),
      more: `${plural(counts.denied, 'workflow')} with denials`,
    },
    {
      href: '#/approvals',
      kind: 'wait',
      label: 'Waiting for a person',
      value: numberText(counts.waiting),
      more: waitingForMe > 0 ? `${numberText(waitingForMe)} for you` : 'none for you',
    },
    {
      href: filterHref({ show: 'stopped' }),
      kind: 'pause',
      label: 'Stopped',
      value: numberText(counts.stopped),
      more: 'suspended or revoked',
    },
    verifierStat(verifiers),
  ];
}

function verifierStat(verifiers: VerifierCount | undefined): Stat {
  const label = 'Verifiers current';
  const href = '#/health';
  if (!verifiers) return { href, kind: 'unknown', label, value: '…', more: '' };
  const { seen, current, behind } = verifiers;
  const value = `${current} of ${seen}`;
  if (seen === 0) return { href, kind: 'unknown', label, value, more: 'none was heard of lately' };
  return behind === undefined
    ? { href, kind: 'ok', label, value, more: 'all have the newest entry' }
    : { href, kind: 'deny', label, value, more: `${behind} is behind` };
}
