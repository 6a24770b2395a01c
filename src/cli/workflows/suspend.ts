import type { Command } from '../command.ts';
import { ISSUER_HELP } from '../issuer.ts';
import { orderMove } from './move.ts';

const HELP = `hewn workflows suspend ID --reason TEXT [--issuer URL] [--file FILE] [--json]

Suspends a workflow and all below it: no token comes out for it, and those that are out are denied,
at each verifier within the bound of its tier. It can be resumed, or revoked for ever.

  hewn workflows suspend wf_7Qx... --reason "its owner is asked first"

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

export const workflowsSuspend: Command = {
  name: 'workflows suspend',
  summary: 'stop a workflow until it is resumed',
  help: HELP,
  run: (args, at) => orderMove(args, at, 'suspend'),
};
