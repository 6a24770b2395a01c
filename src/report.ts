import { type Clock, isWithin, readClock } from './clock.ts';

/** What an event says beside its name; never a token, a key or anything that was not verified. */
export type ReportDetail = Readonly<Record<string, unknown>>;

/**
 * Takes something that went wrong beside an answer. `code` in the detail is part of the kind: a
 * feed that is forked is not hidden behind one that is unreachable.
 */
export type Report = (event: string, detail?: ReportDetail) => void;

/** One line of the log. `count` says how many events of this kind it stands for. */
export type ReportLine = ReportDetail & { readonly event: string; readonly count: number };

export interface ReporterOptions {
  readonly write?: (line: ReportLine) => void;
  /** Milliseconds since the epoch. */
  readonly now?: Clock;
}

interface Kind {
  writtenAt: number;
  /** Events since the last line, and the newest of them. */
  waiting: number;
  event: string;
  detail: ReportDetail;
}

const LINE_MILLISECONDS = 1_000; // One line a second of each kind: an outage is no flood of lines.
const KINDS_MAX = 256; // Names and codes are closed sets, so more is a caller's slip.

/**
 * Writes events as structured lines, at most one a second of each kind. What came in between is
 * counted in the next line of its kind, which any later event brings out: no timer is kept, because
 * a Worker has none between requests.
 */
export function createReport(options: ReporterOptions = {}): Report {
  const { write = (line) => console.error(line), now = readClock } = options;
  const kinds = new Map<string, Kind>();
  const writeDue = (at: number): void => {
    for (const kind of kinds.values()) {
      if (kind.waiting === 0 || isWithin(kind.writtenAt, at, LINE_MILLISECONDS)) continue;
      const { event, detail, waiting } = kind;
      kind.writtenAt = at;
      kind.waiting = 0;
      write({ ...detail, event, count: waiting });
    }
  };
  return (event, detail = {}) => {
    const named = `${event} ${String(detail.code)}`;
    const key = kinds.has(named) || kinds.size < KINDS_MAX ? named : 'other';
    const kind = kinds.get(key) ?? { writtenAt: Number.NEGATIVE_INFINITY, waiting: 0 };
    kinds.set(key, { ...kind, waiting: kind.waiting + 1, event, detail });
    writeDue(now());
  };
}

/** The one of this process or isolate, to the console: what is used where none is passed. */
export const report: Report = createReport();

/** Reports by what a caller passed, or to the console. What a reporter throws is its own. */
export function reportTo(given: Report | undefined, event: string, detail?: ReportDetail): void {
  const failed = (): void => report('report.failed', { code: event });
  try {
    // Of an asynchronous one, the type knows nothing.
    Promise.resolve((given ?? report)(event, detail) as unknown).catch(failed);
  } catch {
    failed();
  }
}
