import { expect, test } from 'vitest';
import { toCloudEvent, toNdjson, toOtlpLogs } from '../../../../src/audit/export/index.ts';
import { EXPORTED, SOURCE } from './records.ts';

test('writes a record to one line of NDJSON from which it is read back whole', () => {
  for (const exported of EXPORTED) {
    const line = toNdjson(exported);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(exported)));
  }
});

test('writes CloudEvents whose attributes the JSON format of version 1.0 allows', () => {
  for (const exported of EXPORTED) {
    const { data, ...attributes } = toCloudEvent(exported, SOURCE);
    expect(data).toBe(exported.record);
    for (const [name, value] of Object.entries(attributes)) {
      expect(name).toMatch(/^[a-z0-9]{1,20}$/);
      expect(value).toSatisfy((text: unknown) => typeof text === 'string' && text !== '');
    }
    expect(attributes).toMatchObject({ specversion: '1.0', id: exported.record.id });
    expect(URL.canParse(attributes.source)).toBe(true);
    expect(new Date(attributes.time).getTime()).toBe(exported.record.at);
  }
});

test('gives CloudEvents of one log a sequence that sorts like its indexes', () => {
  const record = EXPORTED[0]?.record as never;
  const sequences = [9, 10, 2 ** 40].map(
    (index) => toCloudEvent({ log: 'control', index, record }, SOURCE).sequence,
  );
  expect(sequences.toSorted()).toEqual(sequences);
});

test('names the source and the id of a CloudEvent the same at every export', () => {
  const [exported] = EXPORTED;
  if (!exported) throw new Error('no record');
  const { leaf: _, ...pending } = exported;
  const [before, after] = [toCloudEvent(pending, SOURCE), toCloudEvent(exported, SOURCE)];
  expect([before.id, before.source]).toEqual([after.id, after.source]);
});

/** Members of LogRecord and its parents in opentelemetry/proto/logs/v1/logs.proto, as in JSON. */
const LOG_RECORD_MEMBERS = [
  ...['timeUnixNano', 'observedTimeUnixNano', 'severityNumber', 'severityText', 'body'],
  ...['attributes', 'droppedAttributesCount', 'flags', 'traceId', 'spanId', 'eventName'],
];

test('writes OTLP log records with times in nanoseconds as text', () => {
  const logs = toOtlpLogs(EXPORTED, SOURCE);
  const records = logs.resourceLogs[0]?.scopeLogs[0]?.logRecords ?? [];
  expect(records).toHaveLength(EXPORTED.length);
  for (const [index, record] of records.entries()) {
    expect(LOG_RECORD_MEMBERS).toEqual(expect.arrayContaining(Object.keys(record)));
    expect(BigInt(record.timeUnixNano)).toBe(BigInt(EXPORTED[index]?.record.at ?? 0) * 1_000_000n);
    expect([9, 13]).toContain(record.severityNumber);
    const keys = record.attributes.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { value } of record.attributes) expect(Object.keys(value)).toHaveLength(1);
  }
});

test('puts a denied call into OTLP as a warning that names its tool, agent and code', () => {
  const denied = EXPORTED.filter(({ record }) => record.id === 'v7-0.3');
  const record = toOtlpLogs(denied, SOURCE).resourceLogs[0]?.scopeLogs[0]?.logRecords[0];
  expect(record).toMatchObject({ severityText: 'WARN', eventName: 'hewn.audit.decision' });
  expect(record?.attributes).toEqual(
    expect.arrayContaining([
      { key: 'gen_ai.tool.name', value: { stringValue: 'mcp/files/read' } },
      { key: 'hewn.code', value: { stringValue: 'no_grant' } },
      { key: 'hewn.allowed', value: { boolValue: false } },
      {
        key: 'hewn.datasets',
        value: { arrayValue: { values: [{ stringValue: 'files/reports/q3.md' }] } },
      },
    ]),
  );
});
