import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { callIssuer, type Fault, FaultNote, loadVerify } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { html, Note, say, Term } from '../ui/index.ts';
import type { FoundRecord } from './search.ts';
import type { CheckedLog, RecordFault } from './verify/index.ts';

/** The issuer proves so many records in one answer. */
const PROOFS_PER_REQUEST = 64;

/** Why a record is not proven, and what that means. */
const FAULTS: Readonly<Record<RecordFault, string>> = {
  no_proof: 'no proof yet: no signed checkpoint covers it',
  checkpoint_invalid: 'the checkpoint of its log is not signed by the key of the log',
  witnesses_missing: 'too few witnesses have signed the checkpoint of its log',
  not_in_log: 'it is not in the tree that the log has signed',
  entry_malformed: 'its entry does not open with what the issuer gave for it',
  differs: 'it says something else than its entry in the log',
};

/** A proof that is missing is no evidence against the log, and every other fault is. */
const isForged = (why: RecordFault): boolean => why !== 'no_proof' && why !== 'witnesses_missing';

interface Outcome {
  readonly proven: number;
  readonly logs: readonly CheckedLog[];
  readonly faults: readonly { readonly place: string; readonly why: RecordFault }[];
}

export interface VerificationState {
  readonly isRunning: boolean;
  readonly start: () => void;
  readonly outcome?: Outcome;
  readonly fault?: Fault;
  /** By `log:index`: why a record on the page is not proven. */
  readonly unproven: ReadonlyMap<string, string>;
}

/** Verifies what the page shows when a person asks for it. Another search has no result yet. */
export function useVerification(key: string, records: readonly FoundRecord[]): VerificationState {
  const [state, setState] = useState<Pick<VerificationState, 'outcome' | 'fault'>>({});
  const [isRunning, setRunning] = useState(false);
  useEffect(() => setState({}), [key]);
  const start = async () => {
    setRunning(true);
    setState(await verifyAll(records));
    setRunning(false);
  };
  const faults = state.outcome?.faults ?? [];
  return {
    ...state,
    isRunning,
    start: () => void start(),
    unproven: new Map(faults.map(({ place, why }) => [place, FAULTS[why]])),
  };
}

async function verifyAll(
  records: readonly FoundRecord[],
): Promise<Pick<VerificationState, 'outcome' | 'fault'>> {
  const { verifyRecords } = await loadVerify();
  const logs = new Map<string, CheckedLog>();
  const faults: { place: string; why: RecordFault }[] = [];
  let proven = 0;
  for (let from = 0; from < records.length; from += PROOFS_PER_REQUEST) {
    const part = records.slice(from, from + PROOFS_PER_REQUEST);
    const of = part.map(({ log, index }) => `${log}:${index}`).join(',');
    const answer = await callIssuer('GET', '/audit/proofs', { query: { of } });
    if (!answer.ok) return { fault: answer.error };
    const verdict = await verifyRecords(part, answer.value);
    proven += verdict.proven;
    for (const log of verdict.logs) logs.set(log.log, log);
    for (const { log, index, why } of verdict.faults)
      faults.push({ place: `${log}:${index}`, why });
  }
  const isGood = faults.length === 0;
  say(
    isGood
      ? `${plural(proven, 'record')} verified`
      : `${plural(faults.length, 'record')} not verified`,
  );
  return { outcome: { proven, logs: [...logs.values()], faults } };
}

/** Says what was verified, and against what; or what must not be relied on. */
export function Verification({ of }: { readonly of: VerificationState }): VNode | null {
  if (of.fault) return html`<${FaultNote} fault=${of.fault} what="the proofs" />`;
  if (!of.outcome) return null;
  const { proven, logs, faults } = of.outcome;
  const forged = faults.filter(({ why }) => isForged(why));
  if (forged.length > 0) {
    return html`<${Note} kind="stop">
      <b>${plural(forged.length, 'record')} shown here ${forged.length === 1 ? 'is' : 'are'} not what the log has signed. </b>
      Something was changed, left out or added. Do not rely on this page: export the logs with
      <code>hewn audit export</code>, and tell your security team. Each one is marked below.
    <//>`;
  }
  const witnesses = [...new Set(logs.flatMap((log) => log.witnesses))];
  return html`<${Note} kind=${faults.length === 0 ? 'ok' : 'wait'}>
    <b>${plural(proven, 'record')} verified in this browser. </b>
    ${proven === 1 ? 'It is' : 'They are'} in the tree that ${logs.length === 1 ? 'the log' : plural(logs.length, 'log')}
    signed with a <${Term} word="checkpoint">checkpoint<//>${
      witnesses.length > 0
        ? html`, and ${plural(witnesses.length, 'witness', 'witnesses')} signed with it: ${witnesses.join(', ')}. `
        : html`. No <${Term} word="witness">witness<//> is configured, so this shows that nothing was changed since, and not that everyone is shown the same. `
    }
    ${faults.length > 0 && `${plural(faults.length, 'record')} could not be proven yet, and ${faults.length === 1 ? 'is' : 'are'} marked below. `}
    <details>
      <summary>What the logs have signed</summary>
      ${logs.map(
        ({ log, size, root, key }) => html`<p key=${log} class="sub">
          <b>${log}</b>: ${plural(size, 'record')}, root <code>${root}</code><br />key <code>${key}</code>
        </p>`,
      )}
      <p class="sub">
        The page has these keys from the issuer. Compare them once with <code>hewn keys list</code> or
        with what you were given elsewhere.
      </p>
    </details>
  <//>`;
}
