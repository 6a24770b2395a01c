import { generateKeyPairSync } from 'node:crypto';
import { mint } from '../../src/biscuit-wasm/index.ts';
import { type Constraint, writeAuthority } from '../../src/capability/index.ts';
import { toHex } from '../../src/encoding.ts';
import { newPromptSalt, promptDigest } from '../../src/provenance/index.ts';
import type { VerifyRequest } from '../../src/verifier/index.ts';
import { NOW, openVerifier, STARTED } from '../decision.ts';
import type { Report } from '../report.ts';
import { type Case, inProcess, measure } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

/** The decision about a known token whose recipients are listed, and whose come from somewhere. */

const LISTED = 'recipients listed';
const prompt = {
  text: 'Send the report to bob@acme.example and carol@acme.example, please',
  salt: newPromptSalt(),
};
const CALL: VerifyRequest = {
  tool: 'mail.send',
  action: 'write',
  dataset: ['mail'],
  args: {
    to: ['bob@acme.example', 'carol@acme.example'],
    subject: 'Quarterly report',
    body: 'As discussed.',
  },
  content: ['/body'],
  tier: 1,
};

export async function originsReport(options: SuiteOptions): Promise<Report> {
  const { rounds } = options;
  const timings = await measure(await originsCases(), {
    ...options,
    progress: (round) => options.progress(`round ${round} of ${rounds}`),
  });
  const results = timings.names.map((name) => ({
    name,
    microseconds: timings.median(name),
    ratio: timings.ratio(name, LISTED),
  }));
  return {
    suite: 'origins',
    title: `Node ${process.version}, CPU time, medians of ${rounds} interleaved rounds`,
    columns: ['a known token', 'us', 'x listed'],
    rows: results.map(({ name, microseconds, ratio }) => [
      name,
      microseconds.toFixed(0),
      ratio.toFixed(2),
    ]),
    data: { rounds, results },
  };
}

async function originsCases(): Promise<readonly Case[]> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const tail = (der: Buffer) => der.subarray(-32).toString('hex');
  const seed = tail(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const verifier = openVerifier(tail(publicKey.export({ format: 'der', type: 'spki' })));
  const digest = toHex((await promptDigest(prompt)) ?? new Uint8Array());
  const minted = (to: Constraint): string => {
    const constraints = { arguments: ['to', 'subject', 'body'], constraints: { '/to': to } };
    const grant = { tool: 'mail.send', action: 'write', dataset: 'mail', constraints } as const;
    const authority = writeAuthority(
      {
        ...STARTED,
        prompt: digest,
        grants: [grant],
      },
      new Date(NOW + 300_000),
    );
    if (!authority.ok) throw new Error(authority.error.code);
    return mint(authority.value, `ed25519-private/${seed}`, 1).token;
  };
  const deciding = (name: string, to: Constraint, more: Partial<VerifyRequest> = {}): Case => {
    const token = minted(to);
    return inProcess(name, async () => {
      const decision = await verifier.verify(token, { ...CALL, ...more });
      if (!decision.allowed) throw new Error(JSON.stringify(decision.denial));
    });
  };
  const values = ['bob@acme.example', 'carol@acme.example'] as const;
  const own = values.map((value) => `=${value}` as const);
  return [
    deciding(LISTED, { subsetOf: values }),
    deciding('values of the grant as origins', { every: { from: [...own, 'own:email'] } }),
    deciding(
      'values of the request',
      { every: { from: ['prompt', 'own:email'] } },
      { attached: { prompt } },
    ),
  ];
}
