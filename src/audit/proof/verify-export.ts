import { canonicalJson, type Json } from '../../canonical-json.ts';
import { concatBytes, utf8 } from '../../encoding.ts';
import {
  checkConsistency,
  checkInclusion,
  decodeFrontier,
  equalHashes,
  extendFrontier,
  type Frontier,
  frontierRoot,
  leafHash,
  requireQuorum,
  type VerifiedCheckpoint,
} from '../../tlog/index.ts';
import { openWith } from '../entry/index.ts';
import type { AuditRecord } from '../kinds/index.ts';
import type { LogName } from '../logs.ts';
import { type RangeLine, type RecordLine, readExportLine } from './content.ts';
import { VerifierNumbers } from './numbers.ts';
import { logOfOrigin, policyFor, type Trust } from './trust.ts';

/**
 * What is wrong with an export. `removed`: a record between two others is missing. `truncated`:
 * records at the end are missing, or the export has an older checkpoint than one that is known.
 * `reordered`: a record is not in its place. `changed`: a record, or all of them together, is not
 * what the log signed. `forked`: the log signed another history. `gap`: a verifier's records never
 * reached the log. `checkpoint_invalid` and `line_malformed` say that nothing can be checked.
 */
export interface ExportFault {
  readonly code:
    | 'line_malformed'
    | 'checkpoint_invalid'
    | 'removed'
    | 'truncated'
    | 'reordered'
    | 'changed'
    | 'forked'
    | 'gap';
  /** Of the line, 1 for the first; absent for what no line shows. */
  readonly line?: number;
  readonly log?: LogName;
  readonly index?: number;
  readonly detail: string;
}

/** What an export proves of one log. */
export interface VerifiedLog {
  readonly log: LogName;
  readonly size: number;
  /** The records in the export. */
  readonly records: number;
  /** Set if the export has all records from one index to another. */
  readonly range?: { readonly from: number; readonly to: number };
}

export interface ExportReport {
  readonly logs: readonly VerifiedLog[];
  /** Records whose personal members are erased, whole or in part. */
  readonly erased: number;
  readonly faults: readonly ExportFault[];
}

/** Beyond these, a report names no more of them. */
const FAULTS_MAX = 1_000;

interface Section {
  readonly log: LogName;
  readonly checkpoint: VerifiedCheckpoint;
  readonly range: RangeLine | undefined;
  /** Of the records so far, in a range. */
  frontier: Frontier | undefined;
  next: number;
  records: number;
  /** A range with a missing record has another root anyway. */
  isBroken: boolean;
}

/**
 * Verifies a provable export, line by line: nothing is kept but the right edge of a tree. `known`
 * are checkpoints that the auditor has from elsewhere, such as a witness or an earlier export.
 */
export class ExportVerifier {
  readonly #trust: Trust;
  readonly #known: readonly VerifiedCheckpoint[];
  readonly #numbers = new VerifierNumbers();
  readonly #logs: VerifiedLog[] = [];
  readonly #faults: ExportFault[] = [];
  #section: Section | undefined;
  #lines = 0;
  #erased = 0;

  constructor(trust: Trust, known: readonly VerifiedCheckpoint[] = []) {
    this.#trust = trust;
    this.#known = known;
  }

  /** Reads the next line. Empty lines are skipped. */
  async line(text: string): Promise<void> {
    this.#lines += 1;
    if (text.trim() === '') return;
    const read = readExportLine(text);
    if (!read) this.#fault({ code: 'line_malformed', detail: 'not a line of a provable export' });
    else if (read.kind === 'record') this.#record(read.line);
    else {
      this.#close();
      await this.#begin(read.line.log, read.line.checkpoint, read.kind === 'range' && read.line);
    }
  }

