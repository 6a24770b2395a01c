import type { Check, IssuerStatus, Observation } from '../examine.ts';
import { unasked } from './keys.ts';

/** Time enough to export and start over: docs/reference/audit-log.md. */
const WARN_PERCENT = 80;

export const auditCheck: Check = {
  name: 'audit',
  advice: 'docs/reference/audit-log.md, "When it fills", says what to do before mints stop.',
  run: async ({ status }) => {
    const asked = await status();
    if (!asked.ok) return [unasked(asked.error)];
    const subject = 'audit log';
    const { audit, logs } = asked.value;
    const found = (logs ?? []).flatMap(observeLog);
    if (!audit)
      return [{ subject, status: 'fail', detail: 'did not answer: nothing can be minted' }];
    const { records, bytes, traffic_bytes_max: most } = audit;
    const percent = Math.floor((100 * bytes) / most);
    const witnesses = new Set((logs ?? []).flatMap((log) => log.witnesses ?? []).map(nameOf));
    const cosigned = witnesses.size > 0 ? `, witnesses: ${[...witnesses].join(', ')}` : '';
    const detail = `${records} records, ${percent} % full${cosigned}`;
    if (percent >= 100) return [{ subject, status: 'fail', detail }, ...found];
    return [{ subject, status: percent >= WARN_PERCENT ? 'warn' : 'ok', detail }, ...found];
  },
};

const nameOf = ({ name }: { readonly name: string }): string => name;

type Log = NonNullable<IssuerStatus['logs']>[number];

/** What is wrong with one log. A code that this release does not know is shown as it is. */
function observeLog(log: Log): readonly Observation[] {
  return log.faults.map((fault) => {
    const { status = 'warn', detail = fault, advice } = describe(fault, log);
    return { subject: `log ${log.log}`, status, detail, ...(advice && { advice }) };
  });
}

function describe(
  fault: string,
  { stopped, silent, fill, pending_seconds: pending = 0 }: Log,
): Partial<Observation> {
  if (fault === 'stopped') {
    const advice =
      'docs/reference/audit-log.md, "When a log stops", says what each cause means and what to do.';
    return { status: 'fail', detail: `signs no checkpoint: ${stopped ?? 'unknown'}`, advice };
  }
  if (fault === 'unsigned') {
    const advice =
      'Set LOG_KEY: hewn deploy and hewn serve add it to the key file of a deployment.';
    return { detail: 'has entries that no checkpoint covers: no one can check them', advice };
  }
  if (fault === 'late') {
    const advice =
      'See whether the archive answers: the log of the issuer has the reason as audit.unsealed.';
    return { detail: `its oldest record has waited ${pending} s for the archive`, advice };
  }
  if (fault === 'filling') return { detail: `is ${Math.floor(100 * fill)} % full` };
  if (fault !== 'witness_silent') return {};
  const advice =
    'See whether the witness answers: the log of the issuer has the reason as audit.witness.';
  return { detail: `not cosigned by ${silent.join(', ')}`, advice };
}
