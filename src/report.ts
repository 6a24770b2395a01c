import { type Clock, isWithin, readClock } from './clock.ts';

/** The members of an event besides its name. Never a token, a key or anything unverified. */
export type ReportDetail = Readonly<Record<string, unknown>>;

/**
 * Reports a failure that does not change the answer. `code` in the detail is part of the kind, so
 * an unreachable feed does not hide a forked one.
 */
export type Report = (event: string, detail?: ReportDetail) => void;

/** One line of the log. `count` is the number of events of this kind that it stands for. */
export type ReportLine = ReportDetail & { readonly event: string; readonly count: number };

export interface ReporterOptions {
  readonly write?: (line: ReportLine) => void;
  readonly now?: Clock;
}

interface Kind {
  writtenAt: number;
  /** Events since the last line, and the newest of them. */
  waiting: number;
  event: string;
  detail: ReportDetail;
}

const LINE_MILLISECONDS = 1_000; // One line per second and kind: an outage does not flood the log.
const KINDS_MAX = 256; // Names and codes are closed sets; more is a bug of the caller.

/**
 * Writes events as structured lines, at most one per second and kind. The next line of a kind
 * counts the events in between, and any later event flushes it. There is no timer, because a Worker
 * has none between requests.
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

/**
 * The reporter of this process or isolate, which writes to the console. Used unless a caller passes
 * one.
 */
export const report: Report = createReport();

/**
 * Reports with the caller's reporter, or to the console. An exception of the reporter goes no
 * further.
 */
export function reportTo(given: Report | undefined, event: string, detail?: ReportDetail): void {
  const failed = (): void => report('report.failed', { code: event });
  try {
    // The type does not say whether a reporter is asynchronous.
    Promise.resolve((given ?? report)(event, detail) as unknown).catch(failed);
  } catch {
    failed();
  }
}
