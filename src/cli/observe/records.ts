import { type ObservedCall, observedCallOf } from '../../observe/index.ts';
import { ok, type Result } from '../../result.ts';
import { searchPages } from '../audit/pages.ts';
import type { CommandContext } from '../command.ts';
import type { IssuerFlags } from '../issuer.ts';
import { readTime } from '../time.ts';

export const SINCE_FLAG = {
  since: {
    kind: 'text',
    value: 'TIME',
    description: 'only calls since then: 7d, 24h, 30m, or RFC 3339; by default all',
  },
} as const;

/** A command holds all calls in memory. These take some 200 MB. */
const CALLS_MAX = 200_000;

/** Observed calls, oldest first. */
export interface ObservedCalls {
  readonly calls: readonly ObservedCall[];
  /** Later calls were left out, because there are too many. */
  readonly isCut: boolean;
}

/** Reads the decisions of routes that observe from the audit log, a page at a time. */
export async function readObservedCalls(
  context: CommandContext,
  flags: IssuerFlags & { readonly since: string | undefined },
): Promise<Result<ObservedCalls, string>> {
  const since = readTime('since', flags.since, context.now());
  if (!since.ok) return since;
  const calls: ObservedCall[] = [];
  const filter = {
    mode: 'observe',
    ...(since.value !== undefined && { from: new Date(since.value).toISOString() }),
  } as const;
  for await (const page of searchPages(context, flags, filter)) {
    if (!page.ok) return page;
    for (const { record } of page.value) {
      const call = observedCallOf(record);
      if (call) calls.push(call);
    }
    if (calls.length >= CALLS_MAX) return ok({ calls: calls.slice(0, CALLS_MAX), isCut: true });
  }
  return ok({ calls, isCut: false });
}
