/** Flags that the commands of policies share. */
import { CATALOGUE_HELP, POLICY_FOLDER } from './files.ts';

export const CATALOGUE_FLAG = {
  catalogue: {
    kind: 'text',
    value: 'FILE',
    description: CATALOGUE_HELP,
  },
} as const;

export const POLICY_FLAG = {
  policy: {
    kind: 'list',
    value: 'PATH',
    description: `a policy file, or a folder of them; by default ${POLICY_FOLDER}`,
  },
} as const;
