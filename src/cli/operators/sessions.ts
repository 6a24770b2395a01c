import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable, showSeconds } from '../terminal/index.ts';

const { listSessions, endSessionsOf } = ADMIN_API.session;

export const operatorsSessions = defineCommand({
  name: 'operators sessions',
  summary: 'list who is signed in',
  description:
    'Lists the sessions of operators that have not ended, the newest first: the person, the roles that the configuration gives today, from where, and until when. People whom Cloudflare Access lets in have no session here.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn operators sessions', "hewn operators sessions --json | jq '.sessions[].name'"],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, listSessions, {});
    if (!listed.ok) return listed;
    const { sessions } = listed.value;
    const table = renderTable(
      context,
      [
        { head: 'NAME', cell: ({ name }) => name },
        { head: 'ROLES', cell: ({ roles }) => roles.join(', ') || 'none any more' },
        { head: 'FROM', cell: ({ source, own }) => (own ? `${source}, this one` : source) },
        { head: 'BEGAN', cell: ({ begun }) => showSeconds(context, begun) },
        { head: 'UNTIL', cell: ({ ends_at: ends }) => showSeconds(context, ends) },
      ],
      sessions,
    );
    if (flags.json) context.out(showAnswer(listSessions, listed.value));
    else context.out(sessions.length > 0 ? table : 'no one is signed in');
    return YES;
  },
});

export const operatorsEndSession = defineCommand({
  name: 'operators end-session',
  summary: 'end the sessions of a person, and stop the capabilities they made',
  operands: 'NAME',
  description:
    'Ends every session of a person, and stops the operator capabilities that they made. It is in force when the command ends. The person can sign in again: take the rule that gives the role away as well.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn operators end-session corp#ann --reason "the laptop was stolen"'],
  run: async ({ flags, operands }, context) => {
    const [name, ...more] = operands;
    if (name === undefined || more.length > 0) {
      return refuse('name one person: hewn operators sessions lists them');
    }
    const body = { name, reason: flags.reason };
    const ended = await callIssuer(context, flags, endSessionsOf, { body });
    if (!ended.ok) return ended;
    const { sessions, capabilities } = ended.value;
    const text = `${name}  ${countOf(sessions, 'session')} ended, ${countOf(capabilities, 'operator capability', 'operator capabilities')} stopped`;
    context.out(flags.json ? showAnswer(endSessionsOf, ended.value) : text);
    return YES;
  },
});

const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
