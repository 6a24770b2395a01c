/** Parses the reference's printed authorizer into the official format's world. */
import { AUTHORIZER_ORIGIN, type World } from '../conformance/format.ts';
import { compareOrigins, sortText } from '../conformance/order.ts';

type Section = 'Facts' | 'Rules' | 'Checks' | 'Policies';

const SECTION = /^\/\/ (Facts|Rules|Checks|Policies):$/;
const ORIGIN = /^\/\/ origin: (.*)$/;

const factOrigin = (text: string): (number | null)[] =>
  text
    .split(', ')
    .map((part) => (part === 'authorizer' ? null : Number(part)))
    // The official data lists the authorizer first, then the blocks in order.
    .sort((a, b) => (a ?? -1) - (b ?? -1));

const ruleOrigin = (text: string): number =>
  text === 'authorizer' ? AUTHORIZER_ORIGIN : Number(text);

type Group = { readonly section: Section; readonly origin: string; readonly lines: string[] };

/** A statement ends with `;` at the end of a line; one with a line break spans several lines. */
function groupStatements(print: string): readonly Group[] {
  const groups: Group[] = [];
  let section: Section = 'Facts';
  let pending = '';
  for (const line of print.split('\n')) {
    const heading = pending === '' ? SECTION.exec(line)?.[1] : undefined;
    const origin = pending === '' ? ORIGIN.exec(line)?.[1] : undefined;
    if (heading !== undefined) {
      section = heading as Section;
      if (section === 'Policies') groups.push({ section, origin: '', lines: [] });
    } else if (origin !== undefined) {
      groups.push({ section, origin, lines: [] });
    } else if (line.endsWith(';')) {
      groups.at(-1)?.lines.push(`${pending}${line.slice(0, -1)}`);
      pending = '';
    } else if (line !== '' || pending !== '') {
      pending += `${line}\n`;
    }
  }
  return groups;
}

export function readWorld(print: string): World {
  const groups = groupStatements(print).filter((group) => group.lines.length > 0);
  const of = (section: Section) => groups.filter((group) => group.section === section);
  return {
    facts: of('Facts')
      .map(({ origin, lines }) => ({ origin: factOrigin(origin), facts: sortText(lines) }))
      .sort((a, b) => compareOrigins(a.origin, b.origin)),
    rules: of('Rules').map(({ origin, lines }) => ({
      origin: ruleOrigin(origin),
      rules: sortText(lines),
    })),
    checks: of('Checks').map(({ origin, lines }) => ({
      origin: ruleOrigin(origin),
      checks: sortText(lines),
    })),
    policies: of('Policies').flatMap(({ lines }) => lines),
  };
}
