import type { Command } from '../command.ts';
import { ISSUER_HELP } from '../issuer.ts';
import { orderMove } from './move.ts';

const HELP = `hewn workflows resume ID --reason TEXT [--issuer URL] [--file FILE] [--json]

Resumes a workflow, and those below it that were suspended with it, in another generation: the tokens
of before stay dead, and its agent asks for another.

  hewn workflows resume wf_7Qx... --reason "its owner says that it was meant"

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

export const workflowsResume: Command = {
  name: 'workflows resume',
  summary: 'let a suspended workflow go on',
  help: HELP,
  run: (args, at) => orderMove(args, at, 'resume'),
};
