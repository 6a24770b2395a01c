/** Decision records, as a verifier of the gateway's audience sends them. */
import type { DecisionRecord } from '../../src/audit/index.ts';
import { type Authority, openToken, trustIssuer } from '../../src/capability/index.ts';
import { readClock } from '../../src/clock.ts';
import { unwrap } from '../unwrap.ts';
import type { Prepared } from './client.ts';
import { CREDENTIAL, type Scene } from './scene.ts';

/** What a record names of its token. */
export interface Attributed {
  readonly authority: Authority;
  readonly blocks: readonly string[];
}

export async function attributed(token: string, { keys }: Scene): Promise<Attributed> {
  const issuer = trustIssuer(keys.mint.map(({ id, publicKey }) => ({ id, publicKey })));
  const { authority, revocationIds } = unwrap(await openToken(token, issuer));
  return { authority, blocks: revocationIds };
}

/** One process of a verifier: it numbers its records. */
export class RecordingVerifier {
  readonly #name: string;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Returns the record of an allowed call of tier 1, with everything that a gateway states. */
  decision({ authority, blocks }: Attributed): DecisionRecord {
    this.#count += 1;
    const { workflow, agent, subject, owner, task, grants, catalogue = '' } = authority;
    const [grant] = grants;
    return {
      event: 'decision',
      id: `${this.#name}.${this.#count}`,
      verifier: this.#name,
      n: this.#count,
      at: readClock(),
      workflow,
      agent,
      subject,
      owner,
      task,
      blocks: [...blocks, ...blocks],
      method: 'tools/call',
      ...(grant && { tool: grant.tool, action: 'read', datasets: [`${grant.dataset}/q3.md`] }),
      tier: 1,
      head: { epoch: 1, seq: 12, ageSeconds: 3 },
      catalogue: { judged: catalogue },
      allowed: true,
      outcome: { status: 200, result: 'ok', milliseconds: 14, bytes: 2_345 },
    };
  }
}

/** A request with one batch for the log that the records are numbered for. */
export const sendRecords = (
  { issuer }: Scene,
  records: readonly DecisionRecord[],
  origin = 'default',
): Prepared => ({
  url: `${issuer}/verifier/v1/records`,
  records: { body: JSON.stringify({ origin, records }), credential: CREDENTIAL },
});
