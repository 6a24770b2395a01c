import { describe, expect, test } from 'vitest';
import { toOcsf } from '../../../../src/audit/export/index.ts';
import { faultsOfEvent, isSchemaThere } from './ocsf-schema.ts';
import { EXPORTED, SOURCE } from './records.ts';

const eventOf = (id: string) => {
  const exported = EXPORTED.find(({ record }) => record.id === id);
  if (!exported) throw new Error(`no record ${id}`);
  return toOcsf(exported, SOURCE);
};

test('describes a denied call as API Activity with its code and its agent', () => {
  expect(eventOf('v7-0.3')).toMatchObject({
    class_uid: 6003,
    activity_id: 2,
    type_uid: 600302,
    action_id: 2,
    status: 'Failure',
    status_code: 'no_grant',
    ai_agent: {
      uid: 'spiffe://acme.example/agent/report',
      instance_uid: 'wf_AAAAAAAAAAAAAAAAAAAAAA',
    },
    actor: { user: { uid: 'https://idp.example#alice', type: 'User' } },
    api: { operation: 'mcp/files/read', request: { uid: 'v7-0.3' } },
    resources: [{ uid: 'files/reports/q3.md', type: 'dataset' }],
  });
});

test('does not call a call successful whose outcome is unknown', () => {
  expect(eventOf('v7-0.2')).toMatchObject({ status: 'Success', action: 'Allowed' });
  expect(eventOf('v7-0.4')).toMatchObject({ status: 'Unknown', status_detail: 'timeout' });
  expect(eventOf('v7-0.1')).toMatchObject({ status: 'Unknown' });
  expect(eventOf('v7-0.5')).toMatchObject({ action: 'Observed', disposition: 'Logged' });
});

test('describes a kind of record that only a newer release knows', () => {
  const record = { event: 'teleport', id: 'z.1', at: 7 } as never;
  const event = toOcsf({ log: 'control', index: 3, record }, SOURCE);
  expect(event).toMatchObject({ class_uid: 0, activity_name: 'teleport', time: 7 });
});

test('keeps the whole record in raw_data', () => {
  for (const exported of EXPORTED) {
    const { raw_data: raw } = toOcsf(exported, SOURCE);
    expect(JSON.parse(raw as string)).toEqual(JSON.parse(JSON.stringify(exported.record)));
  }
});

test.runIf(!isSchemaThere)(
  'events are not validated without the folder ../shared/ocsf-schema',
  () => {
    expect(isSchemaThere).toBe(false);
  },
);

describe.runIf(isSchemaThere)('the schema of OCSF', () => {
  test.each(EXPORTED.map((exported) => [exported.record.id, exported] as const))(
    'accepts the event of %s',
    (_, exported) => {
      expect(faultsOfEvent(toOcsf(exported, SOURCE))).toEqual([]);
    },
  );

  test.each<readonly [string, (event: Record<string, unknown>) => void, string]>([
    ['a missing member', (event) => delete event.actor, 'actor: missing'],
    ['an unknown member', (event) => (event.workflow = 'wf'), 'workflow: unknown'],
    ['a wrong type', (event) => (event.time = 'noon'), 'time: not timestamp_t'],
    ['a number outside the list', (event) => (event.status_id = 7), 'status_id: 7 is no value'],
    ['a text that differs', (event) => (event.status = 'Fine'), 'status_id: its text is Fine'],
    ['a wrong type_uid', (event) => (event.type_uid = 1), 'type_uid differs'],
    ['an empty actor', (event) => (event.actor = {}), 'actor/: needs one of'],
    ['a class of another category', (event) => (event.category_uid = 3), 'category_uid differs'],
    ['a profile that is not named', (event) => (event.cloud = { provider: 'x' }), 'cloud: unknown'],
  ])('the check of these tests finds %s', (_, spoil, fault) => {
    const event = structuredClone(eventOf('v7-0.3')) as Record<string, unknown>;
    spoil(event);
    expect(faultsOfEvent(event as never).join('\n')).toContain(fault);
  });
});
