import type { FlowGate } from '../audit/calls/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import type { Evidence, KnownLabels, VerifyRequest } from '../verifier/index.ts';
import { decideFlow } from './decide.ts';
import type { FamilyLabels } from './family-labels.ts';
import { outgoingFault } from './outgoing-url.ts';
import { assumedLabels, labelsOfCall, lastingLabels, type Reach, watchedLabels } from './raised.ts';
import { goesToSameOwner } from './same-owner.ts';

/** A call that its token allows. */
export interface AllowedCall {
  readonly catalogue: Catalogue;
  readonly call: VerifyRequest;
  readonly evidence: Pick<Evidence, 'workflow'>;
  /** Whether a person has approved exactly this call. */
  readonly isApproved: boolean;
  /** Values that receipts and the request of the user attest. */
  readonly attested: readonly string[];
  /** The labels of receipts that came with the call and count. None by default. */
  readonly read?: readonly string[];
  readonly reach: () => Promise<Reach>;
}

/**
 * Returns what the labels of its workflow mean for a call. Returns undefined if the call neither
 * leaves nor carries a label that a rule of the catalogue reads.
 */
export async function flowOf(
  { catalogue, call, evidence, isApproved, attested, read = [], reach }: AllowedCall,
  family: FamilyLabels,
): Promise<FlowGate | undefined> {
  const { tool, tier, dataset, args = {} } = call;
  const { workflow } = evidence;
  const entry = catalogue.get(tool);
  if (!entry || workflow === undefined) return undefined;
  const watched = watchedLabels(catalogue);
  const labels = labelsOfCall(entry, [dataset].flat()).filter((one) => watched.has(one));
  const lasting = lastingLabels(catalogue);
  const lasts = Object.fromEntries(
    labels.flatMap((label) => {
      const seconds = lasting.get(label);
      return seconds === undefined ? [] : [[label, seconds]];
    }),
  );
  const raise = () => family.raise({ workflow, tool, labels, lasts });
  const { flow: rules = [] } = entry;
  if (rules.length === 0) {
    return labels.length === 0 ? undefined : { asks: false, decide: () => ({}), raise };
  }
  // The labels come with a charge or a lease. An unknown tier is charged.
  const asks = tier !== 0 && tier !== 1;
  const { grants, ancestors } = await reach();
  // An earlier workflow may have read what lasts, whatever this token grants.
  const earlier = rules.flatMap(({ when }) => when).filter((label) => lasting.has(label));
  const assumed = asks
    ? undefined
    : [...assumedLabels(catalogue, { grants, ancestors }), ...earlier];
  // A receipt can only add: an agent that leaves it out has the labels that are known anyway.
  const shown = read.filter((one) => watched.has(one));
  const fault = isApproved ? undefined : outgoingFault(entry, args, { grants, attested });
  const going = { isSameOwner: goesToSameOwner(entry, args), isApproved };
  return {
    asks: asks && earlier.length > 0 ? 'with_earlier' : asks,
    raise,
    decide: (told) => {
      if (fault) return { denial: { code: 'url_unbound', ...fault, approvable: true } };
      const heard = asks ? told?.labels : assumed;
      if (!heard) return { denial: { code: 'labels_unavailable' } };
      const known: KnownLabels = {
        labels: [...new Set([...heard, ...shown, ...family.known(workflow)])].sort(),
        label: told?.label ?? 'assumed',
      };
      const decided = decideFlow(rules, known, going);
      return { known, ...(!decided.ok && { denial: decided.error }) };
    },
  };
}
