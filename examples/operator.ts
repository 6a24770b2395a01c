/**
 * A client of the issuer's admin API: shows a workflow, revokes it, prints its audit trail. Run it
 * in a second terminal after `npm start`, which prints the id of its workflow:
 *
 *   export HEWN_ISSUER=http://127.0.0.1:8788
 *   export HEWN_OPERATOR=$(npx node -p 'require("./.hewn/local.json").operator')
 *   npx node examples/operator.ts show wf_...
 *   npx node examples/operator.ts revoke wf_... "it reads what it should not"
 *   npx node examples/operator.ts audit wf_...
 *
 * test/e2e/examples.test.ts runs this file.
 */
import type { AuditRecord } from 'hewn/audit';

export interface OperatorOptions {
  readonly issuer: string;
  /** The operator credential. Sent as a bearer token, never printed. */
  readonly credential: string;
  readonly fetch?: typeof fetch;
}

const USAGE = 'operator.ts show|audit <workflow>, or operator.ts revoke <workflow> <reason>';

//  operator                                                    issuer
//    |                                                           |
/** Runs one command and returns what it prints. */
export async function operate(
  options: OperatorOptions,
  [command, workflow = '', reason]: readonly string[],
): Promise<string> {
  if (command === 'show') {
    //  +-- GET /admin/v1/workflows/wf_... ----------------------->|
    return JSON.stringify(await ask(options, `workflows/${workflow}`), null, 2);
  }
  if (command === 'revoke' && reason !== undefined) {
    //  +-- POST /admin/v1/workflows/wf_.../revoke, reason ------->|  audit, then feed, then state
    return JSON.stringify(await ask(options, `workflows/${workflow}/revoke`, { reason }));
  }
  if (command === 'audit') {
    //  +-- GET /admin/v1/audit?workflow=wf_... ------------------>|
    return readTrail(options, workflow);
  }
  throw new Error(USAGE);
}

/** Reads the whole trail, page by page, and returns one line per record. */
async function readTrail(options: OperatorOptions, workflow: string): Promise<string> {
  const lines: string[] = [];
  for (let after = ''; ; ) {
    const page = (await ask(options, `audit?workflow=${workflow}&after=${after}`)) as Page;
    lines.push(...page.records.map(lineOf));
    if (page.end) return lines.join('\n');
    after = page.next;
  }
}

/** A record, and its address: each log counts its records from 0. */
interface LoggedRecord {
  readonly log: string;
  readonly index: number;
  readonly record: AuditRecord;
}

interface Page {
  readonly records: readonly LoggedRecord[];
  readonly next: string;
  readonly end: boolean;
}

function lineOf({ log, index, record }: LoggedRecord): string {
  const { event } = record;
  const when = new Date(record.at).toISOString();
  const address = `${log} ${index} ${when}`;
  if (event === 'revocation') return `${address} revocation by ${record.actor}: ${record.reason}`;
  if (event !== 'decision') return `${address} ${event}`;
  const verdict = record.allowed ? 'allowed' : `denied: ${record.code}`;
  return `${address} ${record.tool ?? record.method ?? 'a message'} ${verdict}`;
}

async function ask(options: OperatorOptions, path: string, body?: object): Promise<unknown> {
  const { issuer, credential, fetch = globalThis.fetch } = options;
  const response = await fetch(`${issuer}/admin/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${credential}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

if (import.meta.main) {
  const { HEWN_ISSUER = '', HEWN_OPERATOR = '' } = process.env;
  const options = { issuer: HEWN_ISSUER, credential: HEWN_OPERATOR };
  try {
    console.log(await operate(options, process.argv.slice(2)));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
