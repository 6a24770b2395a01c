import type { RetrievalScope, Verifier } from '../../../../src/verifier/index.ts';
import { verifierWith } from '../../fixtures/feed.ts';
import { mintToken, narrowing } from '../../fixtures/issuer.ts';
import { argsOf, boundedPointers, type Row, type Sample, TOOL } from './generate.ts';

const verifier: Verifier = verifierWith();

export async function tokenOf({ grants, narrowings }: Sample): Promise<string> {
  let token = mintToken({ grants: [...grants] });
  for (const narrower of narrowings) {
    const step = await narrowing(token, narrower);
    if (!step.ok) throw new Error(JSON.stringify([step.error, narrower]));
    token = step.value;
  }
  return token;
}

/** Whether the call that reads this row would be allowed, by the verifier itself. */
export async function isAllowed(token: string, it: Sample, read: Row): Promise<boolean> {
  const args = argsOf(it, read, boundedPointers(it));
  const isAsked = it.asked.some((root) => `${String(read.dataset)}/`.startsWith(`${root}/`));
  if (!isAsked || typeof read.dataset !== 'string') return false;
  const call = { tool: TOOL, action: 'read', dataset: read.dataset, args, tier: 1 } as const;
  // A given argument is judged as it is given, and each row by its own value.
  const given = {
    ...call,
    args: { ...args, ...it.args, ...(args.filter && { filter: args.filter }) },
  };
  const decisions = [await verifier.verify(token, call), await verifier.verify(token, given)];
  return decisions.every(({ allowed }) => allowed);
}

export async function scopeOf(token: string, it: Sample): Promise<RetrievalScope | undefined> {
  const request = {
    tool: TOOL,
    action: 'read',
    dataset: it.asked,
    args: it.args,
    tier: 1,
  } as const;
  return (await verifier.scope(token, request)).scope;
}
