import * as v from 'valibot';

/**
 * The schemas that OpenTelemetry and CloudEvents publish, as far as an export of logs can use them,
 * written down field by field. Unknown members are faults.
 */

/** What a field holds: a scalar of proto3, or another message. `[type]` is `repeated`. */
type FieldType = Scalar | MessageName | readonly [Scalar | MessageName];
type Scalar = 'string' | 'bool' | 'int64' | 'fixed64' | 'double' | 'uint32' | 'bytes' | 'id';
type MessageName = keyof typeof MESSAGES;

/**
 * opentelemetry-proto 1.9.0: collector/logs/v1/logs_service.proto, logs/v1/logs.proto,
 * resource/v1/resource.proto and common/v1/common.proto. Names are in lowerCamelCase, as the JSON
 * encoding of OTLP requires.
 */
const MESSAGES = {
  ExportLogsServiceRequest: { resourceLogs: ['ResourceLogs'] },
  ResourceLogs: { resource: 'Resource', scopeLogs: ['ScopeLogs'], schemaUrl: 'string' },
  Resource: { attributes: ['KeyValue'], droppedAttributesCount: 'uint32' },
  ScopeLogs: { scope: 'InstrumentationScope', logRecords: ['LogRecord'], schemaUrl: 'string' },
  InstrumentationScope: {
    name: 'string',
    version: 'string',
    attributes: ['KeyValue'],
    droppedAttributesCount: 'uint32',
  },
  LogRecord: {
    timeUnixNano: 'fixed64',
    observedTimeUnixNano: 'fixed64',
    severityNumber: 'uint32',
    severityText: 'string',
    body: 'AnyValue',
    attributes: ['KeyValue'],
    droppedAttributesCount: 'uint32',
    flags: 'uint32',
    traceId: 'id',
    spanId: 'id',
    eventName: 'string',
  },
  KeyValue: { key: 'string', value: 'AnyValue' },
  AnyValue: {
    stringValue: 'string',
    boolValue: 'bool',
    intValue: 'int64',
    doubleValue: 'double',
    arrayValue: 'ArrayValue',
    kvlistValue: 'KeyValueList',
    bytesValue: 'bytes',
  },
  ArrayValue: { values: ['AnyValue'] },
  KeyValueList: { values: ['KeyValue'] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The highest `SeverityNumber`: FATAL4. Zero must not be used. */
const SEVERITY_MAX = 24;

/** The JSON form of each scalar: proto3's, and hex for ids, as OTLP/HTTP says. */
const SCALARS: Readonly<Record<Scalar, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string' && value.isWellFormed(),
  bool: (value) => typeof value === 'boolean',
  int64: (value) => isInteger(value, -(2n ** 63n), 2n ** 63n - 1n),
  fixed64: (value) => isInteger(value, 0n, 2n ** 64n - 1n),
  double: (value) => typeof value === 'number' && Number.isFinite(value),
  uint32: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32,
  bytes: (value) => typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
  id: (value) => typeof value === 'string' && /^(?:[0-9a-fA-F]{16}){1,2}$/.test(value),
};

/** A 64-bit integer is a decimal text, so that no reader rounds it. */
const isInteger = (value: unknown, min: bigint, max: bigint): boolean =>
  typeof value === 'string' &&
  /^(?:0|-?[1-9]\d*)$/.test(value) &&
  BigInt(value) >= min &&
  BigInt(value) <= max;

/** Returns what is wrong with an `ExportLogsServiceRequest` in the JSON of OTLP. */
export const faultsOfOtlpLogs = (request: unknown): readonly string[] =>
  faultsOf('ExportLogsServiceRequest', request, '');

function faultsOf(message: MessageName, value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${at} is no ${message}`];
  }
  const fields: Readonly<Record<string, FieldType>> = MESSAGES[message];
  const faults = Object.entries(value).flatMap(([name, member]) => {
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const path = `${at}/${name}`;
    if (type === undefined) return [`${path} is no field of ${message}`];
    if (typeof type === 'string') return faultsOfField(type, member, path);
    if (!Array.isArray(member)) return [`${path} is not repeated`];
    return member.flatMap((one, place) => faultsOfField(type[0], one, `${path}/${place}`));
  });
  return [...faults, ...faultsBeyondFields(message, value as never, at)];
}

const faultsOfField = (type: Scalar | MessageName, value: unknown, at: string): string[] => {
  if (Object.hasOwn(MESSAGES, type)) return faultsOf(type as MessageName, value, at);
  return SCALARS[type as Scalar](value) ? [] : [`${at} is no ${type}`];
};

/** What the comments of the schema demand. */
function faultsBeyondFields(
  message: MessageName,
  value: Readonly<Record<string, unknown>>,
  at: string,
): string[] {
  const faults: string[] = [];
  if (message === 'AnyValue' && Object.keys(value).length !== 1) faults.push(`${at} is no oneof`);
  const severity = value.severityNumber;
  if (severity !== undefined && (Number(severity) < 1 || Number(severity) > SEVERITY_MAX)) {
    faults.push(`${at}/severityNumber is no severity`);
  }
  const attributes = Array.isArray(value.attributes) ? value.attributes : [];
  const keys = attributes.map((one) => (one as { readonly key?: unknown }).key);
  if (keys.includes('') || new Set(keys).size < keys.length) faults.push(`${at} repeats a key`);
  return faults;
}

const text = v.pipe(v.string(), v.minLength(1));

/**
 * CloudEvents 1.0.2: formats/cloudevents.json, the JSON schema of the event format, and of the
 * specification the rules for the names and types of extension attributes.
 */
const CLOUD_EVENT = v.objectWithRest(
  {
    specversion: v.literal('1.0'),
    id: text,
    source: v.pipe(text, v.check(isUriReference)),
    type: text,
    datacontenttype: v.optional(v.pipe(text, v.regex(/^[\w.+-]+\/[\w.+-]+(?:;.*)?$/))),
    dataschema: v.optional(
      v.pipe(
        text,
        v.check((uri) => URL.canParse(uri)),
      ),
    ),
    subject: v.optional(text),
    time: v.optional(v.pipe(text, v.isoTimestamp())),
    data: v.optional(v.unknown()),
  },
  v.union([v.string(), v.boolean(), v.pipe(v.number(), v.safeInteger())]),
);

const ATTRIBUTE_NAME = /^[a-z0-9]{1,20}$/;
/** The types of CloudEvents exclude control characters and what Unicode has no character for. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Returns what is wrong with an event in the JSON format of CloudEvents. */
export function faultsOfCloudEvent(event: unknown): readonly string[] {
  const read = v.safeParse(CLOUD_EVENT, event);
  if (!read.success) return read.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  return Object.entries(read.output).flatMap(([name, value]) => {
    if (!ATTRIBUTE_NAME.test(name)) return [`${name} is no name of an attribute`];
    const isText = name !== 'data' && typeof value === 'string';
    return isText && FORBIDDEN.test(value) ? [`${name} has a forbidden character`] : [];
  });
}

function isUriReference(value: string): boolean {
  return !/[\s<>"{}|\\^`]/.test(value) && URL.canParse(value, 'https://base.example/');
}
