import { readBounded } from '../../body.ts';
import { isJsonObject } from '../../canonical-json.ts';
import type { UnixSeconds } from '../../clock.ts';
import { EventStream } from '../../event-stream.ts';
import { parseJson } from '../../json-body.ts';
import {
  ATTACHED_HEADER,
  answerData,
  type KeptReceipt,
  RECEIPTS_META,
  readReceiptsHeader,
  readReceiptsMeta,
} from '../../receipts/index.ts';
import type { AgentReceipts } from './agent-receipts.ts';

/** The receipts of a larger answer are not kept. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/**
 * Keeps the receipts in the answer to a call, and returns the answer as its reader gets it. They
 * are kept before the reader has it, because its next call may need them.
 */
export async function keepReceipts(
  response: Response,
  { receipts, workflow }: { readonly receipts: AgentReceipts; readonly workflow: string },
  now: UnixSeconds,
): Promise<Response> {
  const header = response.headers.get(ATTACHED_HEADER);
  const note = (text: string): void => {
    const found =
      header === null
        ? receiptsIn(text, workflow)
        : readReceiptsHeader(header, parseJson(text) ?? null, workflow);
    receipts.add(found, now);
  };
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/event-stream\b/i.test(type)) return whilePassing(response, note);
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) return response;
  const body = await readBounded(response.clone(), ANSWER_BYTES_MAX).catch(() => undefined);
  if (body?.ok) note(body.value);
  return response;
}

/** Reads the events of a stream as they pass. One that is too large ends the reading. */
function whilePassing(response: Response, note: (text: string) => void): Response {
  if (!response.body) return response;
  const events = new EventStream();
  const decoder = new TextDecoder();
  let isRead = true;
  const reading = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      if (isRead) {
        for (const { data } of events.push(decoder.decode(chunk, { stream: true }))) {
          if (data !== undefined) note(data);
        }
        isRead = events.pending <= ANSWER_BYTES_MAX;
      }
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(reading), response);
}

/** Returns the receipts in a message of MCP. */
function receiptsIn(text: string, workflow: string): readonly KeptReceipt[] {
  if (!text.includes(RECEIPTS_META)) return [];
  const { result } = Object(parseJson(text)) as { readonly result?: unknown };
  const meta = isJsonObject(result) ? result._meta : undefined;
  const data = answerData(result);
  if (!isJsonObject(meta) || data === undefined) return [];
  return readReceiptsMeta(meta[RECEIPTS_META], data, workflow);
}
