import * as v from 'valibot';
import { questionDigest, questionText } from '../../approval/index.ts';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';

/** One thing that waits for a person, with its question whole, and the digest of that question. */
export interface ShownApproval {
  readonly seq: number;
  readonly id: string;
  readonly digest: string;
  readonly state: string;
  /** Unix seconds. */
  readonly asked: number;
  readonly deadline: number;
  readonly question: JsonObject;
  readonly answer?: JsonObject | undefined;
}

const unixSeconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(253402300799));
const object = v.custom<JsonObject>((value) => isJsonObject(value as never));
export const approvalShape = v.object({
  seq: v.number(),
  id: v.pipe(v.string(), v.regex(/^apr_[\w-]{43}$/)),
  digest: v.string(),
  state: v.picklist(['pending', 'approved', 'refused', 'expired', 'used']),
  asked: unixSeconds,
  deadline: unixSeconds,
  question: object,
  answer: v.optional(object),
});

/**
 * The digest as computed here, of the question as it is shown here: an issuer's page, or whoever
 * stands between, cannot show one thing and have another approved.
 */
export async function digestHere({ question }: ShownApproval): Promise<string> {
  return questionDigest(questionText(question as never));
}
