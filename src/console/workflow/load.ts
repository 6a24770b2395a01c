import { ok } from '../../result.ts';
import { type Answer, callIssuer } from '../frame/index.ts';
import { type RecordsPage, type RecordsRead, withPage } from './records-read.ts';

type Value<Loaded> =
  Extract<Loaded, { readonly ok: true }> extends { readonly value: infer V } ? V : never;

/** A workflow as its page has it. */
export type ShownWorkflow = Value<Awaited<ReturnType<typeof loadWorkflow>>>;

export const loadWorkflow = (id: string) => callIssuer('GET', '/workflows/:id', { params: { id } });

export const loadTokens = (id: string) =>
  callIssuer('GET', '/workflows/:id/tokens', { params: { id } });

export const loadExplanation = (id: string) =>
  callIssuer('GET', '/decisions/:id/why', { params: { id } });

/** More events than a person reads; the trail has the others. */
export const RECORDS_MAX = 1_000;

/** Reads on: every page up to the end, or up to the bound of this page. */
export async function readOn(id: string, before: RecordsRead): Promise<Answer<RecordsRead>> {
  let read = before;
  do {
    const query = { ...(read.cursor !== undefined && { cursor: read.cursor }) };
    const answer = await callIssuer('GET', '/workflows/:id/records', { params: { id }, query });
    if (!answer.ok) return answer;
    read = withPage(read, answer.value as unknown as RecordsPage);
  } while (!read.isWhole && read.records.length < RECORDS_MAX);
  return ok(read);
}
