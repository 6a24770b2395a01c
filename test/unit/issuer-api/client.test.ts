import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ADMIN_API, describeFault, readAnswer, requestOf } from '../../../src/issuer-api/index.ts';

const { showWorkflow, revokeWorkflow } = ADMIN_API.workflows;
const { listApprovals, decideApproval } = ADMIN_API.approvals;
const { removeStream } = ADMIN_API.streams;

describe('requestOf', () => {
  test('fills in the path, the query and the body', () => {
    const call = { params: { id: 'wf_1' }, query: { wait: '5' }, body: { reason: 'leaked' } };
    expect(requestOf(revokeWorkflow, call)).toEqual({
      method: 'POST',
      path: '/admin/v1/workflows/wf_1/revoke?wait=5',
      body: '{"reason":"leaked"}',
    });
  });

  test('sends no body and no query where the call has none', () => {
    expect(requestOf(listApprovals, {})).toEqual({ method: 'GET', path: '/admin/v1/approvals' });
  });

  test('keeps a parameter inside its segment of the path', () => {
    const { path } = requestOf(showWorkflow, { params: { id: '../audit?after=1' } });
    expect(path).toBe('/admin/v1/workflows/..%2Faudit%3Fafter%3D1');
  });
});

describe('readAnswer', () => {
  const page = { approvals: [], pending: 0 };

  test('returns a checked answer, without members that the contract does not know', () => {
    const read = readAnswer(listApprovals, 200, JSON.stringify({ ...page, new_member: 1 }));
    expect(read).toEqual({ ok: true, value: page });
  });

  test('returns nothing for a route that answers without a body', () => {
    expect(readAnswer(removeStream, 204, '')).toEqual({ ok: true, value: undefined });
  });

  test('returns a problem with its code', () => {
    const text = JSON.stringify({ error: 'workflow_unknown', message: 'No workflow.' });
    const error = { kind: 'problem', code: 'workflow_unknown', message: 'No workflow.' };
    expect(readAnswer(showWorkflow, 404, text)).toEqual({ ok: false, error });
  });

  test.each([
    ['an answer of another shape', 200, JSON.stringify({ ...page, pending: -1 })],
    ['text that is not JSON', 200, '<html>'],
    ['a problem without a code', 502, '{"message":"Bad gateway"}'],
  ])('refuses %s', (_what, status, text) => {
    const error = { kind: 'unreadable', status };
    expect(readAnswer(listApprovals, status, text)).toEqual({ ok: false, error });
  });
});

describe('describeFault', () => {
  const explain = (schema: v.GenericSchema, value: unknown) =>
    describeFault('body', schema, v.safeParse(schema, value).issues);

  test('names the member and what is expected there', () => {
    expect(explain(revokeWorkflow.body, { reason: '' })).toBe(
      'The body is invalid at "reason". Expected: why, for the audit log: 1 to 512 characters.',
    );
  });

  test('names the decision of a body that has none', () => {
    expect(explain(decideApproval.body, {})).toContain('"decision". Expected: `approve` or');
  });

  test('lists the members, and never quotes one that was sent', () => {
    const body = { reason: 'x', 'secret-of-the-caller': 1 };
    expect(explain(revokeWorkflow.body, body)).toBe(
      'The body must be an object with exactly these members: reason, even_unknown?.',
    );
  });
});