  /** Returns the report, after the last line. */
  end(): ExportReport {
    this.#close();
    this.#lines = 0;
    if (this.#logs.length === 0) {
      this.#fault({
        code: 'checkpoint_invalid',
        detail: 'the export has no checkpoint that counts',
      });
    }
    for (const { origin, size } of this.#known) this.#requireLog(origin, size);
    for (const gap of this.#numbers.gaps()) this.#fault({ code: 'gap', detail: gap });
    return { logs: this.#logs, erased: this.#erased, faults: this.#faults };
  }

  /** A log that is known to have records cannot be absent: all of its lines were taken out. */
  #requireLog(origin: string, size: number): void {
    const log = logOfOrigin(this.#trust, origin);
    if (!log || size === 0 || this.#logs.some((one) => one.log === log)) return;
    const detail = `the export has none of its records, and a known checkpoint is of ${size}`;
    this.#fault({ code: 'truncated', log, detail });
  }

  async #begin(log: LogName, note: string, range: RangeLine | false): Promise<void> {
    const verified = await requireQuorum(note, policyFor(this.#trust, log));
    if (!verified.ok) {
      this.#fault({ code: 'checkpoint_invalid', log, detail: verified.error });
      return;
    }
    const checkpoint = verified.value;
    const frontier = range ? decodeFrontier(range.from, concatBytes(...range.before)) : undefined;
    if (range && (!frontier || range.to < range.from || range.to > checkpoint.size)) {
      this.#fault({ code: 'line_malformed', log, detail: 'a range that this log cannot have' });
      return;
    }
    const section: Section = {
      log,
      checkpoint,
      frontier,
      range: range || undefined,
      next: range ? range.from : 0,
      records: 0,
      isBroken: false,
    };
    this.#section = section;
    this.#compareCheckpoint(section);
    if (frontier) this.#compareTree(log, checkpoint, frontier);
  }

  #record({ log, index, entry, openings, record, proof }: RecordLine): void {
    const section = this.#section;
    if (section?.log !== log) {
      this.#fault({ code: 'checkpoint_invalid', log, index, detail: 'no checkpoint covers it' });
      return;
    }
    section.records += 1;
    const bytes = utf8(entry);
    const leaf = leafHash(bytes);
    if (section.range) this.#place(section, index, leaf);
    else this.#include(section, index, leaf, proof ?? []);
    const unopened = openWith(bytes, []);
    if (section.range && unopened.ok) {
      this.#numbers.note(unopened.value.record, section.range.from === 0);
    }
    const opened = openWith(bytes, openings);
    if (!opened.ok) {
      this.#fault({ code: 'changed', log, index, detail: `the openings: ${opened.error.code}` });
      return;
    }
    if (opened.value.erased.length > 0) this.#erased += 1;
    const shown =
      record === undefined || canonicalJson(record) === canonicalOf(opened.value.record);
    if (!shown) {
      this.#fault({ code: 'changed', log, index, detail: 'the record is not that of its entry' });
    }
  }

  /** Extends the tree by the leaf of a record, if it is the next one. */
  #place(section: Section, index: number, leaf: Uint8Array): void {
    const { log, next } = section;
    if (index < next) {
      section.isBroken = true;
      const detail = `record ${index} comes after record ${next - 1}`;
      this.#fault({ code: 'reordered', log, index, detail });
      return;
    }
    if (index > next) {
      section.isBroken = true;
      const detail = index === next + 1 ? `record ${next}` : `records ${next} to ${index - 1}`;
      this.#fault({ code: 'removed', log, index: next, detail: `${detail}: missing` });
    }
    section.next = index + 1;
    if (section.isBroken || !section.frontier) return;
    section.frontier = extendFrontier(section.frontier, [leaf]);
    this.#compareTree(log, section.checkpoint, section.frontier);
  }

  #include(section: Section, index: number, leaf: Uint8Array, proof: readonly Uint8Array[]): void {
    const { size, root } = section.checkpoint;
    if (checkInclusion({ index, size, leaf, root }, proof)) return;
    const detail = 'the log did not sign this record at this place';
    this.#fault({ code: 'changed', log: section.log, index, detail });
  }

  /** Compares a checkpoint with those that the auditor knew before. */
  #compareCheckpoint({ log, checkpoint }: Section): void {
    for (const { size, root } of this.#knownOf(checkpoint)) {
      if (size > checkpoint.size) {
        const detail = `its checkpoint is of ${checkpoint.size} records, a known one of ${size}`;
        this.#fault({ code: 'truncated', log, detail });
      }
      if (size === checkpoint.size && !equalHashes(root, checkpoint.root)) this.#forked(log, size);
    }
  }

  /** Compares the tree so far with known checkpoints of its size. */
  #compareTree(log: LogName, checkpoint: VerifiedCheckpoint, frontier: Frontier): void {
    for (const { size, root } of this.#knownOf(checkpoint)) {
      if (size !== frontier.size || size === checkpoint.size) continue;
      if (!equalHashes(root, frontierRoot(frontier))) this.#forked(log, size);
    }
  }

  #forked(log: LogName, size: number): void {
    const detail = `the log has signed another history of its first ${size} records`;
    this.#fault({ code: 'forked', log, detail });
  }

  #knownOf({ origin }: VerifiedCheckpoint): readonly VerifiedCheckpoint[] {
    return this.#known.filter((one) => one.origin === origin);
  }

  #close(): void {
    const section = this.#section;
    this.#section = undefined;
    if (!section) return;
    const { log, checkpoint, range, records, frontier, next } = section;
    this.#logs.push({
      log,
      size: checkpoint.size,
      records,
      ...(range && { range: { from: range.from, to: range.to } }),
    });
    if (!range || !frontier) return;
    if (next !== range.to) {
      const detail = `it ends before record ${next} and should end before record ${range.to}`;
      this.#fault({ code: 'truncated', log, index: next, detail });
      return;
    }
    if (section.isBroken) return;
    const growth = {
      oldSize: range.to,
      oldRoot: frontierRoot(frontier),
      size: checkpoint.size,
      root: checkpoint.root,
    };
    if (checkConsistency(growth, range.growth)) return;
    const detail = `records ${range.from} to ${range.to - 1} are not those that the log signed`;
    this.#fault({ code: 'changed', log, detail });
  }

  #fault(fault: ExportFault): void {
    if (this.#faults.length >= FAULTS_MAX) return;
    const isSame = (one: ExportFault) =>
      one.code === fault.code && one.log === fault.log && one.detail === fault.detail;
    if (this.#faults.some(isSame)) return;
    this.#faults.push({ ...(this.#lines > 0 && { line: this.#lines }), ...fault });
  }
}

const canonicalOf = (record: AuditRecord): string => canonicalJson(record as unknown as Json);
