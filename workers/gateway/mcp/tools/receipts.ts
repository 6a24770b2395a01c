import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { answerData, RECEIPTS_META, receiptsMeta } from '../../../../src/receipts/index.ts';
import { attest, isAttested } from '../../receipts/index.ts';
import type { Incoming } from '../methods/index.ts';

/**
 * Adds receipts of its marked values to the answer of a call that was allowed: none for an error,
 * for an answer without data, and for a call that its route only observes. The answer to the call
 * itself has the arguments that were judged; that of a task or of a resumed stream does not.
 */
export async function withReceipts(
  answer: JsonObject,
  { gateway, server, message, judging }: Incoming,
  workflow: string,
): Promise<JsonObject> {
  const { result } = answer;
  const { name, arguments: args = {} } = message.params ?? {};
  const tool = `mcp/${server}/${String(name)}`;
  if (!isJsonObject(result) || !isJsonObject(args)) return answer;
  if (!isAttested(gateway, { server, tool }, judging)) return answer;
  const data = answerData(result);
  if (data === undefined) return answer;
  const receipts = await attest(gateway, { server, tool, args, data, workflow }, judging);
  if (receipts.length === 0) return answer;
  const meta = { ...(isJsonObject(result._meta) && result._meta) };
  const _meta = { ...meta, [RECEIPTS_META]: receiptsMeta(receipts) };
  return { ...answer, result: { ...result, _meta } };
}
