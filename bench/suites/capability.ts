import { generateKeyPairSync } from 'node:crypto';
import { mint } from '../../src/biscuit-wasm/index.ts';
import { type Narrowing, narrow, writeAuthority } from '../../src/capability/index.ts';
import { AUDIENCE, CALL, NOW, openVerifier, STARTED } from '../decision.ts';
import { joseOperation } from '../operations/index.ts';
import type { Report } from '../report.ts';
import { type Case, inProcess, measure } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

/** Verify, narrow and mint for tokens of 0, 2 and 5 caveat blocks, next to jose's `jwtVerify`. */

const REFERENCE = 'jose jwtVerify, EdDSA';

/** Five narrowings, each of which still allows the call: the chain of an agent and its helpers. */
const STEPS: readonly Narrowing[] = [
  { dataset: 'crm/contacts', expires: new Date(NOW + 240_000) },
  { tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu' },
  { constraints: { '/limit': { integer: { max: 100 } } }, expires: new Date(NOW + 120_000) },
  { audience: AUDIENCE, expires: new Date(NOW + 60_000) },
  { tool: 'crm.search', args: CALL.args ?? {}, expires: new Date(NOW + 30_000) },
];

export async function capabilityReport(options: SuiteOptions): Promise<Report> {
  const { rounds } = options;
  const timings = await measure(await capabilityCases(), {
    ...options,
    progress: (round) => options.progress(`round ${round} of ${rounds}`),
  });
  const results = timings.names.map((name) => ({
    name,
    microseconds: timings.median(name),
    microsecondsP10: timings.p10(name),
    ratio: timings.ratio(name, REFERENCE),
  }));
  return {
    suite: 'capability',
    title: `Node ${process.version}, CPU time, medians of ${rounds} interleaved rounds`,
    columns: ['', 'us', 'p10 us', 'x jwtVerify'],
    rows: results.map(({ name, microseconds, microsecondsP10, ratio }) => [
      name,
      microseconds.toFixed(0),
      microsecondsP10.toFixed(0),
      ratio.toFixed(2),
    ]),
    data: { rounds, results },
  };
}

async function capabilityCases(): Promise<readonly Case[]> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const tail = (der: Buffer) => der.subarray(-32).toString('hex');
  const seed = tail(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const verifier = openVerifier(tail(publicKey.export({ format: 'der', type: 'spki' })));
  const mintOne = () => {
    const authority = writeAuthority(
      {
        ...STARTED,
        grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
      },
      new Date(NOW + 300_000),
    );
    if (!authority.ok) throw new Error(authority.error.code);
    return mint(authority.value, `ed25519-private/${seed}`, 1).token;
  };
  const cases: Case[] = [inProcess(REFERENCE, await joseOperation())];
  for (const blocks of [0, 2, 5]) {
    let token = mintOne();
    for (const step of STEPS.slice(0, blocks)) token = await narrowed(token, step);
    const [last = {}] = STEPS.slice(-1);
    const verify = async () => {
      const decision = await verifier.verify(token, CALL);
      if (!decision.allowed) throw new Error(decision.denial.code);
    };
    const characters = `${token.length} characters`;
    cases.push(inProcess(`verify, ${blocks} caveat blocks (${characters})`, verify));
    cases.push(inProcess(`narrow, onto ${blocks} caveat blocks`, () => narrowed(token, last)));
  }
  return [...cases, inProcess('mint', mintOne)];
}

async function narrowed(token: string, step: Narrowing): Promise<string> {
  const result = await narrow(token, step);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}
