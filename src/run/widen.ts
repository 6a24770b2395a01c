import type { CapabilityHolder } from '../agent/index.ts';
import type { Widened, WiderUse } from '../bridge/index.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';

export interface Widening {
  readonly capability: Pick<CapabilityHolder, 'current' | 'stepUp'>;
  /** Asks the person at the terminal. Without a terminal it is absent, and the policy decides. */
  readonly ask?: (use: WiderUse) => Promise<boolean>;
  readonly onGranted: (grants: readonly Grant[]) => void;
  /** Tells a person that the policy asks for an approval. */
  readonly say: (line: string) => void;
}

const ASKED_MAX = 20; // Of one run: an agent must not tire a person into saying yes.

const no = (why: string): Widened => ({ isWider: false, why });

/**
 * Returns what widens the capability of a run for one denied use. A person is asked one question at
 * a time, and never the same one twice: a hijacked agent could ask until they give in.
 */
export function widening({ capability, ask, onGranted, say }: Widening) {
  const declined = new Set<string>();
  let asked = 0;
  let last: Promise<unknown> = Promise.resolve();
  const widen = async (use: WiderUse): Promise<Widened> => {
    const key = canonicalJson(use.needed as unknown as Json);
    if (declined.has(key))
      return no('The same was requested before, and not granted. Do not try again.');
    if (ask !== undefined) {
      if (asked >= ASKED_MAX) return no('This run has requested more too often. Do without it.');
      asked += 1;
      if (!(await ask(use))) {
        declined.add(key);
        return no('The person at the terminal said no. Do not try again.');
      }
    }
    const wider = await capability.stepUp(use.needed);
    if (wider.ok) {
      onGranted(wider.value.grants);
      return { isWider: true };
    }
    const { error } = wider;
    if (error.code === 'unreachable') return no('The issuer cannot be reached.');
    if (error.code === 'approval_pending') {
      say(`the approval ${error.id} is still open: hewn approvals show ${error.id}`);
      return no('A person must approve this, and has not answered. Try again later.');
    }
    declined.add(key);
    return no(`The issuer did not grant it: ${error.code}. Do without it.`);
  };
  return (use: WiderUse): Promise<Widened> => {
    const next = last.then(() => widen(use));
    last = next.catch(() => undefined);
    return next;
  };
}
