import { expect, test } from 'vitest';
import type { GatewayDenial } from '../../../workers/gateway/call/denial.ts';
import { denialResponse } from '../../../workers/gateway/mcp/responses.ts';

const errorOf = async (denial: GatewayDenial) => {
  const { error } = (await denialResponse(denial, { id: 7 }).json()) as {
    error: { message: string; data: Record<string, unknown> };
  };
  return error;
};

test('tells an MCP client which argument the policy forbids, and by which rule', async () => {
  const denial = {
    code: 'constraint_failed',
    tool: 'mcp/mail/send_message',
    pointer: '/to',
    block: 0,
    check: 3,
    source: 'check if arg_type("/to", "array")',
  } as const;
  expect(await errorOf(denial)).toMatchObject({
    message: 'The policy does not allow argument /to: it must be a list.',
    data: { code: 'constraint_failed', argument: '/to', block: 0, rule: denial.source },
  });
});

test('tells an MCP client in which block a holder narrowed its token', async () => {
  const denial = {
    code: 'caveat_failed',
    fact: 'args_sha256',
    block: 2,
    check: 1,
    source: 'check if args_sha256(hex:00)',
  } as const;
  const { data } = await errorOf(denial);
  expect(data).toEqual({ code: 'caveat_failed', block: 2 });
});
