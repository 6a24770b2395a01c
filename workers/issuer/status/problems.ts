import type { ADMIN_API, RouteAnswer } from '../../../src/issuer-api/index.ts';
import type { ListedVerifier } from './verifiers.ts';

type Health = RouteAnswer<(typeof ADMIN_API)['health']['showHealth']>;
type Problem = Health['problems'][number];

/** What is looked at for problems. */
interface Parts extends Pick<Health, 'drill' | 'logs' | 'identity' | 'storage' | 'witnesses'> {
  readonly feed: readonly { readonly shard: number; readonly state: object | null | undefined }[];
  readonly verifiers: readonly ListedVerifier[];
}

/** What a fault of a log means for a person. */
const LOG_FAULTS: Readonly<Record<string, Problem>> = {
  stopped: { severity: 'stop', words: 'has another history than its archive, and signs no more' },
  unsigned: { severity: 'deny', words: 'has entries that no checkpoint covers' },
  late: { severity: 'deny', words: 'has a record that has waited too long for the archive' },
  filling: { severity: 'wait', words: 'is over 80 % full' },
  witness_silent: { severity: 'wait', words: 'lacks the cosignature of a witness' },
};

const SEVERITIES = ['stop', 'deny', 'wait'] as const;

/** Returns what needs attention, the worst first. */
export function problemsOf(parts: Parts): readonly Problem[] {
  const { feed, verifiers, drill, logs, identity, storage, witnesses } = parts;
  const problems: Problem[] = [];
  const add = (severity: Problem['severity'], words: string): void =>
    void problems.push({ severity, words });
  for (const { shard, state } of feed) {
    if (!state) add('stop', `Shard ${shard} of the feed does not answer, so stops do not arrive.`);
  }
  for (const { name, behind } of verifiers.filter(({ state }) => state === 'behind')) {
    const how = behind === null ? 'is in another epoch of the feed' : `lacks ${behind} entries`;
    add('deny', `The verifier ${name} ${how}.`);
  }
  for (const { name, seen_at } of verifiers.filter(({ state }) => state === 'silent')) {
    add('deny', `The verifier ${name} has not reported since ${seen_at}. It refuses by itself.`);
  }
  const verdict = drill?.runs.at(-1)?.verdict;
  if (verdict === 'failed') add('stop', 'The feed did not take the stop of the last drill.');
  if (verdict === 'late') add('deny', 'A verifier was too late in the last drill.');
  for (const { name, error } of verifiers.filter((one) => one.error !== undefined)) {
    add('wait', `The verifier ${name} cannot read the feed: ${error}.`);
  }
  if (!logs) add('stop', 'The audit logs do not answer, so nothing is minted.');
  for (const { log, faults } of logs ?? []) {
    for (const fault of faults) {
      const { severity, words } = LOG_FAULTS[fault] ?? { severity: 'wait', words: fault };
      add(severity, `The log ${log} ${words}.`);
    }
  }
  for (const { name, why } of identity.filter(({ keys }) => keys === 'unreachable')) {
    add('deny', `The keys of the identity provider ${name} cannot be fetched (${why ?? ''}).`);
  }
  for (const { object, stored, known } of storage) {
    if (stored === null) add('deny', `The object ${object} did not answer.`);
    else if (stored > known) add('wait', `A newer release has written the storage of ${object}.`);
  }
  for (const { of, name, fault } of witnesses.filter((one) => one.fault !== undefined)) {
    add('wait', `The witness ${name} of ${of} gave no usable answer: ${fault}.`);
  }
  return problems.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}
