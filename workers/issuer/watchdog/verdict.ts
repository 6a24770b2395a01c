import type { CanarySpread } from '../feed/canary.ts';
import type { DrillRun } from './binding.ts';

/** Returns what the spread of a canary's stop says about the bound. */
export function judgeSpread(
  { confirmed, behind, silent }: CanarySpread,
  boundMilliseconds: number,
): Pick<DrillRun, 'verdict' | 'milliseconds' | 'confirmed' | 'late' | 'silent'> {
  const tooLate = confirmed.filter(({ milliseconds }) => milliseconds > boundMilliseconds);
  const late = [...tooLate.map(({ verifier }) => verifier), ...behind];
  const last = Math.max(...confirmed.map(({ milliseconds }) => milliseconds));
  return {
    verdict: late.length > 0 ? 'late' : confirmed.length > 0 ? 'in_time' : 'unproven',
    ...(confirmed.length > 0 && { milliseconds: last }),
    confirmed: confirmed.length,
    late,
    silent,
  };
}

/** Whether nothing more can be learned by waiting. */
export const isSettled = ({ behind, silent }: CanarySpread): boolean =>
  behind.length === 0 && silent.length === 0;

/**
 * Returns the silent verifiers that an operator must look at: they have a credential of their own,
 * were silent in the run before, and no other verifier with the credential has the stop. An isolate
 * of a gateway ends when no call comes, and a process that was replaced has a successor.
 */
export function unheardOf(
  { confirmed, silent }: CanarySpread,
  silentBefore: readonly string[],
): readonly string[] {
  const heard = new Set(confirmed.map(({ verifier }) => credentialOf(verifier)));
  return silent.filter((verifier) => {
    const credential = credentialOf(verifier);
    return credential !== '' && !heard.has(credential) && silentBefore.includes(verifier);
  });
}

/** The name of an isolate of a gateway has no colon: see `verifierName`. */
const credentialOf = (verifier: string): string =>
  verifier.slice(0, Math.max(0, verifier.indexOf(':')));
