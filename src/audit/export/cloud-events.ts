import type { ExportedRecord, ExportSource } from './exported.ts';

/** The prefix of all event types. The number changes when the meaning of a member does. */
const TYPE_PREFIX = 'dev.hewn.audit';
const TYPE_VERSION = 'v1';

/** The longest index has 16 digits: as text, indexes then sort as numbers do. */
const SEQUENCE_DIGITS = 16;

/** A record as an event of CloudEvents 1.0 in the JSON format (structured mode). */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** Unique together with `source`: the id of the record. */
  readonly id: string;
  /** The log, as a URL below that of the issuer. */
  readonly source: string;
  readonly type: string;
  /** The workflow, if the record belongs to one. */
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** The index in the log (CloudEvents extension "Sequence"). */
  readonly sequence: string;
  readonly hewnleaf?: string;
  /** Members whose key is erased, separated by commas: an attribute cannot be a list. */
  readonly hewnerased?: string;
  readonly data: ExportedRecord['record'];
}

/** Returns a record as a CloudEvent. */
export function toCloudEvent(
  { log, index, record, leaf, erased = [] }: ExportedRecord,
  { issuer }: ExportSource,
): CloudEvent {
  return {
    specversion: '1.0',
    id: record.id,
    source: `${issuer}/log/${log}`,
    type: `${TYPE_PREFIX}.${record.event}.${TYPE_VERSION}`,
    ...(record.workflow !== undefined && { subject: record.workflow }),
    time: new Date(record.at).toISOString(),
    datacontenttype: 'application/json',
    sequence: String(index).padStart(SEQUENCE_DIGITS, '0'),
    ...(leaf !== undefined && { hewnleaf: leaf }),
    ...(erased.length > 0 && { hewnerased: erased.join(',') }),
    data: record,
  };
}
