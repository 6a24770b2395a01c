import * as v from 'valibot';
import { ok, type Result, refuse } from '../../result.ts';
import { defineCommand, YES } from '../command.ts';
import { readStdin, readText } from './files.ts';
import { parseJson, readWritten, type WrittenRequest } from './request.ts';

const grant = {
  tool: v.string(),
  action: v.string(),
  dataset: v.string(),
  constraints: v.exactOptional(v.unknown()),
};
const request = {
  at: v.number(),
  agent: v.string(),
  task: v.string(),
  audience: v.string(),
  grants: v.array(v.object(grant)),
};
const mint = v.object({
  event: v.literal('mint'),
  subject: v.string(),
  owner: v.optional(v.string()),
  ...request,
  refused: v.array(v.object({ ...grant, action: v.optional(v.string()) })),
  stepUp: v.optional(v.literal(true)),
});
const refusal = v.object({
  event: v.literal('refusal'),
  subject: v.optional(v.string()),
  ...request,
});
const digest = v.strictObject({ sha256: v.string(), bytes: v.number() });
const logged = v.object({ record: v.looseObject({ event: v.string() }) });
const page = v.object({ records: v.array(logged) });

/** The requests, and how many records could not become one. */
export interface Conversion {
  readonly requests: readonly WrittenRequest[];
  /** Token requests that were refused before the agent was identified. */
  readonly refusals: number;
  /** Records in which a part of the request is a digest. */
  readonly shortened: number;
}

export const policyRecord = defineCommand({
  name: 'policy record',
  summary: 'turn the audit log into requests for a diff',
  operands: '[FILES...]',
  description: `Writes a request for hewn policy diff for each mint and refusal in the audit log. FILES are what hewn audit export wrote, or answers of GET /admin/v1/audit; without FILES, reads standard input. Records name an identity issuer by its URL and policies by its name, so --issuer maps one to the other: a trust domain is acme=spiffe://acme.example, a client nightly-report=ISSUER#nightly-report.

Records contain no identity claims, so a rule that reads workload_claim or user_claim matches nothing. Records that cannot become a request are counted on standard error: refusals before the agent was identified, which never reached the policy, and records that were shortened because they were too long for the log.`,
  flags: {
    issuer: {
      kind: 'list',
      value: 'NAME=URL',
      description: 'an identity issuer, as in IDENTITY_ISSUERS',
    },
  },
  examples: [
    `hewn audit export --log control |
  hewn policy record --issuer local-idp=http://127.0.0.1:9400 > requests.jsonl`,
  ],
  exitCodes: { 2: 'a file cannot be read' },
  run: async ({ flags, operands }, context) => {
    const issuers = readIssuerNames(flags.issuer);
    if (!issuers.ok) return issuers;
    const texts: string[] = [];
    for (const path of operands.length > 0 ? operands : [undefined]) {
      const text = path === undefined ? await readStdin(context) : await readText(context, path);
      if (!text.ok) return text;
      texts.push(text.value);
    }
    let [refusals, shortened] = [0, 0];
    for (const [index, text] of texts.entries()) {
      const converted = convert(text, issuers.value);
      if (!converted.ok) {
        return refuse(`${operands[index] ?? 'standard input'}: ${converted.error}`);
      }
      for (const request of converted.value.requests) context.out(JSON.stringify(request));
      refusals += converted.value.refusals;
      shortened += converted.value.shortened;
    }
    if (refusals > 0) context.err(`${refusals} refusals skipped: the agent was not identified`);
    if (shortened > 0) context.err(`${shortened} records skipped: they are shortened`);
    return YES;
  },
});

/** Reads the names of identity issuers, by URL. `flag` is what the command calls them. */
export function readIssuerNames(
  pairs: readonly string[],
  flag = '--issuer',
): Result<ReadonlyMap<string, string>, string> {
  const names = new Map<string, string>();
  for (const pair of pairs) {
    const [, name, url] = /^([a-z0-9-]+)=(\S+)$/.exec(pair) ?? [];
    if (name === undefined || url === undefined) {
      return refuse(
        `${flag} must be NAME=URL, such as local-idp=http://127.0.0.1:9400 (got ${pair})`,
      );
    }
    names.set(url, name);
  }
  return ok(names);
}

