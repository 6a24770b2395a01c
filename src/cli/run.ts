import { refuse } from '../result.ts';
import { approvalsApprove } from './approvals/approve.ts';
import { approvalsList } from './approvals/list.ts';
import { approvalsRefuse } from './approvals/refuse.ts';
import { approvalsShow } from './approvals/show.ts';
import type { Answer, Command, Surroundings } from './command.ts';
import { denyAdd } from './deny/add.ts';
import { denyLift } from './deny/lift.ts';
import { denyList } from './deny/list.ts';
import { drillCommand } from './drill/drill.ts';
import { feedExport } from './feed/export.ts';
import { feedStatus } from './feed/status.ts';
import { feedVerify } from './feed/verify.ts';
import { keysList } from './keys/list.ts';
import { keysNew } from './keys/new.ts';
import { keysRetire } from './keys/retire.ts';
import { keysRotate } from './keys/rotate.ts';
import { killNewKey } from './kill/new-key.ts';
import { killSign } from './kill/sign.ts';
import { killVerify } from './kill/verify.ts';
import { policyDiff } from './policy/diff.ts';
import { policyExplain } from './policy/explain.ts';
import { policyRecord } from './policy/record.ts';
import { policyTest } from './policy/test.ts';
import { watermarkCommand } from './watermark/watermark.ts';
import { workflowsResume } from './workflows/resume.ts';
import { workflowsRevoke } from './workflows/revoke.ts';
import { workflowsShow } from './workflows/show.ts';
import { workflowsSuspend } from './workflows/suspend.ts';

export const COMMANDS: readonly Command[] = [
  ...[policyTest, policyExplain, policyDiff, policyRecord],
  ...[keysNew, keysList, keysRotate, keysRetire],
  ...[approvalsList, approvalsShow, approvalsApprove, approvalsRefuse],
  ...[workflowsShow, workflowsSuspend, workflowsResume, workflowsRevoke],
  ...[watermarkCommand, drillCommand],
  ...[denyAdd, denyList, denyLift],
  ...[killNewKey, killSign, killVerify],
  ...[feedStatus, feedExport, feedVerify],
];

const overview = (commands: readonly Command[]): string =>
  [
    'hewn: what an operator of an issuer, and of its verifiers, does.',
    '',
    ...commands.map(({ name, summary }) => `  hewn ${name.padEnd(18)} ${summary}`),
    '',
    'hewn COMMAND --help tells more, with examples.',
    'Exit code: 0 yes or done, 1 no or a case failed, 2 it could not be done.',
  ].join('\n');

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h';

/** Runs the command that `args` call, and answers with the exit code. */
export async function run(args: readonly string[], at: Surroundings): Promise<0 | 1 | 2> {
  const [first = '', second = ''] = args;
  if (isHelp(first)) return tell(at.out, overview(COMMANDS), 0);
  // One word calls a command of that name, else two words do.
  const command = COMMANDS.find(({ name }) => name === first || name === `${first} ${second}`);
  if (!command) {
    const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
    if (group.length > 0 && isHelp(second)) return tell(at.out, overview(group), 0);
    const wrong =
      args.length === 0 ? '' : `hewn: there is no command "${args.slice(0, 2).join(' ')}".\n\n`;
    return tell(at.err, wrong + overview(group.length > 0 ? group : COMMANDS), 2);
  }
  const rest = args.slice(command.name.split(' ').length);
  const flagsEnd = rest.indexOf('--');
  if (rest.slice(0, flagsEnd < 0 ? rest.length : flagsEnd).some(isHelp)) {
    return tell(at.out, command.help, 0);
  }
  const answer = await answerOf(command, rest, at);
  if (answer.ok) return answer.value;
  return tell(at.err, `hewn ${command.name}: ${answer.error}`, 2);
}

/**
 * What a command throws is no "no": a script that asks by the exit code must not read it as one.
 */
async function answerOf(
  command: Command,
  args: readonly string[],
  at: Surroundings,
): Promise<Answer> {
  try {
    return await command.run(args, at);
  } catch (error) {
    return refuse(describeFault(error));
  }
}

/** A full disk or a missing permission in the system's words; anything else is a bug of ours. */
function describeFault(error: unknown): string {
  if (error instanceof Error && 'syscall' in error) return error.message;
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `an unexpected error, which is a bug in hewn. Please report it:\n${shown}`;
}

function tell<Code>(write: (text: string) => void, text: string, code: Code): Code {
  write(text);
  return code;
}
