import { expect, test } from 'vitest';
import { toCloudEvent, toNdjson, toOtlpLogs } from '../../../../src/audit/export/index.ts';
import { faultsOfCloudEvent, faultsOfOtlpLogs } from './published-schemas.ts';
import { EXPORTED, SOURCE } from './records.ts';

test('writes a record to one line of NDJSON from which it is read back whole', () => {
  for (const exported of EXPORTED) {
    const line = toNdjson(exported);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(exported)));
  }
});

/** What a reader of a line of the export gets. */
const read = (value: unknown) => JSON.parse(JSON.stringify(value));

test('writes events that the published schema of CloudEvents accepts', () => {
  for (const exported of EXPORTED) {
    const event = toCloudEvent(exported, SOURCE);
    expect([exported.record.event, faultsOfCloudEvent(read(event))]).toEqual([
      exported.record.event,
      [],
    ]);
    expect(event.data).toBe(exported.record);
    expect(event).toMatchObject({ specversion: '1.0', id: exported.record.id });
    expect(new Date(event.time).getTime()).toBe(exported.record.at);
  }
});

test.each([
  ['no id', { id: undefined }],
  ['an empty id', { id: '' }],
  ['another version', { specversion: '0.3' }],
  ['a source with a space', { source: 'a log' }],
  ['a time without a zone', { time: '2026-11-28T12:00:00' }],
  ['an attribute with a capital', { hewnLeaf: 'ab' }],
  ['a list as an attribute', { hewnerased: ['task'] }],
  ['a control character', { subject: 'a\u0007' }],
])('the schema of CloudEvents refuses an event with %s', (_, change) => {
  const event = toCloudEvent(EXPORTED[0] as never, SOURCE);
  expect(faultsOfCloudEvent(read({ ...event, ...change }))).toHaveLength(1);
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

test('writes requests that the published schema of OTLP accepts', () => {
  expect(faultsOfOtlpLogs(read(toOtlpLogs(EXPORTED, SOURCE)))).toEqual([]);
  for (const exported of EXPORTED) {
    expect(faultsOfOtlpLogs(read(toOtlpLogs([exported], SOURCE)))).toEqual([]);
  }
});

test.each([
  ['a name in snake case', { time_unix_nano: '1' }],
  ['a time as a number', { timeUnixNano: 1_795_000_000_000_000_000 }],
  ['a severity of zero', { severityNumber: 0 }],
  ['a body that is no AnyValue', { body: 'text' }],
  ['a value of two types', { body: { stringValue: 'a', intValue: '1' } }],
  ['an integer as a number', { body: { intValue: 1 } }],
  ['a list that is no array', { attributes: { key: 'a', value: { boolValue: true } } }],
  [
    'an attribute twice',
    { attributes: [0, 1].map(() => ({ key: 'a', value: { intValue: '1' } })) },
  ],
])('the schema of OTLP refuses a record with %s', (_, change) => {
  const [logs] = toOtlpLogs(EXPORTED.slice(0, 1), SOURCE).resourceLogs;
  const [scoped] = logs?.scopeLogs ?? [];
  const logRecords = [{ ...scoped?.logRecords[0], ...change }];
  const request = { resourceLogs: [{ ...logs, scopeLogs: [{ ...scoped, logRecords }] }] };
  expect(faultsOfOtlpLogs(read(request))).toHaveLength(1);
});

test('writes OTLP log records with times in nanoseconds as text', () => {
  const logs = toOtlpLogs(EXPORTED, SOURCE);
  const records = logs.resourceLogs[0]?.scopeLogs[0]?.logRecords ?? [];
  expect(records).toHaveLength(EXPORTED.length);
  for (const [index, record] of records.entries()) {
    expect(BigInt(record.timeUnixNano)).toBe(BigInt(EXPORTED[index]?.record.at ?? 0) * 1_000_000n);
    expect([9, 13]).toContain(record.severityNumber);
    const keys = record.attributes.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
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
