import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { callAs, issuerOf } from '../issuer.ts';
import { SIGN_IN_FLAGS } from './login.ts';
import { keepSession, readSession } from './session-file.ts';

export const logoutCommand = defineCommand({
  name: 'logout',
  summary: 'end your session at an issuer',
  description:
    'Ends the session of hewn login at the issuer, and removes it from this machine. If the issuer cannot be reached, the session is removed here, and ends there by itself.',
  flags: { ...SIGN_IN_FLAGS, ...JSON_FLAG },
  examples: ['hewn logout', 'hewn logout --issuer https://issuer.example'],
  run: async ({ flags }, context) => {
    const issuer = await issuerOf(context, { issuer: flags.issuer, file: undefined });
    const session = await readSession(context, issuer);
    if (!session.ok) return session;
    if (session.value === undefined) {
      context.out(
        flags.json ? showJson({ issuer, ended: false }) : `you are not signed in at ${issuer}`,
      );
      return YES;
    }
    const { token, name } = session.value;
    const ended = await callAs(context, issuer, token, ADMIN_API.session.endSession, {});
    const removed = await keepSession(context, issuer, undefined);
    if (!removed.ok) return removed;
    if (!ended.ok) context.err(`removed here, and it ends there by itself: ${ended.error}`);
    context.out(
      flags.json ? showJson({ issuer, name, ended: ended.ok }) : `${name} signed out at ${issuer}`,
    );
    return YES;
  },
});
