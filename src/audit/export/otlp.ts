import { type AuditRecord, recordClassOf } from '../kinds/index.ts';
import { type ExportedRecord, type ExportSource, textOf } from './exported.ts';

/** `AnyValue` of OTLP in JSON. 64-bit integers are texts. */
export type OtlpValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly OtlpValue[] } };

export interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

/** `LogRecord` of OTLP in JSON. */
export interface OtlpLogRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: OtlpValue;
  readonly attributes: readonly OtlpAttribute[];
}

/** `ExportLogsServiceRequest` of OTLP in JSON: what `POST /v1/logs` takes. */
export interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeLogs: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly logRecords: readonly OtlpLogRecord[];
    }[];
  }[];
}

/** Numbers and texts of the OpenTelemetry logs data model. */
const SEVERITIES = { info: [9, 'INFO'], warn: [13, 'WARN'] } as const;

/** Returns records as one request of OTLP. A file has one such request in a line. */
export const toOtlpLogs = (
  records: readonly ExportedRecord[],
  { issuer, version }: ExportSource,
): OtlpLogs => ({
  resourceLogs: [
    {
      resource: {
        attributes: attributes({ 'service.name': 'hewn-issuer', 'service.instance.id': issuer }),
      },
      scopeLogs: [{ scope: { name: 'hewn/audit', version }, logRecords: records.map(logRecord) }],
    },
  ],
});

function logRecord({ log, index, record, leaf, erased }: ExportedRecord): OtlpLogRecord {
  // Milliseconds with six zeros: a number of nanoseconds would lose its last digits.
  const time = `${record.at}000000`;
  const [severityNumber, severityText] = SEVERITIES[isNotable(record) ? 'warn' : 'info'];
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    severityText,
    eventName: `hewn.audit.${record.event}`,
    body: { stringValue: JSON.stringify(record) },
    attributes: attributes({
      'hewn.audit.log': log,
      'hewn.audit.index': index,
      'hewn.audit.id': record.id,
      'hewn.audit.leaf': leaf,
      'hewn.audit.erased': erased,
      'hewn.workflow': record.workflow,
      'hewn.owner': textOf(record.owner),
      'hewn.code': 'code' in record ? record.code : undefined,
      'user.id': textOf(record.subject),
      'gen_ai.agent.id': textOf(record.agent),
      ...callAttributes(record),
    }),
  };
}

/** The call of a decision, in the semantic conventions for generative AI. */
function callAttributes(record: AuditRecord): Readonly<Record<string, AttributeValue>> {
  if (record.event !== 'decision' && record.event !== 'dispatch') return {};
  const { tool, datasets, verifier } = record;
  return {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    'gen_ai.tool.call.id': record.id,
    'hewn.verifier': verifier,
    'hewn.datasets': datasets,
    'hewn.allowed': record.event === 'decision' ? record.allowed : undefined,
  };
}

/** What takes power, and what was refused. */
const isNotable = (record: AuditRecord): boolean =>
  recordClassOf(record) === 'stop' ||
  (record.event === 'decision' ? !record.allowed : record.event === 'refusal');

type AttributeValue = string | number | boolean | readonly string[] | undefined;

const attributes = (named: Readonly<Record<string, AttributeValue>>): OtlpAttribute[] =>
  Object.entries(named).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: toValue(value) }],
  );

function toValue(value: Exclude<AttributeValue, undefined>): OtlpValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  return { arrayValue: { values: value.map((one) => ({ stringValue: one })) } };
}
