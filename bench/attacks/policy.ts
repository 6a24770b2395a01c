/** The policy of every configuration. It names no tool and no task. */
import type { Catalogue } from '../../src/catalogue/index.ts';
import { loadPolicy, type Policy } from '../../src/policy/index.ts';
import { unwrap } from '../unwrap.ts';
import type { Configuration } from './configurations.ts';

const POLICY = `
owner("team:bench");
max_lifetime(3600);
allow if workload("idp", "agent"), user("idp", "emma");

// What the workflow asks for when it begins was derived from the user's side, before anything was
// read.
open_sink($sink, "derived from the request of the user") <- sink($sink);
`;

const ASKING = `
// Whatever a workflow asks for later may be the attacker's, so a person sees it unless it only
// reads what is no secret.
approval(true) <- step_up(true), action($action), $action != "read";
approval(true) <- step_up(true), secret(true);
approval(true) <- action("delete");
`;

/** Returns the policy of a configuration: without step-ups there is no one to ask. */
export function benchPolicy(catalogue: Catalogue, { stepUp }: Configuration): Policy {
  const source = stepUp ? `${POLICY}${ASKING}` : POLICY;
  return unwrap(loadPolicy([{ name: 'bench.datalog', source }], catalogue));
}
