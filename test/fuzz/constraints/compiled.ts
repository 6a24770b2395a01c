/** What constraints allow, according to the checks that they compile to, without a token. */
import { authorizeWithoutToken, parsePolicy } from '../../../src/biscuit/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import {
  writeCaveatConstraints,
  writeConstraints,
} from '../../../src/capability/constraints/index.ts';
import { DatalogWriter, toBlock } from '../../../src/capability/datalog.ts';
import {
  type ArgumentConstraints,
  type Call,
  type ConstraintsByPointer,
  callFacts,
  checkCall,
} from '../../../src/capability/index.ts';
import { argumentOrigins } from '../../../src/provenance/index.ts';
import { AUDIENCE, at, unwrap } from '../../unit/fixtures/issuer.ts';
import { ATTESTED } from './kinds/origin.ts';

const TOOL = 'mail.send';
const NOW = new Date(at(1));
const ALLOW = unwrap(parsePolicy('allow if true'));

/** Undefined if the arguments are refused before any check. */
export type Allows = (args: JsonObject) => Promise<boolean | undefined>;

export const compiled = (constraints: ArgumentConstraints, call?: Call): Allows =>
  judging(unwrap(writeConstraints(new DatalogWriter(), TOOL, constraints)), call);

/** As a holder's caveat or a policy's requirement: the list of arguments stays open. */
export const compiledCaveat = (constraints: ConstraintsByPointer): Allows =>
  judging(unwrap(writeCaveatConstraints(new DatalogWriter(), constraints)));

const CALL: Call = { tool: TOOL, action: 'write', dataset: ['d'] };

function judging(written: DatalogWriter, of: Call = CALL): Allows {
  const { checks } = toBlock(written.done());
  return async (args) => {
    const call = await checkCall({ ...of, args });
    if (!call.ok) return undefined;
    const origins = argumentOrigins(call.value.nodes, ATTESTED);
    const facts = callFacts(NOW, AUDIENCE, { ...call.value, origins });
    const authorizer = { facts: [], rules: [], checks, policies: [ALLOW], scopes: [] };
    const judged = authorizeWithoutToken({ authorizer, facts });
    if (!judged.ok && judged.error.code !== 'unauthorized') throw new Error(judged.error.code);
    return judged.ok;
  };
}
