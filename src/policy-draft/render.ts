import type { DraftedStatement } from './draft.ts';

const LINE_CHARACTERS = 97; // A comment begins with two slashes and a space.

const HEAD =
  'Drafted by hewn policy draft from the tool catalogue. It is a beginning: read each reason, and narrow what is wider than the agent needs. Then it is yours, and hewn does not write it again.';

/** Returns a draft as Datalog: each statement below its reason. */
export function renderDraftedPolicy(statements: readonly DraftedStatement[]): string {
  const blocks = statements.map(({ why, text }) => `${comment(why)}\n${text}`);
  return `${[comment(HEAD), ...blocks].join('\n\n')}\n`;
}

/** Texts of a catalogue stand in the comment, and must not end it or hide in it. */
function comment(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').toWellFormed();
  const words = plain.normalize('NFC').trim().split(' ');
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > LINE_CHARACTERS && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((one) => `// ${one}`).join('\n');
}
