import * as v from 'valibot';
import { ok, type Result, refuse } from '../../result.ts';
import { type Command, readFlags, YES } from '../command.ts';
import { readText } from './files.ts';
import { parseJson, readWritten, type WrittenRequest } from './request.ts';

const HELP = `hewn policy record --issuer NAME=URL... [FILES...]

Makes requests for hewn policy diff of what the audit log says was minted. FILES are answers of
GET /admin/v1/audit; without one, standard input. Records name an identity issuer by its URL and
policies by its name, so say which is which, as IDENTITY_ISSUERS has it.

  curl -H "authorization: Bearer $HEWN_OPERATOR" "$HEWN_ISSUER/admin/v1/audit" |
    hewn policy record --issuer local-idp=http://127.0.0.1:9400 > requests.jsonl

What it cannot make a request of is counted on standard error: a request that was refused whole,
because its record does not say what was asked for. To see what a new rule would open, add such
requests by hand. Exit code: 0, or 2 where a file cannot be read.`;

const grant = { tool: v.string(), action: v.string(), dataset: v.string() };
const mint = v.object({
  ...{ event: v.literal('mint'), at: v.number() },
  ...{ agent: v.string(), subject: v.string(), task: v.string(), audience: v.string() },
  grants: v.array(v.object(grant)),
  refused: v.array(v.object({ ...grant, action: v.optional(v.string()) })),
});
const page = v.object({
  records: v.array(v.object({ record: v.looseObject({ event: v.string() }) })),
});

/** What was made of the records, and how many told too little. */
export interface Conversion {
  readonly requests: readonly WrittenRequest[];
  /** Token requests that were refused whole. */
  readonly refusals: number;
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
    const texts: string[] = positionals.length > 0 ? [] : [await at.stdin()];
    for (const path of positionals) {
      const text = await readText(at, path);
      if (!text.ok) return text;
      texts.push(text.value);
    }
    let refusals = 0;
    for (const [index, text] of texts.entries()) {
      const converted = convert(text, issuers.value);
      if (!converted.ok)
        return refuse(`${positionals[index] ?? 'standard input'}: ${converted.error}`);
      for (const request of converted.value.requests) at.out(JSON.stringify(request));
      refusals += converted.value.refusals;
    }
    if (refusals > 0) at.err(`${refusals} refusals left out: their records hold no grants`);
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
  let refusals = 0;
  for (const { record } of read.output.records) {
    if (record.event === 'refusal') refusals += 1;
    if (record.event !== 'mint') continue;
    const minted = v.safeParse(mint, record);
    if (!minted.success) return refuse('a mint record is not as this version writes them');
    const { agent, subject, task, audience, at, grants, refused } = minted.output;
    const [workload, user] = [named(agent, issuers), named(subject, issuers)];
    const unknown = workload === undefined ? agent : user === undefined ? subject : undefined;
    if (unknown !== undefined) return refuse(`name the issuer of ${unknown}: --issuer NAME=URL`);
    const request = {
      ...{ workload, user, task, audience, time: new Date(at).toISOString() },
      requests: [...grants, ...refused.filter(({ action }) => action !== undefined)],
    };
    const checked = readWritten(request);
    if (!checked.ok) return checked;
    requests.push(request as WrittenRequest);
  }
  return ok({ requests, refusals });
}

/** `https://idp.example#alice` as `idp#alice`. */
function named(qualified: string, issuers: ReadonlyMap<string, string>): string | undefined {
  for (const [url, name] of issuers) {
    if (qualified.startsWith(`${url}#`)) return `${name}${qualified.slice(url.length)}`;
  }
  return undefined;
}
