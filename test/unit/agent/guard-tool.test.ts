import { describe, expect, test } from 'vitest';
import { guardTool, NarrowingFailed } from '../../../src/agent/index.ts';

const GRANT = { tool: 'crm.update', action: 'write', dataset: 'crm/contacts' } as const;
const DETAILS = [{ type: 'hewn_task', grants: [GRANT] }];
const denied = () =>
  Response.json(
    {
      error: 'insufficient_scope',
      code: 'no_grant',
      message: 'No grant covers this call.',
      authorization_details: DETAILS,
    },
    { status: 403 },
  );

/** A tool that is denied until its connection is wider. */
function stageOf(denial: () => unknown, isAllowed = true) {
  const requested: unknown[] = [];
  let isWide = false;
  const connection = {
    widen: async (needed: unknown) => {
      requested.push(needed);
      isWide = isAllowed;
      return isAllowed;
    },
  };
  const guard = (tool: string | readonly string[]) =>
    guardTool(async (name: string) => (isWide ? `updated ${name}` : denial()), {
      connection,
      tool,
    });
  return { requested, guard };
}

describe('the function of a tool', () => {
  test('runs once more after a step-up for what its call needs', async () => {
    const { requested, guard } = stageOf(denied);
    expect(await guard('crm.update')('alice')).toBe('updated alice');
    expect(requested).toEqual([[GRANT]]);
  });

  test('runs once more if its client throws the denial', async () => {
    const { guard } = stageOf(() => {
      throw Object.assign(new Error('denied'), { data: { authorization_details: DETAILS } });
    });
    expect(await guard(['crm.search', 'crm.update'])('alice')).toBe('updated alice');
  });

  test('returns a denial as a text if the step-up is refused', async () => {
    const { guard } = stageOf(denied, false);
    expect(await guard('crm.update')('alice')).toBe(
      'Denied (no_grant): No grant covers this call.',
    );
  });

  test('leads to no step-up for another tool', async () => {
    const { requested, guard } = stageOf(denied);
    expect(await guard('crm.search')('alice')).toContain('Denied (no_grant)');
    expect(requested).toEqual([]);
  });

  test('returns as a text that its request was not sent', async () => {
    const { guard } = stageOf(() => {
      throw new NarrowingFailed('another_audience');
    });
    expect(await guard('crm.update')('alice')).toContain('Not called: the request was not sent');
  });

  test('throws its own errors, and returns its own results', async () => {
    const { guard } = stageOf(() => {
      throw new RangeError('no such contact');
    });
    await expect(guard('crm.update')('alice')).rejects.toThrow(RangeError);
    const result = { isError: true, content: [{ type: 'text', text: 'no such contact' }] };
    expect(await stageOf(() => result).guard('crm.update')('alice')).toBe(result);
    const forbidden = Response.json({ error: 'not yours' }, { status: 403 });
    expect(await stageOf(() => forbidden).guard('crm.update')('alice')).toBe(forbidden);
  });
});
