import type { Json } from '../../../src/canonical-json.ts';
import { fromUtf8 } from '../../../src/encoding.ts';
import type { HttpCall } from '../../../src/http-route/index.ts';
import { formFault, parseJson } from '../../../src/json-body.ts';
import { writeReceiptsHeader } from '../../../src/receipts/index.ts';
import type { Judging } from '../catalogues.ts';
import type { Gateway } from '../gateway.ts';
import { attest, isAttested } from '../receipts/index.ts';

/** Returns the header with the receipts of an answer. Returns undefined if it has none. */
export type Attest = (answer: Response, content: Uint8Array) => Promise<string | undefined>;

/**
 * Returns what signs receipts for the answers to a call. Returns undefined for a tool without
 * marks, and for a route that only observes.
 */
export function attesting(
  gateway: Gateway,
  { server, call }: { readonly server: string; readonly call: HttpCall },
  judging: Judging,
): ((workflow: string) => Attest) | undefined {
  const { tool, args } = call;
  if (!isAttested(gateway, { server, tool }, judging)) return undefined;
  return (workflow) => async (answer, content) => {
    if (!answer.ok || !isJson(answer)) return undefined;
    const data = dataOf(content);
    if (data === undefined) return undefined;
    const served = { server, tool, args, data, workflow };
    return writeReceiptsHeader(await attest(gateway, served, judging));
  };
}

const isJson = ({ headers }: Response): boolean =>
  /^application\/(?:[\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '');

/** Returns the JSON of a body that every parser reads alike. */
function dataOf(content: Uint8Array): Json | undefined {
  const text = fromUtf8(content);
  const data = text === undefined ? undefined : parseJson(text);
  if (text === undefined || data === undefined) return undefined;
  return formFault(text) === undefined ? data : undefined;
}
