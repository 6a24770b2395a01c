/**
 * A consumer's program, for every runtime: mints in memory, narrows, verifies, revokes. Sets
 * `globalThis.verdicts`, and prints it where there is a console.
 */
import { narrow } from 'hewn/agent';
import { testIssuer } from 'hewn/testing';

const { mint, verifier, feed } = await testIssuer({ audience: 'https://api.example' });
const grants = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }];
const token = await mint({ grants, workflow: 'wf_test_verdicts' });
const narrowed = await narrow(token, { dataset: 'crm/contacts/eu' });
if (!narrowed.ok) throw new Error(narrowed.error.code);

const verdict = async (presented, dataset) => {
  const call = { tool: 'crm.search', action: 'read', dataset, tier: 1 };
  const decision = await verifier.verify(presented, call);
  return decision.allowed ? 'allowed' : decision.denial.code;
};

const verdicts = [
  await verdict(token, 'crm/contacts/us'),
  await verdict(narrowed.value, 'crm/contacts/eu'),
  await verdict(narrowed.value, 'crm/contacts/us'),
];
feed.revoke('wf_test_verdicts');
verdicts.push(await verdict(narrowed.value, 'crm/contacts/eu'));
globalThis.verdicts = verdicts.join(' ');
console.log(globalThis.verdicts);
