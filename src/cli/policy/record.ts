import * as v from 'valibot';
import { ok, type Result, refuse } from '../../result.ts';
import { type Command, readFlags, YES } from '../command.ts';
import { readStdin, readText } from './files.ts';
import { parseJson, readWritten, type WrittenRequest } from './request.ts';

const HELP = `hewn policy record --issuer NAME=URL... [FILES...]

Makes requests for hewn policy diff of what the audit log says was minted or refused. FILES are
answers of GET /admin/v1/audit; without one, standard input. Records name an identity issuer by its
URL and policies by its name, so say which is which, as IDENTITY_ISSUERS has it: a trust domain is
acme=spiffe://acme.example, a client nightly-report=ISSUER#nightly-report.

  curl -H "authorization: Bearer $HEWN_OPERATOR" "$HEWN_ISSUER/admin/v1/audit" |
    hewn policy record --issuer local-idp=http://127.0.0.1:9400 > requests.jsonl

Records have no claims of identities, so a rule that reads workload_claim or user_claim finds none.
What it cannot make a request of is counted on standard error: a refusal before the agent was
proven, whose record does not say what was asked for, because it was never the policy's to decide;
and a record that was too long for the log, which has digests for what was asked.
Exit code: 0, or 2 where a file cannot be read.`;

const grant = {
  tool: v.string(),
  action: v.string(),
  dataset: v.string(),
  constraints: v.exactOptional(v.unknown()),
};
const asked = {
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
  ...asked,
  refused: v.array(v.object({ ...grant, action: v.optional(v.string()) })),
  stepUp: v.optional(v.literal(true)),
});
const refusal = v.object({
  event: v.literal('refusal'),
  subject: v.optional(v.string()),
  ...asked,
});
const digest = v.strictObject({ sha256: v.string(), bytes: v.number() });
const page = v.object({
  records: v.array(v.object({ record: v.looseObject({ event: v.string() }) })),
});

/** What was made of the records, and how many told too little. */
export interface Conversion {
  readonly requests: readonly WrittenRequest[];
  /** Token requests that were refused before it was known who asks. */
  readonly refusals: number;
  /** Records in which a part of what was asked is a digest. */
  readonly shortened: number;
}

export const policyRecord: Command = {
  name: 'policy record',
  summary: 'requests for a diff, of the audit log',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { issuer: { type: 'string', multiple: true } });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const issuers = readIssuerNames(values.issuer ?? []);
    if (!issuers.ok) return issuers;
    const texts: string[] = [];
    for (const path of positionals.length > 0 ? positionals : [undefined]) {
      const text = path === undefined ? await readStdin(at) : await readText(at, path);
      if (!text.ok) return text;
      texts.push(text.value);
    }
    let [refusals, shortened] = [0, 0];
    for (const [index, text] of texts.entries()) {
      const converted = convert(text, issuers.value);
      if (!converted.ok)
        return refuse(`${positionals[index] ?? 'standard input'}: ${converted.error}`);
      for (const request of converted.value.requests) at.out(JSON.stringify(request));
      refusals += converted.value.refusals;
      shortened += converted.value.shortened;
    }
    if (refusals > 0) at.err(`${refusals} refusals left out: nobody was proven to ask`);
    if (shortened > 0) at.err(`${shortened} records left out: they are too long for the log`);
    return YES;
  },
};

function readIssuerNames(pairs: readonly string[]): Result<ReadonlyMap<string, string>, string> {
  const names = new Map<string, string>();
  for (const pair of pairs) {
    const [, name, url] = /^([a-z0-9-]+)=(\S+)$/.exec(pair) ?? [];
    if (name === undefined || url === undefined) {
      return refuse(`--issuer is NAME=URL, such as local-idp=http://127.0.0.1:9400, not ${pair}`);
    }
    names.set(url, name);
  }
  return ok(names);
}

/** One page of the audit log. */
export function convert(
  text: string,
  issuers: ReadonlyMap<string, string>,
): Result<Conversion, string> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const read = v.safeParse(page, json.value);
  if (!read.success) return refuse('it is no answer of GET /admin/v1/audit');
  const requests: WrittenRequest[] = [];
  let [refusals, shortened] = [0, 0];
  for (const { record } of read.output.records) {
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
    if (!parsed.success) return refuse(`a ${record.event} record is not of this version`);
    const request = toRequest(parsed.output, issuers);
    if (!request.ok) return request;
    requests.push(request.value);
  }
  return ok({ requests, refusals, shortened });
}

/**
 * Whether a part of the record, at any depth, stands there as its digest
 * (docs/reference/audit-log.md).
 */
const hasDigest = (value: unknown): boolean =>
  v.is(digest, value) ||
  (typeof value === 'object' && value !== null && Object.values(value).some(hasDigest));

function toRequest(
  record: v.InferOutput<typeof mint> | v.InferOutput<typeof refusal>,
  issuers: ReadonlyMap<string, string>,
): Result<WrittenRequest, string> {
  const { agent, subject, task, audience, at, grants } = record;
  // Where nobody is behind a workflow, its subject is its owner.
  const user = record.event === 'mint' && subject === record.owner ? undefined : subject;
  const names = [agent, user].map((text) => (text === undefined ? '' : named(text, issuers)));
  const unknown = [agent, user].find((_, index) => names[index] === undefined);
  if (unknown !== undefined) return refuse(`name the issuer of ${unknown}: --issuer NAME=URL`);
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
 * As the policy has it: `https://idp.example#alice` is `idp#alice`. A SPIFFE ID is a subject whole,
 * and an entry may name one agent of its URL alone, as that of a client does.
 */
function named(qualified: string, issuers: ReadonlyMap<string, string>): string | undefined {
  for (const [url, name] of issuers) {
    if (qualified === url) return `${name}#${url.slice(url.lastIndexOf('#') + 1)}`;
    if (qualified.startsWith(`${url}#`)) return `${name}${qualified.slice(url.length)}`;
    const isInDomain = url.startsWith('spiffe://') && qualified.startsWith(`${url}/`);
    if (isInDomain) return `${name}#${qualified}`;
  }
  return undefined;
}
