/**
 * The verifier's decisions on a workflow that it knows: all of `verify`, from the text of a token
 * and a described call to a decision, with freshness and revocation.
 */
import { narrow } from '../../src/capability/index.ts';
import { decide } from '../decision.ts';
import { unwrap } from '../unwrap.ts';
import { openWorkflow, STEP } from '../workflow.ts';
import { counter } from './counter.ts';

/** More than a verifier caches, so that a step has been evicted when its turn comes again. */
const STEPS = 2_100;

export async function verifierOperations() {
  const { received, verifier } = await openWorkflow();
  const tokens: string[] = [];
  for (let i = 0; i < STEPS; i++) tokens.push(unwrap(await narrow(received, STEP)));
  const [same = ''] = tokens;
  const next = counter(STEPS);
  return {
    'verifier step': () => decide(verifier, tokens[next()] ?? ''),
    'verifier again': () => decide(verifier, same),
  };
}