/** Reads a page of the admin API, or lines of an export: those that have a record. */
function readRecords(text: string): Result<v.InferOutput<typeof page>, string> {
  const whole = parseJson(text);
  if (whole.ok && v.is(page, whole.value)) return ok(v.parse(page, whole.value));
  const records: v.InferOutput<typeof logged>[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const json = parseJson(line);
    if (!json.ok) return json;
    const read = v.safeParse(logged, json.value);
    const isOther = typeof json.value === 'object' && json.value !== null && 'log' in json.value;
    if (read.success) records.push(read.output);
    else if (!isOther) return refuse('not of hewn audit export, nor of GET /admin/v1/audit');
  }
  return ok({ records });
}

/** Converts one page of the audit log, or one export. */
function convert(text: string, issuers: ReadonlyMap<string, string>): Result<Conversion, string> {
  const read = readRecords(text);
  if (!read.ok) return read;
  const requests: WrittenRequest[] = [];
  let [refusals, shortened] = [0, 0];
  for (const { record } of read.value.records) {
    if (record.event !== 'mint' && record.event !== 'refusal') continue;
    if (record.event === 'refusal' && (!record.agent || !record.grants)) {
      refusals += 1;
      continue;
    }
    if (hasDigest(record)) {
      shortened += 1;
      continue;
    }
    const parsed = v.safeParse(v.variant('event', [mint, refusal]), record);
    if (!parsed.success) return refuse(`this version does not understand a ${record.event} record`);
    const request = toRequest(parsed.output, issuers);
    if (!request.ok) return request;
    requests.push(request.value);
  }
  return ok({ requests, refusals, shortened });
}

/** Whether a part of the record, at any depth, was replaced by its digest. */
const hasDigest = (value: unknown): boolean =>
  v.is(digest, value) ||
  (typeof value === 'object' && value !== null && Object.values(value).some(hasDigest));

function toRequest(
  record: v.InferOutput<typeof mint> | v.InferOutput<typeof refusal>,
  issuers: ReadonlyMap<string, string>,
): Result<WrittenRequest, string> {
  const { agent, subject, task, audience, at, grants } = record;
  // The subject of a workflow without a user is its owner.
  const user = record.event === 'mint' && subject === record.owner ? undefined : subject;
  const names = [agent, user].map((text) =>
    text === undefined ? '' : toPolicyName(text, issuers),
  );
  const unknown = [agent, user].find((_, index) => names[index] === undefined);
  if (unknown !== undefined)
    return refuse(`unknown identity issuer of ${unknown}: pass --issuer NAME=URL`);
  const refused = record.event === 'mint' ? record.refused : [];
  const request = {
    workload: names[0],
    ...(names[1] && { user: names[1] }),
    task,
    audience,
    time: new Date(at).toISOString(),
    ...(record.event === 'mint' && record.stepUp && { step_up: true as const }),
    requests: [...grants, ...refused.filter(({ action }) => action !== undefined)],
  };
  const checked = readWritten(request);
  return checked.ok ? ok(request as WrittenRequest) : checked;
}

/**
 * Returns the name that policies use: `idp#alice` for `https://idp.example#alice`. A SPIFFE ID is a
 * subject as a whole, and an entry may name a single agent, as that of a client does.
 */
export function toPolicyName(
  qualified: string,
  issuers: ReadonlyMap<string, string>,
): string | undefined {
  for (const [url, name] of issuers) {
    if (qualified === url) return `${name}#${url.slice(url.lastIndexOf('#') + 1)}`;
    if (qualified.startsWith(`${url}#`)) return `${name}${qualified.slice(url.length)}`;
    const isInDomain = url.startsWith('spiffe://') && qualified.startsWith(`${url}/`);
    if (isInDomain) return `${name}#${qualified}`;
  }
  return undefined;
}
