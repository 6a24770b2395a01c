import type { AuditRecord } from '../../../src/audit/index.ts';
import { report } from '../../../src/report.ts';
import { auditLog, type IssuerEnv } from '../platform/env.ts';
import type { ArrivedNumbers } from './binding.ts';
import type { VerifierNumbers } from './verifier-numbers.ts';

/**
 * Learns what the log of releases before 0.4.0 had of verifiers that lived through the upgrade.
 * Otherwise all that they had sent until then would be missing here. Asks once for each verifier
 * that this log does not know and that has numbered records before.
 */
export async function adoptNumbers(
  env: IssuerEnv,
  numbers: VerifierNumbers,
  arrived: readonly ArrivedNumbers[],
): Promise<void> {
  const grown = arrived.filter(({ verifier, numbers: [first = 1] }) => {
    return first > 1 && !numbers.isKnown(verifier);
  });
  try {
    for (const { verifier } of grown) {
      numbers.adopt(verifier, await auditLog(env).numbered(verifier));
    }
  } catch (error) {
    // The records are written anyway. What the former log has shows as a gap.
    report('audit.unadopted', { why: error instanceof Error ? error.message : 'unknown' });
  }
}

/** Returns the numbers of records, by verifier. */
export function numbersOf(records: readonly AuditRecord[]): readonly ArrivedNumbers[] {
  const byVerifier = new Map<string, number[]>();
  for (const record of records) {
    if (!('verifier' in record && 'n' in record)) continue;
    const known = byVerifier.get(record.verifier) ?? [];
    known.push(record.n);
    byVerifier.set(record.verifier, known);
  }
  return [...byVerifier].map(([verifier, numbers]) => ({ verifier, numbers }));
}
