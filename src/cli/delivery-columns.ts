import type { Column } from './terminal/index.ts';

/** How the deliveries to a receiver go, as the issuer counts them. */
interface Deliveries {
  readonly queued: number;
  readonly dropped: number;
  /** One after another, up to now. */
  readonly failures: number;
  readonly fault?: string | undefined;
}

/** What waits, what was lost, and why: for a target of notifications and for a stream alike. */
export const DELIVERY_COLUMNS: readonly Column<Deliveries>[] = [
  { head: 'WAITING', cell: ({ queued }) => String(queued), align: 'right' },
  {
    head: 'LOST',
    cell: ({ dropped }) => String(dropped),
    align: 'right',
    tone: ({ dropped }) => (dropped > 0 ? 'bad' : undefined),
  },
  {
    head: 'LAST FAILURE',
    cell: ({ failures, fault }) => (failures === 0 ? '' : `${fault ?? 'unknown'} ×${failures}`),
    tone: () => 'bad',
  },
];
