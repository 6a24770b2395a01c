import { refuse } from '../../result.ts';
import { type Command, defineCommand, readChoice, YES } from '../command.ts';
import { SCRIPTS } from './scripts.ts';
import { offerAfter } from './words.ts';

const SHELLS = Object.keys(SCRIPTS) as readonly (keyof typeof SCRIPTS)[];

/** Returns the command that completes all others. The list of commands contains it as well. */
export const completionOf = (commands: () => readonly Command[]): Command =>
  defineCommand({
    name: 'completion',
    summary: 'print the script that completes hewn in your shell',
    operands: 'SHELL',
    operandChoices: SHELLS,
    description: `Prints a script for ${SHELLS.join(', ')}. The shell then completes commands, flags, the values of flags that take one of a few, and files. The script asks hewn for each completion, so it does not become stale. For zsh, the folder of the file must be in fpath. If only npx finds hewn, define it first: hewn() { npx hewn "$@"; }

With --words, prints what can follow the arguments, one in a line with a tab and a description. The line :files says that files can follow. The script uses it.`,
    flags: {
      words: { kind: 'switch', description: 'print what can follow the arguments after --' },
    },
    examples: [
      'source <(hewn completion bash)',
      'hewn completion bash > ~/.local/share/bash-completion/completions/hewn',
      'hewn completion zsh > ~/.zfunc/_hewn',
      'hewn completion fish > ~/.config/fish/completions/hewn.fish',
    ],
    run: async ({ flags, operands }, context) => {
      if (flags.words) {
        const { words, files } = offerAfter(commands(), operands);
        for (const { word, description } of words) context.out(`${word}\t${description}`);
        if (files) context.out(':files');
        return YES;
      }
      const [name = '', ...more] = operands;
      const shell = readChoice('SHELL', name, SHELLS);
      if (!shell.ok) return shell;
      if (more.length > 0) return refuse('expected one SHELL. See --help');
      context.out(SCRIPTS[shell.value]);
      return YES;
    },
  });
