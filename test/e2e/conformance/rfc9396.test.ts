import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { GRANTS, TASK } from '../agent.ts';
import { openStage, type Stage } from '../stage.ts';
import { details, exchange, granted, introspect, refused } from './endpoints.ts';

/** Rich authorization requests (RFC 9396) at the token endpoint. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const [GRANT] = GRANTS;
const FOREIGN = { ...GRANT, dataset: 'files/private' };
const DETAIL = { type: 'hewn_task', task: TASK, grants: [GRANT] };
const ask = (authorization_details: string) => exchange(stage, { authorization_details });

const MALFORMED: readonly (readonly [string, unknown])[] = [
  ['an object', DETAIL],
  ['an empty list', []],
  ['a text', 'hewn_task'],
  ['nothing', null],
  ['a list of texts', ['hewn_task']],
  ['two details', [DETAIL, DETAIL]],
  ['one of ours and one of another type', [DETAIL, { type: 'payment_initiation' }]],
  ['a detail without a type', [{ task: TASK, grants: [GRANT] }]],
  ['a type in other letter case', [{ ...DETAIL, type: 'Hewn_Task' }]],
];
const COMMON = ['locations', 'actions', 'datatypes', 'identifier', 'privileges'];

test.each(MALFORMED)('details that are %s are refused', async (_, value) => {
  await refused(ask(JSON.stringify(value)), 'invalid_authorization_details');
});

test.each(COMMON)('the common member %s, which is not supported, is refused', async (name) => {
  const asked = details([GRANT], { [name]: ['x'] });
  await refused(ask(asked), 'invalid_authorization_details');
});

test('a malformed action, tool or dataset is refused with its detail', async () => {
  for (const change of [{ action: 'admin' }, { tool: '' }, { dataset: '' }, { dataset: '/a' }]) {
    await refused(ask(details([{ ...GRANT, ...change }])), 'invalid_authorization_details');
  }
});

test('the response lists what was granted if it is less than requested', async () => {
  const { body } = await granted(ask(details([GRANT, FOREIGN])));
  expect(body.authorization_details).toMatchObject([{ type: 'hewn_task', grants: [GRANT] }]);
  expect(body.hewn_refused).toContain(FOREIGN.dataset);
  const { body: known } = await introspect(stage, body.access_token);
  expect(known.authorization_details).toEqual(body.authorization_details);
});

test('a refused grant is not in the token', async () => {
  const { body } = await granted(ask(details([GRANT, FOREIGN])));
  expect(JSON.stringify((await introspect(stage, body.access_token)).body)).not.toContain(
    FOREIGN.dataset,
  );
});
