import type { Surroundings } from '../command.ts';
import { type Answer, YES } from '../command.ts';
import { askIssuer, ISSUER_FLAGS } from '../issuer.ts';
import { approvalShape } from './shown.ts';

export const ORDER_FLAGS = {
  ...ISSUER_FLAGS,
  by: { type: 'string' },
  reason: { type: 'string' },
  digest: { type: 'string' },
} as const;

/** What `approve` and `refuse` have in common; a text says what is missing. */
export function unfitOrder(values: {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}): string | undefined {
  if (!values.by) return '--by NAME is missing: who answers goes to the audit log';
  return values.reason ? undefined : '--reason TEXT is missing: why goes to the audit log';
}

/** Sends an answer, and says what holds now. */
export async function sendOrder(
  at: Surroundings,
  values: { readonly issuer?: string | undefined; readonly file?: string | undefined },
  id: string,
  order: object,
): Promise<Answer> {
  const answered = await askIssuer(at, values, `approvals/${id}`, approvalShape, order);
  if (!answered.ok) return answered;
  at.out(`${id}  ${answered.value.state}`);
  return YES;
}
