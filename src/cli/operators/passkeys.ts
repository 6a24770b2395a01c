import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable, showSeconds } from '../terminal/index.ts';

const { listPasskeys, removePasskey } = ADMIN_API.passkeys;

export const operatorsPasskeys = defineCommand({
  name: 'operators passkeys',
  summary: 'list the passkeys with which people approve',
  description:
    'Lists the passkeys of operators: whose each is, what the person calls it, since when, and when it was last used. A person adds one in the console: only a browser can.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn operators passkeys', "hewn operators passkeys --json | jq '.passkeys[].id'"],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, listPasskeys, {});
    if (!listed.ok) return listed;
    const { passkeys, required } = listed.value;
    const table = renderTable(
      context,
      [
        { head: 'NAME', cell: ({ name }) => name, cut: 'middle' },
        { head: 'LABEL', cell: ({ label }) => label, cut: 'end' },
        { head: 'ADDED', cell: ({ at }) => showSeconds(context, at) },
        {
          head: 'LAST USED',
          cell: ({ last_used: at }) => (at === undefined ? 'never' : showSeconds(context, at)),
        },
        { head: 'ID', cell: ({ id }) => id },
      ],
      passkeys,
    );
    if (flags.json) context.out(showAnswer(listPasskeys, listed.value));
    else {
      context.out(passkeys.length > 0 ? table : 'no one has a passkey');
      context.err(required ? 'an approval needs a passkey' : 'an approval needs no passkey');
    }
    return YES;
  },
});

export const operatorsRemovePasskey = defineCommand({
  name: 'operators remove-passkey',
  summary: 'remove a passkey of another person',
  operands: 'ID',
  description:
    'Removes a passkey of another person, who can then add another in the console. Use it if a passkey was lost or stolen. People cannot remove their own: someone who stole a session could then add a passkey of theirs.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn operators remove-passkey q83vEjRW... --reason "the laptop was stolen"'],
  run: async ({ flags, operands }, context) => {
    const [id, ...more] = operands;
    if (id === undefined || more.length > 0) {
      return refuse('name one passkey by its ID: hewn operators passkeys shows it');
    }
    const call = { params: { id }, body: { reason: flags.reason } };
    const removed = await callIssuer(context, flags, removePasskey, call);
    if (!removed.ok) return removed;
    context.out(flags.json ? showJson({ removed: id }) : `${id}  removed`);
    return YES;
  },
});
